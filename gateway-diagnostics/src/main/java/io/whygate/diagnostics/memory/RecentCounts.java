package io.whygate.diagnostics.memory;

import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.facts.RequestShape;
import io.whygate.diagnostics.memory.Scope.Dimension;
import io.whygate.diagnostics.memory.Scope.Narrowing;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Counts, from an upstream's first failure on, what fails and what is answered: by path, method,
/// client, kind of client and server, and by the size of the head, its largest field and the body.
///
/// Nothing is counted while nothing fails. Bounded; safe for use by many threads, which share no
/// counter that they write: each is striped.
public final class RecentCounts {
  private static final int NETWORK_BYTES = 8;

  private final ComparisonSettings settings;
  private final InstantSource clock;
  private final Map<String, Episode> byUpstream = new ConcurrentHashMap<>();

  /// By which addresses of clients are hashed: drawn anew at each start.
  private final long key = new SecureRandom().nextLong();

  /// Half a window of counts, and the half before it.
  private record Episode(
      Instant since, long began, CountedHalf now, Optional<CountedHalf> before) {}

  public RecentCounts(ComparisonSettings settings, InstantSource clock) {
    this.settings = settings;
    this.clock = clock;
  }

  /// What stands for a client in [RequestShape#client]: the hash of its address, of IPv6 that of
  /// its network of 64 bits; 0 where that is no address.
  public long clientOf(String address) {
    if (!isLiteral(address)) {
      return 0;
    }
    InetAddress client;
    try {
      client = InetAddress.ofLiteral(address);
    } catch (IllegalArgumentException _) {
      return 0;
    }
    byte[] bytes = client.getAddress();
    if (client instanceof Inet6Address) {
      bytes = Arrays.copyOf(bytes, NETWORK_BYTES);
    }
    long hash = key;
    for (byte each : bytes) {
      hash = mixed(hash ^ (each & 0xff));
    }
    return hash == 0 ? 1 : hash;
  }

  /// Whether it can be an address: of what else a proxy may say of its client, nothing is looked
  /// up.
  private static boolean isLiteral(String address) {
    return !address.isEmpty()
        && (address.charAt(0) == ':' || Character.digit(address.charAt(0), 16) >= 0);
  }

  /// Spreads each bit over all (the finalizer of SplitMix64).
  private static long mixed(long value) {
    long spread = (value ^ value >>> 30) * 0xbf58476d1ce4e5b9L;
    spread = (spread ^ spread >>> 27) * 0x94d049bb133111ebL;
    return spread ^ spread >>> 31;
  }

  /// A request failed, and nobody was served.
  public void failed(FailedExchange exchange, RequestShape request) {
    Episode episode = settings.values() == 0 ? null : current(exchange.upstream(), true);
    if (episode != null) {
      episode.now().failed(request);
      failedAt(episode, exchange);
    }
  }

  /// Attempts at a request failed, and another one served it.
  public void healed(FailedExchange exchange) {
    Episode episode = settings.values() == 0 ? null : current(exchange.upstream(), true);
    if (episode != null) {
      failedAt(episode, exchange);
    }
  }

  private static void failedAt(Episode episode, FailedExchange exchange) {
    for (FailedAttempt attempt : exchange.attempts()) {
      episode.now().failedAt(attempt.endpoint());
    }
  }

  /// A request was answered. Costs one look-up while nothing fails.
  public void answered(String upstream, Endpoint endpoint, RequestShape request) {
    Episode episode = current(upstream, false);
    if (episode != null) {
      episode.now().answered(request);
      episode.now().answeredAt(endpoint);
    }
  }

  /// A request was answered by this server after another one had failed.
  public void answeredAt(String upstream, Endpoint endpoint) {
    Episode episode = current(upstream, false);
    if (episode != null) {
      episode.now().answeredAt(endpoint);
    }
  }

  /// Drops what was counted of an upstream: all is well there again.
  public void forget(String upstream) {
    byUpstream.remove(upstream);
  }

  private @Nullable Episode current(String upstream, boolean failing) {
    Episode known = byUpstream.get(upstream);
    if (known == null && !failing) {
      return null;
    }
    long now = clock.millis();
    long half = settings.window().toMillis() / 2;
    if (known != null && now - known.began() < half) {
      return known;
    }
    return byUpstream.compute(
        upstream,
        (_, old) -> {
          if (old == null) {
            return failing ? begin(now) : null;
          }
          if (now - old.began() < half) {
            return old;
          }
          if (old.now().isQuiet() || now - old.began() >= 2 * half) {
            return failing ? begin(now) : null;
          }
          return new Episode(
              Instant.ofEpochMilli(old.began()),
              now,
              old.now().next(settings.values()),
              Optional.of(old.now()));
        });
  }

  private Episode begin(long now) {
    return new Episode(
        Instant.ofEpochMilli(now), now, new CountedHalf(settings.values()), Optional.empty());
  }

  /// How narrow the failures are of which this is one.
  ///
  /// @param servers how many servers the upstream has
  public Scope scopeOf(FailedExchange exchange, int servers) {
    Episode episode = byUpstream.get(exchange.upstream());
    if (episode == null) {
      return Scope.NONE;
    }
    Narrowings counted = new Narrowings(episode.now(), episode.before());
    List<Narrowing> found = new ArrayList<>();
    if (wasAsked(exchange)) {
      String path = CountedHalf.path(exchange.request().path());
      counted.byValue(Dimension.PATH, path, -1).ifPresent(found::add);
      counted.byValue(Dimension.METHOD, exchange.request().method(), -1).ifPresent(found::add);
      counted.byCommonest(Dimension.CLIENT).ifPresent(found::add);
      counted.byCommonest(Dimension.CLIENT_KIND).ifPresent(found::add);
      found.addAll(counted.bySize());
    }
    exchange
        .subject()
        .flatMap(attempt -> counted.byValue(Dimension.SERVER, attempt.endpoint(), servers))
        .ifPresent(found::add);
    return new Scope(found, Optional.of(episode.since()), counted.failed(), counted.answered());
  }

  /// Whether a server was asked at all: before that, nothing depends on what was to be asked.
  private static boolean wasAsked(FailedExchange exchange) {
    return exchange
        .subject()
        .map(FailedAttempt::failure)
        .map(AttemptFailure::phase)
        .filter(phase -> phase.compareTo(Phase.SEND_REQUEST) >= 0)
        .isPresent();
  }
}
