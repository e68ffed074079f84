package io.whygate.gateway.config;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.List;

/// Where connections may come from.
///
/// @param networks whose addresses count
/// @param unixSockets whether those count that come by a Unix socket, and so have no address
public record Sources(List<Cidr> networks, boolean unixSockets) {
  /// Nowhere.
  public static final Sources NONE = new Sources(List.of(), false);

  public Sources {
    networks = List.copyOf(networks);
  }

  public boolean isEmpty() {
    return networks.isEmpty() && !unixSockets;
  }

  /// Whether a connection with this at its other end comes from here.
  public boolean contains(SocketAddress peer) {
    return switch (peer) {
      case InetSocketAddress inet -> inet.getAddress() != null && contains(inet.getAddress());
      case UnixDomainSocketAddress _ -> unixSockets;
      default -> false;
    };
  }

  public boolean contains(InetAddress address) {
    for (Cidr network : networks) {
      if (network.contains(address)) {
        return true;
      }
    }
    return false;
  }
}
