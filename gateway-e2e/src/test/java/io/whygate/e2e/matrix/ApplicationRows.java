package io.whygate.e2e.matrix;

import io.whygate.faults.Fault;
import io.whygate.faults.http.Response;
import java.time.Duration;
import java.util.List;

/// Faults of the application behind an open port.
final class ApplicationRows {
  private ApplicationRows() {}

  static List<Row> all() {
    return List.of(
        closed("closes without an answer", new Fault.CloseBeforeResponse()),
        closed("resets without an answer", new Fault.ResetBeforeResponse()),
        closed("closes as soon as it accepts", new Fault.CloseOnAccept()),
        Row.of(
            "resets as soon as it accepts",
            Expected.page("application.closed-before-response", 502, "connection_terminated", ""),
            Sites.plain(new Fault.ResetOnAccept())),
        Row.of(
            "a form, and no answer",
            Expected.page(
                "application.closed-before-response", 502, "connection_terminated", "unknown"),
            scene -> {
              Sites.plain(new Fault.CloseBeforeResponse()).stage(scene);
              scene.asks("POST", "/");
            }),
        Row.of(
            "one path closes without an answer",
            Expected.page("application.path-failure", 502, "connection_terminated", "unknown"),
            Sites.onePath(new Fault.CloseBeforeResponse())),
        Row.of(
            "one path resets without an answer",
            Expected.page("application.path-failure", 502, "connection_terminated", "unknown"),
            Sites.onePath(new Fault.ResetBeforeResponse())),
        Row.of(
            "one path hangs",
            Expected.page("application.path-failure", 504, "http_response_timeout", "unknown"),
            Scene.RESPONSE,
            Sites.onePath(new Fault.AcceptThenSilence())),
        Row.of(
            "slow everywhere, light paths late",
            Expected.page("application.timeout", 504, "http_response_timeout", "unknown"),
            Scene.RESPONSE,
            Sites.plain(new Fault.SlowAnswers(Duration.ofMillis(180), Duration.ofMinutes(1)))),
        Row.of(
            "a head that comes byte by byte",
            Expected.page("application.timeout", 504, "http_response_timeout", "received"),
            Scene.RESPONSE,
            Sites.plain(new Fault.SlowHeaders(Duration.ofMillis(100)))),
        Row.of(
            "nobody is answered",
            Expected.page("application.workers-exhausted", 504, "http_response_timeout", "unknown"),
            Scene.RESPONSE,
            Sites.plain(new Fault.AcceptThenSilence())),
        Row.of(
            "all workers hang",
            Expected.page("application.workers-exhausted", 504, "http_response_timeout", "unknown"),
            Scene.RESPONSE,
            Sites.plain(new Fault.WorkersExhausted(2))),
        cut(
            "closes within the body",
            "application.closed-mid-response",
            new Fault.CloseMidBody(2_000)),
        cut(
            "resets within the body",
            "application.closed-mid-response",
            new Fault.ResetMidBody(2_000)),
        cut("closes within a chunk", "application.closed-mid-response", new Fault.CloseMidChunk()),
        cut("no last chunk", "application.closed-mid-response", new Fault.MissingLastChunk()),
        cut("a chunk that is none", "application.bad-chunk", new Fault.BadChunk()),
        broken("more bytes than said", "application.length-mismatch", new Fault.ExcessBody()),
        Row.of(
            "closes within the head",
            Expected.page(
                "application.closed-mid-response", 502, "http_response_incomplete", "received"),
            Sites.plain(new Fault.TruncatedHeaders())),
        broken("no HTTP at all", "application.not-http", new Fault.GarbageResponse()),
        broken("a bad status line", "application.malformed-response", new Fault.BadStatusLine()),
        broken("a bad field", "application.malformed-response", new Fault.BadHeaderLine()),
        broken(
            "an SSH server on the port",
            "application.not-http",
            new Fault.BinaryProtocol(Fault.Greeting.SSH)),
        broken(
            "a mail server on the port",
            "application.not-http",
            new Fault.BinaryProtocol(Fault.Greeting.SMTP)),
        broken(
            "a database on the port",
            "application.not-http",
            new Fault.BinaryProtocol(Fault.Greeting.MYSQL)),
        broken(
            "HTTP/2 where HTTP/1 is spoken",
            "application.protocol-mismatch",
            new Fault.BinaryProtocol(Fault.Greeting.HTTP2)),
        broken(
            "a length and chunks", "application.ambiguous-framing", new Fault.AmbiguousFraming()),
        broken("two lengths", "application.ambiguous-framing", new Fault.ConflictingLengths()),
        Row.of(
            "chunked twice",
            Expected.page(
                "application.ambiguous-framing", 502, "http_response_transfer_coding", "received"),
            Sites.plain(new Fault.RepeatedTransferEncoding())),
        Row.of(
            "a field of 100 KB",
            Expected.page(
                "application.header-too-large",
                502,
                "http_response_header_section_size",
                "received"),
            Sites.plain(new Fault.HugeHeaders(100_000))),
        Row.of(
            "its own 502, and no word why",
            Expected.passed("application.gateway-error", 502),
            Sites.plain(new Fault.Answers(Response.text(502, "Bad gateway.\n")))),
        Row.of(
            "half a head, and then nothing",
            Expected.page("application.timeout", 504, "http_response_timeout", "received"),
            Scene.RESPONSE,
            Sites.plain(new Fault.SlowHeaders(Duration.ofMinutes(1)))),
        Row.of(
            "its own 503 with an error in Proxy-Status",
            Expected.passed("application.gateway-error", 503),
            Sites.plain(
                new Fault.Answers(
                    Response.text(503, "No.\n")
                        .with("Proxy-Status", "edge; error=destination_unavailable")))),
        Row.of(
            "a CDN's 521: the server behind it is down",
            Expected.passed("application.gateway-error", 521).because("refused the connection"),
            Sites.plain(
                new Fault.Answers(
                    Response.text(521, "error code: 521\n").with("Server", "cloudflare")))),
        Row.of(
            "its own 504",
            Expected.passed("application.gateway-error", 504),
            Sites.plain(new Fault.Answers(Response.text(504, "Gateway time-out.\n")))),
        Row.of(
            "its own 502 with Proxy-Status",
            Expected.passed("application.gateway-error", 502),
            Sites.plain(new Fault.GatewayError502("edge.example;error=connection_refused"))));
  }

  private static Row closed(String name, Fault fault) {
    return Row.of(
        name,
        Expected.page(
            "application.closed-before-response", 502, "connection_terminated", "unknown"),
        Sites.plain(fault));
  }

  private static Row broken(String name, String cause, Fault fault) {
    return Row.of(
        name, Expected.page(cause, 502, "http_protocol_error", "received"), Sites.plain(fault));
  }

  private static Row cut(String name, String cause, Fault fault) {
    return Row.of(name, Expected.cut(cause), Sites.plain(fault));
  }
}
