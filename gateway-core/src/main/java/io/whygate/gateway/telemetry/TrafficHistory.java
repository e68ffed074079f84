package io.whygate.gateway.telemetry;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/// The traffic of each upstream over the last minutes, in samples.
///
/// Made from what the event loops count anyway; safe for use by many threads.
public final class TrafficHistory {
  /// How much time a sample stands for.
  public static final Duration EVERY = Duration.ofSeconds(5);

  private final Supplier<Map<String, TrafficSums>> sums;
  private final InstantSource clock;
  private final int most;
  private final ArrayDeque<Sample> samples = new ArrayDeque<>();
  private Map<String, TrafficSums> before;

  /// What was served in one stretch of time.
  ///
  /// @param at its end
  /// @param byUpstream by the upstream's name; under the empty name what reached none
  public record Sample(Instant at, Map<String, Traffic> byUpstream) {
    public Sample {
      byUpstream = Collections.unmodifiableMap(new TreeMap<>(byUpstream));
    }
  }

  /// What was served of one upstream in that time.
  ///
  /// @param serverErrors requests that were answered with 500 to 599
  /// @param failedAttempts tries that failed, healed ones too
  /// @param medianSeconds half of the requests took no longer; -1 where there was none, and
  ///   likewise for the others
  public record Traffic(
      long requests,
      long serverErrors,
      long failedAttempts,
      double medianSeconds,
      double p95Seconds) {}

  /// @param sums what was counted since the start, by upstream
  /// @param reach how far back it goes
  TrafficHistory(Supplier<Map<String, TrafficSums>> sums, InstantSource clock, Duration reach) {
    this.sums = sums;
    this.clock = clock;
    this.most = (int) Math.max(1, reach.dividedBy(EVERY));
    this.before = sums.get();
  }

  /// Ends a sample and begins the next.
  public synchronized void sample() {
    Map<String, TrafficSums> now = sums.get();
    Map<String, Traffic> traffic = new TreeMap<>();
    now.forEach((upstream, sum) ->
        traffic.put(upstream, sum.since(before.getOrDefault(upstream, TrafficSums.NONE))));
    before = now;
    samples.addLast(new Sample(clock.instant(), traffic));
    while (samples.size() > most) {
      samples.removeFirst();
    }
  }

  /// Those that are kept, oldest first.
  public synchronized List<Sample> samples() {
    return List.copyOf(samples);
  }
}
