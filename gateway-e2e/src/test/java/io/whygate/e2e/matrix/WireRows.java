package io.whygate.e2e.matrix;

import io.whygate.faults.Fault;
import java.util.List;
import java.util.stream.Stream;

/// Answers that break the rules of HTTP/1, byte by byte (RFC 9112): whatever could be read in two
/// ways, or not at all, is refused, and named.
final class WireRows {
  private static final String OK = "HTTP/1.1 200 OK\r\n";
  private static final String CHUNKED = OK + "Transfer-Encoding: chunked\r\n\r\n";

  private WireRows() {}

  static List<Row> all() {
    return Stream.of(otherProtocols(), startLines(), fields(), framing(), bodies())
        .flatMap(List::stream)
        .toList();
  }

  private static List<Row> otherProtocols() {
    String notHttp = "application.not-http";
    String mismatch = "application.protocol-mismatch";
    return List.of(
        page("HTTP/0.9: a page without a head", notHttp, "<html>old</html>\n"),
        page("an Icecast status line", notHttp, "ICY 200 OK\r\n\r\n"),
        page("a Redis server", notHttp, "-ERR wrong number of arguments for 'get' command\r\n"),
        page("a mail box", notHttp, "* OK [CAPABILITY IMAP4rev1] Dovecot ready.\r\n"),
        page("a shared screen", notHttp, "RFB 003.008\n"),
        page("memcached", notHttp, "ERROR\r\nERROR\r\n"),
        page("100 KB without a line", notHttp, "x".repeat(100_000)),
        page(
            "HTTP/2: SETTINGS and GOAWAY",
            mismatch,
            "\0\0\u0006\u0004\0\0\0\0\0\0\u0003\0\0\0d"
                + "\0\0\u0008\u0007\0\0\0\0\0\0\0\0\0\0\0\0\u0001"),
        page("HTTP/2: GOAWAY at once", mismatch, "\0\0\u0008\u0007\0\0\0\0\0\0\0\0\0\0\0\0\u0001"),
        page("HTTP/2: RST_STREAM at once", mismatch, "\0\0\u0004\u0003\0\0\0\0\u0001\0\0\0\u0001"),
        page("HTTP/2: empty SETTINGS", mismatch, "\0\0\0\u0004\0\0\0\0\0"));
  }

  private static List<Row> startLines() {
    String malformed = "application.malformed-response";
    return List.of(
        page("a status of two digits", malformed, "HTTP/1.1 20 OK\r\n\r\n"),
        page("a status of four digits", malformed, "HTTP/1.1 2000 OK\r\n\r\n"),
        page("a status of letters", malformed, "HTTP/1.1 abc OK\r\n\r\n"),
        page("a status of 000", malformed, "HTTP/1.1 000 OK\r\n\r\n"),
        page("HTTP/2 in a text line", malformed, "HTTP/2.0 200 OK\r\n\r\n"),
        page("line feeds alone", malformed, "HTTP/1.1 200 OK\nContent-Length: 2\n\nok"),
        page("HTTP/11", malformed, "HTTP/11 200 OK\r\n\r\n"),
        page("a control character in the reason", malformed, "HTTP/1.1 200 O\u0001K\r\n\r\n"),
        page("101 that nobody asked for", malformed, "HTTP/1.1 101 Switching Protocols\r\n\r\n"),
        tooLarge("a status line of 100 KB", "HTTP/1.1 200 " + "k".repeat(100_000)),
        tooLarge("1xx without an end", "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(1_000)));
  }

  private static List<Row> fields() {
    String malformed = "application.malformed-response";
    return List.of(
        page("NUL in a field", malformed, field("X: a\0b")),
        page("a bare CR in a field", malformed, field("X: a\rb")),
        page("a space before the colon", malformed, field("Content-Type : text/html")),
        page("a field without a name", malformed, field(": x")),
        page("a field without a colon", malformed, field("nonsense")),
        page("a name outside ASCII", malformed, field("X-\u00e9: x")),
        tooLarge(
            "1,000 fields", OK + "X-Tag: cache\r\n".repeat(1_000) + "Content-Length: 0\r\n\r\n"));
  }

  private static List<Row> framing() {
    String ambiguous = "application.ambiguous-framing";
    return List.of(
        page("a length of letters", ambiguous, field("Content-Length: abc")),
        page("a signed length", ambiguous, field("Content-Length: +5")),
        page("a negative length", ambiguous, field("Content-Length: -5")),
        page("two lengths in one field", ambiguous, field("Content-Length: 5, 6")),
        page(
            "the same length twice",
            ambiguous,
            OK + "Content-Length: 2\r\nContent-Length: 2\r\n\r\nok"),
        page("a length beyond all numbers", ambiguous, field("Content-Length: " + "9".repeat(30))),
        coded("a coding that nobody knows", field("Transfer-Encoding: squeezed")),
        coded("gzip as a transfer coding", field("Transfer-Encoding: gzip, chunked")),
        page(
            "chunks in HTTP/1.0",
            ambiguous,
            "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"));
  }

  private static List<Row> bodies() {
    String chunk = "application.bad-chunk";
    return List.of(
        cut("a chunk size beyond all numbers", chunk, CHUNKED + "F".repeat(20) + "\r\nx\r\n"),
        cut("a negative chunk", chunk, CHUNKED + "-5\r\nhello\r\n0\r\n\r\n"),
        cut("a chunk longer than said", chunk, CHUNKED + "5\r\nhello world\r\n0\r\n\r\n"),
        cut("a chunk without a size", chunk, CHUNKED + "\r\nhello\r\n0\r\n\r\n"),
        cut(
            "a trailer that is none",
            "application.malformed-response",
            CHUNKED + "5\r\nhello\r\n0\r\nno trailer\r\n\r\n"),
        cut(
            "a length longer than the body",
            "application.closed-mid-response",
            OK + "Content-Length: 50\r\n\r\nhello"),
        Row.of(
            "interim answers, and no other",
            Expected.page(
                "application.closed-mid-response", 502, "http_response_incomplete", "received"),
            Sites.plain(new Fault.RawBytes("HTTP/1.1 103 Early Hints\r\n\r\n"))),
        Row.of(
            "closes within the status line",
            Expected.page(
                "application.closed-mid-response", 502, "http_response_incomplete", "received"),
            Sites.plain(new Fault.RawBytes("HTTP/1."))),
        Row.of(
            "a body that stops",
            Expected.cut("application.timeout"),
            Scene.RESPONSE,
            Sites.plain(new Fault.StallMidBody(2_000))),
        Row.of(
            "a body that stops on one path",
            Expected.cut("application.path-failure"),
            Scene.RESPONSE,
            Sites.onePath(new Fault.StallMidBody(2_000))));
  }

  private static String field(String line) {
    return OK + line + "\r\n\r\n";
  }

  private static Row coded(String name, String bytes) {
    return Row.of(
        name,
        Expected.page(
            "application.ambiguous-framing", 502, "http_response_transfer_coding", "received"),
        Sites.plain(new Fault.RawBytes(bytes)));
  }

  private static Row page(String name, String cause, String bytes) {
    return Row.of(
        name,
        Expected.page(cause, 502, "http_protocol_error", "received"),
        Sites.plain(new Fault.RawBytes(bytes)));
  }

  private static Row tooLarge(String name, String bytes) {
    return Row.of(
        name,
        Expected.page(
            "application.header-too-large", 502, "http_response_header_section_size", "received"),
        Sites.plain(new Fault.RawBytes(bytes)));
  }

  private static Row cut(String name, String cause, String bytes) {
    return Row.of(name, Expected.cut(cause), Sites.plain(new Fault.RawBytes(bytes)));
  }
}
