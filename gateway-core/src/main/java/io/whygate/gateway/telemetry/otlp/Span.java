package io.whygate.gateway.telemetry.otlp;

import io.whygate.diagnostics.proto.ProtoWriter;
import io.whygate.gateway.trace.Trace;

/// A span that is being written: its head by these methods, the rest between them and [#end].
final class Span {
  private final ProtoWriter out;
  private final Trace trace;
  private final int begun;

  Span(ProtoWriter out, Trace trace, long id, int kind) {
    this.out = out;
    this.trace = trace;
    this.begun = out.begin(SpanFields.SPANS);
    out.id(SpanFields.TRACE_ID, trace.high(), trace.low()).id(SpanFields.SPAN_ID, id);
    out.number(SpanFields.KIND, kind);
  }

  /// @param more flags above those of the trace
  Span flags(int more) {
    out.fixed32(SpanFields.FLAGS, trace.flags() | more);
    return this;
  }

  Span parent(long id) {
    out.id(SpanFields.PARENT, id);
    return this;
  }

  Span named(String name) {
    out.text(SpanFields.NAME, name);
    return this;
  }

  /// @param start nanoseconds since the epoch
  Span lasting(long start, long end) {
    out.fixed64(SpanFields.START, start).fixed64(SpanFields.END, Math.max(start, end));
    return this;
  }

  Span status(int code, String message) {
    int status = out.begin(SpanFields.STATUS);
    out.text(SpanFields.STATUS_MESSAGE, message).number(SpanFields.STATUS_CODE, code).end(status);
    return this;
  }

  void end() {
    out.end(begun);
  }
}
