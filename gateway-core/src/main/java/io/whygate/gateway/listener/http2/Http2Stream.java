package io.whygate.gateway.listener.http2;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.whygate.gateway.config.ListenerSettings;
import io.whygate.gateway.exchange.Downstream;
import io.whygate.gateway.exchange.Exchange;
import io.whygate.gateway.exchange.ForwardedFields;
import io.whygate.gateway.exchange.HeadEdit;
import io.whygate.gateway.http.Deadlines;
import io.whygate.gateway.http.FieldName;
import io.whygate.gateway.http.FieldSection;
import io.whygate.gateway.http.Framing;
import io.whygate.gateway.http.RequestHead;
import io.whygate.gateway.http.ResponseHead;
import io.whygate.gateway.http2.ErrorCode;
import io.whygate.gateway.http2.Frames;
import io.whygate.gateway.http2.TrailerBlocks;
import io.whygate.gateway.listener.client.Abuse;
import io.whygate.gateway.listener.client.ConnectionErrors;
import io.whygate.gateway.listener.client.Priority;
import io.whygate.gateway.listener.client.ResponseFields;
import io.whygate.gateway.proxyprotocol.ClientConnection;
import io.whygate.gateway.reply.LocalReply;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/// A stream of HTTP/2: one request and its answer (RFC 9113 section 5).
///
/// Content of the request that nobody demands is held here, at most the stream's window; content of
/// the answer that the client does not take, until the upstream is told to pause. Confined to its
/// event loop.
final class Http2Stream implements Downstream {
  private static final int LEAST_HELD = 16_384;

  private final Http2Connection connection;
  private final int id;
  private final RequestHead request;
  private final Incoming incoming;
  private final Deadlines.Deadline deadline;

  /// Whether its content is messages (gRPC), which come when there is something to say.
  private final boolean messages;

  private @Nullable StreamPace pace;

  private @Nullable Exchange exchange;
  private Priority priority;
  private @Nullable ArrayDeque<ByteBuf> outgoing;
  private @Nullable ByteBuf trailerBlock;
  private int queued;
  private long window;
  private long sent;
  private boolean begun;
  private boolean continued;
  private boolean tunnel;
  private boolean held;
  private boolean stalled;
  private boolean endsOutput;
  private boolean outputEnded;
  private boolean over;
  private boolean brokenOff;
  private boolean closed;

  /// Whether it stands in a queue of [Outbound], whose mark this is.
  boolean scheduled;

  Http2Stream(
      Http2Connection connection, int id, RequestHead request, Priority priority, long window) {
    this.connection = connection;
    this.id = id;
    this.request = request;
    this.priority = priority;
    this.window = window;
    this.messages = request.fields().first(FieldName.CONTENT_TYPE).startsWith("application/grpc");
    this.incoming = new Incoming(this, connection.settings().http2().streamWindow());
    this.deadline = connection.deadline(this::expired);
  }

  int id() {
    return id;
  }

  RequestHead request() {
    return request;
  }

  Http2Connection connection() {
    return connection;
  }

  Incoming incoming() {
    return incoming;
  }

  /// Whether it carries another protocol.
  boolean isTunnel() {
    return tunnel;
  }

  @Nullable Exchange exchange() {
    return exchange;
  }

  Priority priority() {
    return priority;
  }

  void prioritize(Priority wanted) {
    boolean queuedHere = scheduled;
    connection.outbound().remove(this);
    priority = wanted;
    if (queuedHere) {
      connection.outbound().schedule(this);
    }
  }

  /// The client's request goes its way, unless it is reset or refused by now.
  void begin() {
    if (closed || over) {
      return;
    }
    Exchange next = connection.newExchange(this);
    exchange = next;
    try {
      next.begin();
    } catch (RuntimeException | Error e) {
      broke(e);
    }
  }

  /// Refuses what is no request that can be served.
  void refuse(LocalReply refusal) {
    Exchange current = exchange == null ? connection.newExchange(this) : exchange;
    exchange = current;
    current.refuse(refusal);
  }

  /// The gateway itself went wrong.
  void broke(Throwable error) {
    ConnectionErrors.note(error);
    Exchange current = exchange;
    if (current == null || current.isOver()) {
      abort();
    } else {
      current.refuse(LocalReply.text(500, "the gateway made an error of its own.", false));
    }
  }

  /// The stream is gone, by a reset or with its connection: nobody wants the answer.
  void cancel() {
    Exchange current = exchange;
    release();
    if (current != null) {
      current.clientGone();
    }
  }

  private void release() {
    closed = true;
    exchange = null;
    deadline.close();
    if (pace != null) {
      pace.close();
    }
    incoming.release();
    ArrayDeque<ByteBuf> pieces = outgoing;
    if (pieces != null) {
      pieces.forEach(ByteBuf::release);
      pieces.clear();
      queued = 0;
    }
    if (trailerBlock != null) {
      trailerBlock.release();
      trailerBlock = null;
    }
  }

  @Override
  public void demand(boolean wanted) {
    if (!closed) {
      incoming.demand(wanted);
    }
  }

  /// Whether the client holds its content back for a 100 that it never got.
  private boolean awaitsContinue() {
    return !continued && incoming.total() == 0 && request.expectsContinue();
  }

  /// Sets the time for what the client has to do next.
  void await() {
    paces();
    ListenerSettings.Timeouts timeouts = connection.settings().timeouts();
    if (tunnel) {
      deadline.in(timeouts.tunnel().toNanos());
    } else if (stalled) {
      deadline.in(timeouts.send().toNanos());
    } else if (incoming.awaits() && !awaitsContinue()) {
      deadline.in((begun ? timeouts.tunnel() : timeouts.body()).toNanos());
    } else {
      deadline.clear();
    }
  }

  /// Watches how fast the client is while it is waited for. One whose request is being answered, or
  /// is made of messages, is free to send more of it when it likes.
  private void paces() {
    boolean awaitsBody =
        !tunnel && !begun && !messages && !over && incoming.awaits() && !awaitsContinue();
    boolean awaitsWindow = !tunnel && queued > 0 && window <= 0;
    StreamPace watched = pace;
    if (watched == null) {
      if (closed || (!awaitsBody && !awaitsWindow)) {
        return;
      }
      watched = new StreamPace(this);
      pace = watched;
    }
    watched.awaitsBody(awaitsBody);
    watched.awaitsWindow(awaitsWindow);
  }

  /// The client sends content too slowly: it is told so while its answer has not begun.
  void tooSlow(Abuse how) {
    Exchange current = exchange;
    if (!closed && !begun && current != null) {
      connection.floods().note(how);
      current.refuse(LocalReply.text(408, "the content of a request came too slowly.", false));
    }
  }

  private void expired() {
    if (closed) {
      return;
    }
    if (over && outputEnded) {
      leave();
      return;
    }
    if (!stalled && !tunnel && !begun && exchange != null) {
      tooSlow(Abuse.SLOW);
      return;
    }
    if (stalled) {
      connection.floods().note(Abuse.STALLS);
    }
    connection.reset(this, ErrorCode.CANCEL);
  }

  @Override
  public void informational(ResponseHead head) {
    if (closed || begun || head.status() == 101) {
      return;
    }
    connection
        .blocks()
        .write(connection.outbound().out(), id, head.status(), head, HeadEdit.NONE, false);
    connection.outbound().wrote();
    if (head.status() == 100) {
      continued = true;
      await();
    }
  }

  @Override
  public int statusOf(ResponseHead head) {
    return ResponseFields.status(request, head);
  }

  @Override
  public void head(ResponseHead head, HeadEdit edit) {
    if (closed) {
      return;
    }
    boolean end = head.framing() == Framing.NONE;
    int status = statusOf(head);
    connection.blocks().write(connection.outbound().out(), id, status, head, edit, end);
    headWritten(end);
  }

  private void headWritten(boolean end) {
    begun = true;
    outputEnded = end;
    if (pace != null) {
      paces();
    }
    connection.outbound().wrote();
  }

  @Override
  public void content(ByteBuf piece) {
    int size = piece.readableBytes();
    if (closed || outputEnded || endsOutput || size == 0) {
      piece.release();
      return;
    }
    ArrayDeque<ByteBuf> pieces = outgoing;
    if (pieces == null) {
      pieces = new ArrayDeque<>(4);
      outgoing = pieces;
    }
    pieces.addLast(piece);
    queued += size;
    if (tunnel) {
      await();
    }
    offer();
  }

  /// Lets what there is go out as soon as it may.
  private void offer() {
    if (maySend()) {
      connection.outbound().schedule(this);
    } else {
      stalls();
    }
  }

  /// The client keeps the answer waiting.
  void stalls() {
    if (!stalled && queued > 0) {
      stalled = true;
      await();
    }
  }

  /// Content of the answer that was sent, bytes.
  long sent() {
    return sent;
  }

  /// Bytes of the answer that wait here.
  int queued() {
    return queued;
  }

  /// Whether nothing but the end is left to send.
  boolean onlyEnds() {
    return queued == 0;
  }

  /// Whether there is something that the stream's window lets through.
  boolean maySend() {
    return !closed && !outputEnded && (queued > 0 ? window > 0 : endsOutput);
  }

  /// Sends one frame of at most so many bytes of content.
  ///
  /// @return bytes of content that it sent
  int send(int most) {
    ArrayDeque<ByteBuf> pieces = outgoing;
    if (pieces == null || pieces.isEmpty()) {
      sendEnd();
      return 0;
    }
    ByteBuf first = pieces.getFirst();
    int size = (int) Math.min(Math.min(most, window), first.readableBytes());
    boolean whole = size == first.readableBytes();
    ByteBuf content = whole ? pieces.removeFirst() : first.readRetainedSlice(size);
    queued -= size;
    window -= size;
    sent += size;
    boolean end = endsOutput && pieces.isEmpty() && trailerBlock == null;
    connection.outbound().data(id, content, end);
    if (stalled) {
      stalled = false;
      await();
    }
    if (end) {
      outputEnded = true;
      settle();
    } else if (held && queued * 2 <= mostHeld()) {
      held = false;
      resume();
    }
    if (!closed && queued > 0 && window <= 0) {
      stalls();
    }
    return size;
  }

  private void resume() {
    Exchange current = exchange;
    if (current != null) {
      try {
        current.downstreamWritable(true);
      } catch (RuntimeException | Error e) {
        broke(e);
      }
    }
  }

  private void sendEnd() {
    ByteBuf out = connection.outbound().out();
    ByteBuf block = trailerBlock;
    if (block != null) {
      trailerBlock = null;
      out.writeBytes(block);
      block.release();
    } else {
      Frames.head(out, 0, Frames.DATA, Frames.END_STREAM, id);
    }
    connection.outbound().wrote();
    outputEnded = true;
    settle();
  }

  /// The client lets more of the answer come; false where its window overflows.
  boolean widen(long increment) {
    window += increment;
    if (window > Frames.MAX_WINDOW) {
      return false;
    }
    if (pace != null) {
      paces();
    }
    if (maySend()) {
      connection.outbound().schedule(this);
    }
    return true;
  }

  @Override
  public void end(@Nullable FieldSection trailers) {
    exchange = null;
    over = true;
    if (closed) {
      return;
    }
    if (trailers != null && !outputEnded && !endsOutput && TrailerBlocks.isAny(trailers)) {
      ByteBuf block = connection.channel().alloc().buffer(128);
      TrailerBlocks.write(block, id, trailers);
      trailerBlock = block;
    }
    if (outputEnded) {
      settle();
    } else {
      endsOutput = true;
      offer();
    }
  }

  @Override
  public void endTunnelOutput() {
    if (!closed && !outputEnded) {
      endsOutput = true;
      offer();
    }
  }

  @Override
  public void reply(LocalReply reply) {
    exchange = null;
    over = true;
    if (closed) {
      return;
    }
    boolean body = !request.isHead() && reply.body().length > 0;
    connection.blocks().write(connection.outbound().out(), id, reply, !body);
    headWritten(!body);
    if (body) {
      content(Unpooled.wrappedBuffer(reply.body()));
      endsOutput = true;
      offer();
    } else {
      settle();
    }
  }

  @Override
  public void stream(LocalReply head) {
    if (!closed) {
      boolean end = request.isHead();
      connection.blocks().write(connection.outbound().out(), id, head, end);
      headWritten(end);
    }
  }

  @Override
  public void switched(ResponseHead head) {
    tunnel = true;
    if (closed) {
      return;
    }
    connection.blocks().write(connection.outbound().out(), id, 200, head, HeadEdit.NONE, false);
    headWritten(false);
    await();
    incoming.tunnelled();
  }

  /// Whether the answer is given: what the client still sends nobody wants.
  boolean isOver() {
    return over;
  }

  /// Both sides may be done with it. A client that has not ended its request may do so within its
  /// window: some take an early reset for a failure; beyond it the stream is reset without an error
  /// (RFC 9113 section 8.1).
  void settle() {
    if (closed || !outputEnded || !over) {
      return;
    }
    if (!incoming.isEnded() && incoming.discards()) {
      deadline.in(connection.settings().timeouts().body().toNanos());
      return;
    }
    leave();
  }

  /// Whether a server was told to stop with what the client asked of it.
  boolean isBrokenOff() {
    return brokenOff;
  }

  @Override
  public boolean brokeOff() {
    brokenOff = true;
    return connection.spend(Abuse.RESETS);
  }

  private void leave() {
    boolean whole = incoming.isEnded();
    release();
    connection.answered(this, whole);
  }

  @Override
  public void abort() {
    exchange = null;
    if (!closed) {
      connection.reset(this, ErrorCode.INTERNAL_ERROR);
    }
  }

  @Override
  public void flush() {
    connection.outbound().wrote();
  }

  @Override
  public boolean isWritable() {
    held = !closed && queued >= mostHeld();
    return !held;
  }

  /// How much of the answer may wait here: its share of what the connection may hold.
  private int mostHeld() {
    int share =
        connection.settings().http2().connectionWindow() / Math.max(1, connection.streams());
    return Math.max(LEAST_HELD, Math.min(connection.settings().limits().buffer(), share));
  }

  @Override
  public EventLoop eventLoop() {
    return connection.channel().eventLoop();
  }

  @Override
  public String listener() {
    return connection.listener();
  }

  @Override
  public String protocol() {
    return "HTTP/2";
  }

  @Override
  public boolean isSecure() {
    return connection.peer().secure();
  }

  @Override
  public OptionalInt httpsPort() {
    return connection.settings().redirectToHttps();
  }

  @Override
  public SocketAddress clientAddress() {
    return connection.peer().address();
  }

  @Override
  public ClientConnection client() {
    return new ClientConnection(connection.peer().ends(), connection.channel());
  }

  @Override
  public ForwardedFields forwarded() {
    return connection.forwarded();
  }

  @Override
  public String frontId() {
    return connection.peer().frontId();
  }

  @Override
  public ListenerSettings.FrontStatus frontStatus() {
    return connection.settings().frontStatus();
  }
}
