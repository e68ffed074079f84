package io.whygate.faults;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/// The times of the connections of the last second. Thread-safe.
final class RecentAccepts {
  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  private final Deque<Long> times = new ArrayDeque<>();

  synchronized void add() {
    times.addLast(System.nanoTime());
    forgetOld();
  }

  synchronized int inLastSecond() {
    forgetOld();
    return times.size();
  }

  private void forgetOld() {
    long now = System.nanoTime();
    while (!times.isEmpty() && now - times.getFirst() > SECOND) {
      times.removeFirst();
    }
  }
}
