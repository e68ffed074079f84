package io.whygate.gateway.listener.http3;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.unix.UnixChannelOption;
import io.netty.handler.codec.quic.Quic;
import io.netty.handler.codec.quic.QuicChannel;
import io.netty.handler.codec.quic.QuicServerCodecBuilder;
import io.netty.handler.ssl.OpenSslSessionTicketKey;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.whygate.gateway.config.ListenerSettings;
import io.whygate.gateway.listener.client.Drain;
import io.whygate.gateway.transport.Transport;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Where clients come in by QUIC: a UDP socket on each event loop, all on one port. A connection
/// stays with the socket and the event loop at which it began, wherever its client moves.
public final class QuicDoor implements AutoCloseable {
  /// What fits any path that a client is likely to have.
  private static final int SENT_PACKET = 1350;

  private static final int RECEIVED_PACKET = 1500;
  private static final int CONTROL_WINDOW = 64 * 1024;

  /// Control, two of QPACK, and some that mean nothing.
  private static final int CONTROL_STREAMS = 8;

  private final Transport transport;
  private final ListenerSettings settings;
  private final Reception reception;
  private final RetryKeys retryKeys;
  private final List<Channel> sockets = new CopyOnWriteArrayList<>();
  private final List<PacketRouter> routers = new ArrayList<>();
  private final ChannelGroup clients = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
  private volatile boolean draining;

  /// Whether the sockets are closed. Guarded by this.
  private boolean shut;

  private QuicDoor(Transport transport, ListenerSettings settings, Reception reception) {
    this.transport = transport;
    this.settings = settings;
    this.reception = reception;
    this.retryKeys = new RetryKeys(settings.http3().retry().lifetime(), System::nanoTime);
  }

  /// Opens the sockets.
  ///
  /// @param address with the port that is listened to by TCP
  /// @param loops the event loops that serve
  /// @throws IllegalArgumentException where the port is taken
  public static QuicDoor open(
      Transport transport,
      List<EventLoop> loops,
      InetSocketAddress address,
      ListenerSettings settings,
      Reception reception) {
    QuicDoor door = new QuicDoor(transport, settings, reception);
    try {
      door.bind(loops, address);
      return door;
    } catch (IOException | RuntimeException e) {
      door.close();
      throw new IllegalArgumentException(
          "http3 wants UDP port "
              + address.getPort()
              + " too: "
              + e.getMessage()
              + " (see ss -lunp 'sport = :"
              + address.getPort()
              + "')",
          e);
    }
  }

  /// TLS for connections that come in at a door.
  ///
  /// @param open the one that is open already; null where it will be opened by these settings
  /// @throws IllegalArgumentException where QUIC is not there for this machine, or a certificate
  ///   cannot be used
  public static QuicTls tls(
      ListenerSettings settings, @Nullable QuicDoor open, OpenSslSessionTicketKey[] tickets) {
    if (!Quic.isAvailable()) {
      throw new IllegalArgumentException(
          "http3.enabled: the QUIC library is not there for this machine ("
              + System.getProperty("os.name")
              + " on "
              + System.getProperty("os.arch")
              + "): set it to false",
          Quic.unavailabilityCause());
    }
    ListenerSettings.Http3 promised = (open == null ? settings : open.settings).http3();
    return new QuicTls(settings, promised, tickets);
  }

  private void bind(List<EventLoop> loops, InetSocketAddress address) throws IOException {
    // Sockets that share a port would share it with another program's too, silently.
    try (DatagramSocket probe = new DatagramSocket(null)) {
      probe.setReuseAddress(false);
      probe.bind(address);
    }
    List<EventLoop> used = transport.sharesPorts() ? loops : loops.subList(0, 1);
    for (int i = 0; i < used.size(); i++) {
      routers.add(new PacketRouter(routers, i, reception::takesEarlyData));
    }
    for (int i = 0; i < used.size(); i++) {
      ChannelFuture bound = bootstrap(used.get(i), i).bind(address).awaitUninterruptibly();
      if (!bound.isSuccess()) {
        throw bound.cause() instanceof IOException e ? e : new IOException(bound.cause());
      }
      sockets.add(bound.channel());
    }
  }

  private Bootstrap bootstrap(EventLoop loop, int index) {
    int buffer = settings.http3().socketBuffer();
    Bootstrap bootstrap =
        new Bootstrap()
            .group(loop)
            .channelFactory(transport::newDatagramSocket)
            .option(ChannelOption.SO_RCVBUF, buffer)
            .option(ChannelOption.SO_SNDBUF, buffer)
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel socket) {
                    socket
                        .pipeline()
                        .addLast(routers.get(index), codec(loop, index), new SocketErrors());
                  }
                });
    if (transport.sharesPorts()) {
      bootstrap.option(UnixChannelOption.SO_REUSEPORT, true);
    }
    return bootstrap;
  }

  private ChannelHandler codec(EventLoop loop, int index) {
    ListenerSettings.Http3 http3 = settings.http3();
    return new QuicServerCodecBuilder()
        .sslEngineProvider(channel -> reception.tls().newEngine(channel.alloc()))
        .tokenHandler(
            new RetryTokens(
                retryKeys, http3.retry().lifetime(), this::isOpen, reception::wantsProof))
        .localConnectionIdLength(ConnectionIds.LENGTH)
        .connectionIdAddressGenerator(new ConnectionIds(index))
        .activeConnectionIdLimit(http3.activeConnectionIds())
        .activeMigration(true)
        .maxIdleTimeout(http3.idle().toMillis(), TimeUnit.MILLISECONDS)
        .maxSendUdpPayloadSize(SENT_PACKET)
        .maxRecvUdpPayloadSize(RECEIVED_PACKET)
        .initialMaxData(http3.connectionWindow())
        .initialMaxStreamDataBidirectionalRemote(http3.streamWindow())
        .initialMaxStreamDataUnidirectional(CONTROL_WINDOW)
        .initialMaxStreamsBidirectional(http3.maxStreams())
        .initialMaxStreamsUnidirectional(CONTROL_STREAMS)
        .handler(
            new ChannelInitializer<QuicChannel>() {
              @Override
              protected void initChannel(QuicChannel channel) {
                begin(loop, channel);
              }
            })
        .build();
  }

  /// Whether a connection may begin. The packets of others are not answered: that costs the least.
  private boolean isOpen() {
    return !draining && reception.hasRoom();
  }

  private void begin(EventLoop loop, QuicChannel channel) {
    SocketAddress client = channel.remoteSocketAddress();
    if (client == null || !reception.admit(channel, client)) {
      channel.close();
      return;
    }
    clients.add(channel);
    channel.closeFuture().addListener(_ -> left());
    Http3Connection connection = new Http3Connection(reception.loop(loop), channel);
    channel
        .pipeline()
        .addLast(connection, Http3Streams.handler(connection), Http3Streams.errorsOf(connection));
    if (connection.takesEarlyData()) {
      // By itself it is read once the handshake is over.
      channel.read();
    }
    if (draining) {
      channel.pipeline().fireUserEventTriggered(Drain.EVENT);
    }
  }

  private synchronized void left() {
    if (draining && clients.isEmpty()) {
      shut = true;
      sockets.forEach(Channel::close);
    }
  }

  /// Takes connections again; false where the sockets are closed by now.
  public synchronized boolean resume() {
    draining = shut;
    return !shut;
  }

  /// Takes no more connections, and lets go of each once its requests are answered; then the
  /// sockets are closed.
  public void drain() {
    draining = true;
    clients.forEach(each -> each.pipeline().fireUserEventTriggered(Drain.EVENT));
    left();
  }

  /// Breaks every connection off, and closes the sockets.
  @Override
  public void close() {
    draining = true;
    clients.close().awaitUninterruptibly(1000);
    sockets.forEach(each -> each.close().awaitUninterruptibly(1000));
  }
}
