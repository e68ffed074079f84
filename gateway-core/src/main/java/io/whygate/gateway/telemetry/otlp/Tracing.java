package io.whygate.gateway.telemetry.otlp;

import io.whygate.gateway.config.TracingSettings;
import io.whygate.gateway.exchange.FinishedExchange;
import io.whygate.gateway.exchange.Recorder;
import io.whygate.gateway.trace.Trace;
import io.whygate.gateway.trace.Tracer;
import java.util.List;
import java.util.stream.Stream;

/// Exchanges are traced: an event loop writes the spans of each one that is kept and leaves them in
/// a queue of its own; one thread takes those of all loops and sends them in batches.
public final class Tracing implements Recorder, AutoCloseable {
  private final Tracer tracer;
  private final List<Loop> loops;
  private final Exporter exporter;
  private final int wakeAt;

  /// Hears of what became of spans.
  @FunctionalInterface
  public interface Results {
    void count(Result result, long spans);
  }

  /// What became of spans.
  public enum Result {
    /// The collector took them.
    EXPORTED("exported"),
    /// More came than could be sent, or the gateway ended before they were.
    DROPPED("dropped"),
    /// They could not be delivered.
    FAILED("failed"),
    /// The collector did not want them.
    REJECTED("rejected");

    private final String label;

    Result(String label) {
      this.label = label;
    }

    /// The result as metrics write it.
    public String label() {
      return label;
    }
  }

  private static final class Loop {
    final SpanWriter writer;
    final Ring<Spans> ring;
    int unseen;

    Loop(SpanWriter writer, Ring<Spans> ring) {
      this.writer = writer;
      this.ring = ring;
    }
  }

  /// @param self what the gateway tells the collector of itself
  /// @param results hears of what became of spans, on the thread that sends
  public Tracing(TracingSettings settings, int eventLoops, Self self, Results results) {
    tracer = new Tracer(settings.continueFrom(), settings.sampling());
    int share = Math.max(1, settings.collector().pace().queue() / eventLoops);
    wakeAt = settings.collector().pace().batch();
    DiagnosisSpans diagnoses = new DiagnosisSpans();
    loops =
        Stream.generate(() -> new Loop(new SpanWriter(diagnoses), new Ring<>(share)))
            .limit(eventLoops)
            .toList();
    exporter =
        new Exporter(settings, loops.stream().map(each -> each.ring).toList(), self, results);
  }

  /// What a gateway tells a collector of itself.
  ///
  /// @param version of the program
  /// @param instance what tells it from others of the same name
  public record Self(String version, String instance) {}

  public Tracer tracer() {
    return tracer;
  }

  @Override
  public void finished(FinishedExchange exchange, int loop) {
    Trace trace = exchange.trace();
    if (trace == null || !exchange.isTraceKept()) {
      return;
    }
    Loop own = loops.get(loop);
    Spans written = own.writer.write(exchange, trace);
    own.ring.offer(written, written.count());
    own.unseen += written.count();
    if (own.unseen >= wakeAt) {
      own.unseen = 0;
      exporter.wake();
    }
  }

  /// Sends what waits, for two seconds at most, and ends.
  @Override
  public void close() {
    exporter.close();
  }
}
