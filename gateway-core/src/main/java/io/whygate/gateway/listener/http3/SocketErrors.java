package io.whygate.gateway.listener.http3;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.whygate.gateway.listener.client.ConnectionErrors;

/// Hears of what goes wrong at a UDP socket, behind the codec. Confined to its event loop.
final class SocketErrors extends ChannelInboundHandlerAdapter {
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ConnectionErrors.note(cause);
  }
}
