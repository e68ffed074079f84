package io.whygate.gateway.connection.http2;

import io.netty.buffer.ByteBuf;
import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.facts.WireFacts;
import io.whygate.gateway.connection.ConnectionSetup;
import io.whygate.gateway.connection.OutgoingRequest;
import io.whygate.gateway.connection.ResponseReceiver;
import io.whygate.gateway.connection.UpstreamConnection;
import io.whygate.gateway.connection.UpstreamStream;
import io.whygate.gateway.connection.tls.SessionFacts;
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
  private final ServersTurn turn;
  private final RequestBody body;
  private final Answer answer;

  private State state = State.NEW;
  private int id;
  private @Nullable ResponseReceiver receiver;
  private @Nullable SocketRequest socket;
  private @Nullable AttemptFailure heldFailure;
  private boolean holding;
  private long headBytes;

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
    this.turn = new ServersTurn(this, connection, setup);
    this.body = new RequestBody(this, connection.outbound(), window, setup.http2().buffer());
    this.answer = new Answer(this, connection, setup, turn);
  }

  int id() {
    return id;
  }

  /// Who takes the answer; null where nobody does any more.
  @Nullable ResponseReceiver receiver() {
    return receiver;
  }

  RequestBody requestBody() {
    return body;
  }

  Answer answer() {
    return answer;
  }

  /// The WebSocket that it is asked for; null where it is asked for none.
  @Nullable SocketRequest socket() {
    return socket;
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
    if (newRequest.isHead()) {
      answer.toHead();
    }
    id = connection.streams().opened(this);
    if (newRequest.asksForUpgrade()) {
      state = State.WAITING;
      socket = new SocketRequest(this, connection, newRequest);
      turn.toAnswer();
      connection.channel().eventLoop().execute(this::settled);
    } else {
      connection.blocks().render(newRequest);
      write(newRequest);
    }
  }

  /// The server's settings are known, or may be.
  void settled() {
    if (state == State.WAITING && socket != null) {
      socket.settled();
    }
  }

  /// Takes the number that it has once it begins after all.
  void renumber() {
    id = connection.streams().renumbered(this);
  }

  /// Writes the head of the request, which was rendered last.
  void write(OutgoingRequest request) {
    state = State.HEAD;
    boolean end = request.framing() == Framing.NONE && !request.asksForUpgrade();
    ByteBuf out = connection.outbound().out();
    int before = out.writerIndex();
    connection.blocks().write(out, id, request, end);
    headBytes = (long) out.writerIndex() - before;
    if (end) {
      body.endedWithHead();
    } else if (request.asksForUpgrade()) {
      turn.toAnswer();
    }
    connection.outbound().wrote();
  }

  @Override
  public void send(ByteBuf bytes) {
    if (turn.isToContinue()) {
      turn.contentGoes();
    }
    body.add(bytes);
    if (body.waits()) {
      turn.next();
    }
  }

  @Override
  public void awaitContinue() {
    turn.toContinue();
  }

  @Override
  public void requestEnd(@Nullable FieldSection trailerFields) {
    turn.requestEnded();
    if (state == State.TUNNEL || state == State.WAITING || state == State.OVER) {
      return;
    }
    if (body.isSent()) {
      progressed();
    } else if (socket == null || !socket.isSent()) {
      body.end(trailerFields);
      turn.next();
    }
  }

  /// A frame of content went out.
  void sentFrame() {
    connection.frames().sent();
    progressed();
  }

  /// Some of the request went out.
  void progressed() {
    turn.requestProgressed();
  }

  Phase phase() {
    if (isInContent() || answer.bytesReceived() > 0) {
      return Phase.READ_RESPONSE;
    }
    return body.isSent() || turn.isToContinue() || !body.waits()
        ? Phase.AWAIT_RESPONSE
        : Phase.SEND_REQUEST;
  }

  /// Whether trailer fields are what may come next.
  boolean isInContent() {
    return state == State.CONTENT || state == State.TUNNEL;
  }

  /// Whether the head of its answer is still to come.
  boolean awaitsHead() {
    return state == State.HEAD;
  }

  /// Whether content of its answer is what may come next.
  boolean isAnswering() {
    return state == State.CONTENT;
  }

  boolean isTunnel() {
    return state == State.TUNNEL;
  }

  boolean isOver() {
    return state == State.OVER;
  }

  /// The final head came.
  void headCame() {
    state = State.CONTENT;
  }

  /// The server switched to what it was asked for.
  void switched(ResponseHead head) {
    state = State.TUNNEL;
    turn.over();
    guarded(current -> current.switched(head));
  }

  /// The server ended the stream. Once the answer is whole, that says no more than that the rest of
  /// the request is not wanted.
  void resetByServer(AttemptFailure failure) {
    if (answer.body().isEnded()) {
      body.close();
      return;
    }
    fail(failure);
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
      current.responseEnd(answer.trailers());
    } finally {
      leave(body.isSent() ? null : ErrorCode.CANCEL);
    }
  }

  /// One exchange that goes wrong inside the gateway leaves the others of its connection alone.
  void guarded(Consumer<ResponseReceiver> call) {
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
    turn.over();
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
    turn.close();
    body.close();
    answer.body().close();
    if (why != null) {
      connection.reset(id, why);
    }
    connection.over(this, answer.head());
  }

  @Override
  public void lapsed() {
    if (isKnown()) {
      connection.lapsed();
    }
  }

  @Override
  public void abandon() {
    boolean isOpen = isKnown() && !(answer.body().isEnded() && body.isSent());
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
    answer.body().pause();
    turn.next();
  }

  @Override
  public void resume() {
    if (!holding && !isOver()) {
      boolean kept = answer.body().isKept();
      answer.body().resume();
      turn.next();
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
    answer.body().pause();
    turn.over();
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
    long received = answer.bytesReceived();
    return received == 0 ? connection.strayBytes() : received;
  }

  @Override
  public long sentNanos() {
    return turn.sentNanos();
  }

  @Override
  public long firstByteNanos() {
    return answer.firstByteNanos();
  }

  @Override
  public String firstBytes() {
    String first = answer.firstBytes();
    return first == null ? connection.strayText() : first;
  }

  @Override
  public String blockMark() {
    return answer.blockMark();
  }

  @Override
  public WireFacts wire() {
    return SessionFacts.of(connection.channel(), protocol(), WireFacts.Spot.NONE);
  }
}
