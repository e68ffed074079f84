package io.whygate.diagnostics.incident.journal;

import io.whygate.diagnostics.facts.ConnectionUse;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.facts.RequestFacts;
import io.whygate.diagnostics.facts.RequestProcessed;
import io.whygate.diagnostics.facts.Timeline;
import io.whygate.diagnostics.json.JsonWriter;
import io.whygate.diagnostics.json.Members;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;

/// A failed exchange as a JSON object. The bytes of an answer are left out, but in a recording,
/// where they stand without their secrets.
final class ExchangeRecord {
  private ExchangeRecord() {}

  static void write(JsonWriter json, FailedExchange exchange) {
    write(json, exchange, (_, _) -> {});
  }

  /// The same with what the wire showed of each attempt.
  static void writeWithBytes(JsonWriter json, FailedExchange exchange) {
    write(json, exchange, WireRecord::write);
  }

  private static void write(
      JsonWriter json, FailedExchange exchange, BiConsumer<JsonWriter, FailedAttempt> more) {
    RequestFacts request = exchange.request();
    json.object()
        .member("method", request.method())
        .member("path", request.path())
        .member("host", request.host())
        .member("scheme", request.scheme())
        .member("body_bytes", request.bodyBytes())
        .member("processed", exchange.processed().name())
        .member("at", exchange.at())
        .member("elapsed_us", exchange.elapsedMicros());
    json.name("ids").array();
    request.ids().forEach(json::value);
    json.end();
    json.member("trace", request.trace())
        .member("head_bytes", request.size().head())
        .member("content_bytes", request.size().content());
    FailureRecord.write(json.name("failure"), exchange.failure());
    json.name("attempts").array();
    for (FailedAttempt each : exchange.attempts()) {
      write(json, each);
      more.accept(json, each);
      json.end();
    }
    json.end();
    if (exchange.subjectIndex() != exchange.attempts().size() - 1) {
      json.member("subject", exchange.subjectIndex());
    }
    json.end();
  }

  static FailedExchange exchange(String upstream, Members from) {
    List<FailedAttempt> attempts =
        from.objects("attempts").stream().map(ExchangeRecord::attempt).toList();
    return new FailedExchange(
        upstream,
        new RequestFacts(
            from.text("method"),
            from.text("path"),
            from.text("host"),
            from.text("scheme"),
            from.number("body_bytes"),
            from.texts("ids"),
            from.textOrEmpty("trace"),
            new RequestFacts.Size(
                (int) from.number("head_bytes", 0), from.number("content_bytes", 0))),
        FailureRecord.exchangeFailure(from.object("failure")),
        attempts,
        from.constant("processed", RequestProcessed.class),
        from.moment("at"),
        from.number("elapsed_us"),
        (int) from.number("subject", attempts.size() - 1));
  }

  private static void write(JsonWriter json, FailedAttempt attempt) {
    Timeline times = attempt.timeline();
    json.object();
    write(json.name("endpoint"), attempt.endpoint());
    attempt.address().ifPresent(each -> json.member("address", each.getHostAddress()));
    FailureRecord.write(json.name("failure"), attempt.failure());
    json.name("timeline")
        .array()
        .value(times.resolved())
        .value(times.connected())
        .value(times.secured())
        .value(times.sent())
        .value(times.firstByte())
        .value(times.ended())
        .end();
    json.member("earlier_requests", attempt.use().earlierRequests())
        .member("age_ms", attempt.use().ageMillis())
        .member("idle_ms", attempt.use().idleMillis())
        .member("sent", attempt.bytesSent())
        .member("received", attempt.bytesReceived());
  }

  private static FailedAttempt attempt(Members from) {
    return new FailedAttempt(
        endpoint(from.object("endpoint")),
        Optional.of(from.textOrEmpty("address"))
            .filter(each -> !each.isEmpty())
            .map(InetAddress::ofLiteral),
        WireRecord.detailed(FailureRecord.attemptFailure(from.object("failure")), from),
        timeline(from),
        new ConnectionUse(
            from.number("earlier_requests"), from.number("age_ms"), from.number("idle_ms")),
        from.number("sent"),
        from.number("received"),
        from.textOrEmpty("first_bytes"),
        Optional.empty(),
        WireRecord.wire(from));
  }

  private static Timeline timeline(Members from) {
    long[] ends =
        from.elements("timeline").stream().mapToLong(each -> ((Double) each).longValue()).toArray();
    return new Timeline(ends[0], ends[1], ends[2], ends[3], ends[4], ends[5]);
  }

  static void write(JsonWriter json, Endpoint endpoint) {
    json.object()
        .member("scheme", endpoint.scheme().name())
        .member("host", endpoint.host())
        .member("port", endpoint.port())
        .end();
  }

  static Endpoint endpoint(Members from) {
    return new Endpoint(
        from.constant("scheme", Endpoint.Scheme.class),
        from.text("host"),
        (int) from.number("port"));
  }
}
