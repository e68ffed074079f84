package io.whygate.gateway.telemetry;

import io.prometheus.metrics.model.snapshots.Exemplar;
import io.whygate.gateway.exchange.FinishedExchange;
import io.whygate.gateway.trace.Trace;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/// The latest exported trace for each classic bucket of a histogram: written by one event loop,
/// read by any thread.
final class Exemplary {
  private final AtomicReferenceArray<@Nullable Mark> latest =
      new AtomicReferenceArray<>(Durations.CLASSIC);

  /// @param seconds what was measured
  /// @param atMillis when, since the epoch
  record Mark(Trace trace, double seconds, long atMillis) {
    Exemplar exemplar() {
      return Exemplar.builder()
          .value(seconds)
          .traceId(trace.id())
          .spanId(trace.spanId())
          .timestampMillis(atMillis)
          .build();
    }
  }

  /// For the event loop alone.
  void note(FinishedExchange exchange) {
    Trace trace = exchange.trace();
    if (trace != null && exchange.isTraceKept()) {
      long nanos = exchange.durationNanos();
      long end = exchange.startedMillis() + nanos / 1_000_000;
      latest.setRelease(Durations.classicBucket(nanos), new Mark(trace, nanos * 1e-9, end));
    }
  }

  /// Puts each mark where there is none, or an older one.
  void mergeInto(@Nullable Mark[] newest) {
    for (int i = 0; i < newest.length; i++) {
      Mark mark = latest.getAcquire(i);
      Mark there = newest[i];
      if (mark != null && (there == null || there.atMillis() < mark.atMillis())) {
        newest[i] = mark;
      }
    }
  }
}
