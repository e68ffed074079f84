package io.whygate.gateway.telemetry.otlp;

import static io.whygate.gateway.telemetry.otlp.SpanFields.ATTRIBUTES;
import static io.whygate.gateway.telemetry.otlp.SpanFields.CLIENT;
import static io.whygate.gateway.telemetry.otlp.SpanFields.ERROR;
import static io.whygate.gateway.telemetry.otlp.SpanFields.EVENTS;
import static io.whygate.gateway.telemetry.otlp.SpanFields.EVENT_ATTRIBUTES;
import static io.whygate.gateway.telemetry.otlp.SpanFields.EVENT_NAME;
import static io.whygate.gateway.telemetry.otlp.SpanFields.EVENT_TIME;
import static io.whygate.gateway.telemetry.otlp.SpanFields.HAS_IS_REMOTE;
import static io.whygate.gateway.telemetry.otlp.SpanFields.IS_REMOTE;
import static io.whygate.gateway.telemetry.otlp.SpanFields.SERVER;
import static io.whygate.gateway.telemetry.otlp.SpanFields.TRACE_STATE;

import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.Timeline;
import io.whygate.diagnostics.incident.Incident;
import io.whygate.diagnostics.proto.ProtoWriter;
import io.whygate.diagnostics.redaction.Redaction;
import io.whygate.gateway.exchange.AttemptRecord;
import io.whygate.gateway.exchange.FinishedExchange;
import io.whygate.gateway.trace.Trace;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// Writes the spans of finished exchanges, by the semantic conventions of HTTP; one for each event
/// loop.
final class SpanWriter {
  private static final Set<String> METHODS =
      Set.of("CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE");

  private final ProtoWriter out = new ProtoWriter();
  private final DiagnosisSpans diagnoses;
  private int count;

  SpanWriter(DiagnosisSpans diagnoses) {
    this.diagnoses = diagnoses;
  }

  Spans write(FinishedExchange exchange, Trace trace) {
    out.clear();
    count = 1;
    String target = Redaction.target(exchange.target());
    server(exchange, trace, target);
    for (int i = 0; i < exchange.attempts().size(); i++) {
      client(exchange, trace, target, i);
    }
    for (FinishedExchange.Examined each : exchange.examinations()) {
      count += diagnoses.write(out, trace, each);
    }
    return new Spans(out.copy(), count);
  }

  private void server(FinishedExchange exchange, Trace trace, String target) {
    long start = trace.epochNanos(exchange.startedNanos());
    Span span =
        new Span(out, trace, trace.span(), SERVER)
            .flags(HAS_IS_REMOTE | (trace.isContinued() ? IS_REMOTE : 0));
    if (trace.parent() != 0) {
      span.parent(trace.parent());
    }
    out.text(TRACE_STATE, exchange.traceState());
    span.named(name(exchange)).lasting(start, start + exchange.durationNanos());
    Attributes attributes = new Attributes(out, ATTRIBUTES);
    method(attributes, exchange);
    int mark = target.indexOf('?');
    attributes
        .text("url.scheme", exchange.scheme())
        .text("url.path", mark < 0 ? target : target.substring(0, mark))
        .text("url.query", mark < 0 ? "" : target.substring(mark + 1));
    place(attributes, "server", exchange.host());
    attributes.text("network.protocol.version", version(exchange.protocol()));
    if (exchange.client() instanceof InetSocketAddress client && client.getAddress() != null) {
      attributes.text("client.address", client.getAddress().getHostAddress());
      attributes.number("client.port", client.getPort());
    }
    attributes.text("user_agent.original", exchange.userAgent());
    attributes
        .text("whygate.listener", exchange.listener())
        .text("whygate.route", exchange.route())
        .text("whygate.upstream", exchange.upstream())
        .text("whygate.outcome", exchange.outcome().name().toLowerCase(Locale.ROOT));
    end(span, attributes, exchange);
    retries(exchange, trace);
    span.end();
  }

  private static void end(Span span, Attributes attributes, FinishedExchange exchange) {
    int status = exchange.status();
    if (status != 0) {
      attributes.number("http.response.status_code", status);
    }
    Optional<Incident> incident = exchange.incident();
    incident.ifPresent(each ->
        attributes.text("whygate.cause", each.cause().code()).text("whygate.incident", each.id()));
    switch (exchange.outcome()) {
      case EXPIRED -> {
        attributes.text("error.type", "deadline_exceeded");
        span.status(ERROR, "the deadline of the call was over");
      }
      case TRUNCATED -> {
        attributes.text(
            "error.type", incident.map(each -> each.cause().code()).orElse("truncated"));
        span.status(ERROR, "the answer could not be finished");
      }
      case COMPLETED, REPLIED, ABANDONED -> {
        if (status >= 500) {
          attributes.text(
              "error.type",
              incident.map(each -> each.cause().code()).orElse(Integer.toString(status)));
          span.status(ERROR, "");
        }
      }
    }
  }

  /// Each try after the first, with what made it necessary.
  private void retries(FinishedExchange exchange, Trace trace) {
    List<AttemptRecord> attempts = exchange.attempts();
    for (int i = 1; i < attempts.size(); i++) {
      int event = out.begin(EVENTS);
      out.fixed64(EVENT_TIME, trace.epochNanos(attempts.get(i).startedNanos()));
      out.text(EVENT_NAME, "retry");
      Attributes attributes =
          new Attributes(out, EVENT_ATTRIBUTES).number("http.request.resend_count", i);
      attempts
          .get(i - 1)
          .failure()
          .ifPresent(failure -> attributes.text("error.type", failure.symptom().code()));
      out.end(event);
    }
  }

  private void client(FinishedExchange exchange, Trace trace, String target, int index) {
    AttemptRecord attempt = exchange.attempts().get(index);
    Endpoint endpoint = attempt.endpoint();
    long start = trace.epochNanos(attempt.startedNanos());
    count++;
    Span span =
        new Span(out, trace, attempt.span(), CLIENT)
            .flags(HAS_IS_REMOTE)
            .parent(trace.span())
            .named(METHODS.contains(exchange.method()) ? exchange.method() : "HTTP")
            .lasting(start, start + Math.max(0, attempt.timeline().ended()) * 1000);
    Attributes attributes = new Attributes(out, ATTRIBUTES);
    method(attributes, exchange);
    if (endpoint.isUnix()) {
      attributes.text("server.address", endpoint.host()).text("network.transport", "unix");
      attributes.text("url.full", "http://localhost" + target);
    } else {
      attributes.text("server.address", endpoint.host()).number("server.port", endpoint.port());
      attributes.text(
          "url.full", target.startsWith("/") ? endpoint.url() + target : endpoint.url() + "/");
      attempt
          .address()
          .ifPresent(address ->
              attributes
                  .text("network.peer.address", address.getHostAddress())
                  .number("network.peer.port", endpoint.port()));
    }
    attributes.text("network.protocol.version", attempt.protocol().equals("h2") ? "2" : "1.1");
    if (index > 0) {
      attributes.number("http.request.resend_count", index);
    }
    attributes
        .text("whygate.upstream", exchange.upstream())
        .flag("whygate.connection.reused", attempt.use().isReused());
    if (attempt.status() != 0) {
      attributes.number("http.response.status_code", attempt.status());
    }
    Optional<AttemptFailure> failure = attempt.failure();
    if (failure.isPresent()) {
      attributes.text("error.type", failure.get().symptom().code());
      span.status(ERROR, "");
    } else if (attempt.status() >= 400) {
      attributes.text("error.type", Integer.toString(attempt.status()));
      span.status(ERROR, "");
    }
    phases(attempt.timeline(), start);
    span.end();
  }

  /// When each phase that took work ended.
  private void phases(Timeline timeline, long start) {
    phase("resolved", 0, timeline.resolved(), start);
    phase("connected", timeline.resolved(), timeline.connected(), start);
    phase("secured", timeline.connected(), timeline.secured(), start);
    phase("sent", Timeline.NEVER, timeline.sent(), start);
    phase("first byte", Timeline.NEVER, timeline.firstByte(), start);
  }

  private void phase(String name, long before, long micros, long start) {
    if (micros != Timeline.NEVER && micros > before) {
      int event = out.begin(EVENTS);
      out.fixed64(EVENT_TIME, start + micros * 1000).text(EVENT_NAME, name).end(event);
    }
  }

  private static String name(FinishedExchange exchange) {
    String method = METHODS.contains(exchange.method()) ? exchange.method() : "HTTP";
    return exchange.route().isEmpty() ? method : method + " " + exchange.route();
  }

  private static void method(Attributes attributes, FinishedExchange exchange) {
    if (METHODS.contains(exchange.method())) {
      attributes.text("http.request.method", exchange.method());
    } else {
      attributes
          .text("http.request.method", "_OTHER")
          .text("http.request.method_original", exchange.method());
    }
  }

  private static void place(Attributes attributes, String of, String authority) {
    int colon = authority.lastIndexOf(':');
    boolean hasPort = colon > authority.lastIndexOf(']') && colon < authority.length() - 1;
    attributes.text(of + ".address", hasPort ? authority.substring(0, colon) : authority);
    if (hasPort && authority.length() - colon <= 6) {
      attributes.number(of + ".port", Long.parseLong(authority, colon + 1, authority.length(), 10));
    }
  }

  /// `HTTP/1.1` as `1.1`.
  private static String version(String protocol) {
    return protocol.substring(protocol.indexOf('/') + 1);
  }
}
