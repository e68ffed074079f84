package io.whygate.gateway.connection.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.Closing;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.facts.WireFacts;
import io.whygate.gateway.connection.ConnectionOwner;
import io.whygate.gateway.connection.ConnectionSetup;
import io.whygate.gateway.connection.OutgoingRequest;
import io.whygate.gateway.connection.ResponseReceiver;
import io.whygate.gateway.connection.UpstreamConnection;
import io.whygate.gateway.connection.UpstreamStream;
import io.whygate.gateway.connection.dial.FailureClassifier;
import io.whygate.gateway.http.FieldSection;
import io.whygate.gateway.http.ResponseHead;
import io.whygate.gateway.transport.Transport;
import java.net.InetAddress;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A connection to an endpoint for one client's, whose bytes go both ways as they are: a tunnel
/// from the moment it is made. Nobody uses it again. Confined to its event loop.
public final class TcpUpstreamConnection extends ChannelInboundHandlerAdapter
    implements UpstreamConnection, UpstreamStream {
  private final Channel channel;
  private final Optional<InetAddress> address;
  private final ConnectionOwner owner;
  private final ResponseHead nothing;
  private final long establishedNanos = System.nanoTime();

  private @Nullable ResponseReceiver receiver;
  private boolean begun;
  private boolean peerEnded;
  private long sent;
  private long received;
  private long sentNanos;
  private long firstByteNanos;

  public TcpUpstreamConnection(
      Channel channel,
      Optional<InetAddress> address,
      ConnectionOwner owner,
      ConnectionSetup setup) {
    this.channel = channel;
    this.address = address;
    this.owner = owner;
    this.nothing = new ResponseHead(setup.limits());
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
    return 0;
  }

  @Override
  public long establishedNanos() {
    return establishedNanos;
  }

  @Override
  public long idleSinceNanos() {
    return establishedNanos;
  }

  /// Never: what a server says first is for the client that the connection was made for.
  @Override
  public boolean isReusable() {
    return false;
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
    return receiver == null ? 0 : 1;
  }

  @Override
  public boolean carriesTunnels() {
    return true;
  }

  @Override
  public void retire() {
    if (receiver == null) {
      close();
    }
  }

  @Override
  public UpstreamStream stream() {
    return this;
  }

  @Override
  public void close() {
    channel.close();
  }

  @Override
  public UpstreamConnection connection() {
    return this;
  }

  @Override
  public void begin(ResponseReceiver newReceiver, OutgoingRequest request) {
    if (begun) {
      throw new IllegalStateException("begun twice (expected: once)");
    }
    begun = true;
    receiver = newReceiver;
  }

  /// There is nothing to ask the endpoint: the way is open.
  @Override
  public void requestEnd(@Nullable FieldSection trailers) {
    sentNanos = System.nanoTime();
    ResponseReceiver current = receiver;
    if (current != null) {
      current.switched(nothing);
    }
  }

  @Override
  public void send(ByteBuf bytes) {
    sent += bytes.readableBytes();
    channel.write(bytes, channel.voidPromise());
  }

  @Override
  public void awaitContinue() {}

  @Override
  public void flush() {
    channel.flush();
  }

  @Override
  public boolean isWritable() {
    return channel.isWritable();
  }

  @Override
  public void pause() {
    channel.config().setAutoRead(false);
  }

  @Override
  public void resume() {
    if (channel.isOpen()) {
      channel.config().setAutoRead(true);
    }
  }

  @Override
  public void hold() {}

  @Override
  public void proceed() {}

  @Override
  public void endTunnelOutput() {
    Transport.endOutput(channel);
  }

  @Override
  public String protocol() {
    return "";
  }

  @Override
  public boolean tellsUnprocessed() {
    return false;
  }

  @Override
  public void abandon() {
    receiver = null;
    close();
  }

  @Override
  public long bytesSent() {
    return sent;
  }

  @Override
  public long bytesReceived() {
    return received;
  }

  @Override
  public long sentNanos() {
    return sentNanos;
  }

  @Override
  public long firstByteNanos() {
    return firstByteNanos;
  }

  /// What goes through is not for the gateway's eyes.
  @Override
  public String firstBytes() {
    return "";
  }

  @Override
  public String blockMark() {
    return "";
  }

  @Override
  public WireFacts wire() {
    return WireFacts.NONE;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    channel.config().setAutoClose(false);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf in = (ByteBuf) message;
    ResponseReceiver current = receiver;
    if (current == null) {
      in.release();
      close();
      return;
    }
    if (received == 0) {
      firstByteNanos = System.nanoTime();
    }
    received += in.readableBytes();
    current.responseContent(in);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    ResponseReceiver current = receiver;
    if (current != null) {
      current.readComplete();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    ResponseReceiver current = receiver;
    if (current != null) {
      current.writabilityChanged(channel.isWritable());
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event == ChannelInputShutdownEvent.INSTANCE) {
      ended();
    }
    ctx.fireUserEventTriggered(event);
  }

  /// The server sends no more.
  private void ended() {
    ResponseReceiver current = receiver;
    if (current == null) {
      close();
    } else if (!peerEnded) {
      peerEnded = true;
      current.tunnelInputEnded();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    fail(new AttemptFailure.ConnectionLost(Phase.READ_RESPONSE, Closing.RESET));
    owner.closed(this, false, peerEnded);
  }

  private void fail(AttemptFailure failure) {
    ResponseReceiver current = receiver;
    receiver = null;
    if (current != null) {
      current.responseFailed(failure);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    fail(FailureClassifier.lost(cause, Phase.READ_RESPONSE));
    close();
  }
}
