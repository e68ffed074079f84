package io.whygate.gateway.connection.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.Closing;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.facts.TlsProblem;
import io.whygate.diagnostics.facts.WireFacts;
import io.whygate.gateway.connection.ConnectionOwner;
import io.whygate.gateway.connection.ConnectionSetup;
import io.whygate.gateway.connection.OutgoingRequest;
import io.whygate.gateway.connection.ResponseReceiver;
import io.whygate.gateway.connection.UpstreamConnection;
import io.whygate.gateway.connection.UpstreamStream;
import io.whygate.gateway.connection.dial.FailureClassifier;
import io.whygate.gateway.http.Deadlines;
import io.whygate.gateway.http.FieldSection;
import io.whygate.gateway.http.ResponseHead;
import io.whygate.gateway.transport.Transport;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A connection to an endpoint for one client's, whose bytes go both ways as they are: a tunnel
/// from the moment it is made. Nobody uses it again. Confined to its event loop.
///
/// A server that accepted has failed where it resets the connection before it said anything; and
/// where a greeting of TLS is all that its client said, which wants an answer, where it ends its
/// direction, refuses by an alert, or stays silent for the time of an answer. A client that ended
/// its direction wants none.
public final class TcpUpstreamConnection extends ChannelInboundHandlerAdapter
    implements UpstreamConnection, UpstreamStream {
  private final Channel channel;
  private final Optional<InetAddress> address;
  private final ConnectionOwner owner;
  private final ResponseHead nothing;
  private final ConnectionSetup setup;
  private final Deadlines.Deadline silence;
  private final long establishedNanos = System.nanoTime();

  private @Nullable ResponseReceiver receiver;
  private boolean begun;
  private boolean peerEnded;
  private boolean outputEnded;
  private boolean greeted;
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
    this.setup = setup;
    this.silence = setup.deadlines().add(this::silent);
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
    if (sent == 0 && received == 0 && TlsRecords.isHandshake(bytes)) {
      greeted = true;
      silence.in(setup.responseTimeout().toNanos());
    }
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
    outputEnded = true;
    silence.clear();
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
    int alert = -1;
    if (received == 0) {
      firstByteNanos = System.nanoTime();
      silence.clear();
      alert = greeted ? TlsRecords.fatalAlert(in) : -1;
      if (alert < 0) {
        current.tunnelAnswered();
      }
    }
    received += in.readableBytes();
    current.responseContent(in);
    if (alert >= 0) {
      // The client is told by the server itself.
      current.readComplete();
      fail(
          new AttemptFailure.TlsRejected(
              TlsProblem.ALERT_RECEIVED, alert, List.of(), "an alert in clear"));
      close();
    }
  }

  private void silent() {
    fail(new AttemptFailure.TimedOut(Phase.AWAIT_RESPONSE, setup.responseTimeout()));
    close();
  }

  /// Whether the server still owes its first word.
  private boolean owesAnswer() {
    return received == 0 && !outputEnded;
  }

  private Phase phase() {
    return owesAnswer() ? Phase.AWAIT_RESPONSE : Phase.READ_RESPONSE;
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
    } else if (greeted && owesAnswer()) {
      peerEnded = true;
      fail(new AttemptFailure.ConnectionLost(Phase.AWAIT_RESPONSE, Closing.FIN));
      close();
    } else if (!peerEnded) {
      peerEnded = true;
      current.tunnelInputEnded();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    fail(new AttemptFailure.ConnectionLost(phase(), Closing.RESET));
    silence.close();
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
    fail(FailureClassifier.lost(cause, phase()));
    close();
  }
}
