package io.whygate.gateway.upstream;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/// How many further tries an upstream is given: a share of its requests of the last ten seconds,
/// and a few a second in any case.
///
/// Without it a failing upstream gets more load, the more it fails. Lock-free and shared by all
/// threads; counts of the second that begins may be off by those who arrive at that instant.
public final class RetryBudget {
  private static final int SECONDS = 10;

  /// Tries that are always allowed, a second on average.
  static final long FLOOR_PER_SECOND = 3;

  private final int percent;
  private final LongSupplier nanos;
  private final List<LongAdder> requests = adders();
  private final List<LongAdder> retries = adders();
  private final AtomicLong second;

  /// @param percent retries as a share of requests
  /// @param nanos the clock, as [System#nanoTime]
  public RetryBudget(int percent, LongSupplier nanos) {
    this.percent = percent;
    this.nanos = nanos;
    this.second = new AtomicLong(TimeUnit.NANOSECONDS.toSeconds(nanos.getAsLong()));
  }

  int percent() {
    return percent;
  }

  /// Counts a request (not a further try of one).
  public void request() {
    requests.get(slot()).increment();
  }

  /// Takes one further try out of the budget, if it holds one.
  public boolean tryRetry() {
    int slot = slot();
    long allowed = Math.max(FLOOR_PER_SECOND * SECONDS, sum(requests) * percent / 100);
    if (sum(retries) >= allowed) {
      return false;
    }
    retries.get(slot).increment();
    return true;
  }

  private int slot() {
    long now = TimeUnit.NANOSECONDS.toSeconds(nanos.getAsLong());
    long seen = second.get();
    if (now > seen && second.compareAndSet(seen, now)) {
      for (long s = Math.max(seen + 1, now - SECONDS + 1); s <= now; s++) {
        requests.get(Math.floorMod(s, SECONDS)).reset();
        retries.get(Math.floorMod(s, SECONDS)).reset();
      }
    }
    return Math.floorMod(now, SECONDS);
  }

  private static long sum(List<LongAdder> counts) {
    long sum = 0;
    for (LongAdder each : counts) {
      sum += each.sum();
    }
    return sum;
  }

  private static List<LongAdder> adders() {
    return Stream.generate(LongAdder::new).limit(SECONDS).toList();
  }
}
