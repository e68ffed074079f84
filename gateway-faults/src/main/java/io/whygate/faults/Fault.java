package io.whygate.faults;

import io.whygate.faults.http.Response;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/// The ways in which a server fails those who call it. Each case is data; [FaultyServer] does it.
///
/// A new fault is one record here and one line in the `switch` of [Misbehaviour].
public sealed interface Fault {

  /// A fault of the port: no connection is accepted.
  sealed interface OnPort extends Fault {}

  /// A fault that shows as soon as a connection is accepted, before any request.
  sealed interface OnAccept extends Fault {}

  /// A fault in the answer to a request that was read whole.
  sealed interface OnRequest extends Fault {}

  /// The process is gone: the kernel answers RST, and every connection is closed.
  record NothingListens() implements OnPort {}

  /// The queue of the port is full: the kernel drops each SYN while the host answers elsewhere.
  record BacklogFull() implements OnPort {}

  /// Closes each connection as soon as it is accepted.
  record CloseOnAccept() implements OnAccept {}

  /// Resets each connection as soon as it is accepted.
  record ResetOnAccept() implements OnAccept {}

  /// Resets what goes beyond this many connections a second, as a rate limiter does.
  record ResetBurst(int perSecond) implements OnAccept {}

  /// Another kind of server is on the port: it greets, reads, and closes.
  record BinaryProtocol(Greeting greeting) implements OnAccept {}

  /// Accepts, takes the request, and never answers.
  record AcceptThenSilence() implements OnRequest {}

  /// Takes the request and closes without a byte.
  record CloseBeforeResponse() implements OnRequest {}

  /// Takes the request and resets without a byte.
  record ResetBeforeResponse() implements OnRequest {}

  /// Answers requests until a connection was idle this long; then resets it when it is used again.
  record StaleKeepAlive(Duration idle) implements OnRequest {}

  /// Announces a long body, sends this many bytes of it, and closes.
  record CloseMidBody(int bytes) implements OnRequest {}

  /// Announces a long body, sends this many bytes of it, and resets.
  record ResetMidBody(int bytes) implements OnRequest {}

  /// Announces a long body, sends this many bytes of it, and nothing more.
  record StallMidBody(int bytes) implements OnRequest {}

  /// Closes within a chunk.
  record CloseMidChunk() implements OnRequest {}

  /// Closes after a whole chunk, without the last one.
  record MissingLastChunk() implements OnRequest {}

  /// A chunk size that is no number.
  record BadChunk() implements OnRequest {}

  /// More bytes than Content-Length says.
  record ExcessBody() implements OnRequest {}

  /// Bytes that are no HTTP.
  record GarbageResponse() implements OnRequest {}

  /// A status line that is none, with sound fields under it.
  record BadStatusLine() implements OnRequest {}

  /// A field line without a sound name.
  record BadHeaderLine() implements OnRequest {}

  /// Closes within the head.
  record TruncatedHeaders() implements OnRequest {}

  /// Sends its head one byte at a time, with this time between two.
  record SlowHeaders(Duration gap) implements OnRequest {}

  /// A head with one field of this many bytes.
  record HugeHeaders(int bytes) implements OnRequest {}

  /// A response with both Content-Length and Transfer-Encoding (RFC 9112 section 6.3).
  record AmbiguousFraming() implements OnRequest {}

  /// Two Content-Length fields that differ.
  record ConflictingLengths() implements OnRequest {}

  /// Two Transfer-Encoding fields that both say chunked.
  record RepeatedTransferEncoding() implements OnRequest {}

  /// What nginx says to plain HTTP on its TLS port: 400 and a close.
  record TlsRequired400() implements OnRequest {}

  /// What a TLS library says to plain HTTP: an alert record and a close.
  record TlsAlert() implements OnRequest {}

  /// The server's own 503, without a time.
  record Overloaded503() implements OnRequest {}

  /// The server's own 503, with Retry-After in whole seconds.
  record Maintenance503(Duration retryAfter) implements OnRequest {}

  /// A gateway's 502 that says by Proxy-Status what failed behind it.
  record GatewayError502(String proxyStatus) implements OnRequest {}

  /// Any valid answer: a filter's block page, a database error page.
  record Answers(Response response) implements OnRequest {}

  /// These bytes and nothing else, read as ISO 8859-1; the connection is closed after them.
  record RawBytes(String bytes) implements OnRequest {}

  /// Answers late: light requests (HEAD, OPTIONS, `/favicon.ico`, `/robots.txt`) after one time,
  /// all others after another.
  record SlowAnswers(Duration light, Duration others) implements OnRequest {}

  /// Requests under a path take a worker and keep it; the rest is answered until all hang, then
  /// nobody is.
  record WorkersExhausted(int workers, String slowPath) implements OnRequest {
    /// Every request hangs, the light ones too.
    public WorkersExhausted(int workers) {
      this(workers, "/");
    }
  }

  /// A fault for requests under a path; all others are answered.
  record PathFailure(String pathPrefix, OnRequest fault) implements OnRequest {}

  /// A fault for requests by one method; all others are answered.
  record MethodFailure(String method, OnRequest fault) implements OnRequest {}

  /// A fault for requests that are larger than a limit; all others are answered. A limit of 0 is
  /// none.
  ///
  /// @param field bytes of the value of any field
  /// @param body bytes of the content, by its length
  record SizeFailure(int field, long body, OnRequest fault) implements OnRequest {}

  /// A fault for the first requests after it was set; later ones are answered.
  record FirstOnly(int requests, OnRequest fault) implements OnRequest {}

  /// What a server that is no HTTP/1 server says first.
  enum Greeting {
    SSH("SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n"),
    SMTP("220 mail.example ESMTP Postfix (Debian/GNU)\r\n"),
    MYSQL(
        "J\0\0\0\n8.0.36\0\u0008\0\0\0saltsalt\0\u00ff\u00ff\u00ff\u0002\0\u00ff\u00df\u0015"
            + "\0\0\0\0\0\0\0\0\0\0saltsaltsalt\0caching_sha2_password\0"),
    /// A SETTINGS frame with MAX_CONCURRENT_STREAMS 100 (RFC 9113 section 6.5).
    HTTP2("\0\0\u0006\u0004\0\0\0\0\0\0\u0003\0\0\0d");

    private final String bytes;

    Greeting(String bytes) {
      this.bytes = bytes;
    }

    byte[] bytes() {
      return bytes.getBytes(StandardCharsets.ISO_8859_1);
    }
  }
}
