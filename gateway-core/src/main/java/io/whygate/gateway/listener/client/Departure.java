package io.whygate.gateway.listener.client;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.handler.ssl.SslHandler;
import io.whygate.gateway.transport.Transport;

/// The ways in which a client's connection ends.
public final class Departure {
  private final Channel channel;

  public Departure(Channel channel) {
    this.channel = channel;
  }

  /// Closes once what was written has gone out.
  public void close() {
    if (channel.pipeline().get(SslHandler.class) == null) {
      channel.flush();
      if (!isUnderWay()) {
        channel.close();
        return;
      }
    }
    channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
  }

  /// Ends this direction once what was written has gone out; the other stays open, so that what the
  /// client still sends does not make the system reset the connection before the client has read
  /// the answer (RFC 9112 section 9.6).
  public void linger() {
    Transport.endOutput(channel);
  }

  /// Whether something that was written has not gone out yet.
  public boolean isUnderWay() {
    ChannelOutboundBuffer written = channel.unsafe().outboundBuffer();
    return written != null && written.totalPendingWriteBytes() > 0;
  }

  /// Breaks the connection off.
  ///
  /// @param reset whether a plain close could be mistaken for the end of an answer
  public void abort(boolean reset) {
    if (!channel.isOpen()) {
      return;
    }
    channel.flush();
    if (reset && channel.isOpen()) {
      channel.config().setOption(ChannelOption.SO_LINGER, 0);
      channel.unsafe().close(channel.voidPromise());
    } else {
      channel.close();
    }
  }
}
