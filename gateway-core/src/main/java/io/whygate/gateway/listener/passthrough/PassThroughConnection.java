package io.whygate.gateway.listener.passthrough;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SniCompletionEvent;
import io.whygate.gateway.config.ListenerSettings;
import io.whygate.gateway.exchange.Exchange;
import io.whygate.gateway.exchange.Peer;
import io.whygate.gateway.http.Deadlines;
import io.whygate.gateway.http.MessageHead;
import io.whygate.gateway.http.RequestHead;
import io.whygate.gateway.listener.client.Abuse;
import io.whygate.gateway.listener.client.ConnectionErrors;
import io.whygate.gateway.listener.client.Departure;
import io.whygate.gateway.listener.client.Drain;
import io.whygate.gateway.listener.client.ListenerLoop;
import io.whygate.gateway.proxyprotocol.Announcement;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// A client's connection that is passed on as it is: an exchange that is nothing but a tunnel.
/// Where the client speaks TLS, [NameReader] stands before it until it is known which name is asked
/// for.
///
/// Bytes that came and may not be passed on yet are held up to a limit; beyond it reading from the
/// client stops. Confined to its event loop.
public final class PassThroughConnection extends ChannelInboundHandlerAdapter {
  private final ListenerLoop loop;
  private final Channel channel;
  private final boolean tls;
  private final RequestHead request;
  private final PassThroughDownstream downstream;
  private final Deadlines.Deadline deadline;
  private final Departure departure;

  private State state = State.GREETING;
  private @Nullable Exchange exchange;
  private @Nullable ByteBuf pending;
  private boolean demanded;
  private boolean inputEnded;
  private boolean endTold;

  private enum State {
    /// It is not known yet where the connection goes.
    GREETING,
    /// A connection to an endpoint is being made.
    DIALLING,
    /// Bytes go both ways.
    TUNNEL,
    /// It is on its way out.
    GONE
  }

  /// @param tls whether the client has to speak TLS
  public PassThroughConnection(ListenerLoop loop, Channel channel, Peer peer, boolean tls) {
    this.loop = loop;
    this.channel = channel;
    this.tls = tls;
    this.request = new RequestHead(loop.limits());
    this.departure = new Departure(channel);
    this.downstream = new PassThroughDownstream(this, loop, channel, peer, tls);
    this.deadline = loop.services().deadlines().add(this::expired);
  }

  private ListenerSettings.Timeouts timeouts() {
    return loop.settings().timeouts();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    channel.config().setAutoClose(false);
    if (!tls) {
      // The server may be the one that speaks first.
      channel.eventLoop().execute(this::beginUnasked);
    }
  }

  private void beginUnasked() {
    try {
      begin("");
    } catch (RuntimeException | Error e) {
      ConnectionErrors.note(e);
      drop();
    }
  }

  /// The connection goes on to whoever the name leads to.
  private void begin(String name) {
    if (state != State.GREETING || !channel.isActive()) {
      return;
    }
    state = State.DIALLING;
    if (!isWritten(name)) {
      loop.counts().abused(Abuse.HANDSHAKES);
      refuse(TlsAlerts.UNRECOGNIZED_NAME);
      return;
    }
    channel.attr(Announcement.NAME).set(name);
    Exchange next = new Exchange(loop.services(), downstream, request);
    exchange = next;
    next.begin();
  }

  /// Writes what is asked for as the head of a request, as which it is routed and recorded; false
  /// where the name is none.
  private boolean isWritten(String name) {
    String head = (tls ? "TLS" : "TCP") + " / HTTP/1.1\r\nHost: " + name + "\r\n\r\n";
    ByteBuf in = Unpooled.copiedBuffer(head, StandardCharsets.US_ASCII);
    return request.read(in) == MessageHead.Progress.DONE
        && request.authority().equals(name)
        && name.indexOf(':') < 0;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf in = (ByteBuf) message;
    if (state == State.GONE) {
      in.release();
      return;
    }
    pending =
        pending == null
            ? in
            : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(ctx.alloc(), pending, in);
    pass();
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    readCompleted();
  }

  private void readCompleted() {
    Exchange current = exchange;
    if (current != null && state == State.TUNNEL) {
      current.requestReadComplete();
    }
  }

  /// Passes on what may be passed on.
  private void pass() {
    Exchange current = exchange;
    if (state == State.TUNNEL && demanded && current != null) {
      ByteBuf bytes = pending;
      if (bytes != null) {
        pending = null;
        moves();
        current.tunnelContent(bytes);
      }
      if (inputEnded && pending == null && !endTold && state == State.TUNNEL) {
        endTold = true;
        current.clientTunnelEnded();
      }
    }
    if (state != State.GONE) {
      boolean wanted =
          pending == null || pending.readableBytes() < loop.settings().limits().buffer();
      if (channel.config().isAutoRead() != wanted) {
        channel.config().setAutoRead(wanted);
      }
    }
  }

  void demand(boolean wanted) {
    demanded = wanted;
    if (wanted) {
      pass();
      readCompleted();
    }
  }

  /// The way to the endpoint is open.
  void opened() {
    state = State.TUNNEL;
    moves();
  }

  /// Bytes go one way or the other.
  void moves() {
    deadline.in(timeouts().tunnel().toNanos());
  }

  void endOutput() {
    departure.linger();
  }

  /// Both directions are ended.
  void leave() {
    exchange = null;
    state = State.GONE;
    departure.close();
    deadline.in(timeouts().send().toNanos());
  }

  /// Ends the connection before it was passed on: with an alert to who speaks TLS (RFC 8446 section
  /// 6), else by a reset.
  void refuse(byte[] alert) {
    exchange = null;
    state = State.GONE;
    dropPending();
    if (tls) {
      channel.write(Unpooled.wrappedBuffer(alert), channel.voidPromise());
      channel.config().setAutoRead(true);
      departure.linger();
      deadline.in(timeouts().header().toNanos());
    } else {
      departure.abort(true);
    }
  }

  void abort() {
    exchange = null;
    state = State.GONE;
    departure.abort(true);
  }

  private void expired() {
    if (state == State.GONE) {
      departure.abort(true);
    } else {
      drop();
    }
  }

  /// Gives the client up.
  private void drop() {
    Exchange current = exchange;
    exchange = null;
    state = State.GONE;
    try {
      if (current != null) {
        current.clientGone();
      }
    } finally {
      departure.abort(true);
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    Exchange current = exchange;
    if (current != null) {
      current.downstreamWritable(channel.isWritable());
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    switch (event) {
      case SniCompletionEvent greeting when greeting.isSuccess() -> begin(nameIn(greeting));
      case SniCompletionEvent greeting when state == State.GREETING -> {
        ConnectionErrors.note(greeting.cause());
        loop.counts().abused(Abuse.HANDSHAKES);
        drop();
      }
      case ChannelInputShutdownEvent _ -> inputEnded();
      case Drain _ when state == State.GREETING -> drop();
      default -> {}
    }
    ctx.fireUserEventTriggered(event);
  }

  private static String nameIn(SniCompletionEvent greeting) {
    String name = greeting.hostname();
    return name == null ? "" : name;
  }

  private void inputEnded() {
    inputEnded = true;
    switch (state) {
      case GREETING -> drop();
      case DIALLING -> {}
      case TUNNEL -> pass();
      case GONE -> channel.close();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    deadline.close();
    state = State.GONE;
    Exchange current = exchange;
    exchange = null;
    if (current != null) {
      current.clientGone();
    }
    dropPending();
    ctx.fireChannelInactive();
  }

  private void dropPending() {
    if (pending != null) {
      pending.release();
      pending = null;
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ConnectionErrors.note(cause);
    drop();
  }
}
