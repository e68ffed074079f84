package io.whygate.gateway.connection.http2;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelOutputShutdownException;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.Closing;
import io.whygate.diagnostics.facts.Http2Errors;
import io.whygate.gateway.config.UpstreamSettings;
import io.whygate.gateway.connection.ConnectionOwner;
import io.whygate.gateway.connection.ConnectionSetup;
import io.whygate.gateway.connection.UpstreamConnection;
import io.whygate.gateway.connection.UpstreamStream;
import io.whygate.gateway.connection.dial.FailureClassifier;
import io.whygate.gateway.http.ResponseHead;
import io.whygate.gateway.http2.ErrorCode;
import io.whygate.gateway.http2.Frames;
import io.whygate.gateway.http2.HpackEncoder;
import io.whygate.gateway.upstream.EndpointState;
import java.io.IOException;
import java.net.InetAddress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A connection to an endpoint that speaks HTTP/2: its streams, its windows, its life from the
/// preface to GOAWAY. What frames mean is said by [ServerFrames].
///
/// Confined to its event loop.
public final class Http2UpstreamConnection extends ChannelInboundHandlerAdapter
    implements UpstreamConnection {
  private static final Logger LOG = LoggerFactory.getLogger(Http2UpstreamConnection.class);

  private final Channel channel;
  private final EndpointState endpoint;
  private final Optional<InetAddress> address;
  private final ConnectionOwner owner;
  private final ConnectionSetup setup;
  private final long establishedNanos = System.nanoTime();
  private final Outbound outbound;
  private final HpackEncoder encoder = new HpackEncoder();
  private final RequestBlocks blocks;
  private final ServerFrames frames;
  private final Inbound inbound;
  private final Streams streams;
  private final Doubt doubt;

  private Life life = Life.OPEN;
  private boolean settled;
  private boolean tunnels;
  private boolean peerClosed;
  private boolean tlsClosed;
  private int allowed;
  private long idleSinceNanos = establishedNanos;

  private enum Life {
    OPEN,
    /// Exchanges that are under way end, and no other begins.
    LEAVING,
    GONE
  }

  /// @param known how many streams the server is known to allow, before it says so
  public Http2UpstreamConnection(
      Channel channel,
      EndpointState endpoint,
      Optional<InetAddress> address,
      ConnectionOwner owner,
      ConnectionSetup setup,
      int known) {
    this.channel = channel;
    this.endpoint = endpoint;
    this.address = address;
    this.owner = owner;
    this.setup = setup;
    boolean secure = endpoint.endpoint().isTls();
    this.allowed = known;
    this.outbound = new Outbound(channel, secure);
    this.blocks = new RequestBlocks(encoder, secure);
    this.frames = new ServerFrames(this, setup.limits(), setup.http2().floods());
    this.inbound = new Inbound(this, frames, setup.http2().connectionWindow());
    this.streams = new Streams(setup.limits());
    this.doubt = new Doubt(outbound, setup, this::doubtConfirmed);
  }

  @Override
  public Channel channel() {
    return channel;
  }

  @Override
  public Optional<InetAddress> address() {
    return address;
  }

  @Override
  public long requests() {
    return streams.begun();
  }

  @Override
  public long establishedNanos() {
    return establishedNanos;
  }

  @Override
  public long idleSinceNanos() {
    return streams.isEmpty() ? idleSinceNanos : System.nanoTime();
  }

  @Override
  public boolean isShared() {
    return true;
  }

  @Override
  public int capacity() {
    return Math.min(allowed, setup.http2().maxStreams());
  }

  @Override
  public int carried() {
    return streams.size();
  }

  @Override
  public boolean carriesTunnels() {
    return tunnels;
  }

  @Override
  public boolean isReusable() {
    return life == Life.OPEN
        && !doubt.isAny()
        && !peerClosed
        && streams.size() < capacity()
        && streams.mayFollow()
        && channel.isActive();
  }

  @Override
  public UpstreamStream stream() {
    return new Http2UpstreamStream(this, setup, streams.initialWindow());
  }

  @Override
  public void retire() {
    if (life == Life.OPEN) {
      life = Life.LEAVING;
    }
    if (streams.isEmpty()) {
      close();
    }
  }

  @Override
  public void close() {
    if (life != Life.GONE) {
      Frames.goAway(outbound.out(), 0, ErrorCode.NO_ERROR, "");
      gone();
      streams.fail(stream -> new AttemptFailure.ConnectionLost(stream.phase(), Closing.FIN));
    }
    channel.close();
  }

  /// Nothing goes on from here; what was written goes out.
  private void gone() {
    life = Life.GONE;
    inbound.stop();
    outbound.flush();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    channel.config().setAutoClose(false);
    UpstreamSettings.Http2 settings = setup.http2();
    ByteBuf out = outbound.out();
    out.writeBytes(Frames.preface());
    Frames.head(out, 18, Frames.SETTINGS, 0, 0);
    Frames.setting(out, Frames.SETTING_ENABLE_PUSH, 0);
    Frames.setting(out, Frames.SETTING_INITIAL_WINDOW_SIZE, settings.streamWindow());
    Frames.setting(
        out, Frames.SETTING_MAX_HEADER_LIST_SIZE, AnswerFields.maxListSize(setup.limits()));
    int more = settings.connectionWindow() - Frames.DEFAULT_WINDOW;
    if (more > 0) {
      Frames.windowUpdate(out, 0, more);
    }
    outbound.wrote();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    doubt.heard();
    inbound.read(ctx.alloc(), (ByteBuf) message);
  }

  /// What came is not HTTP/2.
  void isNotHttp2(AttemptFailure failure) {
    gone();
    streams.fail(_ -> failure);
    channel.close();
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    streams.readComplete();
  }

  /// Bytes that came, where they are not HTTP/2.
  long strayBytes() {
    return settled ? 0 : inbound.firstBytes().count();
  }

  String strayText() {
    return settled ? "" : inbound.firstBytes().text();
  }

  boolean isSettled() {
    return settled;
  }

  /// A SETTINGS frame of the server's was read whole.
  void settled() {
    settled = true;
    streams.settled();
    if (isReusable()) {
      owner.released(this);
    }
  }

  /// Takes a setting; false where it makes a window overflow.
  boolean setting(int setting, long value) {
    switch (setting) {
      case Frames.SETTING_HEADER_TABLE_SIZE -> encoder.limit(value);
      case Frames.SETTING_MAX_CONCURRENT_STREAMS ->
          allowed = (int) Math.min(value, Integer.MAX_VALUE);
      case Frames.SETTING_ENABLE_CONNECT_PROTOCOL -> tunnels = value == 1;
      case Frames.SETTING_INITIAL_WINDOW_SIZE -> {
        return streams.initialWindow((int) value);
      }
      default -> {}
    }
    return true;
  }

  /// An exchange is over.
  void over(Http2UpstreamStream stream, @Nullable ResponseHead head) {
    streams.over(stream, head);
    idleSinceNanos = System.nanoTime();
    if (life == Life.LEAVING && streams.isEmpty()) {
      close();
    } else if (life == Life.OPEN && isReusable()) {
      owner.released(this);
    }
  }

  /// Opens the window of a stream, or of the connection.
  void widen(int id, int bytes) {
    if (life != Life.GONE) {
      Frames.windowUpdate(outbound.out(), id, bytes);
      outbound.wrote();
    }
  }

  /// Tells the server that a stream is closed.
  void reset(int id, ErrorCode why) {
    if (life != Life.GONE) {
      Frames.reset(outbound.out(), id, why);
      outbound.wrote();
    }
  }

  /// Ends the connection for what the server did, with all exchanges that it carries.
  void fail(ErrorCode why, String detail) {
    if (life == Life.GONE) {
      return;
    }
    Frames.goAway(outbound.out(), 0, why, detail);
    gone();
    streams.fail(
        stream -> new AttemptFailure.StreamFailed(stream.phase(), why.number(), true, detail));
    channel.close();
  }

  /// The server is about to leave: it does nothing with streams above the last that it names, and
  /// after an error nothing more with the others.
  void goingAway(int last, long code) {
    if (life == Life.GONE) {
      return;
    }
    life = Life.LEAVING;
    for (Http2UpstreamStream each : streams.inOrder()) {
      boolean processed = each.id() <= last;
      if (!processed || code != Http2Errors.NO_ERROR) {
        each.fail(new AttemptFailure.StreamFailed(each.phase(), code, processed, ""));
      }
    }
    peerClosed |= streams.isEmpty();
    if (streams.isEmpty()) {
      close();
    }
  }

  /// An answer did not come in time. The server is asked whether it is there at all: until it
  /// answers nothing else is sent over this connection.
  void doubt() {
    if (life != Life.GONE) {
      doubt.ask();
    }
  }

  /// A request was given up for a deadline of its client's.
  void lapsed() {
    doubt.lapsed(life != Life.GONE);
  }

  /// The server answered a PING.
  void pinged() {
    if (doubt.dispelled() && isReusable()) {
      owner.released(this);
    }
  }

  private void doubtConfirmed() {
    gone();
    if (doubt.isOfLapsed() && streams.isEmpty()) {
      owner.unanswered(this);
    }
    streams.fail(stream ->
        doubt.failure(
            stream.phase(), new AttemptFailure.TimedOut(stream.phase(), setup.verifyTimeout())));
    channel.close();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (channel.isWritable()) {
      outbound.writable();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SslCloseCompletionEvent end && end.isSuccess()) {
      tlsClosed = true;
      inputEnded();
    } else if (event == ChannelInputShutdownEvent.INSTANCE) {
      inputEnded();
    }
    ctx.fireUserEventTriggered(event);
  }

  /// The server sends no more.
  private void inputEnded() {
    if (life == Life.GONE) {
      return;
    }
    peerClosed = true;
    if (!inbound.ends()) {
      return;
    }
    gone();
    Closing closing = tlsClosed ? Closing.CLOSE_NOTIFY : Closing.FIN;
    streams.fail(stream ->
        doubt.failure(stream.phase(), new AttemptFailure.ConnectionLost(stream.phase(), closing)));
    channel.close();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    boolean whileIdle = streams.isEmpty();
    inputEnded();
    doubt.close();
    outbound.close();
    inbound.close();
    owner.closed(this, whileIdle, peerClosed);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (!isOfTheWire(cause)) {
      LOG.error("an unexpected error ended a connection to {}", endpoint.endpoint(), cause);
    }
    if (life == Life.GONE) {
      channel.close();
    } else if (cause instanceof ChannelOutputShutdownException && !streams.isEmpty()) {
      // It may have said why before it closed: that is read first.
      doubt.refused(cause);
      channel.read();
    } else {
      peerClosed = true;
      life = Life.GONE;
      inbound.stop();
      streams.fail(stream -> FailureClassifier.lost(cause, stream.phase()));
      channel.close();
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

  Streams streams() {
    return streams;
  }

  Inbound inbound() {
    return inbound;
  }

  ServerFrames frames() {
    return frames;
  }

  Outbound outbound() {
    return outbound;
  }

  RequestBlocks blocks() {
    return blocks;
  }
}
