package io.whygate.gateway.listener.http3;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http3.DefaultHttp3DataFrame;
import io.netty.handler.codec.http3.DefaultHttp3UnknownFrame;
import io.netty.handler.codec.http3.Http3DataFrame;
import io.netty.handler.codec.http3.Http3ErrorCode;
import io.netty.handler.codec.http3.Http3Headers;
import io.netty.handler.codec.http3.Http3HeadersFrame;
import io.netty.handler.codec.quic.QuicStreamChannel;
import io.netty.util.ReferenceCountUtil;
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
import io.whygate.gateway.http2.TrailerBlocks;
import io.whygate.gateway.listener.client.Abuse;
import io.whygate.gateway.listener.client.ConnectionErrors;
import io.whygate.gateway.listener.client.RequestFields;
import io.whygate.gateway.listener.client.ResponseFields;
import io.whygate.gateway.proxyprotocol.ClientConnection;
import io.whygate.gateway.reply.LocalReply;
import java.net.SocketAddress;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/// A stream of HTTP/3: one request and its answer (RFC 9114 section 4).
///
/// Content of the request that nobody demands stays in QUIC's window of the stream, but for one
/// piece; content of the answer that the client does not take is held until the upstream is told to
/// pause. Confined to its event loop.
final class Http3Stream extends ChannelInboundHandlerAdapter
    implements Downstream, StreamOutput.Listener {
  private static final int LEAST_HELD = 16_384;

  /// A type of frame that means nothing (RFC 9114 section 7.2.8).
  private static final long MEANINGLESS = 0x40;

  private final Http3Connection connection;
  private final QuicStreamChannel channel;
  private final StreamOutput output;
  private final Http3Incoming incoming;
  private final RequestHead request;
  private final Deadlines.Deadline deadline;
  private final Deadlines.Deadline cancelCheck;

  /// The fields of the request from when they came until it begins.
  private @Nullable Http3Headers fields;

  private @Nullable Exchange exchange;

  /// What is said of a request that came early; null for any other.
  private @Nullable ForwardedFields early;

  private @Nullable Http3Pace pace;

  /// Whether its content is messages (gRPC), which come when there is something to say.
  private boolean messages;

  private boolean headRead;
  private boolean awaitsEnd;
  private boolean lookedForEnd;
  private boolean begun;
  private boolean continued;
  private boolean tunnel;
  private boolean held;
  private boolean outputEnded;
  private boolean over;
  private boolean brokenOff;
  private boolean closed;

  Http3Stream(Http3Connection connection, QuicStreamChannel channel) {
    this.connection = connection;
    this.channel = channel;
    this.request = new RequestHead(connection.loop().limits());
    this.output = new StreamOutput(this);
    this.incoming = new Http3Incoming(this);
    Deadlines deadlines = connection.loop().services().deadlines();
    this.deadline = deadlines.add(this::expired);
    this.cancelCheck = deadlines.add(this::checkCancelled);
  }

  StreamOutput output() {
    return output;
  }

  long id() {
    return channel.streamId();
  }

  RequestHead request() {
    return request;
  }

  @Nullable Exchange exchange() {
    return exchange;
  }

  /// Whether it carries another protocol.
  boolean isTunnel() {
    return tunnel;
  }

  /// Content of the request that came, bytes.
  long received() {
    return incoming.total();
  }

  /// So much of it came now.
  void arrived(int bytes) {
    connection.bodies().moved(bytes);
  }

  /// Whether some of it may lie here because nobody demands it; not where all that was announced
  /// has been taken, whether or not the client ended its side.
  boolean holdsContent() {
    return incoming.holds() && (incoming.isFilled() || request.contentLength() != incoming.total());
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    deadline.in(settings().timeouts().header().toNanos());
    channel.read();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    switch (message) {
      case Http3HeadersFrame frame when closed -> frame.headers().clear();
      case Http3HeadersFrame frame when headRead -> trailers(frame.headers());
      case Http3HeadersFrame frame -> head(frame.headers());
      case Http3DataFrame frame -> data(frame.content());
      default -> {
        ReferenceCountUtil.release(message);
        connection.spendOnFrame(message);
      }
    }
  }

  /// The head came. What a head does not say is whether content follows: where that is unlikely,
  /// the end of the stream or the first content is waited for.
  private void head(Http3Headers headers) {
    headRead = true;
    fields = headers;
    CharSequence method = headers.method();
    awaitsEnd =
        method != null
            && !headers.contains(HttpHeaderNames.CONTENT_LENGTH)
            && (is(HttpMethod.GET, method) || is(HttpMethod.HEAD, method));
    if (!awaitsEnd) {
      startSoon();
    }
  }

  private static boolean is(HttpMethod one, CharSequence method) {
    return one.asciiName().contentEquals(method);
  }

  /// Whether its request is one that only asks (RFC 9110 section 9.2.1).
  boolean isSafe() {
    CharSequence method = fields == null ? null : fields.method();
    return method != null
        && (is(HttpMethod.GET, method)
            || is(HttpMethod.HEAD, method)
            || is(HttpMethod.OPTIONS, method));
  }

  private void startSoon() {
    awaitsEnd = false;
    deadline.clear();
    connection.begins(this);
  }

  private void trailers(Http3Headers headers) {
    RequestFields list = connection.fields();
    list.begin(true);
    Http3Fields.read(headers, list);
    FieldSection section = list.readTrailers();
    if (!list.malformed().isEmpty() || list.isTooLarge()) {
      malformed();
    } else {
      incoming.trailers(section);
    }
  }

  /// Content came; owns it.
  private void data(ByteBuf content) {
    boolean any = content.isReadable();
    boolean allowed =
        any
            ? incoming.total() == 0 || connection.takes(content.readableBytes())
            : connection.spend(Abuse.EMPTY_FRAMES);
    if (closed || !allowed) {
      content.release();
      return;
    }
    incoming.data(content);
    if (awaitsEnd && any) {
      startSoon();
    }
    limitContent();
  }

  private void limitContent() {
    long most = settings().limits().body();
    Exchange current = exchange;
    if (most >= 0 && incoming.total() > most && !over && !tunnel && current != null) {
      current.refuse(RequestFields.tooMuchContent(most));
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    readCompleted();
    if (closed || incoming.isEnded()) {
      return;
    }
    if (!headRead || incoming.isWanted()) {
      channel.read();
    } else if (awaitsEnd || !lookedForEnd) {
      lookedForEnd = true;
      channel.read();
    }
  }

  /// All that was ready of the content was handed on.
  void readCompleted() {
    Exchange current = exchange;
    if (current != null) {
      current.requestReadComplete();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event == ChannelInputShutdownReadComplete.INSTANCE && !closed) {
      if (headRead) {
        incoming.end();
        if (awaitsEnd) {
          startSoon();
        }
      } else {
        reset(Http3ErrorCode.H3_REQUEST_INCOMPLETE);
      }
    }
    ctx.fireUserEventTriggered(event);
  }

  /// The client's request goes its way, unless it is reset or refused by now.
  void begin() {
    Http3Headers headers = fields;
    fields = null;
    if (closed || headers == null) {
      return;
    }
    RequestFields list = connection.fields();
    list.begin(false);
    Http3Fields.read(headers, list);
    if (list.isTooLarge() && !connection.spend(Abuse.HEADER_LISTS)) {
      return;
    }
    boolean end = incoming.isEnded() && incoming.total() == 0;
    boolean valid = list.readHead(request, end);
    if (!list.malformed().isEmpty()) {
      malformed();
      return;
    }
    if (end) {
      incoming.endedWithHead();
    }
    messages = request.fields().first(FieldName.CONTENT_TYPE).startsWith("application/grpc");
    connection.prioritize(channel, list.priority());
    early = connection.isEarly() ? connection.forwarded().early() : null;
    Exchange next = connection.newExchange(this);
    exchange = next;
    LocalReply refusal = list.refusal(request, valid, settings().limits().body());
    cancelCheck.in(settings().http3().cancelCheck().toNanos());
    if (refusal != null) {
      next.refuse(refusal);
      return;
    }
    try {
      next.begin();
      incoming.hand();
      limitContent();
      readCompleted();
    } catch (RuntimeException | Error e) {
      broke(e);
    }
  }

  private void malformed() {
    if (connection.spend(Abuse.RESETS)) {
      reset(Http3ErrorCode.H3_MESSAGE_ERROR);
    }
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

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (closed) {
      return;
    }
    if (Http3Errors.isOfMessage(cause)) {
      malformed();
    } else if (Http3Errors.isOfSize(cause)) {
      connection.abused(Abuse.HEADER_LISTS);
    } else {
      Http3Errors.note(cause);
      clientCancelled();
    }
  }

  /// The client ended the stream early.
  private void clientCancelled() {
    if (!closed && connection.spend(Abuse.RESETS)) {
      reset(Http3ErrorCode.H3_REQUEST_CANCELLED);
    }
  }

  /// Ends the stream for a reason that the client is told.
  void reset(Http3ErrorCode why) {
    if (!closed) {
      Exchange current = exchange;
      release();
      channel.shutdown(why.code());
      channel.close();
      if (current != null) {
        current.clientGone();
      }
    }
  }

  private void release() {
    closed = true;
    exchange = null;
    fields = null;
    deadline.close();
    cancelCheck.close();
    if (pace != null) {
      pace.close();
    }
    incoming.release();
    output.release();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    Exchange current = exchange;
    boolean answered = over && outputEnded && !closed && !brokenOff;
    release();
    connection.closed(this, incoming.isEnded(), answered);
    if (current != null) {
      current.clientGone();
    }
    ctx.fireChannelInactive();
  }

  @Override
  public void demand(boolean wanted) {
    if (!closed) {
      incoming.demand(wanted);
      if (incoming.isWanted()) {
        channel.read();
      }
    }
  }

  /// Whether the client holds its content back for a 100 that it never got.
  private boolean awaitsContinue() {
    return !continued && incoming.total() == 0 && request.expectsContinue();
  }

  /// Sets the time for what the client has to do next.
  void await() {
    paces();
    ListenerSettings.Timeouts timeouts = settings().timeouts();
    if (tunnel && !over) {
      deadline.in(timeouts.tunnel().toNanos());
    } else if (output.queued() > 0) {
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
    if (closed) {
      return;
    }
    boolean awaitsBody =
        !tunnel && !begun && !messages && !over && incoming.awaits() && !awaitsContinue();
    boolean awaitsTaking = !tunnel && output.queued() > 0;
    if (pace == null && (awaitsBody || awaitsTaking)) {
      pace = new Http3Pace(this, connection);
    }
    if (pace != null) {
      pace.awaitsBody(awaitsBody);
      pace.awaitsTaking(awaitsTaking);
    }
  }

  void sendsTooSlowly() {
    tooSlow(Abuse.BODY_RATE);
  }

  /// The client is told so while its answer has not begun.
  private void tooSlow(Abuse how) {
    Exchange current = exchange;
    if (!closed && !begun && current != null) {
      connection.floods().note(how);
      current.refuse(LocalReply.text(408, "the content of a request came too slowly.", false));
    }
  }

  void takesTooSlowly() {
    connection.floods().note(Abuse.SEND_RATE);
    reset(Http3ErrorCode.H3_REQUEST_CANCELLED);
  }

  private void expired() {
    if (closed) {
      return;
    }
    if (awaitsEnd) {
      startSoon();
    } else if (!headRead) {
      connection.floods().note(Abuse.SLOW);
      reset(Http3ErrorCode.H3_REQUEST_INCOMPLETE);
    } else if (output.queued() > 0) {
      connection.floods().note(Abuse.STALLS);
      reset(Http3ErrorCode.H3_REQUEST_CANCELLED);
    } else if (over) {
      stopInput();
    } else if (!begun && exchange != null) {
      tooSlow(Abuse.SLOW);
    } else {
      reset(Http3ErrorCode.H3_REQUEST_CANCELLED);
    }
  }

  /// Whether the client still wants its answer is seen by writing alone: of a client that stops a
  /// stream on which nothing waits, Netty says nothing.
  private void checkCancelled() {
    if (closed) {
      return;
    }
    if (output.isRefused() && !connection.isBlocked(this)) {
      clientCancelled();
      return;
    }
    if (outputEnded && output.queued() == 0) {
      return;
    }
    if (output.queued() == 0) {
      channel.write(new DefaultHttp3UnknownFrame(MEANINGLESS, Unpooled.EMPTY_BUFFER));
      channel.flush();
    }
    cancelCheck.in(settings().http3().cancelCheck().toNanos());
  }

  /// Whether some of its answer waits for the client.
  boolean isWaiting() {
    return output.queued() > 0;
  }

  @Override
  public void informational(ResponseHead head) {
    if (closed || begun || head.status() == 101) {
      return;
    }
    channel.write(connection.responses().of(head.status(), head, HeadEdit.NONE));
    channel.flush();
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
    if (!closed) {
      begun = true;
      paces();
      channel.write(connection.responses().of(statusOf(head), head, edit));
      if (head.framing() == Framing.NONE) {
        endOutput();
      }
    }
  }

  @Override
  public void content(ByteBuf piece) {
    if (closed || outputEnded || !piece.isReadable()) {
      piece.release();
      return;
    }
    channel.write(new DefaultHttp3DataFrame(piece));
    if (tunnel) {
      await();
    } else {
      stalls();
    }
  }

  private void stalls() {
    if (output.queued() > 0 && !closed) {
      await();
    }
  }

  @Override
  public void taken(int bytes) {
    connection.answers().moved(bytes);
    if (closed) {
      return;
    }
    await();
    if (held && output.queued() * 2 <= mostHeld()) {
      held = false;
      channel.eventLoop().execute(this::resume);
    }
    settle();
  }

  /// Not while a piece is being written: what is resumed may hand on the next one at once.
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

  @Override
  public void failed(Throwable why) {
    channel.eventLoop().execute(this::clientCancelled);
  }

  @Override
  public void end(@Nullable FieldSection trailers) {
    exchange = null;
    over = true;
    if (closed) {
      return;
    }
    if (!outputEnded) {
      if (trailers != null && TrailerBlocks.isAny(trailers)) {
        channel.write(Http3Fields.of(trailers));
      }
      endOutput();
    }
    settle();
  }

  private void endOutput() {
    outputEnded = true;
    output.end();
    stalls();
  }

  @Override
  public void endTunnelOutput() {
    if (!closed && !outputEnded) {
      endOutput();
    }
  }

  @Override
  public void reply(LocalReply reply) {
    exchange = null;
    over = true;
    if (closed) {
      return;
    }
    begun = true;
    channel.write(connection.responses().of(reply));
    if (!request.isHead() && reply.body().length > 0) {
      channel.write(new DefaultHttp3DataFrame(Unpooled.wrappedBuffer(reply.body())));
    }
    endOutput();
    settle();
  }

  @Override
  public void stream(LocalReply head) {
    if (!closed) {
      begun = true;
      paces();
      channel.write(connection.responses().of(head));
      if (request.isHead()) {
        endOutput();
      } else {
        channel.flush();
      }
    }
  }

  /// The client is told by a 200 (RFC 9220). From now on it says itself when it is gone: what it
  /// sends is read, and frames other than content have no place in a tunnel (RFC 9114 section 4.4).
  @Override
  public void switched(ResponseHead head) {
    tunnel = true;
    if (closed) {
      return;
    }
    begun = true;
    cancelCheck.clear();
    channel.write(connection.responses().of(200, head, HeadEdit.NONE));
    channel.flush();
    await();
    incoming.tunnelled();
  }

  /// Both sides may be done with it. A client that has not ended its request may do so for as long
  /// as content may take to come: some take an early stop for a failure. Then it is told to stop
  /// (RFC 9114 section 4.1).
  void settle() {
    if (closed || !outputEnded || !over || output.queued() > 0 || incoming.isEnded()) {
      return;
    }
    if (incoming.discards()) {
      deadline.in(settings().timeouts().body().toNanos());
    }
    channel.read();
  }

  private void stopInput() {
    release();
    channel.shutdownInput(Http3ErrorCode.H3_NO_ERROR.code());
    channel.close();
  }

  @Override
  public boolean brokeOff() {
    brokenOff = true;
    return connection.spend(Abuse.RESETS);
  }

  @Override
  public void abort() {
    exchange = null;
    reset(tunnel ? Http3ErrorCode.H3_REQUEST_CANCELLED : Http3ErrorCode.H3_INTERNAL_ERROR);
  }

  @Override
  public void flush() {
    if (!closed) {
      channel.flush();
      stalls();
    }
  }

  @Override
  public boolean isWritable() {
    held = !closed && output.queued() >= mostHeld();
    return !held;
  }

  /// How much of the answer may wait here: its share of what the connection may hold.
  private int mostHeld() {
    int share = settings().http3().connectionWindow() / Math.max(1, connection.streams());
    return Math.max(LEAST_HELD, Math.min(settings().limits().buffer(), share));
  }

  private ListenerSettings settings() {
    return connection.loop().settings();
  }

  @Override
  public EventLoop eventLoop() {
    return channel.eventLoop();
  }

  @Override
  public String listener() {
    return connection.loop().name();
  }

  @Override
  public String protocol() {
    return "HTTP/3";
  }

  @Override
  public boolean isSecure() {
    return true;
  }

  @Override
  public OptionalInt httpsPort() {
    return OptionalInt.empty();
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
    return early == null ? connection.forwarded() : early;
  }

  @Override
  public boolean isEarly() {
    return early != null;
  }

  @Override
  public ListenerSettings.FrontStatus frontStatus() {
    return settings().frontStatus();
  }
}
