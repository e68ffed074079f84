package io.whygate.gateway.listener;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandler;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SniCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.whygate.gateway.acme.PendingChallenges;
import io.whygate.gateway.exchange.Peer;
import io.whygate.gateway.http.Deadlines;
import io.whygate.gateway.http2.Frames;
import io.whygate.gateway.listener.client.Abuse;
import io.whygate.gateway.listener.client.ConnectionErrors;
import io.whygate.gateway.listener.client.Drain;
import io.whygate.gateway.listener.client.ListenerLoop;
import io.whygate.gateway.listener.http2.Http2Connection;
import io.whygate.gateway.proxyprotocol.Ends;
import io.whygate.gateway.proxyprotocol.ProxyHeader;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/// A client's connection whose protocol is not known yet: over TLS the handshake settles it (RFC
/// 7301), on clear text the first bytes do (RFC 9113 section 3.3). Then the handler of that
/// protocol takes its place.
final class ProtocolChoice extends ChannelInboundHandlerAdapter {
  private final ListenerLoop loop;
  private final Channel channel;
  private final ProxyHeader front;
  private final boolean secure;
  private final Deadlines.Deadline deadline;
  private @Nullable ByteBuf pending;
  private boolean failed;

  /// Whether it is one of those that the listener counts.
  private boolean handshaking;

  /// @param front what was said of the client by a front
  /// @param secure whether TLS is spoken here
  ProtocolChoice(ListenerLoop loop, Channel channel, ProxyHeader front, boolean secure) {
    this.loop = loop;
    this.channel = channel;
    this.front = front;
    this.secure = secure;
    this.handshaking = secure;
    this.deadline = loop.services().deadlines().add(channel::close);
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    if (!secure) {
      deadline.in(loop.settings().timeouts().idle().toNanos());
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf in = (ByteBuf) message;
    boolean first = pending == null;
    pending =
        pending == null
            ? in
            : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(ctx.alloc(), pending, in);
    int matched = loop.settings().http2().enabled() ? Frames.matchPreface(pending) : -1;
    if (matched < 0) {
      become(ctx, new Http1Connection(loop, channel, peer(List.of())));
    } else if (matched == Frames.prefaceLength()) {
      become(ctx, new Http2Connection(loop, channel, peer(List.of())));
    } else if (first) {
      deadline.in(loop.settings().timeouts().header().toNanos());
    }
  }

  private Peer peer(List<X509Certificate> certificates) {
    Ends ends = front.ends().orElseGet(() -> Ends.of(channel));
    return new Peer(ends, secure || front.secure(), certificates, front.id());
  }

  private void become(ChannelHandlerContext ctx, ChannelInboundHandler protocol) {
    deadline.close();
    handshakeOver();
    ByteBuf read = pending;
    pending = null;
    ctx.pipeline().replace(this, null, protocol);
    if (read != null) {
      try {
        protocol.channelRead(ctx.pipeline().context(protocol), read);
      } catch (Exception e) {
        ctx.pipeline().fireExceptionCaught(e);
      }
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    switch (event) {
      case SslHandshakeCompletionEvent handshake -> secured(ctx, handshake);
      case SniCompletionEvent greeting when !greeting.isSuccess() -> fail(greeting.cause());
      case ChannelInputShutdownEvent _ -> channel.close();
      case Drain _ -> channel.close();
      default -> {}
    }
    ctx.fireUserEventTriggered(event);
  }

  private void secured(ChannelHandlerContext ctx, SslHandshakeCompletionEvent handshake) {
    if (!handshake.isSuccess()) {
      fail(handshake.cause());
      return;
    }
    SslHandler tls = ctx.pipeline().get(SslHandler.class);
    if (tls != null && PendingChallenges.TLS_PROTOCOL.equals(tls.applicationProtocol())) {
      // The handshake was all that was wanted (RFC 8737 section 3).
      channel.close();
      return;
    }
    boolean http2 =
        tls != null && ApplicationProtocolNames.HTTP_2.equals(tls.applicationProtocol());
    Peer peer = peer(certificates(tls));
    become(
        ctx,
        http2
            ? new Http2Connection(loop, channel, peer)
            : new Http1Connection(loop, channel, peer));
  }

  /// What the client showed: nothing where it was not asked, or had none.
  private static List<X509Certificate> certificates(@Nullable SslHandler tls) {
    if (tls == null || !(tls.engine().getNeedClientAuth() || tls.engine().getWantClientAuth())) {
      return List.of();
    }
    try {
      return Stream.of(tls.engine().getSession().getPeerCertificates())
          .map(X509Certificate.class::cast)
          .toList();
    } catch (SSLPeerUnverifiedException _) {
      return List.of();
    }
  }

  private void handshakeOver() {
    if (handshaking) {
      handshaking = false;
      loop.counts().handshakeEnded();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    deadline.close();
    handshakeOver();
    if (pending != null) {
      pending.release();
      pending = null;
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    fail(cause);
  }

  private void fail(Throwable cause) {
    ConnectionErrors.note(cause);
    if (secure && !failed) {
      failed = true;
      loop.counts().abused(Abuse.HANDSHAKES);
    }
    channel.close();
  }
}
