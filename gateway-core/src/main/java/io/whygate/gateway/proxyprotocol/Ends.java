package io.whygate.gateway.proxyprotocol;

import io.netty.channel.Channel;
import java.net.SocketAddress;

/// From where to where a client's connection goes.
///
/// @param source the client's address and port
/// @param destination what it connected to
public record Ends(SocketAddress source, SocketAddress destination) {

  /// The ends of a connection that was accepted here.
  public static Ends of(Channel channel) {
    return new Ends(channel.remoteAddress(), channel.localAddress());
  }
}
