package io.whygate.gateway.connection.http1;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.Closing;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.facts.WireFacts;
import io.whygate.gateway.connection.ConnectionSetup;
import io.whygate.gateway.connection.OutgoingRequest;
import io.whygate.gateway.connection.ResponseReceiver;
import io.whygate.gateway.connection.UpstreamConnection;
import io.whygate.gateway.connection.UpstreamStream;
import io.whygate.gateway.connection.dial.FailureClassifier;
import io.whygate.gateway.connection.tls.SessionFacts;
import io.whygate.gateway.http.Deadlines;
import io.whygate.gateway.http.FieldSection;
import io.whygate.gateway.transport.Round;
import io.whygate.gateway.transport.Transport;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// The way of the exchanges of an HTTP/1.1 connection, one after the other.
///
/// Confined to its event loop.
final class Http1UpstreamStream implements UpstreamStream {
  private static final long LAST_WORDS_NANOS = Duration.ofSeconds(1).toNanos();

  private final Http1UpstreamConnection connection;
  private final Channel channel;
  private final Duration responseTimeout;
  private final Duration idleTimeout;
  private final Deadlines.Deadline deadline;
  private final RequestSender sender;
  private final Answers answers;
  private final ResponseReader reader;
  private final Round round = Round.current();

  private State state = State.IDLE;
  private @Nullable ResponseReceiver receiver;
  private boolean paused;

  private enum State {
    IDLE,
    HEAD,
    CONTENT,
    TUNNEL,
    CLOSED
  }

  Http1UpstreamStream(Http1UpstreamConnection connection, ConnectionSetup setup, boolean secure) {
    this.connection = connection;
    this.channel = connection.channel();
    this.responseTimeout = setup.responseTimeout();
    this.idleTimeout = setup.idleTimeout();
    this.deadline = setup.deadlines().add(this::expired);
    this.sender = new RequestSender(channel);
    this.answers = new Answers(this, connection, setup, secure);
    this.reader = answers.reader();
  }

  @Override
  public UpstreamConnection connection() {
    return connection;
  }

  /// Whether it carries nothing, on a connection that was not given up.
  boolean isIdle() {
    return state == State.IDLE;
  }

  /// Whether somebody waits for the answer, or the rest of it.
  boolean isUnderWay() {
    return receiver != null;
  }

  /// Who takes the answer; null where nobody does.
  @Nullable ResponseReceiver receiver() {
    return receiver;
  }

  Answers answers() {
    return answers;
  }

  /// Whether something may come from the server.
  boolean isOpen() {
    return state != State.IDLE && state != State.CLOSED;
  }

  /// Whether the head of an answer is still to come.
  boolean awaitsHead() {
    return state == State.HEAD;
  }

  /// Whether content of an answer is what comes next.
  boolean isAnswering() {
    return state == State.CONTENT;
  }

  boolean isTunnel() {
    return state == State.TUNNEL;
  }

  boolean isPaused() {
    return paused;
  }

  @Override
  public long bytesSent() {
    return sender.bytesSent();
  }

  @Override
  public long bytesReceived() {
    return reader.bytesReceived();
  }

  @Override
  public long sentNanos() {
    return sender.sentNanos();
  }

  @Override
  public long firstByteNanos() {
    return reader.firstByteNanos();
  }

  @Override
  public String firstBytes() {
    return reader.firstBytes();
  }

  @Override
  public String blockMark() {
    return reader.blockMark();
  }

  @Override
  public WireFacts wire() {
    return SessionFacts.of(channel, protocol(), reader.offence());
  }

  @Override
  public void begin(ResponseReceiver newReceiver, OutgoingRequest request) {
    if (state != State.IDLE) {
      throw new IllegalStateException("state: " + state + " (expected: IDLE)");
    }
    receiver = newReceiver;
    connection.begun();
    reader.begin(request.isHead(), request.asksForUpgrade());
    state = State.HEAD;
    sender.begin(request);
  }

  @Override
  public void send(ByteBuf bytes) {
    if (sender.stopped() == null) {
      contentGoes();
    }
    sender.send(bytes);
  }

  @Override
  public void flush() {
    round.flush(channel);
  }

  @Override
  public boolean isWritable() {
    return channel.isWritable();
  }

  @Override
  public boolean isStalled() {
    return Transport.unsent(channel) > 0;
  }

  @Override
  public void requestEnd(@Nullable FieldSection trailers) {
    if (sender.end(trailers) && state == State.HEAD && sender.stopped() == null) {
      deadline.in(responseTimeout.toNanos());
    }
  }

  @Override
  public void awaitContinue() {
    sender.awaitContinue();
    deadline.in(responseTimeout.toNanos());
  }

  /// The content is on its way, asked for or not: how long it takes is the client's affair.
  void contentGoes() {
    if (sender.continues() && state == State.HEAD) {
      deadline.clear();
    }
  }

  @Override
  public void pause() {
    if (!paused) {
      paused = true;
      channel.config().setAutoRead(false);
      if (state == State.CONTENT || state == State.TUNNEL) {
        deadline.clear();
      }
    }
  }

  @Override
  public void resume() {
    if (paused && channel.isOpen()) {
      paused = false;
      channel.config().setAutoRead(true);
      if (state == State.CONTENT) {
        deadline.in(idleTimeout.toNanos());
      }
    }
  }

  @Override
  public void hold() {
    answers.hold();
    pause();
    deadline.clear();
  }

  @Override
  public void proceed() {
    answers.proceed();
    resume();
  }

  @Override
  public String protocol() {
    return WireFacts.HTTP1;
  }

  @Override
  public boolean tellsUnprocessed() {
    return false;
  }

  @Override
  public void endTunnelOutput() {
    Transport.endOutput(channel);
  }

  /// Closes the connection, unless nothing was sent over it: then it is the next one's. Not at
  /// once: the next may be late too, and the one after it.
  @Override
  public void abandon() {
    if (state == State.IDLE) {
      channel.eventLoop().execute(connection::unused);
      return;
    }
    receiver = null;
    state = State.CLOSED;
    answers.endSplicing();
    connection.close();
  }

  /// The server switched to what it was asked for.
  void switches() {
    state = State.TUNNEL;
    deadline.clear();
  }

  /// A final head came.
  ///
  /// @param more whether content follows
  void headCame(boolean more) {
    state = State.CONTENT;
    if (more) {
      deadline.in(idleTimeout.toNanos());
    } else {
      deadline.clear();
    }
  }

  /// Content of the answer came.
  void goesOn() {
    if (!paused) {
      deadline.in(idleTimeout.toNanos());
    }
  }

  /// The answer is whole.
  ///
  /// @param clean whether nothing came beyond it
  void end(ResponseReceiver current, boolean clean) {
    receiver = null;
    state = State.IDLE;
    deadline.clear();
    answers.endSplicing();
    FieldSection trailers = reader.trailers();
    current.responseRead();
    boolean reusable =
        clean
            && reader.isPersistent()
            && sender.hasEnded()
            && !connection.isPeerClosed()
            && sender.stopped() == null
            && channel.isActive()
            && !KeepAlive.isUsedUp(reader.head().fields());
    if (trailers != null) {
      current.responseEnd(trailers);
    }
    if (reusable) {
      resume();
      connection.ended(KeepAlive.timeoutSeconds(reader.head().fields()));
    } else {
      state = State.CLOSED;
      connection.close();
    }
    if (trailers == null) {
      current.responseEnd(null);
    }
  }

  /// The exchange failed.
  void fail(AttemptFailure failure) {
    ResponseReceiver current = receiver;
    receiver = null;
    deadline.clear();
    answers.endSplicing();
    if (current != null) {
      current.responseFailed(failure);
    }
    state = State.CLOSED;
    connection.close();
  }

  void readComplete() {
    ResponseReceiver current = receiver;
    if (current != null) {
      current.readComplete();
    }
    connection.allRead();
  }

  void writabilityChanged(boolean writable) {
    if (state == State.HEAD && !sender.hasEnded()) {
      if (writable) {
        deadline.clear();
      } else {
        deadline.in(idleTimeout.toNanos());
      }
    }
    ResponseReceiver current = receiver;
    if (current != null) {
      current.writabilityChanged(writable);
    }
  }

  private void expired() {
    Throwable refusal = sender.stopped();
    if (refusal != null && state == State.HEAD) {
      fail(FailureClassifier.lost(refusal, phase()));
      return;
    }
    if (state != State.HEAD) {
      fail(new AttemptFailure.TimedOut(Phase.READ_RESPONSE, idleTimeout));
    } else if (reader.bytesReceived() == 0 && sender.isStalled()) {
      sender.stalled();
      fail(new AttemptFailure.TimedOut(Phase.SEND_REQUEST, responseTimeout));
    } else if (sender.hasEnded() || channel.isWritable()) {
      fail(new AttemptFailure.TimedOut(Phase.AWAIT_RESPONSE, responseTimeout));
    } else {
      fail(new AttemptFailure.TimedOut(Phase.SEND_REQUEST, idleTimeout));
    }
  }

  /// The server takes no more of the request. It may have answered before it closed: what has come
  /// of that is read first (RFC 9112 section 9.6), and no more of the request is sent.
  void refused(Throwable cause) {
    if (sender.stopped() == null) {
      sender.stop(cause);
      if (state == State.HEAD) {
        deadline.in(LAST_WORDS_NANOS);
      }
      if (!paused) {
        channel.read();
      }
    }
  }

  /// The connection broke.
  void broke(Throwable cause) {
    if (answers.isHolding()) {
      sender.stop(cause);
      inputEnded(Closing.RESET);
    } else {
      connection.peerClosed();
      fail(FailureClassifier.lost(cause, phase()));
    }
  }

  /// The connection is closed.
  void connectionClosed() {
    if (!answers.isHolding()) {
      state = State.CLOSED;
    }
    answers.endSplicing();
    deadline.close();
  }

  /// The server sends no more.
  void inputEnded(Closing closing) {
    if (answers.isHolding() && receiver != null) {
      answers.keepEnd(closing);
      connection.peerClosed();
      return;
    }
    boolean first = !connection.isPeerClosed();
    if (channel.isActive()) {
      connection.peerClosed();
    }
    if (receiver == null) {
      if (first) {
        connection.close();
      }
      return;
    }
    answers.end();
    ResponseReceiver current = receiver;
    if (current == null) {
      return;
    }
    switch (state) {
      case HEAD -> fail(lost(phase(), closing));
      case CONTENT -> {
        if (reader.mayEndNow()) {
          end(current, false);
        } else {
          fail(lost(Phase.READ_RESPONSE, closing));
        }
      }
      case TUNNEL -> {
        if (first) {
          current.tunnelInputEnded();
        }
        if (!channel.isActive()) {
          receiver = null;
        }
      }
      case IDLE, CLOSED -> connection.close();
    }
  }

  private AttemptFailure lost(Phase in, Closing closing) {
    Throwable cause = sender.stopped();
    return cause == null
        ? new AttemptFailure.ConnectionLost(in, closing)
        : FailureClassifier.lost(cause, in);
  }

  private Phase phase() {
    if (state == State.CONTENT || reader.bytesReceived() > 0) {
      return Phase.READ_RESPONSE;
    }
    return sender.hasEnded() ? Phase.AWAIT_RESPONSE : Phase.SEND_REQUEST;
  }
}
