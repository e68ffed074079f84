package io.whygate.faults;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.whygate.faults.http.RequestHead;
import io.whygate.faults.http.Response;
import io.whygate.faults.http.ResponseWriter;
import java.io.IOException;
import java.time.Duration;

/// Does a fault to one request of one connection. Confined to the connection's thread.
final class Misbehaviour {
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n";
  private static final int PROMISED_EXTRA = 100_000;

  private final Wire wire;
  private final ResponseWriter writer;
  private final Behaviour behaviour;
  private final Duration idleBefore;

  /// @param idleBefore how long the connection was idle before this request; zero for its first
  Misbehaviour(Wire wire, Behaviour behaviour, Duration idleBefore) {
    this.wire = wire;
    this.writer = new ResponseWriter(wire.out());
    this.behaviour = behaviour;
    this.idleBefore = idleBefore;
  }

  /// What remains to be done for the request.
  enum Next {
    /// The site answers it.
    ANSWER,
    /// It was answered, and the connection serves on.
    KEEP,
    /// The connection is at its end.
    CLOSE
  }

  /// Answers a request as the fault says, or leaves it to the site.
  Next commit(Fault.OnRequest fault, RequestHead head) throws IOException {
    return switch (fault) {
      case Fault.AcceptThenSilence() -> hang();
      case Fault.CloseBeforeResponse() -> Next.CLOSE;
      case Fault.ResetBeforeResponse() -> reset();
      case Fault.StaleKeepAlive(Duration idle) -> stale(idle);
      case Fault.CloseMidBody(int bytes) -> partialBody(bytes);
      case Fault.ResetMidBody(int bytes) -> {
        partialBody(bytes);
        yield reset();
      }
      case Fault.StallMidBody(int bytes) -> {
        partialBody(bytes);
        yield hang();
      }
      case Fault.CloseMidChunk() -> raw(chunkedHead() + "5\r\nhello\r\n1000\r\nworld");
      case Fault.MissingLastChunk() -> raw(chunkedHead() + "5\r\nhello\r\n");
      case Fault.BadChunk() -> raw(chunkedHead() + "5\r\nhello\r\nzz\r\nworld\r\n0\r\n\r\n");
      case Fault.ExcessBody() -> raw(OK + "Content-Length: 5\r\n\r\nhello, and more than was said");
      case Fault.GarbageResponse() -> raw("\u0007\u00fe\u0000%%% this is not HTTP \u00ff\u0001\n");
      case Fault.BadStatusLine() -> raw("HTTP/1.1 OK 200\r\nContent-Length: 0\r\n\r\n");
      case Fault.BadHeaderLine() -> raw(OK + "Bad Name\u0001: x\r\nContent-Length: 0\r\n\r\n");
      case Fault.TruncatedHeaders() -> raw("HTTP/1.1 200 OK\r\nContent-Ty");
      case Fault.SlowHeaders(Duration gap) -> slowHeaders(gap);
      case Fault.HugeHeaders(int bytes) ->
          raw(OK + "X-Huge: " + "h".repeat(bytes) + "\r\nContent-Length: 0\r\n\r\n");
      case Fault.AmbiguousFraming() ->
          raw(chunkedHead("Content-Length: 5\r\n") + "5\r\nhello\r\n0\r\n\r\n");
      case Fault.ConflictingLengths() ->
          raw(OK + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!");
      case Fault.RepeatedTransferEncoding() ->
          raw(chunkedHead("Transfer-Encoding: chunked\r\n") + "5\r\nhello\r\n0\r\n\r\n");
      case Fault.TlsRequired400() -> answer(head, nginxTlsRequired().with("Connection", "close"));
      case Fault.TlsAlert() -> raw(new String(TlsRecords.fatalAlert(10), ISO_8859_1));
      case Fault.Overloaded503() -> answer(head, page(503, "Too busy right now."));
      case Fault.Maintenance503(Duration retryAfter) ->
          answer(
              head,
              page(503, "We are tidying up.")
                  .with("Retry-After", Long.toString(retryAfter.toSeconds())));
      case Fault.GatewayError502(String proxyStatus) ->
          answer(head, page(502, "Bad gateway.").with("Proxy-Status", proxyStatus));
      case Fault.Answers(Response response) -> answer(head, response);
      case Fault.RawBytes(String bytes) -> raw(bytes);
      case Fault.SlowAnswers(Duration light, Duration others) ->
          behaviour.pause(isLight(head) ? light : others) ? Next.ANSWER : Next.CLOSE;
      case Fault.WorkersExhausted(_, String slowPath) -> work(head, slowPath);
      case Fault.PathFailure(String prefix, Fault.OnRequest inner) ->
          head.path().startsWith(prefix) ? commit(inner, head) : Next.ANSWER;
      case Fault.MethodFailure(String method, Fault.OnRequest inner) ->
          head.method().equals(method) ? commit(inner, head) : Next.ANSWER;
      case Fault.SizeFailure(int field, long body, Fault.OnRequest inner) ->
          isLarger(head, field, body) ? commit(inner, head) : Next.ANSWER;
      case Fault.FirstOnly(int requests, Fault.OnRequest inner) ->
          behaviour.requests().incrementAndGet() <= requests ? commit(inner, head) : Next.ANSWER;
    };
  }

  private static boolean isLarger(RequestHead head, int field, long body) {
    boolean byField =
        field > 0 && head.headers().stream().anyMatch(each -> each.value().length() > field);
    long length = head.header("Content-Length").map(Long::parseLong).orElse(0L);
    return byField || (body > 0 && length > body);
  }

  private Next reset() throws IOException {
    wire.reset();
    return Next.CLOSE;
  }

  private Next stale(Duration idle) throws IOException {
    return idleBefore.compareTo(idle) >= 0 && !idleBefore.isZero() ? reset() : Next.ANSWER;
  }

  private Next hang() throws IOException {
    wire.out().flush();
    wire.drain();
    return Next.CLOSE;
  }

  private Next partialBody(int bytes) throws IOException {
    long promised = (long) bytes + PROMISED_EXTRA;
    return raw(OK + "Content-Length: " + promised + "\r\n\r\n" + "b".repeat(bytes));
  }

  private Next slowHeaders(Duration gap) throws IOException {
    for (byte one : (OK + "Content-Length: 0\r\n\r\n").getBytes(ISO_8859_1)) {
      wire.out().write(one);
      wire.out().flush();
      if (!behaviour.pause(gap)) {
        break;
      }
    }
    return Next.CLOSE;
  }

  private Next work(RequestHead head, String slowPath) throws IOException {
    boolean slow = head.path().startsWith(slowPath);
    if (!behaviour.workers().tryAcquire()) {
      return hang();
    }
    if (slow) {
      return hang();
    }
    behaviour.workers().release();
    return Next.ANSWER;
  }

  private Next answer(RequestHead head, Response response) throws IOException {
    return writer.write(head, response) ? Next.KEEP : Next.CLOSE;
  }

  private Next raw(String bytes) throws IOException {
    wire.out().write(bytes.getBytes(ISO_8859_1));
    wire.out().flush();
    return Next.CLOSE;
  }

  private static String chunkedHead() {
    return chunkedHead("");
  }

  private static String chunkedHead(String extraField) {
    return OK + "Transfer-Encoding: chunked\r\n" + extraField + "\r\n";
  }

  private static boolean isLight(RequestHead head) {
    return switch (head.method()) {
      case "HEAD", "OPTIONS" -> true;
      default -> head.path().equals("/favicon.ico") || head.path().equals("/robots.txt");
    };
  }

  private static Response page(int status, String text) {
    return Response.html(
        status,
        "<!doctype html><html lang=\"en\"><title>%1$s</title><h1>%1$s</h1></html>\n"
            .formatted(text));
  }

  static Response nginxTlsRequired() {
    return Response.of(
            400,
            "text/html",
            """
            <html>\r
            <head><title>400 The plain HTTP request was sent to HTTPS port</title></head>\r
            <body>\r
            <center><h1>400 Bad Request</h1></center>\r
            <center>The plain HTTP request was sent to HTTPS port</center>\r
            <hr><center>nginx</center>\r
            </body>\r
            </html>\r
            """
                .getBytes(ISO_8859_1))
        .with("Server", "nginx");
  }
}
