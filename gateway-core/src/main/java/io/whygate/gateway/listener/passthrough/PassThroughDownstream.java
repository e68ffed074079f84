package io.whygate.gateway.listener.passthrough;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.whygate.gateway.config.ListenerSettings;
import io.whygate.gateway.exchange.Downstream;
import io.whygate.gateway.exchange.ForwardedFields;
import io.whygate.gateway.exchange.HeadEdit;
import io.whygate.gateway.exchange.Peer;
import io.whygate.gateway.http.FieldSection;
import io.whygate.gateway.http.ResponseHead;
import io.whygate.gateway.listener.client.ListenerLoop;
import io.whygate.gateway.proxyprotocol.ClientConnection;
import io.whygate.gateway.reply.LocalReply;
import java.net.SocketAddress;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/// The client's side of the exchange of a connection that is passed on: there is a tunnel, or none.
/// Confined to its event loop.
final class PassThroughDownstream implements Downstream {
  private static final int NOT_FOUND = 404;

  private final PassThroughConnection connection;
  private final ListenerLoop loop;
  private final Channel channel;
  private final Peer peer;
  private final boolean tls;
  private final ForwardedFields forwarded;

  PassThroughDownstream(
      PassThroughConnection connection,
      ListenerLoop loop,
      Channel channel,
      Peer peer,
      boolean tls) {
    this.connection = connection;
    this.loop = loop;
    this.channel = channel;
    this.peer = peer;
    this.tls = tls;
    this.forwarded =
        new ForwardedFields(peer, loop.settings().trustedProxies(), loop.services().identity());
  }

  @Override
  public EventLoop eventLoop() {
    return channel.eventLoop();
  }

  @Override
  public String listener() {
    return loop.name();
  }

  @Override
  public String protocol() {
    return tls ? "TLS" : "TCP";
  }

  @Override
  public boolean isSecure() {
    return tls;
  }

  @Override
  public String scheme() {
    return tls ? "tls" : "tcp";
  }

  @Override
  public boolean tunnelsOnly() {
    return true;
  }

  @Override
  public OptionalInt httpsPort() {
    return OptionalInt.empty();
  }

  @Override
  public SocketAddress clientAddress() {
    return peer.address();
  }

  @Override
  public ClientConnection client() {
    return new ClientConnection(peer.ends(), channel);
  }

  @Override
  public ForwardedFields forwarded() {
    return forwarded;
  }

  @Override
  public String frontId() {
    return peer.frontId();
  }

  @Override
  public ListenerSettings.FrontStatus frontStatus() {
    return ListenerSettings.FrontStatus.NEVER;
  }

  @Override
  public void switched(ResponseHead head) {
    connection.opened();
  }

  @Override
  public void content(ByteBuf piece) {
    connection.moves();
    channel.write(piece, channel.voidPromise());
  }

  @Override
  public void endTunnelOutput() {
    connection.endOutput();
  }

  @Override
  public void end(@Nullable FieldSection trailers) {
    connection.leave();
  }

  @Override
  public void abort() {
    connection.abort();
  }

  /// There is no page: a client that speaks TLS is told by an alert whether the name or the server
  /// was the reason.
  @Override
  public void reply(LocalReply reply) {
    connection.refuse(
        reply.status() == NOT_FOUND ? TlsAlerts.UNRECOGNIZED_NAME : TlsAlerts.INTERNAL_ERROR);
  }

  @Override
  public void demand(boolean wanted) {
    connection.demand(wanted);
  }

  @Override
  public void flush() {
    channel.flush();
  }

  @Override
  public boolean isWritable() {
    return channel.isWritable();
  }

  @Override
  public void informational(ResponseHead head) {
    throw new AssertionError("an interim answer of a tunnel: " + head.status());
  }

  @Override
  public void head(ResponseHead head, HeadEdit edit) {
    throw new AssertionError("an answer of a tunnel: " + head.status());
  }

  @Override
  public void stream(LocalReply head) {
    throw new AssertionError("an answer of the gateway's to a tunnel: " + head.status());
  }
}
