package io.whygate.gateway.upstream;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.LongSupplier;

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
  private final AtomicLongArray requests = new AtomicLongArray(SECONDS);
  private final AtomicLongArray retries = new AtomicLongArray(SECONDS);
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
    requests.incrementAndGet(slot());
  }

  /// Takes one further try out of the budget, if it holds one.
  public boolean tryRetry() {
    int slot = slot();
    long allowed = Math.max(FLOOR_PER_SECOND * SECONDS, sum(requests) * percent / 100);
    if (sum(retries) >= allowed) {
      return false;
    }
    retries.incrementAndGet(slot);
    return true;
  }

  private int slot() {
    long now = TimeUnit.NANOSECONDS.toSeconds(nanos.getAsLong());
    long seen = second.get();
    if (now > seen && second.compareAndSet(seen, now)) {
      for (long s = Math.max(seen + 1, now - SECONDS + 1); s <= now; s++) {
        requests.set(Math.floorMod(s, SECONDS), 0);
        retries.set(Math.floorMod(s, SECONDS), 0);
      }
    }
    return Math.floorMod(now, SECONDS);
  }

  private static long sum(AtomicLongArray counts) {
    long sum = 0;
    for (int i = 0; i < SECONDS; i++) {
      sum += counts.get(i);
    }
    return sum;
  }
}
