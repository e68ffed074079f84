package io.whygate.gateway.telemetry;

import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;

/// How late event loops are: a task on each that is due every quarter of a second notes how long
/// after its time it ran. The value is the worst of the last 15 to 30 seconds, so that it does not
/// depend on who scrapes and how often.
final class LoopLag implements Collector {
  private static final String NAME = "whygate_event_loop_lag_seconds";
  private static final long EVERY_NANOS = Duration.ofMillis(250).toNanos();
  private static final long WINDOW_NANOS = Duration.ofSeconds(15).toNanos();

  /// As many runs as there are in half a minute.
  private static final int KEPT = 120;

  private final List<Watch> watches;

  LoopLag(List<? extends ScheduledExecutorService> loops) {
    watches = loops.stream().map(Watch::new).toList();
    watches.forEach(Watch::schedule);
  }

  @Override
  public MetricSnapshot collect() {
    var gauge =
        GaugeSnapshot.builder()
            .name(NAME)
            .help("How late an event loop ran a task at worst, of the last 15 to 30 seconds.");
    for (int i = 0; i < watches.size(); i++) {
      gauge.dataPoint(
          GaugeDataPointSnapshot.builder()
              .value(watches.get(i).worstNanos() / 1e9)
              .labels(Labels.of("loop", Integer.toString(i)))
              .build());
    }
    return gauge.build();
  }

  /// The worst delay of any loop since a moment, nanoseconds; of the last half minute at most.
  ///
  /// @param sinceNanos the moment ([System#nanoTime()])
  long worstNanosSince(long sinceNanos) {
    return watches.stream().mapToLong(watch -> watch.worstNanosSince(sinceNanos)).max().orElse(-1);
  }

  /// One loop's: written on that loop.
  private static final class Watch implements Runnable {
    private final ScheduledExecutorService loop;
    private volatile long windowStart = System.nanoTime();
    private volatile long worstBefore;
    private volatile long worstNow;
    private volatile long dueAt;
    private final AtomicLongArray ranAt = new AtomicLongArray(KEPT);
    private final AtomicLongArray lateBy = new AtomicLongArray(KEPT);
    private int next;

    Watch(ScheduledExecutorService loop) {
      this.loop = loop;
    }

    void schedule() {
      if (loop.isShutdown()) {
        return;
      }
      dueAt = System.nanoTime() + EVERY_NANOS;
      loop.schedule(this, EVERY_NANOS, TimeUnit.NANOSECONDS);
    }

    @Override
    public void run() {
      long now = System.nanoTime();
      if (now - windowStart > WINDOW_NANOS) {
        worstBefore = worstNow;
        worstNow = 0;
        windowStart = now;
      }
      worstNow = Math.max(worstNow, now - dueAt);
      lateBy.set(next, now - dueAt);
      ranAt.set(next, now);
      next = (next + 1) % KEPT;
      schedule();
    }

    /// A run that was late counts where it ended after the moment.
    long worstNanosSince(long sinceNanos) {
      long worst = Math.max(0, System.nanoTime() - dueAt);
      for (int i = 0; i < KEPT; i++) {
        if (ranAt.get(i) != 0 && ranAt.get(i) - sinceNanos > 0) {
          worst = Math.max(worst, lateBy.get(i));
        }
      }
      return worst;
    }

    /// The worst delay; a loop that is stuck right now counts as late since its task was due.
    long worstNanos() {
      return Math.max(Math.max(worstBefore, worstNow), System.nanoTime() - dueAt);
    }
  }
}
