package io.whygate.gateway.proxyprotocol;

import io.netty.channel.Channel;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.unix.DomainSocketChannel;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;

/// From where to where a client's connection goes.
///
/// @param source the client's address and port
/// @param destination what it connected to
public record Ends(SocketAddress source, SocketAddress destination) {
  /// The end of a Unix socket, which has no address that anybody else could use; logs call it as
  /// nginx's do.
  static final SocketAddress UNIX = UnixDomainSocketAddress.of("unix:");

  /// The ends of a connection that was accepted here.
  public static Ends of(Channel channel) {
    return channel instanceof DomainSocketChannel || channel instanceof NioDomainSocketChannel
        ? new Ends(UNIX, UNIX)
        : new Ends(channel.remoteAddress(), channel.localAddress());
  }
}
