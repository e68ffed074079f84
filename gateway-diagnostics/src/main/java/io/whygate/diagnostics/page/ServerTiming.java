package io.whygate.diagnostics.page;

import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.facts.Timeline;
import io.whygate.diagnostics.verdict.Diagnosis;

/// The phases of the attempt that is explained, and of the diagnosis as the field Server-Timing
/// (W3C), which browsers show beside the request.
final class ServerTiming {
  private ServerTiming() {}

  @SuppressWarnings("ReferenceEquality") // whether it is the exchange that was waited for itself
  static String of(FailedExchange exchange, Diagnosis diagnosis) {
    StringBuilder out = new StringBuilder(96);
    exchange.subject().map(FailedAttempt::timeline).ifPresent(timeline -> phases(timeline, out));
    metric("total", exchange.elapsedMicros(), out);
    if (exchange == diagnosis.exchange()) {
      metric("diagnosis", diagnosis.elapsedMicros(), out);
    }
    return out.toString();
  }

  private static void phases(Timeline timeline, StringBuilder out) {
    String[] names = {"dns", "connect", "tls", "send", "wait", "read"};
    long[] ends = {
      timeline.resolved(),
      timeline.connected(),
      timeline.secured(),
      timeline.sent(),
      timeline.firstByte(),
      timeline.ended()
    };
    long from = 0;
    for (int i = 0; i < names.length; i++) {
      boolean broke = ends[i] == Timeline.NEVER;
      long end = broke ? timeline.ended() : ends[i];
      if (end > from || broke) {
        metric(names[i], Math.max(0, end - from), out);
      }
      if (broke) {
        return;
      }
      from = end;
    }
  }

  private static void metric(String name, long micros, StringBuilder out) {
    if (!out.isEmpty()) {
      out.append(", ");
    }
    out.append(name).append(";dur=").append(micros / 1000);
    long hundredths = micros % 1000 / 10;
    if (hundredths > 0) {
      out.append('.').append(hundredths / 10).append(hundredths % 10);
    }
  }
}
