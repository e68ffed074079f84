package io.whygate.gateway.connection.http2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.facts.ResponseProblem;
import io.whygate.gateway.connection.ConnectionSetup;
import io.whygate.gateway.connection.FilterPage;
import io.whygate.gateway.connection.ResponseReceiver;
import io.whygate.gateway.http.FieldSection;
import io.whygate.gateway.http.Framing;
import io.whygate.gateway.http.ResponseHead;
import io.whygate.gateway.http2.ErrorCode;
import org.jspecify.annotations.Nullable;

/// What comes to one stream: interim heads, the final head, content, trailer fields, each as far as
/// it is good (RFC 9113 section 8.1). Confined to its event loop.
final class Answer {
  private final Http2UpstreamStream stream;
  private final Http2UpstreamConnection connection;
  private final ConnectionSetup setup;
  private final ServersTurn turn;
  private final AnswerBody body;

  private @Nullable ResponseHead head;
  private @Nullable FieldSection trailers;
  private String blockMark = "";
  private boolean toHead;

  /// Whether the final head waits for content that tells whether it is a filter's.
  private boolean untold;

  private int informational;
  private long bytesReceived;
  private long firstByteNanos;

  Answer(
      Http2UpstreamStream stream,
      Http2UpstreamConnection connection,
      ConnectionSetup setup,
      ServersTurn turn) {
    this.stream = stream;
    this.connection = connection;
    this.setup = setup;
    this.turn = turn;
    this.body = new AnswerBody(stream, setup.http2().streamWindow(), setup.smallPieces());
  }

  /// Notes that it answers HEAD, and has no content.
  void toHead() {
    toHead = true;
  }

  AnswerBody body() {
    return body;
  }

  /// Its head as far as it came; null where nothing did.
  @Nullable ResponseHead head() {
    return head;
  }

  /// Its trailer fields; null where there are none.
  @Nullable FieldSection trailers() {
    return trailers;
  }

  /// How much of a field block came.
  void received(int bytes) {
    if (bytesReceived == 0) {
      firstByteNanos = System.nanoTime();
    }
    bytesReceived += bytes;
  }

  long bytesReceived() {
    return bytesReceived;
  }

  /// When the first of it came; 0 where nothing did.
  long firstByteNanos() {
    return firstByteNanos;
  }

  /// The first of it, a character a byte; null where nothing came.
  @Nullable String firstBytes() {
    ResponseHead current = head;
    if (current == null || bytesReceived == 0) {
      return null;
    }
    FieldSection fields = current.fields();
    return fields.text(0, Math.min(FailedAttempt.FIRST_BYTES, fields.filled()));
  }

  /// The mark by which it is a filter's page; empty where it is none.
  String blockMark() {
    return blockMark;
  }

  /// A head came.
  void head(AnswerFields fields, boolean end) {
    ResponseReceiver current = stream.receiver();
    if (current == null) {
      return;
    }
    ResponseHead into = head == null ? connection.streams().newHead() : head;
    head = into;
    SocketRequest socket = stream.socket();
    if (socket != null && !end && socket.isAcceptedBy(fields.status())) {
      if (fields.readSwitch(into, socket.accepted())) {
        stream.switched(into);
      } else {
        malformed(Phase.AWAIT_RESPONSE, fields);
      }
    } else if (!fields.readHead(into, toHead, end)) {
      malformed(Phase.AWAIT_RESPONSE, fields);
    } else if (into.isInformational()) {
      interim(current, into);
    } else {
      finalHead(into, end);
    }
  }

  private void interim(ResponseReceiver current, ResponseHead into) {
    if (++informational > setup.maxInterimResponses()) {
      String words = "more than " + setup.maxInterimResponses() + " interim answers";
      stream.reset(
          ErrorCode.ENHANCE_YOUR_CALM,
          new AttemptFailure.MalformedResponse(
              Phase.AWAIT_RESPONSE, ResponseProblem.HEADER_TOO_LARGE, words, -1, -1));
      return;
    }
    if (into.status() == 100) {
      turn.contentGoes();
    }
    current.informational(into);
  }

  private void finalHead(ResponseHead into, boolean end) {
    stream.headCame();
    boolean none = into.framing() == Framing.NONE;
    body.expect(none ? 0 : into.framing() == Framing.LENGTH ? into.contentLength() : -1);
    if (end) {
      turn.over();
    } else {
      turn.next();
    }
    untold = true;
    if (end || FilterPage.bytesToTell(into) == 0) {
      tellHead(Unpooled.EMPTY_BUFFER);
    }
    if (end && stream.receiver() != null) {
      ended();
    }
  }

  /// Hands the final head on.
  ///
  /// @param content the first of it, which stays the caller's
  private void tellHead(ByteBuf content) {
    ResponseHead into = head;
    if (untold && into != null) {
      untold = false;
      blockMark = FilterPage.markIn(into, content);
      stream.guarded(current -> current.responseHead(into));
    }
  }

  /// Content came; owns it.
  ///
  /// @param frameSize the payload of its frame, which counts for the window
  /// @return whether it kept to the window
  boolean content(ByteBuf content, int frameSize, boolean end) {
    if (!body.takes(frameSize)) {
      content.release();
      return false;
    }
    received(content.readableBytes());
    if (!end && content.isReadable() && !body.isWorthIts(content.readableBytes())) {
      content.release();
      tooSmall();
      return true;
    }
    if (!stream.isTunnel()) {
      turn.next();
    }
    if (content.isReadable()) {
      tellHead(content);
      if (stream.isOver()) {
        content.release();
        return true;
      }
    }
    int padding = frameSize - content.readableBytes();
    ResponseProblem problem = body.content(content);
    if (problem != null) {
      lengthIsWrong(problem);
      return true;
    }
    if (stream.receiver() != null) {
      body.padded(padding);
      if (end) {
        ended();
      }
    }
    return true;
  }

  private void ended() {
    tellHead(Unpooled.EMPTY_BUFFER);
    if (stream.isTunnel()) {
      body.end();
    } else {
      turn.over();
      ResponseProblem problem = body.end();
      if (problem != null) {
        lengthIsWrong(problem);
      }
    }
  }

  /// Trailer fields came, and with them the end.
  void trailers(AnswerFields fields) {
    FieldSection section = fields.readTrailers();
    if (!fields.isGood()) {
      malformed(Phase.READ_RESPONSE, fields);
    } else {
      trailers = section;
      ended();
    }
  }

  private void tooSmall() {
    stream.reset(
        ErrorCode.ENHANCE_YOUR_CALM,
        new AttemptFailure.MalformedResponse(
            Phase.READ_RESPONSE,
            ResponseProblem.SMALL_PIECES,
            "too many DATA frames of less than " + setup.smallPieces().least() + " bytes",
            -1,
            -1));
  }

  private void lengthIsWrong(ResponseProblem problem) {
    String words =
        problem == ResponseProblem.EXCESS_BODY
            ? "more bytes than Content-Length said"
            : "fewer bytes than Content-Length said";
    stream.reset(
        ErrorCode.PROTOCOL_ERROR,
        new AttemptFailure.MalformedResponse(Phase.READ_RESPONSE, problem, words, -1, -1));
  }

  /// A field block is larger than can be kept.
  void tooLarge(String words) {
    boolean ofTrailers = stream.isInContent();
    stream.fail(
        new AttemptFailure.MalformedResponse(
            stream.phase(),
            ofTrailers ? ResponseProblem.BAD_TRAILER : ResponseProblem.HEADER_TOO_LARGE,
            words,
            -1,
            -1));
  }

  private void malformed(Phase phase, AnswerFields fields) {
    stream.reset(
        ErrorCode.PROTOCOL_ERROR,
        new AttemptFailure.MalformedResponse(
            phase, fields.problem(), fields.detail(), -1, fields.size()));
  }
}
