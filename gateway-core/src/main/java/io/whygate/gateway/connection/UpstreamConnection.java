package io.whygate.gateway.connection;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelOutputShutdownException;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.Closing;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.facts.ResponseProblem;
import io.whygate.diagnostics.facts.WireFacts;
import io.whygate.gateway.connection.dial.FailureClassifier;
import io.whygate.gateway.http.Chunks;
import io.whygate.gateway.http.ContentReader;
import io.whygate.gateway.http.Deadlines;
import io.whygate.gateway.http.FieldSection;
import io.whygate.gateway.http.Framing;
import io.whygate.gateway.http.HeadLimits;
import io.whygate.gateway.http.MessageHead;
import io.whygate.gateway.http.ResponseHead;
import io.whygate.gateway.transport.Transport;
import io.whygate.gateway.upstream.EndpointState;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A connection to an endpoint that speaks HTTP/1.1: carries one exchange at a time, reads its
/// answer, and goes back to its pool.
///
/// Confined to its event loop. Content that is handed to a [Receiver] is the receiver's to release;
/// buffers that are written here are this connection's.
public final class UpstreamConnection extends ChannelInboundHandlerAdapter {
  private static final Logger LOG = LoggerFactory.getLogger(UpstreamConnection.class);
  private static final int MAX_INFORMATIONAL = 64;
  private static final long LAST_WORDS_NANOS = Duration.ofSeconds(1).toNanos();

  private final Channel channel;
  private final EndpointState endpoint;
  private final Optional<InetAddress> address;
  private final Owner owner;
  private final Duration responseTimeout;
  private final Duration idleTimeout;
  private final Deadlines.Deadline deadline;
  private final ResponseHead head;
  private final ContentReader content;
  private final ContentReader.Sink sink = this::contentRead;
  private final long establishedNanos = System.nanoTime();

  private State state = State.IDLE;
  private @Nullable Receiver receiver;
  private boolean answersHead;
  private boolean requestEnded;
  private boolean awaitsContinue;
  private boolean upgradeAsked;
  private boolean keepAfter;
  private boolean paused;
  private boolean holding;
  private boolean handingHead;
  private @Nullable ByteBuf held;
  private int awaited;
  private @Nullable Closing heldEnd;
  private @Nullable Throwable heldFailure;
  private boolean peerClosed;
  private boolean tlsClosed;
  private int informational;
  private long requests;
  private long idleSinceNanos = establishedNanos;
  private long bytesSent;
  private long bytesReceived;
  private long firstByteNanos;
  private long sentNanos;
  private WireFacts.Spot offence = WireFacts.Spot.NONE;

  private enum State {
    IDLE,
    HEAD,
    CONTENT,
    TUNNEL,
    CLOSED
  }

  /// What a connection belongs to.
  public interface Owner {
    /// The exchange is over, and the connection can carry another.
    void released(UpstreamConnection connection);

    /// The connection is closed; called once.
    ///
    /// @param whileIdle whether it carried no exchange
    /// @param byPeer whether the server closed it
    void closed(UpstreamConnection connection, boolean whileIdle, boolean byPeer);
  }

  /// Who takes the answer: the attempt that sent the request. After [#responseEnd] or
  /// [#responseFailed] nothing more is called.
  public interface Receiver {
    /// An interim answer, other than 101.
    void informational(ResponseHead head);

    /// The head of the final answer. The head is valid until the end of the answer.
    void responseHead(ResponseHead head);

    /// A piece of content, which the receiver owns.
    void responseContent(ByteBuf piece);

    /// The answer is whole, and the connection still tells of it: the next call is [#responseEnd],
    /// during which it may be another exchange's already.
    void responseRead();

    /// The answer is over, and the connection given back or closed.
    ///
    /// @param trailers null where there are none; valid during the call
    void responseEnd(@Nullable FieldSection trailers);

    /// The answer will not come, or not whole. The connection is still open for questions during
    /// the call, and closed after it.
    void responseFailed(AttemptFailure failure);

    /// The server switched protocols as it was asked to: bytes go both ways from now on, by
    /// [#responseContent] and [#send].
    void switched(ResponseHead head);

    /// The server ended its direction of a tunnel; its other direction may go on.
    void tunnelInputEnded();

    /// All that was ready has been read: the moment to flush.
    void readComplete();

    /// Whether content can be written changed.
    void writabilityChanged(boolean writable);
  }

  public UpstreamConnection(
      Channel channel,
      EndpointState endpoint,
      Optional<InetAddress> address,
      Owner owner,
      Setup setup) {
    this.channel = channel;
    this.endpoint = endpoint;
    this.address = address;
    this.owner = owner;
    this.responseTimeout = setup.responseTimeout;
    this.idleTimeout = setup.idleTimeout;
    this.deadline = setup.deadlines.add(this::expired);
    this.head = new ResponseHead(setup.limits);
    this.content = new ContentReader(setup.limits);
  }

  /// What all connections of an upstream on one event loop share.
  ///
  /// @param responseTimeout from the end of the request to the response head
  /// @param idleTimeout between two pieces of content
  /// @param limits sizes of a response head
  public record Setup(
      Duration responseTimeout, Duration idleTimeout, HeadLimits limits, Deadlines deadlines) {}

  public Channel channel() {
    return channel;
  }

  public EndpointState endpoint() {
    return endpoint;
  }

  public Optional<InetAddress> address() {
    return address;
  }

  /// Requests that were sent over it, this one included.
  public long requests() {
    return requests;
  }

  public long establishedNanos() {
    return establishedNanos;
  }

  /// When it last became idle; its establishment where it has never been used.
  public long idleSinceNanos() {
    return idleSinceNanos;
  }

  /// Whether it is open and carries nothing.
  public boolean isReusable() {
    return state == State.IDLE && channel.isActive() && !peerClosed;
  }

  /// Bytes of the present request that were handed to the system.
  public long bytesSent() {
    return bytesSent;
  }

  /// Bytes of the present answer that came.
  public long bytesReceived() {
    return bytesReceived;
  }

  /// When the request had been written whole; 0 where it is not.
  public long sentNanos() {
    return sentNanos;
  }

  /// When the first byte of the answer came; 0 where none did.
  public long firstByteNanos() {
    return firstByteNanos;
  }

  /// The first bytes of the answer, a character a byte, at most [FailedAttempt#FIRST_BYTES].
  public String firstBytes() {
    FieldSection fields = head.fields();
    int n =
        (int) Math.min(FailedAttempt.FIRST_BYTES, Math.min(bytesReceived, fields.bytes().length));
    return fields.text(0, n);
  }

  /// The byte of the answer that broke the rules, once it failed so.
  public WireFacts.Spot offence() {
    return offence;
  }

  /// Begins an exchange: the next bytes that come are its answer.
  ///
  /// @param upgrade whether the request asks for another protocol
  public void begin(Receiver newReceiver, boolean headRequest, boolean upgrade) {
    if (state != State.IDLE) {
      throw new IllegalStateException("state: " + state + " (expected: IDLE)");
    }
    receiver = newReceiver;
    answersHead = headRequest;
    upgradeAsked = upgrade;
    requestEnded = false;
    awaitsContinue = false;
    keepAfter = false;
    informational = 0;
    awaited = 0;
    bytesSent = 0;
    bytesReceived = 0;
    firstByteNanos = 0;
    sentNanos = 0;
    requests++;
    head.reset();
    head.answering(headRequest);
    state = State.HEAD;
  }

  /// Writes bytes of the request, or of a tunnel, without flushing. Owns the buffer.
  public void send(ByteBuf bytes) {
    if (heldFailure != null) {
      bytes.release();
      return;
    }
    contentGoes();
    bytesSent += bytes.readableBytes();
    channel.write(bytes, channel.voidPromise());
  }

  /// Writes a piece of the request's content as a chunk, without flushing. Owns the piece.
  public void sendChunk(ByteBuf piece) {
    if (heldFailure != null) {
      piece.release();
      return;
    }
    contentGoes();
    bytesSent += piece.readableBytes();
    Chunks.write(channel, piece);
  }

  public void flush() {
    channel.flush();
  }

  public boolean isWritable() {
    return channel.isWritable();
  }

  /// Says that the request is written whole: the time for an answer begins.
  public void requestEnd() {
    if (requestEnded) {
      return;
    }
    requestEnded = true;
    awaitsContinue = false;
    sentNanos = System.nanoTime();
    if (state == State.HEAD && heldFailure == null) {
      deadline.in(responseTimeout.toNanos());
    }
  }

  /// Says that the request waits for an answer before its content is sent (RFC 9110 section
  /// 10.1.1).
  public void awaitContinue() {
    awaitsContinue = true;
    deadline.in(responseTimeout.toNanos());
  }

  /// The content is on its way, asked for or not: how long it takes is the client's affair.
  private void contentGoes() {
    if (awaitsContinue) {
      awaitsContinue = false;
      if (state == State.HEAD && !requestEnded) {
        deadline.clear();
      }
    }
  }

  /// Stops reading until [#resume].
  public void pause() {
    if (!paused) {
      paused = true;
      channel.config().setAutoRead(false);
      if (state == State.CONTENT || state == State.TUNNEL) {
        deadline.clear();
      }
    }
  }

  public void resume() {
    if (paused && channel.isOpen()) {
      paused = false;
      channel.config().setAutoRead(true);
      if (state == State.CONTENT) {
        deadline.in(idleTimeout.toNanos());
      }
    }
  }

  /// Keeps back all that follows the head of the answer, called from within
  /// [Receiver#responseHead], until [#proceed].
  public void hold() {
    holding = true;
    pause();
    deadline.clear();
  }

  /// Goes on after [#hold].
  public void proceed() {
    holding = false;
    if (handingHead) {
      resume();
      return;
    }
    ByteBuf in = held == null ? Unpooled.EMPTY_BUFFER : held;
    held = null;
    try {
      read(in);
    } finally {
      in.release();
    }
    Closing end = heldEnd;
    if (end != null && receiver != null) {
      inputEnded(end);
    }
    resume();
  }

  /// Ends this side of a tunnel; the server's side may go on.
  public void endTunnelOutput() {
    Transport.endOutput(channel);
  }

  /// Gives the exchange up: closes the connection, calls nobody.
  public void abandon() {
    receiver = null;
    state = State.CLOSED;
    close();
  }

  public void close() {
    holding = false;
    if (held != null) {
      held.release();
      held = null;
    }
    channel.close();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    channel.config().setAutoClose(false);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf in = (ByteBuf) message;
    try {
      read(in);
    } finally {
      in.release();
    }
  }

  private void read(ByteBuf in) {
    if (holding) {
      keep(in);
      return;
    }
    if (state == State.IDLE || state == State.CLOSED) {
      close();
      return;
    }
    if (bytesReceived <= 0) {
      firstByteNanos = System.nanoTime();
    }
    bytesReceived += in.readableBytes();
    if (awaited > 0) {
      readAwaited(in);
      return;
    }
    readOn(in);
  }

  /// Reads the content of a head that has been read already, and that could not be judged without
  /// it.
  private void readAwaited(ByteBuf in) {
    keep(in);
    ByteBuf all = held;
    if (all == null || (all.readableBytes() < awaited && !peerClosed)) {
      return;
    }
    awaited = 0;
    held = null;
    try {
      if (finalHead(all)) {
        readOn(all);
      }
    } finally {
      all.release();
    }
  }

  private void readOn(ByteBuf in) {
    while (state == State.HEAD && in.isReadable()) {
      if (!readHead(in)) {
        return;
      }
    }
    if (holding) {
      bytesReceived -= in.readableBytes();
      keep(in);
      return;
    }
    if (state == State.CONTENT) {
      readContent(in);
    } else if (state == State.TUNNEL && in.isReadable() && receiver != null) {
      receiver.responseContent(in.readRetainedSlice(in.readableBytes()));
    }
    if (in.isReadable()) {
      close();
    }
  }

  private void keep(ByteBuf in) {
    ByteBuf before = held;
    held =
        before == null
            ? in.readRetainedSlice(in.readableBytes())
            : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(
                channel.alloc(), before, in.readRetainedSlice(in.readableBytes()));
  }

  private boolean readHead(ByteBuf in) {
    MessageHead.Progress progress = head.read(in);
    if (progress == MessageHead.Progress.MORE) {
      return false;
    }
    if (progress == MessageHead.Progress.BAD) {
      offence = Offences.in(head, bytesReceived);
      fail(malformed());
      return false;
    }
    return head.isInformational() ? interim() : finalHead(in);
  }

  private boolean interim() {
    Receiver current = receiver;
    if (current == null) {
      return false;
    }
    if (head.status() == 101) {
      if (!upgradeAsked || !head.nominatesUpgrade()) {
        fail(
            new AttemptFailure.MalformedResponse(
                Phase.AWAIT_RESPONSE,
                ResponseProblem.UNASKED_UPGRADE,
                "the server switched protocols without being asked",
                0,
                -1));
        return false;
      }
      state = State.TUNNEL;
      deadline.clear();
      current.switched(head);
      return true;
    }
    if (++informational > MAX_INFORMATIONAL) {
      fail(
          new AttemptFailure.MalformedResponse(
              Phase.AWAIT_RESPONSE,
              ResponseProblem.HEADER_TOO_LARGE,
              "more than " + MAX_INFORMATIONAL + " interim answers",
              -1,
              -1));
      return false;
    }
    if (head.status() == 100) {
      contentGoes();
    }
    current.informational(head);
    head.reset();
    head.answering(answersHead);
    return state == State.HEAD;
  }

  private boolean finalHead(ByteBuf in) {
    Receiver current = receiver;
    if (current == null) {
      return false;
    }
    if (!answersHead
        && head.contentLength() >= 0
        && in.readableBytes() > head.contentLength()
        && mayHaveContent()) {
      offence = Offences.in(in, in.readerIndex() + (int) head.contentLength(), bytesReceived);
      fail(excess());
      return false;
    }
    int bytesToTell = endpoint.endpoint().isTls() ? 0 : TlsWanted.bytesToTell(head);
    if (bytesToTell > 0 && in.readableBytes() < bytesToTell && !peerClosed) {
      keep(in);
      awaited = bytesToTell;
      return false;
    }
    if (bytesToTell > 0 && TlsWanted.isSaidBy(in)) {
      fail(
          new AttemptFailure.MalformedResponse(
              Phase.AWAIT_RESPONSE,
              ResponseProblem.TLS_WANTED,
              "the server says that plain HTTP was sent to its HTTPS port",
              -1,
              -1));
      return false;
    }
    state = State.CONTENT;
    keepAfter = head.isPersistent();
    content.begin(head.framing(), head.contentLength());
    if (head.framing() == Framing.NONE) {
      deadline.clear();
    } else {
      deadline.in(idleTimeout.toNanos());
    }
    handingHead = true;
    try {
      current.responseHead(head);
    } finally {
      handingHead = false;
    }
    return true;
  }

  private boolean mayHaveContent() {
    return head.status() != 204 && head.status() != 304;
  }

  private void readContent(ByteBuf in) {
    Receiver current = receiver;
    if (current == null) {
      close();
      return;
    }
    if (!paused && !content.isDone()) {
      deadline.in(idleTimeout.toNanos());
    }
    if (head.framing() == Framing.LENGTH && in.readableBytes() > content.remaining()) {
      offence = Offences.in(in, in.readerIndex() + (int) content.remaining(), bytesReceived);
      fail(excess());
      return;
    }
    ContentReader.Progress progress = content.read(in, sink);
    if (progress == ContentReader.Progress.BAD) {
      offence = Offences.in(in, in.readerIndex() - 1, bytesReceived);
      fail(
          new AttemptFailure.MalformedResponse(
              Phase.READ_RESPONSE,
              content.problemIsInTrailer()
                  ? ResponseProblem.BAD_TRAILER
                  : ResponseProblem.BAD_CHUNK,
              content.problem(),
              -1,
              -1));
    } else if (progress == ContentReader.Progress.DONE && receiver != null) {
      end(current, !in.isReadable());
    }
  }

  /// Hands a piece on; what comes after the exchange was given up is dropped.
  private void contentRead(ByteBuf piece) {
    Receiver current = receiver;
    if (current == null) {
      piece.release();
    } else {
      current.responseContent(piece);
    }
  }

  private static AttemptFailure excess() {
    return new AttemptFailure.MalformedResponse(
        Phase.READ_RESPONSE,
        ResponseProblem.EXCESS_BODY,
        "more bytes than Content-Length said",
        -1,
        -1);
  }

  private AttemptFailure malformed() {
    ResponseProblem problem = head.problem();
    if (problem == ResponseProblem.NOT_HTTP) {
      problem = FirstBytes.classify(head.fields().bytes(), bytesReceived);
    }
    return new AttemptFailure.MalformedResponse(
        Phase.AWAIT_RESPONSE, problem, head.detail(), head.offset(), head.size());
  }

  private void end(Receiver current, boolean clean) {
    receiver = null;
    state = State.IDLE;
    deadline.clear();
    FieldSection trailers = content.trailers();
    current.responseRead();
    boolean reusable =
        clean
            && keepAfter
            && requestEnded
            && !peerClosed
            && heldFailure == null
            && channel.isActive();
    if (trailers != null) {
      current.responseEnd(trailers);
    }
    if (reusable) {
      resume();
      idleSinceNanos = System.nanoTime();
      owner.released(this);
    } else {
      state = State.CLOSED;
      close();
    }
    if (trailers == null) {
      current.responseEnd(null);
    }
  }

  private void fail(AttemptFailure failure) {
    Receiver current = receiver;
    receiver = null;
    deadline.clear();
    if (current != null) {
      current.responseFailed(failure);
    }
    state = State.CLOSED;
    close();
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    Receiver current = receiver;
    if (current != null) {
      current.readComplete();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    boolean writable = channel.isWritable();
    if (state == State.HEAD && !requestEnded) {
      if (writable) {
        deadline.clear();
      } else {
        deadline.in(idleTimeout.toNanos());
      }
    }
    Receiver current = receiver;
    if (current != null) {
      current.writabilityChanged(writable);
    }
  }

  private void expired() {
    Throwable refusal = heldFailure;
    if (refusal != null && state == State.HEAD) {
      fail(FailureClassifier.lost(refusal, phase()));
      return;
    }
    Phase phase =
        state == State.HEAD
            ? (requestEnded || channel.isWritable() ? Phase.AWAIT_RESPONSE : Phase.SEND_REQUEST)
            : Phase.READ_RESPONSE;
    fail(
        new AttemptFailure.TimedOut(
            phase, phase == Phase.AWAIT_RESPONSE ? responseTimeout : idleTimeout));
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SslCloseCompletionEvent) {
      tlsClosed = true;
      inputEnded(Closing.CLOSE_NOTIFY);
    } else if (event == ChannelInputShutdownEvent.INSTANCE) {
      inputEnded(tlsClosed ? Closing.CLOSE_NOTIFY : Closing.FIN);
    }
    ctx.fireUserEventTriggered(event);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    boolean whileIdle = state == State.IDLE;
    inputEnded(tlsClosed ? Closing.CLOSE_NOTIFY : Closing.FIN);
    if (!holding) {
      state = State.CLOSED;
    }
    deadline.close();
    owner.closed(this, whileIdle, peerClosed);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (!isOfTheWire(cause)) {
      LOG.error("an unexpected error ended a connection to {}", endpoint.endpoint(), cause);
    }
    if (receiver == null) {
      peerClosed = true;
      close();
    } else if (cause instanceof ChannelOutputShutdownException && state != State.TUNNEL) {
      refused(cause);
    } else if (holding) {
      heldFailure = cause;
      inputEnded(Closing.RESET);
    } else {
      peerClosed = true;
      fail(FailureClassifier.lost(cause, phase()));
    }
  }

  private static boolean isOfTheWire(Throwable cause) {
    for (Throwable each = cause; each != null; each = each.getCause()) {
      if (each instanceof IOException) {
        return true;
      }
    }
    return false;
  }

  /// The server takes no more of the request. It may have answered before it closed: what has come
  /// of that is read first (RFC 9112 section 9.6), and no more of the request is sent.
  private void refused(Throwable cause) {
    if (heldFailure == null) {
      heldFailure = cause;
      if (state == State.HEAD) {
        deadline.in(LAST_WORDS_NANOS);
      }
      if (!paused) {
        channel.read();
      }
    }
  }

  /// The server sends no more.
  private void inputEnded(Closing closing) {
    if (holding && receiver != null) {
      heldEnd = closing;
      peerClosed = true;
      return;
    }
    Receiver current = receiver;
    boolean first = !peerClosed;
    if (channel.isActive()) {
      peerClosed = true;
    }
    if (current == null) {
      if (first) {
        close();
      }
      return;
    }
    if (awaited > 0) {
      peerClosed = true;
      readAwaited(Unpooled.EMPTY_BUFFER);
      current = receiver;
      if (current == null) {
        return;
      }
    }
    switch (state) {
      case HEAD -> fail(lost(phase(), closing));
      case CONTENT -> {
        if (content.mayEndNow()) {
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
      case IDLE, CLOSED -> close();
    }
  }

  private AttemptFailure lost(Phase in, Closing closing) {
    Throwable cause = heldFailure;
    return cause == null
        ? new AttemptFailure.ConnectionLost(in, closing)
        : FailureClassifier.lost(cause, in);
  }

  private Phase phase() {
    if (state == State.CONTENT || bytesReceived > 0) {
      return Phase.READ_RESPONSE;
    }
    return requestEnded ? Phase.AWAIT_RESPONSE : Phase.SEND_REQUEST;
  }
}
