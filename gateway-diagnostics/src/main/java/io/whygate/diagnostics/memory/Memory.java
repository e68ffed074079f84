package io.whygate.diagnostics.memory;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.IcmpMessage;
import io.whygate.diagnostics.memory.Recollection.Fate;
import io.whygate.diagnostics.platform.Platform;
import java.net.InetAddress;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import javax.security.auth.x500.X500Principal;

/// What normal looked like, per endpoint, and the ring of changes.
///
/// Bounded. Safe for use by many threads; [#succeeded], [#headerSeen], [#idleCloses] and
/// [#askedFor] take no lock and, for an endpoint and an address that are known, make no object.
public final class Memory {
  /// Stands for an answer on a pooled connection: nothing was dialled.
  public static final long NOT_DIALLED = -1;

  private static final int ENDPOINTS = 10_000;
  private static final int CHANGES = 256;
  private static final int ISSUERS = 256;
  private static final int TOLD = 16;
  private static final long USED = 120_000;
  private static final Duration MESSAGE_KEPT = Duration.ofMinutes(5);

  private final InstantSource clock;
  private final Cache<Endpoint, Baseline> baselines;
  private final Cache<String, NameHistory> names;
  private final Cache<Endpoint, Set<Platform>> platforms =
      Caffeine.newBuilder().maximumSize(ENDPOINTS).build();
  private final Cache<X500Principal, X509Certificate> issuers =
      Caffeine.newBuilder().maximumSize(ISSUERS).build();
  private final ArrayDeque<Change> changes = new ArrayDeque<>();

  public Memory(InstantSource clock) {
    this(clock, ENDPOINTS);
  }

  /// @param endpoints how many endpoints, and as many names, are remembered
  public Memory(InstantSource clock, int endpoints) {
    this.clock = clock;
    this.baselines = Caffeine.newBuilder().maximumSize(endpoints).build();
    this.names = Caffeine.newBuilder().maximumSize(endpoints).build();
  }

  /// An endpoint answered. May be sampled, but call it for the first answer after a failure.
  ///
  /// @param address where; empty for a Unix socket
  /// @param status the status of the answer
  /// @param connectMicros how long dialling took, microseconds, or [#NOT_DIALLED]
  /// @param ttfbMicros from the request to the first byte of the answer, microseconds
  public void succeeded(
      Endpoint endpoint,
      Optional<InetAddress> address,
      String path,
      int status,
      long connectMicros,
      long ttfbMicros) {
    baseline(endpoint).succeeded(address, path, status, connectMicros, ttfbMicros, clock.millis());
  }

  /// An answer's header section was so large, in bytes. May be sampled.
  public void headerSeen(Endpoint endpoint, int bytes) {
    baseline(endpoint).headerSeen(bytes);
  }

  /// An endpoint's server closes a connection after so long without a request, milliseconds.
  public void idleCloses(Endpoint endpoint, long millis) {
    baseline(endpoint).idleCloses(millis);
  }

  /// After how long without a request an endpoint's server closes a connection, milliseconds; -1
  /// where unknown.
  public long idleClose(Endpoint endpoint) {
    Baseline known = baselines.getIfPresent(endpoint);
    return known == null ? Baseline.NEVER : known.idleCloseMillis();
  }

  /// A host that an endpoint was asked for. May be sampled.
  public void askedFor(Endpoint endpoint, String host) {
    baseline(endpoint).askedFor(host);
  }

  /// The host that an endpoint was asked for of late; empty where unknown.
  public String hostOf(Endpoint endpoint) {
    Baseline known = baselines.getIfPresent(endpoint);
    return known == null ? "" : known.host();
  }

  /// Whether an endpoint was used within the last two minutes.
  public boolean isUsed(Endpoint endpoint) {
    Baseline known = baselines.getIfPresent(endpoint);
    return known != null && clock.millis() - known.usedAt() < USED;
  }

  /// Whether the latest answer to a path, as far as it is remembered, was a success.
  public boolean answeredWell(Endpoint endpoint, String path) {
    Baseline known = baselines.getIfPresent(endpoint);
    return known != null && known.answeredWell(path);
  }

  /// A connection to an endpoint was accepted, whatever came after.
  public void connected(Endpoint endpoint, InetAddress address, long connectMicros) {
    baseline(endpoint).connected(address, connectMicros, clock.millis());
  }

  /// A new connection to an endpoint was let in, and what was asked on it answered.
  ///
  /// @param ttfbMicros from the request to the first byte of the answer, microseconds
  /// @param sinceMicros how long ago it began, microseconds
  public void letIn(Endpoint endpoint, InetAddress address, long ttfbMicros, long sinceMicros) {
    baseline(endpoint).letIn(address, ttfbMicros, sinceMicros, clock.millis());
  }

  /// A new connection to an endpoint was not let in.
  ///
  /// @param fate whether it was refused, or nothing came back
  /// @param sinceMicros how long ago it began, microseconds
  public void shutOut(Endpoint endpoint, InetAddress address, Fate fate, long sinceMicros) {
    baseline(endpoint).shutOut(address, fate, sinceMicros, clock.millis());
  }

  /// A try to connect to an endpoint drew an ICMP message.
  public void told(Endpoint endpoint, InetAddress address, IcmpMessage icmp) {
    baseline(endpoint).told(address, icmp, clock.millis());
  }

  /// The ICMP message that tries to connect to an address drew last: hosts and routers send the
  /// same one only now and then (RFC 1812 section 4.3.2.8), and are silent in between. Empty where
  /// a connection was accepted since, or where it is too long ago.
  ///
  /// @param then takes the message and when it came
  public <T> Optional<T> toldBy(
      Endpoint endpoint, InetAddress address, BiFunction<IcmpMessage, Instant, T> then) {
    Baseline known = baselines.getIfPresent(endpoint);
    Instant oldest = clock.instant().minus(MESSAGE_KEPT);
    return Optional.ofNullable(known)
        .flatMap(baseline -> baseline.told(address))
        .filter(told -> told.at().isAfter(oldest))
        .map(told -> then.apply(told.icmp(), told.at()));
  }

  /// An endpoint failed.
  public void failed(Endpoint endpoint) {
    if (baseline(endpoint).failed(clock.millis())) {
      changed(Change.Kind.FIRST_FAILURE, endpoint.url(), "the first failure of " + endpoint.url());
    }
  }

  /// An endpoint that answered well showed these marks, whatever it showed before.
  public void identified(Endpoint endpoint, Identity identity) {
    baseline(endpoint).identified(identity);
  }

  /// How marks compare with those that an endpoint showed at an address before; untold where it
  /// showed none.
  public Identity.Likeness likeness(Endpoint endpoint, InetAddress address, Identity marks) {
    Baseline known = baselines.getIfPresent(endpoint);
    return known == null ? Identity.Likeness.UNTOLD : known.likeness(address, marks);
  }

  /// Marks are those of the site, as it shows itself at an address: what is different from before
  /// goes into the ring of changes.
  public void accept(Endpoint endpoint, InetAddress address, Identity marks) {
    String difference = baseline(endpoint).accept(address, marks, clock.millis());
    if (!difference.isEmpty()) {
      Change.Kind kind =
          difference.contains("certificate") ? Change.Kind.CERTIFICATE : Change.Kind.IDENTITY;
      changed(kind, endpoint.url(), "a new mark of the server (" + difference + ")");
    }
  }

  /// The marks that an endpoint is known by, whatever its address.
  public Identity identity(Endpoint endpoint) {
    Baseline known = baselines.getIfPresent(endpoint);
    return known == null ? Identity.UNKNOWN : known.identity();
  }

  /// A resolver in use gave a name these addresses.
  public void resolved(String name, Collection<InetAddress> addresses, long ttlSeconds) {
    if (history(name).resolved(addresses, ttlSeconds, clock.millis())) {
      String now =
          addresses.stream().map(InetAddress::getHostAddress).collect(Collectors.joining(", "));
      changed(Change.Kind.ADDRESSES, name, name + " moved to " + now);
    }
  }

  /// A name's own servers, asked past every cache, gave it these addresses.
  public void said(String name, Collection<InetAddress> addresses) {
    history(name).said(addresses, clock.millis());
  }

  private NameHistory history(String name) {
    return names.get(name, _ -> new NameHistory());
  }

  /// An endpoint that answered well showed the marks of these platforms.
  public void recognised(Endpoint endpoint, Set<Platform> marked) {
    if (marked.isEmpty()) {
      return;
    }
    Set<Platform> known = platforms(endpoint);
    if (!known.containsAll(marked)) {
      Set<Platform> all = EnumSet.copyOf(marked);
      all.addAll(known);
      platforms.put(endpoint, Set.copyOf(all));
    }
  }

  /// The platforms whose marks an endpoint showed.
  public Set<Platform> platforms(Endpoint endpoint) {
    return platforms.asMap().getOrDefault(endpoint, Set.of());
  }

  /// A server showed this chain, leaf first, and it was accepted: its issuers are known from now
  /// on.
  public void accepted(List<X509Certificate> chain) {
    chain.stream().skip(1).forEach(issuer -> issuers.put(issuer.getSubjectX500Principal(), issuer));
  }

  /// Something became different.
  ///
  /// @param of whom it concerns: the URL of an endpoint or a host name; empty for all
  public void changed(Change.Kind kind, String of, String detail) {
    synchronized (changes) {
      changes.addFirst(new Change(clock.instant(), kind, of, detail));
      if (changes.size() > CHANGES) {
        changes.removeLast();
      }
    }
  }

  /// What became different in the quarter of an hour before a moment and concerns one of these
  /// endpoints, newest first; first failures are left out.
  public List<Change> changesBefore(Instant moment, List<Endpoint> endpoints) {
    synchronized (changes) {
      return changes.stream()
          .filter(each -> each.kind() != Change.Kind.FIRST_FAILURE)
          .filter(each -> !each.at().isAfter(moment))
          .filter(each -> each.at().isAfter(moment.minus(Recollection.RECENT)))
          .filter(each -> endpoints.stream().anyMatch(e -> concerns(each, e)))
          .limit(TOLD)
          .toList();
    }
  }

  private static boolean concerns(Change change, Endpoint endpoint) {
    return change.of().isEmpty()
        || change.of().equals(endpoint.host())
        || change.of().equals(endpoint.url());
  }

  /// What is remembered of an endpoint, seen from a failure on `path`.
  public Recollection recall(Endpoint endpoint, String path) {
    Baseline baseline = baselines.getIfPresent(endpoint);
    if (baseline == null) {
      return Recollection.NOTHING;
    }
    List<Change> recent;
    synchronized (changes) {
      recent = changes.stream().filter(each -> concerns(each, endpoint)).limit(TOLD).toList();
    }
    return baseline.recall(
        path,
        clock.millis(),
        new Baseline.Surroundings(
            recent,
            List.copyOf(issuers.asMap().values()),
            Optional.ofNullable(names.getIfPresent(endpoint.host())).map(NameHistory::memory)));
  }

  /// All of it that is kept over a restart: endpoints and names that were used last come first.
  MemoryState state() {
    Map<Endpoint, Baseline.Kept> endpoints = new LinkedHashMap<>();
    baselines.asMap().entrySet().stream()
        .sorted(
            Comparator.comparingLong((Map.Entry<Endpoint, Baseline> e) -> -e.getValue().usedAt()))
        .forEach(each -> endpoints.put(each.getKey(), each.getValue().kept()));
    Map<String, Recollection.NameMemory> known = new LinkedHashMap<>();
    names.asMap().forEach((name, history) -> known.put(name, history.memory()));
    List<Change> recent;
    synchronized (changes) {
      recent = List.copyOf(changes);
    }
    return new MemoryState(endpoints, known, recent, List.copyOf(issuers.asMap().values()));
  }

  /// Takes back what was kept.
  void restore(MemoryState state) {
    state.endpoints().forEach((endpoint, kept) -> baselines.put(endpoint, Baseline.of(kept)));
    state.names().forEach((name, kept) -> names.put(name, NameHistory.of(kept)));
    state.issuers().forEach(each -> issuers.put(each.getSubjectX500Principal(), each));
    synchronized (changes) {
      state.changes().forEach(changes::addLast);
      while (changes.size() > CHANGES) {
        changes.removeLast();
      }
    }
  }

  private Baseline baseline(Endpoint endpoint) {
    Baseline known = baselines.getIfPresent(endpoint);
    return known != null ? known : baselines.get(endpoint, _ -> new Baseline());
  }
}
