package io.whygate.diagnostics.contact;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.whygate.diagnostics.json.JsonReader;
import io.whygate.diagnostics.json.JsonReader.InvalidJsonException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Whom to turn to at the host of an address or a name, asked of the registries by RDAP: never in
/// line with a request, one question at a time, and only where the settings allow it.
///
/// Safe for use by many threads. Nothing blocks its caller.
public final class HostContacts implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HostContacts.class);
  private static final int KEPT = 1_000;
  private static final Duration KEPT_FOR = Duration.ofDays(1);
  private static final Duration ABSENT_FOR = Duration.ofMinutes(10);
  private static final String RDAP = "application/rdap+json";

  private final ContactSettings settings;
  private final InstantSource clock;
  private final ExecutorService asking =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("contact-", 0).factory());
  private final ReentrantLock oneAtATime = new ReentrantLock();
  private final Set<Place> underWay = ConcurrentHashMap.newKeySet();
  private final Cache<Place, HostContact> found =
      Caffeine.newBuilder().maximumSize(KEPT).expireAfterWrite(KEPT_FOR).build();
  private final Cache<Place, Boolean> absent =
      Caffeine.newBuilder().maximumSize(KEPT).expireAfterWrite(ABSENT_FOR).build();
  private @Nullable RdapClient client;
  private @Nullable Registries registries;

  /// What a contact is wanted for.
  ///
  /// @param address where it is tried; empty where none is known
  /// @param name the name by which it is known; may be an address literal
  /// @param nameFirst whether the fault lies with the name rather than with the machine
  public record Place(Optional<InetAddress> address, String name, boolean nameFirst) {}

  public HostContacts(ContactSettings settings, InstantSource clock) {
    this.settings = settings;
    this.clock = clock;
  }

  /// What is known of a place now.
  public Optional<HostContact> known(Place place) {
    return Optional.ofNullable(found.getIfPresent(place));
  }

  /// Begins to find out about a place, unless it is known, being asked, or asked in vain of late.
  public void lookUp(Place place) {
    if (!settings.enabled()
        || found.getIfPresent(place) != null
        || absent.getIfPresent(place) != null
        || !underWay.add(place)) {
      return;
    }
    try {
      asking.execute(() -> find(place));
    } catch (RejectedExecutionException _) {
      // Closed.
      underWay.remove(place);
    }
  }

  private void find(Place place) {
    oneAtATime.lock();
    try {
      Optional<HostContact> contact = place.nameFirst() ? byName(place) : byAddress(place);
      if (contact.isEmpty()) {
        contact = place.nameFirst() ? byAddress(place) : byName(place);
      }
      contact.ifPresentOrElse(it -> found.put(place, it), () -> absent.put(place, true));
    } catch (InterruptedException _) {
      // Closed.
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.warn("Looking for a contact failed", e);
      absent.put(place, true);
    } finally {
      oneAtATime.unlock();
      underWay.remove(place);
    }
  }

  private Optional<HostContact> byAddress(Place place) throws InterruptedException {
    Optional<InetAddress> address = place.address().filter(Questions::isGlobal);
    if (address.isEmpty()) {
      return Optional.empty();
    }
    try {
      Optional<URI> server = registries().of(address.get());
      return server.isEmpty()
          ? Optional.empty()
          : ask(server.get().resolve("ip/" + address.get().getHostAddress()));
    } catch (IOException e) {
      return failed(e);
    }
  }

  private Optional<HostContact> byName(Place place) throws InterruptedException {
    for (String domain : Questions.domains(place.name())) {
      try {
        Optional<URI> server = registries().of(domain);
        if (server.isEmpty()) {
          return Optional.empty();
        }
        Optional<HostContact> contact = ask(server.get().resolve("domain/" + domain));
        if (contact.isPresent()) {
          return contact;
        }
      } catch (RdapClient.NotFoundException _) {
        // A domain that only others are under: the next has a label more.
      } catch (IOException e) {
        return failed(e);
      }
    }
    return Optional.empty();
  }

  private Optional<HostContact> ask(URI uri) throws IOException, InterruptedException {
    try {
      return Entities.bestOf(JsonReader.tolerant(client().get(uri, RDAP)), uri);
    } catch (InvalidJsonException e) {
      throw new IOException(uri + " answered no JSON: " + e.getMessage(), e);
    }
  }

  private static Optional<HostContact> failed(IOException e) {
    LOG.info("No contact was found: {}", e.toString());
    return Optional.empty();
  }

  private RdapClient client() {
    RdapClient known = client;
    if (known == null) {
      known = new RdapClient(settings.timeout());
      client = known;
    }
    return known;
  }

  private Registries registries() {
    Registries known = registries;
    if (known == null) {
      known = new Registries(settings, client(), clock);
      registries = known;
    }
    return known;
  }

  @Override
  public void close() {
    asking.shutdownNow();
    if (oneAtATime.tryLock()) {
      try {
        RdapClient known = client;
        if (known != null) {
          known.close();
        }
      } finally {
        oneAtATime.unlock();
      }
    }
  }
}
