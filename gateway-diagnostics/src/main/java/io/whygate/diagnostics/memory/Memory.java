package io.whygate.diagnostics.memory;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.whygate.diagnostics.facts.Endpoint;
import java.net.InetAddress;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import javax.security.auth.x500.X500Principal;

/// What normal looked like, per endpoint, and the ring of changes.
///
/// Bounded. Safe for use by many threads; [#succeeded] takes no lock and, for an endpoint and an
/// address that are known, makes no object.
public final class Memory {
  /// Stands for an answer on a pooled connection: nothing was dialled.
  public static final long NOT_DIALLED = -1;

  private static final int ENDPOINTS = 10_000;
  private static final int CHANGES = 256;
  private static final int ISSUERS = 256;

  private final InstantSource clock;
  private final Cache<Endpoint, Baseline> baselines =
      Caffeine.newBuilder().maximumSize(ENDPOINTS).build();
  private final Cache<X500Principal, X509Certificate> issuers =
      Caffeine.newBuilder().maximumSize(ISSUERS).build();
  private final ArrayDeque<Change> changes = new ArrayDeque<>();

  public Memory(InstantSource clock) {
    this.clock = clock;
  }

  /// An endpoint answered. May be sampled, but call it for the first answer after a failure.
  ///
  /// @param address where; empty for a Unix socket
  /// @param connectMicros how long dialling took, microseconds, or [#NOT_DIALLED]
  /// @param ttfbMicros from the request to the first byte of the answer, microseconds
  public void succeeded(
      Endpoint endpoint,
      Optional<InetAddress> address,
      String path,
      long connectMicros,
      long ttfbMicros) {
    baseline(endpoint).succeeded(address, path, connectMicros, ttfbMicros, clock.millis());
  }

  /// A connection to an endpoint was accepted, whatever came after.
  public void connected(Endpoint endpoint, InetAddress address, long connectMicros) {
    baseline(endpoint).connected(address, connectMicros, clock.millis());
  }

  /// An endpoint failed.
  public void failed(Endpoint endpoint) {
    if (baseline(endpoint).failed(clock.millis())) {
      changed(Change.Kind.FIRST_FAILURE, "", endpoint.url());
    }
  }

  /// An endpoint that answered well showed these marks.
  public void identified(Endpoint endpoint, Identity identity) {
    baseline(endpoint).identified(identity);
  }

  /// A server showed this chain, leaf first, and it was accepted: its issuers are known from now
  /// on.
  public void accepted(List<X509Certificate> chain) {
    chain.stream().skip(1).forEach(issuer -> issuers.put(issuer.getSubjectX500Principal(), issuer));
  }

  /// Something became different.
  ///
  /// @param upstream whom it concerns; empty for all
  public void changed(Change.Kind kind, String upstream, String detail) {
    synchronized (changes) {
      changes.addFirst(new Change(clock.instant(), kind, upstream, detail));
      if (changes.size() > CHANGES) {
        changes.removeLast();
      }
    }
  }

  /// What is remembered of an endpoint, seen from a failure on `path`.
  public Recollection recall(Endpoint endpoint, String path) {
    Baseline baseline = baselines.getIfPresent(endpoint);
    List<Change> recent;
    synchronized (changes) {
      recent = changes.stream().limit(16).toList();
    }
    return baseline == null
        ? Recollection.NOTHING
        : baseline.recall(path, clock.millis(), recent, List.copyOf(issuers.asMap().values()));
  }

  private Baseline baseline(Endpoint endpoint) {
    Baseline known = baselines.getIfPresent(endpoint);
    return known != null ? known : baselines.get(endpoint, _ -> new Baseline());
  }
}
