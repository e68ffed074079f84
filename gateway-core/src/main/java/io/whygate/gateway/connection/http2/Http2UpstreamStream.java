package io.whygate.gateway.connection.http2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.Http2Errors;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.facts.ResponseProblem;
import io.whygate.diagnostics.facts.WireFacts;
import io.whygate.gateway.connection.ConnectionSetup;
import io.whygate.gateway.connection.FilterPage;
import io.whygate.gateway.connection.OutgoingRequest;
import io.whygate.gateway.connection.ResponseReceiver;
import io.whygate.gateway.connection.UpstreamConnection;
import io.whygate.gateway.connection.UpstreamStream;
import io.whygate.gateway.connection.tls.SessionFacts;
import io.whygate.gateway.http.Deadlines;
import io.whygate.gateway.http.FieldSection;
import io.whygate.gateway.http.Framing;
import io.whygate.gateway.http.ResponseHead;
import io.whygate.gateway.http2.ErrorCode;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A stream of HTTP/2 towards an endpoint: one request and its answer (RFC 9113 section 5).
///
/// Confined to its event loop; never reused.
final class Http2UpstreamStream implements UpstreamStream {
  private static final Logger LOG = LoggerFactory.getLogger(Http2UpstreamStream.class);

  private final Http2UpstreamConnection connection;
  private final ConnectionSetup setup;
  private final Deadlines.Deadline deadline;
  private final RequestBody body;
  private final AnswerBody answer;

  private State state = State.NEW;
  private int id;
  private @Nullable ResponseReceiver receiver;
  private @Nullable OutgoingRequest request;
  private @Nullable ResponseHead head;

  /// The final head while it waits for content that tells whether it is a filter's.
  private @Nullable ResponseHead untold;

  private @Nullable FieldSection trailers;
  private @Nullable AttemptFailure heldFailure;
  private byte[] socketKey = {};
  private String blockMark = "";
  private boolean toHead;
  private boolean awaitsContinue;
  private boolean holding;
  private int informational;
  private long headBytes;
  private long bytesReceived;
  private long sentNanos;
  private long firstByteNanos;

  private enum State {
    NEW,
    /// The request waits for the server's SETTINGS.
    WAITING,
    HEAD,
    CONTENT,
    TUNNEL,
    OVER
  }

  Http2UpstreamStream(Http2UpstreamConnection connection, ConnectionSetup setup, long window) {
    this.connection = connection;
    this.setup = setup;
    this.deadline = setup.deadlines().add(this::expired);
    this.body = new RequestBody(this, connection.outbound(), window, setup.http2().buffer());
    this.answer = new AnswerBody(this, setup.http2().streamWindow(), setup.smallPieces());
  }

  int id() {
    return id;
  }

  @Override
  public UpstreamConnection connection() {
    return connection;
  }

  @Override
  public String protocol() {
    return WireFacts.HTTP2;
  }

  @Override
  public boolean tellsUnprocessed() {
    return true;
  }

  @Override
  public void begin(ResponseReceiver newReceiver, OutgoingRequest newRequest) {
    if (state != State.NEW) {
      throw new IllegalStateException("state: " + state + " (expected: NEW)");
    }
    receiver = newReceiver;
    toHead = newRequest.isHead();
    id = connection.opened(this);
    if (newRequest.asksForUpgrade()) {
      state = State.WAITING;
      request = newRequest;
      deadline.in(setup.responseTimeout().toNanos());
      connection.channel().eventLoop().execute(this::settled);
    } else {
      write(newRequest);
    }
  }

  /// The server's settings are known, or may be: a request for a tunnel goes on, or cannot.
  void settled() {
    OutgoingRequest waiting = request;
    if (state != State.WAITING || waiting == null || !connection.isSettled()) {
      return;
    }
    if (connection.carriesTunnels()) {
      id = connection.renumbered(this);
      write(waiting);
    } else {
      refuseTunnel("its settings do not allow WebSockets (RFC 8441)");
    }
  }

  private void refuseTunnel(String why) {
    fail(
        new AttemptFailure.StreamFailed(
            Phase.SEND_REQUEST, Http2Errors.HTTP_1_1_REQUIRED, false, why));
  }

  private void write(OutgoingRequest newRequest) {
    socketKey = connection.blocks().render(newRequest);
    if (newRequest.asksForUpgrade() && socketKey.length == 0) {
      refuseTunnel("of other protocols HTTP/2 carries WebSocket alone");
      return;
    }
    state = State.HEAD;
    request = null;
    boolean end = newRequest.framing() == Framing.NONE && !newRequest.asksForUpgrade();
    ByteBuf out = connection.outbound().out();
    int before = out.writerIndex();
    connection.blocks().write(out, id, newRequest, end);
    headBytes = (long) out.writerIndex() - before;
    if (end) {
      body.endedWithHead();
    } else if (newRequest.asksForUpgrade()) {
      deadline.in(setup.responseTimeout().toNanos());
    }
    connection.outbound().wrote();
  }

  @Override
  public void send(ByteBuf bytes) {
    if (awaitsContinue) {
      contentGoes();
    }
    body.add(bytes);
    if (body.waits()) {
      await();
    }
  }

  @Override
  public void awaitContinue() {
    awaitsContinue = true;
    deadline.in(setup.responseTimeout().toNanos());
  }

  private void contentGoes() {
    awaitsContinue = false;
    if (state == State.HEAD && !body.isSent()) {
      deadline.clear();
    }
  }

  @Override
  public void requestEnd(@Nullable FieldSection trailerFields) {
    awaitsContinue = false;
    if (state == State.TUNNEL || state == State.WAITING || state == State.OVER) {
      return;
    }
    if (body.isSent()) {
      progressed();
    } else if (socketKey.length == 0) {
      body.end(trailerFields);
      await();
    }
  }

  /// A frame of content went out.
  void sentFrame() {
    connection.frames().sent();
    progressed();
  }

  /// Some of the request went out.
  void progressed() {
    if (body.isSent() && sentNanos == 0) {
      sentNanos = System.nanoTime();
      if (state == State.HEAD) {
        deadline.in(setup.responseTimeout().toNanos());
      }
    } else {
      await();
    }
  }

  /// Sets the time for what the server has to do next.
  private void await() {
    if (state == State.HEAD && !body.isSent()) {
      if (body.waits()) {
        deadline.in(setup.idleTimeout().toNanos());
      } else if (!awaitsContinue) {
        deadline.clear();
      }
    } else if (state == State.CONTENT && (answer.isPaused() || answer.isEnded())) {
      deadline.clear();
    } else if (state == State.CONTENT) {
      deadline.in(setup.idleTimeout().toNanos());
    }
  }

  private void expired() {
    Phase phase = phase();
    connection.doubt();
    reset(
        ErrorCode.CANCEL,
        new AttemptFailure.TimedOut(
            phase, phase == Phase.AWAIT_RESPONSE ? setup.responseTimeout() : setup.idleTimeout()));
  }

  Phase phase() {
    if (state == State.CONTENT || state == State.TUNNEL || bytesReceived > 0) {
      return Phase.READ_RESPONSE;
    }
    return body.isSent() || awaitsContinue || !body.waits()
        ? Phase.AWAIT_RESPONSE
        : Phase.SEND_REQUEST;
  }

  /// How much of a field block came.
  void received(int bytes) {
    if (bytesReceived == 0) {
      firstByteNanos = System.nanoTime();
    }
    bytesReceived += bytes;
  }

  /// Whether trailer fields are what may come next.
  boolean isInContent() {
    return state == State.CONTENT || state == State.TUNNEL;
  }

  /// Whether the server has ended its side.
  boolean isAnswered() {
    return answer.isEnded();
  }

  /// The head of an answer came.
  void head(AnswerFields fields, boolean end) {
    ResponseReceiver current = receiver;
    if (current == null) {
      return;
    }
    ResponseHead into = head == null ? connection.newHead() : head;
    head = into;
    boolean switches =
        socketKey.length > 0 && !end && fields.status() >= 200 && fields.status() < 300;
    boolean good =
        switches
            ? fields.readSwitch(into, SocketKeys.switchedBy(socketKey))
            : fields.readHead(into, toHead, end);
    if (!good) {
      malformed(Phase.AWAIT_RESPONSE, fields);
    } else if (into.isInformational() && !switches) {
      interim(current, into);
    } else if (switches) {
      state = State.TUNNEL;
      deadline.clear();
      guarded(next -> next.switched(into));
    } else {
      finalHead(into, end);
    }
  }

  private void interim(ResponseReceiver current, ResponseHead into) {
    if (++informational > setup.maxInterimResponses()) {
      String words = "more than " + setup.maxInterimResponses() + " interim answers";
      reset(
          ErrorCode.ENHANCE_YOUR_CALM,
          new AttemptFailure.MalformedResponse(
              Phase.AWAIT_RESPONSE, ResponseProblem.HEADER_TOO_LARGE, words, -1, -1));
      return;
    }
    if (into.status() == 100) {
      contentGoes();
    }
    current.informational(into);
  }

  private void finalHead(ResponseHead into, boolean end) {
    state = State.CONTENT;
    boolean none = into.framing() == Framing.NONE;
    answer.expect(none ? 0 : into.framing() == Framing.LENGTH ? into.contentLength() : -1);
    if (end) {
      deadline.clear();
    } else {
      await();
    }
    untold = into;
    if (end || FilterPage.bytesToTell(into) == 0) {
      tellHead(Unpooled.EMPTY_BUFFER);
    }
    if (end && receiver != null) {
      ended();
    }
  }

  /// Hands the final head on.
  ///
  /// @param content the first of it, which stays the caller's
  private void tellHead(ByteBuf content) {
    ResponseHead into = untold;
    if (into != null) {
      untold = null;
      blockMark = FilterPage.markIn(into, content);
      guarded(current -> current.responseHead(into));
    }
  }

  /// Content of the answer came; owns it.
  ///
  /// @param frameSize the payload of its frame, which counts for the window
  /// @return whether it kept to the window
  boolean content(ByteBuf content, int frameSize, boolean end) {
    if (!answer.takes(frameSize)) {
      content.release();
      return false;
    }
    received(content.readableBytes());
    if (!end && content.isReadable() && !answer.isWorthIts(content.readableBytes())) {
      content.release();
      tooSmall();
      return true;
    }
    if (state != State.TUNNEL) {
      await();
    }
    if (content.isReadable()) {
      tellHead(content);
      if (state == State.OVER) {
        content.release();
        return true;
      }
    }
    int padding = frameSize - content.readableBytes();
    ResponseProblem problem = answer.content(content);
    if (problem != null) {
      lengthIsWrong(problem);
      return true;
    }
    if (receiver != null) {
      answer.padded(padding);
      if (end) {
        ended();
      }
    }
    return true;
  }

  private void ended() {
    tellHead(Unpooled.EMPTY_BUFFER);
    if (state == State.TUNNEL) {
      answer.end();
    } else {
      deadline.clear();
      ResponseProblem problem = answer.end();
      if (problem != null) {
        lengthIsWrong(problem);
      }
    }
  }

  private void tooSmall() {
    reset(
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
    reset(
        ErrorCode.PROTOCOL_ERROR,
        new AttemptFailure.MalformedResponse(Phase.READ_RESPONSE, problem, words, -1, -1));
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

  /// The server ended the stream. Once the answer is whole, that says no more than that the rest of
  /// the request is not wanted.
  void resetByServer(AttemptFailure failure) {
    if (answer.isEnded()) {
      body.close();
      return;
    }
    fail(failure);
  }

  /// A field block is larger than can be kept.
  void tooLarge(String words) {
    boolean ofTrailers = isInContent();
    fail(
        new AttemptFailure.MalformedResponse(
            phase(),
            ofTrailers ? ResponseProblem.BAD_TRAILER : ResponseProblem.HEADER_TOO_LARGE,
            words,
            -1,
            -1));
  }

  private void malformed(Phase phase, AnswerFields fields) {
    reset(
        ErrorCode.PROTOCOL_ERROR,
        new AttemptFailure.MalformedResponse(
            phase, fields.problem(), fields.detail(), -1, fields.size()));
  }

  /// Hands a piece of content on; what comes after the exchange was given up is dropped.
  void hand(ByteBuf piece) {
    ResponseReceiver current = receiver;
    if (current == null) {
      piece.release();
    } else {
      guarded(next -> next.responseContent(piece));
    }
  }

  /// All content was handed on, and there is no more.
  void answered() {
    ResponseReceiver current = receiver;
    if (current == null) {
      return;
    }
    if (state == State.TUNNEL) {
      guarded(ResponseReceiver::tunnelInputEnded);
      return;
    }
    receiver = null;
    try {
      current.responseRead();
      current.responseEnd(trailers);
    } finally {
      leave(body.isSent() ? null : ErrorCode.CANCEL);
    }
  }

  /// One exchange that goes wrong inside the gateway leaves the others of its connection alone.
  private void guarded(Consumer<ResponseReceiver> call) {
    ResponseReceiver current = receiver;
    if (current == null) {
      return;
    }
    try {
      call.accept(current);
    } catch (RuntimeException | Error e) {
      LOG.error("an unexpected error ended an exchange over HTTP/2", e);
      reset(
          ErrorCode.INTERNAL_ERROR,
          new AttemptFailure.StreamFailed(
              phase(), ErrorCode.INTERNAL_ERROR.number(), true, "an error of the gateway's own"));
    }
  }

  /// Ends the stream for a reason that the server is told, and the exchange with it.
  void reset(ErrorCode why, AttemptFailure failure) {
    if (state != State.OVER) {
      if (isKnown()) {
        connection.reset(id, why);
      }
      fail(failure);
    }
  }

  /// Whether the server has heard of it: to reset another is an error of the whole connection (RFC
  /// 9113 section 5.1).
  private boolean isKnown() {
    return state != State.NEW && state != State.WAITING;
  }

  /// The exchange failed.
  void fail(AttemptFailure failure) {
    ResponseReceiver current = receiver;
    if (current != null && holding) {
      heldFailure = failure;
      return;
    }
    receiver = null;
    deadline.clear();
    if (current != null) {
      current.responseFailed(failure);
    }
    leave(null);
  }

  /// Leaves the connection.
  ///
  /// @param why what the server is told; null where it knows
  private void leave(@Nullable ErrorCode why) {
    if (state == State.OVER) {
      return;
    }
    state = State.OVER;
    deadline.close();
    body.close();
    answer.close();
    if (why != null) {
      connection.reset(id, why);
    }
    connection.over(this, head);
  }

  @Override
  public void lapsed() {
    if (isKnown()) {
      connection.lapsed();
    }
  }

  @Override
  public void abandon() {
    boolean isOpen = isKnown() && !(answer.isEnded() && body.isSent());
    receiver = null;
    leave(isOpen ? ErrorCode.CANCEL : null);
  }

  @Override
  public void flush() {
    connection.outbound().wrote();
  }

  @Override
  public boolean isWritable() {
    return body.isWritable();
  }

  @Override
  public boolean isStalled() {
    return body.waits();
  }

  /// The server takes more of the request again.
  void writable() {
    guarded(current -> current.writabilityChanged(true));
  }

  @Override
  public void pause() {
    answer.pause();
    await();
  }

  @Override
  public void resume() {
    if (!holding && state != State.OVER) {
      boolean kept = answer.isKept();
      answer.resume();
      await();
      if (kept) {
        readComplete();
      }
    }
  }

  void readComplete() {
    guarded(ResponseReceiver::readComplete);
  }

  @Override
  public void hold() {
    holding = true;
    answer.pause();
    deadline.clear();
  }

  @Override
  public void proceed() {
    holding = false;
    resume();
    AttemptFailure failure = heldFailure;
    if (failure != null && receiver != null) {
      fail(failure);
    }
  }

  @Override
  public void endTunnelOutput() {
    body.end(null);
  }

  /// Opens the stream's window.
  void widen(int bytes) {
    if (state != State.OVER) {
      connection.widen(id, bytes);
    }
  }

  /// The server lets more of the request come; false where the window overflows.
  boolean takesMore(long increment) {
    return body.widen(increment);
  }

  @Override
  public long bytesSent() {
    return headBytes + body.sent();
  }

  @Override
  public long bytesReceived() {
    return bytesReceived == 0 ? connection.strayBytes() : bytesReceived;
  }

  @Override
  public long sentNanos() {
    return sentNanos;
  }

  @Override
  public long firstByteNanos() {
    return firstByteNanos;
  }

  @Override
  public String firstBytes() {
    ResponseHead current = head;
    if (current == null || bytesReceived == 0) {
      return connection.strayText();
    }
    FieldSection fields = current.fields();
    return fields.text(0, Math.min(FailedAttempt.FIRST_BYTES, fields.filled()));
  }

  @Override
  public String blockMark() {
    return blockMark;
  }

  @Override
  public WireFacts wire() {
    return SessionFacts.of(connection.channel(), protocol(), WireFacts.Spot.NONE);
  }
}
