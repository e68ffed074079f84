package io.whygate.gateway.transport;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.epoll.EpollTcpInfo;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.RawUnixChannelOption;
import io.netty.handler.ssl.SslHandler;
import io.whygate.diagnostics.facts.TcpFacts;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A way to do network input and output; everything in one gateway uses the same.
public enum Transport {
  /// Linux's own, by native code.
  EPOLL {
    @Override
    public IoHandlerFactory ioHandlers() {
      return LastingEpoll.newFactory();
    }

    @Override
    public Channel newSocket() {
      return new EpollSocketChannel();
    }

    @Override
    public Channel newUnixSocket() {
      return new EpollDomainSocketChannel();
    }

    @Override
    public ServerChannel newServerSocket() {
      return new EpollServerSocketChannel();
    }

    @Override
    public DatagramChannel newDatagramSocket() {
      return new EpollDatagramChannel();
    }

    @Override
    public ServerChannel newUnixServerSocket() {
      return new EpollServerDomainSocketChannel();
    }

    @Override
    public SocketAddress unixAddress(String path) {
      return new DomainSocketAddress(path);
    }
  },
  /// The JDK's, wherever there is a JDK.
  NIO {
    @Override
    public IoHandlerFactory ioHandlers() {
      return NioIoHandler.newFactory();
    }

    @Override
    public Channel newSocket() {
      return new NioSocketChannel();
    }

    @Override
    public Channel newUnixSocket() {
      return new NioDomainSocketChannel();
    }

    @Override
    public ServerChannel newServerSocket() {
      return new NioServerSocketChannel();
    }

    @Override
    public DatagramChannel newDatagramSocket() {
      return new NioDatagramChannel();
    }

    @Override
    public ServerChannel newUnixServerSocket() {
      return new NioServerDomainSocketChannel();
    }

    @Override
    public SocketAddress unixAddress(String path) {
      return UnixDomainSocketAddress.of(path);
    }
  };

  /// Linux's `TCP_INFO` up to `tcpi_bytes_acked`: what Netty reads of it ends before.
  private static final int BYTES_ACKED = 120;

  private static final RawUnixChannelOption TCP_INFO =
      new RawUnixChannelOption("TCP_INFO", 6, 11, BYTES_ACKED + Long.BYTES);

  /// The same up to `tcpi_rcv_ooopack`, which kernels before Linux 5.4 leave at zero.
  private static final int OUT_OF_ORDER = 224;

  private static final RawUnixChannelOption LONG_TCP_INFO =
      new RawUnixChannelOption("TCP_INFO", 6, 11, OUT_OF_ORDER + Integer.BYTES);

  /// Linux's `SO_MEMINFO`, of which the first number is the memory held by what came and was not
  /// read.
  private static final RawUnixChannelOption HELD =
      new RawUnixChannelOption("SO_MEMINFO", 1, 55, Integer.BYTES);

  /// Said of a connection whose other side sends no more.
  public static final long ENDED = -2;

  private static final byte ESTABLISHED = 1;
  private static final byte SYN_SENT = 2;

  /// The best one that this machine has.
  public static Transport best() {
    return Epoll.isAvailable() ? EPOLL : NIO;
  }

  /// What event loops are built with.
  public abstract IoHandlerFactory ioHandlers();

  /// A TCP channel, to be registered and connected. Throws where the system gives no descriptor.
  public abstract Channel newSocket();

  /// A Unix stream channel, to be registered and connected.
  public abstract Channel newUnixSocket();

  /// A listening TCP channel, to be registered and bound.
  public abstract ServerChannel newServerSocket();

  /// A UDP channel, to be registered and bound.
  public abstract DatagramChannel newDatagramSocket();

  /// A listening Unix channel, to be registered and bound.
  public abstract ServerChannel newUnixServerSocket();

  /// The address of a Unix socket's file.
  public abstract SocketAddress unixAddress(String path);

  /// Whether several sockets may listen on one port and share its connections.
  public boolean sharesPorts() {
    return this == EPOLL;
  }

  /// Ends this direction of a connection once what was written has gone out: by close_notify where
  /// it speaks TLS, then by FIN. The other direction stays open.
  public static void endOutput(Channel channel) {
    channel
        .writeAndFlush(Unpooled.EMPTY_BUFFER)
        .addListener(_ -> {
          SslHandler tls = channel.pipeline().get(SslHandler.class);
          if (tls != null) {
            tls.closeOutbound().addListener(_ -> shutdownOutput(channel));
          } else {
            shutdownOutput(channel);
          }
        });
  }

  private static void shutdownOutput(Channel channel) {
    if (channel instanceof DuplexChannel duplex && channel.isActive()) {
      duplex.shutdownOutput();
    }
  }

  /// The same as [#acknowledged], or [#ENDED] where the other side has ended its direction of the
  /// connection already, as the kernel knows before the event loop is told.
  public static long acknowledgedUnlessEnded(Channel channel) {
    ByteBuffer info = tcpInfo(channel);
    if (info == null) {
      return -1;
    }
    return info.get(0) == ESTABLISHED ? acknowledged(info) : ENDED;
  }

  /// Whether a connection is still being made, whatever the transport says.
  public static boolean isDialling(Channel channel) {
    ByteBuffer info = tcpInfo(channel);
    return info != null && info.get(0) == SYN_SENT;
  }

  /// How many bytes of all that was sent over a connection the other side's kernel has
  /// acknowledged; -1 where the transport cannot tell.
  public static long acknowledged(Channel channel) {
    ByteBuffer info = tcpInfo(channel);
    return info == null ? -1 : acknowledged(info);
  }

  private static long acknowledged(ByteBuffer info) {
    return info.order(ByteOrder.nativeOrder()).getLong(BYTES_ACKED);
  }

  /// Whether the kernel holds packets that came out of order and waits for one before them: what it
  /// can hand over has been read, as long as the channel reads of itself.
  private static boolean isGapped(EpollSocketChannel socket) {
    return socket.config().isAutoRead()
        && number(socket, LONG_TCP_INFO, OUT_OF_ORDER) > 0
        && holdsUnread(socket);
  }

  /// Whether the kernel holds bytes of a TCP connection that nobody has read. False where the
  /// transport cannot tell.
  public static boolean holdsUnread(Channel channel) {
    return channel instanceof EpollSocketChannel socket
        && socket.isOpen()
        && number(socket, HELD, 0) > 0;
  }

  private static int number(EpollSocketChannel socket, RawUnixChannelOption option, int at) {
    ByteBuffer value = socket.config().getOption(option);
    return value == null || value.remaining() < at + Integer.BYTES
        ? 0
        : value.order(ByteOrder.nativeOrder()).getInt(at);
  }

  private static @Nullable ByteBuffer tcpInfo(Channel channel) {
    if (!(channel instanceof EpollSocketChannel socket) || !socket.isOpen()) {
      return null;
    }
    try {
      ByteBuffer info = socket.config().getOption(TCP_INFO);
      return info == null || info.remaining() < TCP_INFO.length() ? null : info;
    } catch (ChannelException _) {
      return null;
    }
  }

  /// What the kernel knows of a TCP connection that is still open, before a request was sent.
  public static Optional<TcpFacts> tcpFacts(Channel channel) {
    return tcpFacts(channel, -1);
  }

  /// How many bytes that were written to a connection have not been handed to the system.
  public static long unsent(Channel channel) {
    ChannelOutboundBuffer pending = channel.unsafe().outboundBuffer();
    return pending == null ? 0 : pending.totalPendingWriteBytes();
  }

  /// Whether the peer of a TCP connection has said that it takes no more for now (a window of
  /// zero), with something left to send: the kernel asks it again and again. False where the
  /// transport cannot tell.
  public static boolean isWindowClosed(Channel channel) {
    if (!(channel instanceof EpollSocketChannel socket) || !socket.isOpen()) {
      return false;
    }
    try {
      EpollTcpInfo info = socket.tcpInfo();
      return info.unacked() == 0 && info.retransmits() == 0 && info.backoff() > 0;
    } catch (ChannelException _) {
      return false;
    }
  }

  /// What the kernel knows of a TCP connection that is still open; empty where the transport cannot
  /// tell.
  ///
  /// @param acknowledgedBefore what [#acknowledged] said before the request was sent; -1 where
  ///   nobody asked
  public static Optional<TcpFacts> tcpFacts(Channel channel, long acknowledgedBefore) {
    if (!(channel instanceof EpollSocketChannel socket) || !socket.isOpen()) {
      return Optional.empty();
    }
    try {
      EpollTcpInfo info = socket.tcpInfo();
      return Optional.of(
          new TcpFacts(
              info.rtt(),
              info.unacked(),
              info.retransmits(),
              info.totalRetrans(),
              info.lost(),
              info.pmtu(),
              info.lastAckRecv(),
              info.lastDataRecv(),
              acknowledgedBefore < 0 ? -1 : acknowledged(channel) - acknowledgedBefore,
              isGapped(socket)));
    } catch (ChannelException _) {
      return Optional.empty();
    }
  }
}
