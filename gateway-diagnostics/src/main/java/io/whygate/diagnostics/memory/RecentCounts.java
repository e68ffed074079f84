package io.whygate.diagnostics.memory;

import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.ClientKind;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.memory.Scope.Dimension;
import io.whygate.diagnostics.memory.Scope.Narrowing;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/// Counts, from an upstream's first failure on, what fails and what is answered: by path, method,
/// kind of client and server.
///
/// Nothing is counted while nothing fails. Bounded; safe for use by many threads.
public final class RecentCounts {
  private static final String REST = "*";

  /// So few failures, or answers of others, say nothing.
  private static final int FEWEST = 3;

  /// So much of the one may be answered, and of the others fail, and it still stands out.
  private static final int STRAYS = 20;

  private final ComparisonSettings settings;
  private final InstantSource clock;
  private final Map<String, Episode> byUpstream = new ConcurrentHashMap<>();

  private record Value(Dimension dimension, String value) {}

  private static final class Count {
    final LongAdder failed = new LongAdder();
    final LongAdder answered = new LongAdder();
  }

  /// Half a window of counts, and the half before it.
  private record Episode(long began, Map<Value, Count> now, Map<Value, Count> before) {}

  public RecentCounts(ComparisonSettings settings, InstantSource clock) {
    this.settings = settings;
    this.clock = clock;
  }

  /// A request failed, and nobody was served.
  public void failed(FailedExchange exchange, ClientKind client) {
    if (settings.values() == 0) {
      return;
    }
    Episode episode = current(exchange.upstream(), true);
    if (episode == null) {
      return;
    }
    count(episode, Dimension.PATH, exchange.request().path(), true);
    count(episode, Dimension.METHOD, exchange.request().method(), true);
    count(episode, Dimension.CLIENT, client.words(), true);
    failedAt(episode, exchange);
  }

  /// Attempts at a request failed, and another one served it.
  public void healed(FailedExchange exchange) {
    Episode episode = settings.values() == 0 ? null : current(exchange.upstream(), true);
    if (episode != null) {
      failedAt(episode, exchange);
    }
  }

  private void failedAt(Episode episode, FailedExchange exchange) {
    for (FailedAttempt attempt : exchange.attempts()) {
      count(episode, Dimension.SERVER, attempt.endpoint().url(), true);
    }
  }

  /// A request was answered. Costs one look-up while nothing fails.
  public void answered(
      String upstream, Endpoint endpoint, String path, String method, ClientKind client) {
    Episode episode = current(upstream, false);
    if (episode == null) {
      return;
    }
    count(episode, Dimension.PATH, path, false);
    count(episode, Dimension.METHOD, method, false);
    count(episode, Dimension.CLIENT, client.words(), false);
    count(episode, Dimension.SERVER, endpoint.url(), false);
  }

  /// A request was answered by this server after another one had failed.
  public void answeredAt(String upstream, Endpoint endpoint) {
    Episode episode = current(upstream, false);
    if (episode != null) {
      count(episode, Dimension.SERVER, endpoint.url(), false);
    }
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
          boolean quiet = old.now().values().stream().allMatch(each -> each.failed.sum() == 0);
          if (quiet || now - old.began() >= 2 * half) {
            return failing ? begin(now) : null;
          }
          return new Episode(now, new ConcurrentHashMap<>(), old.now());
        });
  }

  private static Episode begin(long now) {
    return new Episode(now, new ConcurrentHashMap<>(), Map.of());
  }

  private void count(Episode episode, Dimension dimension, String value, boolean failed) {
    Value key = new Value(dimension, value);
    Count known = episode.now().get(key);
    if (known == null) {
      // All dimensions together: each has its share, and paths take what the others leave.
      boolean room = episode.now().size() < settings.values() * Dimension.values().length;
      Value counted = room ? key : new Value(dimension, REST);
      known = episode.now().computeIfAbsent(counted, _ -> new Count());
    }
    (failed ? known.failed : known.answered).increment();
  }

  /// How narrow the failures are of which this is one.
  public Scope scopeOf(FailedExchange exchange) {
    Episode episode = byUpstream.get(exchange.upstream());
    if (episode == null) {
      return Scope.NONE;
    }
    List<Narrowing> found = new ArrayList<>();
    if (wasAsked(exchange)) {
      found.addAll(narrowing(episode, Dimension.PATH, exchange.request().path()));
      found.addAll(narrowing(episode, Dimension.METHOD, exchange.request().method()));
      found.addAll(commonest(episode));
    }
    exchange
        .subject()
        .ifPresent(attempt ->
            found.addAll(narrowing(episode, Dimension.SERVER, attempt.endpoint().url())));
    return new Scope(found);
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

  /// The kind of client that failed most: which one asked is not among an exchange's facts.
  private static List<Narrowing> commonest(Episode episode) {
    String most = "";
    long failed = 0;
    for (ClientKind kind : ClientKind.values()) {
      long count = sum(episode, new Value(Dimension.CLIENT, kind.words()), true);
      if (count > failed) {
        failed = count;
        most = kind.words();
      }
    }
    return failed == 0 ? List.of() : narrowing(episode, Dimension.CLIENT, most);
  }

  private static List<Narrowing> narrowing(Episode episode, Dimension dimension, String value) {
    Value one = new Value(dimension, value);
    long failed = sum(episode, one, true);
    long answered = sum(episode, one, false);
    long othersFailed = 0;
    long othersAnswered = 0;
    int others = 0;
    Map<Value, Count> all = new HashMap<>(episode.before());
    all.putAll(episode.now());
    for (Value each : all.keySet()) {
      if (each.dimension() == dimension && !each.equals(one)) {
        long theirs = sum(episode, each, false);
        othersFailed += sum(episode, each, true);
        othersAnswered += theirs;
        others += theirs > 0 ? 1 : 0;
      }
    }
    boolean standsOut =
        failed >= FEWEST
            && othersAnswered >= FEWEST
            && answered * STRAYS <= failed
            && othersFailed * STRAYS <= othersAnswered;
    return standsOut
        ? List.of(new Narrowing(dimension, value, failed, answered, others, othersAnswered))
        : List.of();
  }

  private static long sum(Episode episode, Value value, boolean failed) {
    long sum = 0;
    for (Map<Value, Count> half : List.of(episode.now(), episode.before())) {
      Count count = half.get(value);
      if (count != null) {
        sum += (failed ? count.failed : count.answered).sum();
      }
    }
    return sum;
  }
}
