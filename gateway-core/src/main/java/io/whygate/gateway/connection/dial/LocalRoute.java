package io.whygate.gateway.connection.dial;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.nio.channels.DatagramChannel;

/// What the gateway's own route table says of a destination.
public enum LocalRoute {
  /// It knows a way.
  OPEN,
  /// It knows none.
  NONE,
  /// It says that the host cannot be reached.
  UNREACHABLE,
  /// It forbids it, or has no local address for it.
  UNUSABLE;

  /// Asks the route table, by connecting a datagram socket: no packet is sent, nothing blocks.
  ///
  /// It tells errors of the gateway's own system from those that came from the network, which the
  /// transport reports alike.
  static LocalRoute to(InetAddress address) {
    try (DatagramChannel channel = DatagramChannel.open()) {
      channel.connect(new InetSocketAddress(address, 9));
      return OPEN;
    } catch (NoRouteToHostException _) {
      return UNREACHABLE;
    } catch (BindException _) {
      return UNUSABLE;
    } catch (IOException _) {
      return NONE;
    }
  }

  /// Whether it knows a way to an address.
  static boolean isOpenTo(InetAddress address) {
    return to(address) == OPEN;
  }

  /// Whether it knows no way to an address.
  public static boolean isMissingTo(InetAddress address) {
    return to(address) == NONE;
  }
}
