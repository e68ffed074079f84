package io.whygate.gateway.connection.dial;

import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.whygate.diagnostics.facts.IcmpMessage;
import io.whygate.diagnostics.probe.icmp.SystemSockets;
import io.whygate.gateway.transport.ReadSizes;
import io.whygate.gateway.transport.Transport;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;

/// What the system is told of a connection before it is dialled.
final class SocketOptions {
  private static final int KEEPALIVE_IDLE_S = 30;
  private static final int KEEPALIVE_INTERVAL_S = 10;
  private static final int KEEPALIVE_PROBES = 3;
  private static final int LEAST_READ = 64;
  private static final int FIRST_READ = 2048;

  /// Netty's own is half of it: the head of an answer and 64 KiB of content took two reads, and so
  /// two writes to the client.
  private static final int MOST_READ = 128 * 1024;

  private static final ReadSizes READ_SIZES = new ReadSizes(LEAST_READ, FIRST_READ, MOST_READ);

  /// `IPPROTO_IP` and `IP_RECVERR` of Linux (ip(7)).
  private static final IntegerUnixChannelOption IP_RECVERR =
      new IntegerUnixChannelOption("IP_RECVERR", 0, 11);

  /// `IPPROTO_IPV6` and `IPV6_RECVERR` of Linux (ipv6(7)).
  private static final IntegerUnixChannelOption IPV6_RECVERR =
      new IntegerUnixChannelOption("IPV6_RECVERR", 41, 25);

  private SocketOptions() {}

  /// Sets the options of a TCP connection.
  ///
  /// Keep-alive probes find a peer that vanished while nothing is sent, after a minute.
  /// Unacknowledged data counts as a vanished peer after a minute too, or the idle time-out where
  /// that is longer: the kernel also counts the time in which a living peer takes no data (tcp(7),
  /// TCP_USER_TIMEOUT), which is the idle time-out's to judge. A local port needs no reservation,
  /// since connections are never bound to a local address before they are dialled.
  static void tcp(Channel channel, Duration idleTimeout) {
    ChannelConfig config = channel.config();
    config.setOption(ChannelOption.TCP_NODELAY, true);
    config.setOption(ChannelOption.SO_KEEPALIVE, true);
    stream(channel);
    if (channel instanceof EpollSocketChannel) {
      long silent = Math.max(FailureClassifier.PEER_SILENT.toMillis(), idleTimeout.toMillis());
      config.setOption(EpollChannelOption.TCP_KEEPIDLE, KEEPALIVE_IDLE_S);
      config.setOption(EpollChannelOption.TCP_KEEPINTVL, KEEPALIVE_INTERVAL_S);
      config.setOption(EpollChannelOption.TCP_KEEPCNT, KEEPALIVE_PROBES);
      config.setOption(
          EpollChannelOption.TCP_USER_TIMEOUT, (int) Math.min(silent, Integer.MAX_VALUE));
    }
  }

  /// Has the system keep the ICMP messages about a connection, and tell of them at once, while it
  /// is dialled. Without it, one that comes while the system still works on the dial waits for the
  /// next SYN, a second later.
  static void tellIcmp(Channel channel, InetAddress address, boolean tell) {
    if (channel instanceof EpollSocketChannel) {
      channel
          .config()
          .setOption(address instanceof Inet6Address ? IPV6_RECVERR : IP_RECVERR, tell ? 1 : 0);
    }
  }

  /// The ICMP message that ended a dial; empty where none did, or where the system does not tell.
  ///
  /// @param succeeded whether the transport takes the dial for a success, as it does with a message
  ///   that came while the system still worked on it
  static Optional<IcmpMessage> icmp(Channel channel, boolean succeeded) {
    if (!(channel instanceof EpollSocketChannel socket)
        || !socket.isOpen()
        || (succeeded && !Transport.isDialling(channel))) {
      return Optional.empty();
    }
    return SystemSockets.find().flatMap(sockets -> sockets.told(socket.fd().intValue()));
  }

  /// Sets the options of any connection: an end of one direction is told, and does not close the
  /// other.
  static void stream(Channel channel) {
    ChannelConfig config = channel.config();
    config.setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    config.setOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0);
    config.setOption(ChannelOption.RECVBUF_ALLOCATOR, READ_SIZES);
  }
}
