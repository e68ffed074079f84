package io.whygate.gateway.listener.http3;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.whygate.gateway.listener.client.ConnectionErrors;

/// Hears of what goes wrong at a UDP socket, behind the codec: who is not let in is such an error
/// to it, packet by packet, and counted already. Confined to its event loop.
final class SocketErrors extends ChannelInboundHandlerAdapter {
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    // The codec wants an engine for each connection, and is given none for one that is refused.
    if (!(cause instanceof IllegalArgumentException)) {
      ConnectionErrors.note(cause);
    }
  }
}
