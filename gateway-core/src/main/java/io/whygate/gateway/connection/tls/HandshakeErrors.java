package io.whygate.gateway.connection.tls;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/// Ends the way of errors while a connection is being made: whoever waits for the handshake hears
/// of them by its outcome. Once the connection carries exchanges, errors go on to it.
public final class HandshakeErrors extends ChannelInboundHandlerAdapter {
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (ctx.pipeline().last() != this) {
      ctx.fireExceptionCaught(cause);
    }
  }
}
