package io.whygate.gateway.connection.http1;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelOutputShutdownException;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.whygate.diagnostics.facts.Closing;
import io.whygate.gateway.connection.ConnectionOwner;
import io.whygate.gateway.connection.ConnectionSetup;
import io.whygate.gateway.connection.UpstreamConnection;
import io.whygate.gateway.connection.UpstreamStream;
import io.whygate.gateway.transport.Round;
import io.whygate.gateway.transport.Splices;
import io.whygate.gateway.transport.Transport;
import io.whygate.gateway.upstream.EndpointState;
import io.whygate.gateway.upstream.IdleClose;
import java.io.IOException;
import java.net.InetAddress;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A connection to an endpoint that speaks HTTP/1.1: carries one exchange at a time, and goes back
/// to its pool.
///
/// Confined to its event loop.
public final class Http1UpstreamConnection extends ChannelInboundHandlerAdapter
    implements UpstreamConnection, Round.Work, Splices.Reader {
  private static final Logger LOG = LoggerFactory.getLogger(Http1UpstreamConnection.class);

  private final Channel channel;
  private final EndpointState endpoint;
  private final Optional<InetAddress> address;
  private final ConnectionOwner owner;
  private final Http1UpstreamStream stream;
  private final Round round = Round.current();
  private final long establishedNanos = System.nanoTime();

  private @Nullable ByteBuf putOff;
  private boolean working;

  /// Whether the last read took all that it had room for.
  private boolean mayBeMore;

  private boolean owed;

  /// Whether it is known to end, or to hold what is nobody's, though what came before that may not
  /// have been worked on.
  private boolean ending;

  private boolean peerClosed;
  private boolean tlsClosed;
  private long requests;
  private long idleSinceNanos = establishedNanos;
  private long idleLimitNanos = Long.MAX_VALUE;

  public Http1UpstreamConnection(
      Channel channel,
      EndpointState endpoint,
      Optional<InetAddress> address,
      ConnectionOwner owner,
      ConnectionSetup setup) {
    this.channel = channel;
    this.endpoint = endpoint;
    this.address = address;
    this.owner = owner;
    this.stream = new Http1UpstreamStream(this, setup, endpoint.endpoint().isTls());
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
    return requests;
  }

  @Override
  public long establishedNanos() {
    return establishedNanos;
  }

  @Override
  public long idleSinceNanos() {
    return idleSinceNanos;
  }

  @Override
  public long idleLimitNanos() {
    return idleLimitNanos;
  }

  @Override
  public boolean isReusable() {
    return stream.isIdle() && channel.isActive() && !peerClosed && !ending;
  }

  @Override
  public boolean isShared() {
    return false;
  }

  @Override
  public int capacity() {
    return 1;
  }

  @Override
  public int carried() {
    return stream.isUnderWay() ? 1 : 0;
  }

  @Override
  public boolean carriesTunnels() {
    return true;
  }

  @Override
  public void retire() {
    if (stream.isIdle()) {
      close();
    }
  }

  @Override
  public UpstreamStream stream() {
    return stream;
  }

  @Override
  public void close() {
    stream.answers().forgetKept();
    channel.close();
  }

  /// An exchange begins.
  void begun() {
    requests++;
  }

  /// The exchange that was to begin does not.
  void unused() {
    owner.released(this);
  }

  /// The exchange is over, and another may come once all that the server sent has been read: what
  /// it sent beyond the answer is nobody's.
  ///
  /// @param keptSeconds how long the server keeps it idle; -1 where it does not say
  void ended(long keptSeconds) {
    idleLimitNanos =
        keptSeconds < 0 ? Long.MAX_VALUE : IdleClose.safe(TimeUnit.SECONDS.toNanos(keptSeconds));
    idleSinceNanos = System.nanoTime();
    owed = true;
    ending |= mayBeMore && Transport.holdsUnread(channel);
    if (working) {
      allRead();
    }
  }

  /// All that came has been read: goes back to its pool where its exchange is over.
  void allRead() {
    if (owed) {
      owed = false;
      owner.released(this);
    }
  }

  /// Whether the server sends no more, or broke the connection off.
  boolean isPeerClosed() {
    return peerClosed;
  }

  void peerClosed() {
    peerClosed = true;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    channel.config().setAutoClose(false);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf in = (ByteBuf) message;
    mayBeMore = !in.isWritable();
    if (putOff != null) {
      // Read as one: an answer is over only where nothing follows it.
      ByteBuf all = ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(ctx.alloc(), putOff, in);
      putOff = all.readableBytes() <= Round.SMALL ? all : null;
      if (putOff == null) {
        read(all);
      }
      return;
    }
    boolean answers = stream.isUnderWay() && in.readableBytes() <= Round.SMALL;
    if (answers && round.takes(this)) {
      putOff = in;
    } else {
      read(in);
    }
  }

  /// Passes on what came of a large answer within the kernel, where it may be.
  @Override
  public boolean takesUnread() {
    mayBeMore = true;
    try {
      return putOff == null && stream.answers().takesUnread();
    } catch (IOException | RuntimeException | Error e) {
      ending = true;
      failed(e);
      return true;
    }
  }

  private void read(ByteBuf in) {
    try {
      stream.answers().read(in);
    } finally {
      in.release();
    }
  }

  /// Reads what was put off of an answer.
  @Override
  public void work() {
    ByteBuf in = putOff;
    if (in != null) {
      putOff = null;
      working = true;
      try {
        read(in);
        stream.readComplete();
      } catch (RuntimeException | Error e) {
        failed(e);
      } finally {
        working = false;
      }
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    if (putOff == null) {
      stream.readComplete();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    stream.writabilityChanged(channel.isWritable());
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    ending |=
        event == ChannelInputShutdownEvent.INSTANCE || event instanceof SslCloseCompletionEvent;
    work();
    if (event instanceof SslCloseCompletionEvent end && end.isSuccess()) {
      tlsClosed = true;
      stream.inputEnded(Closing.CLOSE_NOTIFY);
    } else if (event == ChannelInputShutdownEvent.INSTANCE) {
      stream.inputEnded(closing());
    }
    ctx.fireUserEventTriggered(event);
  }

  private Closing closing() {
    return tlsClosed ? Closing.CLOSE_NOTIFY : Closing.FIN;
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    work();
    boolean whileIdle = stream.isIdle();
    stream.inputEnded(closing());
    stream.connectionClosed();
    owner.closed(this, whileIdle, peerClosed);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ending = true;
    work();
    failed(cause);
  }

  private void failed(Throwable cause) {
    if (!isOfTheWire(cause)) {
      LOG.error("an unexpected error ended a connection to {}", endpoint.endpoint(), cause);
    }
    if (!stream.isUnderWay()) {
      peerClosed = true;
      close();
    } else if (cause instanceof ChannelOutputShutdownException && !stream.isTunnel()) {
      stream.refused(cause);
    } else {
      stream.broke(cause);
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
}
