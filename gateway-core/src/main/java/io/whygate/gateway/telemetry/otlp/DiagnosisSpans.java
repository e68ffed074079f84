package io.whygate.gateway.telemetry.otlp;

import static io.whygate.gateway.telemetry.otlp.SpanFields.ATTRIBUTES;
import static io.whygate.gateway.telemetry.otlp.SpanFields.HAS_IS_REMOTE;
import static io.whygate.gateway.telemetry.otlp.SpanFields.INTERNAL;
import static io.whygate.gateway.telemetry.otlp.SpanFields.LINKS;
import static io.whygate.gateway.telemetry.otlp.SpanFields.LINK_SPAN_ID;
import static io.whygate.gateway.telemetry.otlp.SpanFields.LINK_TRACE_ID;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.whygate.diagnostics.proto.ProtoWriter;
import io.whygate.diagnostics.verdict.Diagnosis;
import io.whygate.diagnostics.verdict.Evidence;
import io.whygate.gateway.exchange.FinishedExchange;
import io.whygate.gateway.trace.Trace;
import java.time.Instant;

/// Writes how failures were explained: a span for the examination with its verdict, and one below
/// it for each question of a probe.
///
/// An examination is shared by all who met the same failure: the first trace that tells of it has
/// the probes, the others a link to it. Shared by all event loops.
final class DiagnosisSpans {
  /// Examinations are kept for seconds, so that this is more than there are.
  private static final int KNOWN = 4_096;

  private final Cache<Diagnosis, Place> told =
      Caffeine.newBuilder().weakKeys().maximumSize(KNOWN).build();

  private record Place(long high, long low, long span) {}

  /// @return how many spans
  int write(ProtoWriter out, Trace trace, FinishedExchange.Examined examined) {
    Diagnosis diagnosis = examined.diagnosis();
    Place mine = new Place(trace.high(), trace.low(), Trace.newSpan());
    Place first = told.get(diagnosis, _ -> mine);
    boolean shared = !first.equals(mine);
    long asked = trace.epochNanos(examined.askedNanos());
    Span span =
        new Span(out, trace, mine.span(), INTERNAL)
            .flags(HAS_IS_REMOTE)
            .parent(trace.span())
            .named("diagnose")
            .lasting(asked, trace.epochNanos(examined.toldNanos()));
    new Attributes(out, ATTRIBUTES)
        .text("whygate.cause", diagnosis.cause().code())
        .share("whygate.confidence", diagnosis.verdict().confidence())
        .text("whygate.because", diagnosis.verdict().because())
        .text("whygate.symptom", diagnosis.exchange().symptom().code())
        .number("whygate.examination.micros", diagnosis.elapsedMicros())
        .flag("whygate.examination.shared", shared);
    if (shared) {
      int link = out.begin(LINKS);
      out.id(LINK_TRACE_ID, first.high(), first.low()).id(LINK_SPAN_ID, first.span()).end(link);
    }
    span.end();
    if (shared) {
      return 1;
    }
    for (Evidence each : diagnosis.evidence()) {
      probe(out, trace, mine.span(), each);
    }
    return 1 + diagnosis.evidence().size();
  }

  private static void probe(ProtoWriter out, Trace trace, long parent, Evidence evidence) {
    long end = nanos(evidence.at());
    Span span =
        new Span(out, trace, Trace.newSpan(), INTERNAL)
            .flags(HAS_IS_REMOTE)
            .parent(parent)
            .named("probe " + evidence.probe())
            .lasting(end - evidence.tookMicros() * 1000, end);
    new Attributes(out, ATTRIBUTES)
        .text("whygate.probe.asked", evidence.asked())
        .text("whygate.probe.of", evidence.of())
        .text("whygate.probe.answer", evidence.answer());
    span.end();
  }

  private static long nanos(Instant at) {
    return at.getEpochSecond() * 1_000_000_000 + at.getNano();
  }
}
