package io.whygate.diagnostics;

import io.whygate.diagnostics.facts.AttemptFailure.UpstreamStatus;
import io.whygate.diagnostics.facts.ConnectionUse;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.ExchangeFailure.AttemptsExhausted;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.facts.RequestFacts;
import io.whygate.diagnostics.facts.RequestProcessed;
import io.whygate.diagnostics.facts.Timeline;
import io.whygate.diagnostics.facts.UpstreamFacts;
import io.whygate.diagnostics.memory.Memory;
import io.whygate.diagnostics.verdict.Diagnosis;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Notices an address that answers well, and is another site's now: the name's own servers no
/// longer give it, and what answers there bears other marks than those that are remembered.
///
/// The name servers of each name in use are asked at an interval, out of the way of requests; what
/// looks different, and what begins anew, is looked at at once. The two have to come together:
/// other marks at an address that the name's own servers give are a change of the site's own.
public final class SiteWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SiteWatch.class);
  private static final int AT_ONCE = 4;
  private static final int ADDRESSES = 4;
  private static final int WAITING = 1_000;
  private static final Duration LEAST = Duration.ofSeconds(1);
  private static final Duration NEVER = Duration.ofDays(1);

  private final Diagnostician diagnostician;
  private final Memory memory;
  private final Supplier<Collection<Site>> sites;
  private final Duration interval;
  private final Consumer<Found> recycled;
  private final Set<Suspect> waiting = ConcurrentHashMap.newKeySet();
  private final Map<Suspect, Long> lookedAt = new ConcurrentHashMap<>();
  private final Map<Place, CompletableFuture<Boolean>> underWay = new ConcurrentHashMap<>();
  private final Map<Place, Long> comparedAt = new ConcurrentHashMap<>();
  private final Set<Endpoint> compared = ConcurrentHashMap.newKeySet();
  private final Semaphore slots = new Semaphore(AT_ONCE);
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final Thread thread;

  /// An endpoint whose name is looked up, and the addresses that requests go to now.
  public record Site(UpstreamFacts facts, Endpoint endpoint, List<InetAddress> addresses) {
    public Site {
      addresses = List.copyOf(addresses);
    }
  }

  /// An address that is another site's.
  public record Found(Diagnosis diagnosis, UpstreamFacts facts) {}

  private record Place(Endpoint endpoint, InetAddress address) {}

  private record Suspect(Endpoint endpoint, boolean differs) {}

  /// @param sites those in use at the moment of the call
  /// @param interval how often each is looked at; zero for only when something looks different
  /// @param recycled hears of each address that is another site's; on a thread of this
  public SiteWatch(
      Diagnostician diagnostician,
      Memory memory,
      Supplier<Collection<Site>> sites,
      Duration interval,
      Consumer<Found> recycled) {
    this.diagnostician = diagnostician;
    this.memory = memory;
    this.sites = sites;
    this.interval = interval.isZero() ? NEVER : interval;
    this.recycled = recycled;
    thread = Thread.ofVirtual().name("site-watch").start(this::run);
  }

  /// Something of an endpoint looks different, or begins anew: it is looked at soon, and not more
  /// often than once a second. Returns at once.
  ///
  /// @param differs whether its marks look different, so that they are compared in any case
  public void suspect(Endpoint endpoint, boolean differs) {
    Suspect suspect = new Suspect(endpoint, differs);
    if (waiting.contains(suspect) || waiting.size() >= WAITING || !waiting.add(suspect)) {
      return;
    }
    try {
      executor.execute(() -> await(suspect));
    } catch (RejectedExecutionException e) {
      waiting.remove(suspect);
    }
  }

  private void await(Suspect suspect) {
    try {
      long last = lookedAt.getOrDefault(suspect, System.nanoTime() - LEAST.toNanos());
      TimeUnit.NANOSECONDS.sleep(last + LEAST.toNanos() - System.nanoTime());
      waiting.remove(suspect);
      lookedAt.put(suspect, System.nanoTime());
      for (Site site : sites.get()) {
        if (site.endpoint().equals(suspect.endpoint())) {
          look(site, suspect.differs());
        }
      }
    } catch (InterruptedException e) {
      // Closed.
      Thread.currentThread().interrupt();
    }
  }

  /// Looks at once whether an address in use is another site's, for an answer that is held back
  /// until that is known: shared by all who ask meanwhile, and not more often than once a second.
  ///
  /// @param budget how long it may take; what is found later holds for those who come then
  /// @return whether the site is elsewhere, where requests go from then on
  public CompletionStage<Boolean> isElsewhere(
      Endpoint endpoint, InetAddress address, Duration budget) {
    Place place = new Place(endpoint, address);
    CompletableFuture<Boolean> others = underWay.get(place);
    if (others != null) {
      return others;
    }
    long now = System.nanoTime();
    Long last = comparedAt.get(place);
    boolean isRecent = last != null && now - last < LEAST.toNanos();
    if (isRecent || underWay.size() >= WAITING) {
      return CompletableFuture.completedStage(false);
    }
    CompletableFuture<Boolean> mine = new CompletableFuture<>();
    others = underWay.putIfAbsent(place, mine);
    if (others != null) {
      return others;
    }
    if (comparedAt.size() >= WAITING) {
      comparedAt.clear();
    }
    comparedAt.put(place, now);
    mine.completeOnTimeout(false, budget.toMillis(), TimeUnit.MILLISECONDS);
    try {
      executor.execute(() -> compare(place, mine));
    } catch (RejectedExecutionException e) {
      // Closed.
      underWay.remove(place);
      mine.complete(false);
    }
    return mine;
  }

  private void compare(Place place, CompletableFuture<Boolean> answer) {
    boolean elsewhere = false;
    try {
      for (Site site : sites.get()) {
        if (site.endpoint().equals(place.endpoint())) {
          Optional<Diagnosis> found =
              diagnostician.look(standIn(site, place.address()), site.facts(), true);
          found.ifPresent(diagnosis -> recycled.accept(new Found(diagnosis, site.facts())));
          elsewhere = found.flatMap(Diagnosis::remedy).isPresent();
          break;
        }
      }
    } catch (RuntimeException e) {
      LOG.warn("Looking whether {} is the same site failed by itself", place.endpoint(), e);
    } finally {
      underWay.remove(place);
      answer.complete(elsewhere);
    }
  }

  private void run() {
    try {
      while (true) {
        Thread.sleep(interval);
        for (Site site : sites.get()) {
          if (memory.isUsed(site.endpoint())) {
            executor.execute(() -> lookNow(site));
          }
        }
      }
    } catch (InterruptedException | RejectedExecutionException e) {
      // Closed.
      Thread.currentThread().interrupt();
    }
  }

  private void lookNow(Site site) {
    try {
      look(site, false);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void look(Site site, boolean differs) throws InterruptedException {
    slots.acquire();
    try {
      boolean compare = compared.add(site.endpoint()) || differs;
      for (InetAddress address : site.addresses().stream().limit(ADDRESSES).toList()) {
        diagnostician
            .look(standIn(site, address), site.facts(), compare)
            .ifPresent(found -> recycled.accept(new Found(found, site.facts())));
      }
    } catch (RuntimeException e) {
      LOG.warn("Looking whether {} is the same site failed by itself", site.endpoint(), e);
    } finally {
      slots.release();
    }
  }

  /// An answer as the address gives it now, as the exchange that is explained.
  private FailedExchange standIn(Site site, InetAddress address) {
    Endpoint endpoint = site.endpoint();
    String host = memory.hostOf(endpoint);
    FailedAttempt attempt =
        new FailedAttempt(
            endpoint,
            Optional.of(address),
            new UpstreamStatus(200, -1, ""),
            new Timeline(0, 0, 0, 0, 0, 0),
            ConnectionUse.FRESH,
            0,
            0,
            "",
            Optional.empty());
    return new FailedExchange(
        site.facts().name(),
        new RequestFacts("GET", "/", host.isEmpty() ? endpoint.authority() : host, "http", 0),
        new AttemptsExhausted(),
        List.of(attempt),
        RequestProcessed.RECEIVED,
        Instant.now(),
        0);
  }

  @Override
  public void close() {
    thread.interrupt();
    executor.shutdownNow();
  }
}
