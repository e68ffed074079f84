package io.whygate.gateway.telemetry;

import io.whygate.diagnostics.probe.HeapUse.Collecting;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;

/// How long collections of garbage stopped the program of late: what the collectors' own counts
/// said every quarter of a second of the last ten.
final class CollectionTimes implements Runnable {
  private static final long EVERY_NANOS = Duration.ofMillis(250).toNanos();
  private static final int KEPT = 40;

  private final ScheduledExecutorService executor;
  private final List<GarbageCollectorMXBean> collectors;
  private final AtomicLongArray readAt = new AtomicLongArray(KEPT);
  private final AtomicLongArray stopped = new AtomicLongArray(KEPT);
  private int next;

  /// @param executor reads the counts, which takes microseconds
  CollectionTimes(ScheduledExecutorService executor) {
    this.executor = executor;
    // A collector that works beside the program counts its pauses in a bean of their own.
    collectors =
        ManagementFactory.getGarbageCollectorMXBeans().stream()
            .filter(each -> !each.getName().endsWith(" Cycles"))
            .toList();
    run();
  }

  @Override
  public void run() {
    // The number first: a reader that sees the time sees the number of that time.
    stopped.set(next, stoppedMillis());
    readAt.set(next, System.nanoTime());
    next = (next + 1) % KEPT;
    if (!executor.isShutdown()) {
      executor.schedule(this, EVERY_NANOS, TimeUnit.NANOSECONDS);
    }
  }

  /// How long since a moment, or since the first that is kept where that is later.
  ///
  /// @param sinceNanos the moment ([System#nanoTime()])
  Collecting since(long sinceNanos) {
    long now = System.nanoTime();
    long total = stoppedMillis();
    int best = -1;
    for (int i = 0; i < KEPT; i++) {
      if (readAt.get(i) != 0 && (best < 0 || isCloser(i, best, sinceNanos))) {
        best = i;
      }
    }
    return best < 0
        ? Collecting.NONE
        : new Collecting(
            Duration.ofMillis(Math.max(0, total - stopped.get(best))),
            Duration.ofNanos(Math.max(0, now - readAt.get(best))));
  }

  /// The last one before the moment is wanted, else the first after it.
  private boolean isCloser(int one, int than, long sinceNanos) {
    long before = sinceNanos - readAt.get(one);
    long best = sinceNanos - readAt.get(than);
    return before >= 0 ? best < 0 || before < best : best < 0 && before > best;
  }

  private long stoppedMillis() {
    long sum = 0;
    for (GarbageCollectorMXBean each : collectors) {
      sum += Math.max(0, each.getCollectionTime());
    }
    return sum;
  }
}
