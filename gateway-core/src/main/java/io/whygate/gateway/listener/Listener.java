package io.whygate.gateway.listener;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.unix.UnixChannelOption;
import io.netty.handler.ssl.OpenSslSessionTicketKey;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.whygate.gateway.config.ListenerSettings;
import io.whygate.gateway.exchange.LoopServices;
import io.whygate.gateway.exchange.Peer;
import io.whygate.gateway.listener.client.Abuse;
import io.whygate.gateway.listener.client.Drain;
import io.whygate.gateway.listener.client.ListenerCounts;
import io.whygate.gateway.listener.client.ListenerLoop;
import io.whygate.gateway.listener.http3.QuicDoor;
import io.whygate.gateway.listener.http3.QuicTls;
import io.whygate.gateway.listener.http3.Reception;
import io.whygate.gateway.listener.passthrough.NameReader;
import io.whygate.gateway.listener.passthrough.PassThroughConnection;
import io.whygate.gateway.listener.passthrough.PassThroughRoutes;
import io.whygate.gateway.proxyprotocol.Ends;
import io.whygate.gateway.proxyprotocol.ProxyHeader;
import io.whygate.gateway.transport.CountedSizes;
import io.whygate.gateway.transport.DescriptorReserve;
import io.whygate.gateway.transport.SocketFile;
import io.whygate.gateway.transport.Transport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// A place where clients are served: a listening socket on each event loop, all on one port, so
/// that no connection changes threads; or a Unix socket, whose clients are spread over them.
///
/// New settings hold for connections that are accepted after [#prepare]; those that are open go on
/// by the ones they began with.
public final class Listener implements AutoCloseable {
  private static final int BACKLOG = 4096;

  private final Transport transport;
  private final Map<EventLoop, LoopServices> loops;
  private final DescriptorReserve reserve;
  private final List<Channel> sockets = new CopyOnWriteArrayList<>();
  private final ChannelGroup clients = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
  private final AtomicInteger open = new AtomicInteger();
  private final ListenerCounts counts = new ListenerCounts();
  private final PerClient perClient = new PerClient();
  private final Fronts fronts = new Fronts(counts);
  private volatile Setup setup;
  private volatile @Nullable QuicDoor door;
  private volatile @Nullable SocketFile file;
  private volatile boolean draining;
  private volatile boolean accepting = true;

  /// How many clients may be open while descriptors are short: a few more than when they ran out.
  private volatile int most = Integer.MAX_VALUE;

  /// What connections are begun with.
  private record Setup(
      ListenerSettings settings,
      Map<EventLoop, ListenerLoop> loops,
      Optional<ServerTls> tls,
      Optional<QuicTls> quic) {

    ListenerLoop on(EventLoop loop) {
      ListenerLoop found = loops.get(loop);
      if (found == null) {
        throw new AssertionError("an event loop that is not the gateway's");
      }
      return found;
    }

    /// Takes the next key for session tickets where it is time.
    void renewTickets() {
      TicketKeys tickets = tls.orElseThrow().tickets();
      if (tickets.isDue()) {
        OpenSslSessionTicketKey[] keys = tickets.current();
        tls.get().seal(keys);
        quic.ifPresent(each -> each.seal(keys));
      }
    }
  }

  private Listener(
      Transport transport,
      ListenerSettings settings,
      Map<EventLoop, LoopServices> loops,
      DescriptorReserve reserve) {
    this.reserve = reserve;
    this.transport = transport;
    this.loops = loops;
    this.setup = setupOf(settings, null);
  }

  /// Begins to listen.
  ///
  /// @param loops the event loops that serve, with what their exchanges work with
  /// @param reserve hears of descriptors that are refused
  /// @throws IOException where the address cannot be bound
  /// @throws IllegalArgumentException where a certificate cannot be used
  public static Listener bind(
      Transport transport,
      ListenerSettings settings,
      Map<EventLoop, LoopServices> loops,
      DescriptorReserve reserve)
      throws IOException {
    Listener listener = new Listener(transport, settings, loops, reserve);
    try {
      listener.bind();
      listener.door = listener.openDoor(settings);
      return listener;
    } catch (IOException | RuntimeException e) {
      listener.close();
      throw e;
    }
  }

  private Setup setupOf(ListenerSettings settings, @Nullable Setup before) {
    Map<EventLoop, ListenerLoop> perLoop = new HashMap<>();
    loops.forEach((loop, services) ->
        perLoop.put(
            loop,
            new ListenerLoop(
                settings,
                routed(settings, services),
                counts,
                () -> draining,
                () -> inetAddress().getPort())));
    Optional<ServerTls> tls =
        settings
            .tls()
            .map(each -> new ServerTls(each, settings.http2().enabled(), ticketKeys(each, before)));
    Optional<QuicTls> quic =
        settings.http3().enabled()
            ? tls.map(each -> QuicDoor.tls(settings, door, each.tickets().current()))
            : Optional.empty();
    return new Setup(settings, perLoop, tls, quic);
  }

  /// What passes connections on has routes of its own.
  private static LoopServices routed(ListenerSettings settings, LoopServices services) {
    return settings
        .passThrough()
        .map(own -> services.routing(new PassThroughRoutes(own.routes(), services.routes())))
        .orElse(services);
  }

  /// Keys go on where what is said of them and of clients is as it was.
  private static TicketKeys ticketKeys(ListenerSettings.Tls tls, @Nullable Setup before) {
    if (before != null && before.tls.isPresent()) {
      ListenerSettings.Tls known = before.settings.tls().orElseThrow();
      if (known.sessionTickets().equals(tls.sessionTickets())
          && known.clientCertificates().equals(tls.clientCertificates())) {
        return before.tls.get().tickets();
      }
    }
    return new TicketKeys(tls, System::nanoTime);
  }

  private void bind() throws IOException {
    if (setup.settings.bind() instanceof InetSocketAddress address) {
      bind(address);
    } else {
      bindUnix(Path.of(setup.settings.bind().toString()));
    }
  }

  /// One socket for all event loops: the system shares no Unix socket among several.
  private void bindUnix(Path path) throws IOException {
    SocketFile made = SocketFile.at(path);
    EventLoop first = loops.keySet().iterator().next();
    ServerBootstrap bootstrap =
        bootstrap(first.parent(), first.parent()).channelFactory(transport::newUnixServerSocket);
    sockets.add(bound(bootstrap, transport.unixAddress(made.provisional().toString())));
    file = made;
    made.publish(setup.settings.socketMode());
  }

  private static Channel bound(ServerBootstrap bootstrap, SocketAddress address)
      throws IOException {
    ChannelFuture bound = bootstrap.bind(address).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw bound.cause() instanceof IOException e ? e : new IOException(bound.cause());
    }
    return bound.channel();
  }

  private void bind(InetSocketAddress wanted) throws IOException {
    InetSocketAddress address = wanted;
    if (address.getPort() != 0) {
      refuseTaken(address);
    }
    for (EventLoop loop : loops.keySet()) {
      Channel socket = bound(tcpBootstrap(loop), address);
      sockets.add(socket);
      address = (InetSocketAddress) socket.localAddress();
      if (!transport.sharesPorts()) {
        return;
      }
    }
  }

  /// Sockets that share a port would share it with another gateway too, silently.
  private static void refuseTaken(InetSocketAddress address) throws IOException {
    try (ServerSocket probe = new ServerSocket()) {
      probe.setReuseAddress(true);
      probe.bind(address);
    }
  }

  /// Opens the port for UDP too where the settings want HTTP/3.
  private @Nullable QuicDoor openDoor(ListenerSettings settings) {
    return settings.http3().enabled()
        ? QuicDoor.open(
            transport, List.copyOf(loops.keySet()), inetAddress(), settings, new Guests())
        : null;
  }

  private ServerBootstrap bootstrap(EventLoopGroup accepting, EventLoopGroup serving) {
    int buffer = setup.settings.limits().buffer();
    return new ServerBootstrap()
        .group(accepting, serving)
        .option(ChannelOption.SO_BACKLOG, BACKLOG)
        .handler(new RefusedDescriptors())
        .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
        .childOption(ChannelOption.MESSAGE_SIZE_ESTIMATOR, CountedSizes.ONE)
        .childOption(
            ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(buffer / 2, buffer))
        .childHandler(
            new ChannelInitializer<Channel>() {
              @Override
              protected void initChannel(Channel channel) {
                accept(channel);
              }
            });
  }

  private ServerBootstrap tcpBootstrap(EventLoop loop) {
    ServerBootstrap bootstrap =
        bootstrap(loop, transport.sharesPorts() ? loop : loop.parent())
            .channelFactory(transport::newServerSocket)
            .option(ChannelOption.SO_REUSEADDR, true);
    if (transport.sharesPorts()) {
      bootstrap.option(UnixChannelOption.SO_REUSEPORT, true);
    }
    return bootstrap;
  }

  /// Hears of clients that could not be accepted.
  private final class RefusedDescriptors extends ChannelInboundHandlerAdapter {
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      reserve.failed(cause);
      ctx.fireExceptionCaught(cause);
    }
  }

  /// Descriptors run short, or are there again. While they are short, half of those kept back are
  /// for clients, who are told why, and some of those that lie idle are let go.
  public void descriptorsChanged() {
    if (!reserve.isShort()) {
      most = Integer.MAX_VALUE;
    } else if (most == Integer.MAX_VALUE) {
      most = open.get() + reserve.size() / 2;
    }
    regulate();
    if (reserve.isShort()) {
      clients.stream()
          .limit(2L * reserve.size())
          .forEach(each -> each.pipeline().fireUserEventTriggered(Drain.EVENT));
    }
  }

  private void accept(Channel channel) {
    Setup current = setup;
    ListenerLoop loop = current.on(channel.eventLoop());
    switch (fronts.judge(current.settings, channel)) {
      case CLIENT -> {
        if (admit(current, channel, ProxyHeader.OWN)) {
          register(channel);
          begin(current, loop, channel, ProxyHeader.OWN);
        }
      }
      case FRONT -> {
        register(channel);
        channel
            .pipeline()
            .addLast(
                new FrontGreeting(
                    loop,
                    channel,
                    fronts,
                    header -> {
                      boolean admitted = admit(current, channel, header);
                      if (admitted) {
                        begin(current, loop, channel, header);
                      }
                      return admitted;
                    }));
      }
      case STRANGER -> channel.close();
    }
  }

  private void register(Channel channel) {
    clients.add(channel);
    count(channel);
  }

  /// Lets a client in, or closes its connection.
  private boolean admit(Setup current, Channel channel, ProxyHeader front) {
    SocketAddress source = front.ends().orElseGet(() -> Ends.of(channel)).source();
    boolean admitted = mayEnter(channel, source, current.settings);
    if (!admitted) {
      counts.abused(Abuse.CONNECTIONS);
      channel.close();
    }
    return admitted;
  }

  private static void begin(Setup current, ListenerLoop loop, Channel channel, ProxyHeader front) {
    if (current.settings.passThrough().isPresent()) {
      passThrough(current.settings.passThrough().get().tls(), loop, channel, front);
      return;
    }
    if (current.tls.isPresent()) {
      if (loop.counts().handshakeBegan() > current.settings.limits().handshakes()) {
        loop.counts().handshakeEnded();
        loop.counts().abused(Abuse.HANDSHAKE_LIMIT);
        channel.close();
        return;
      }
      ServerTls tls = current.tls.get();
      current.renewTickets();
      channel
          .pipeline()
          .addLast(
              new Greeting(
                  tls,
                  loop.services().challenges(),
                  loop.services().staples(),
                  current.settings.timeouts().handshake()));
    }
    channel.pipeline().addLast(new ProtocolChoice(loop, channel, front, current.tls.isPresent()));
  }

  private static void passThrough(
      boolean tls, ListenerLoop loop, Channel channel, ProxyHeader front) {
    Ends ends = front.ends().orElseGet(() -> Ends.of(channel));
    Peer peer = new Peer(ends, tls, List.of(), front.id());
    if (tls) {
      channel.pipeline().addLast(new NameReader(loop.settings()));
    }
    channel.pipeline().addLast(new PassThroughConnection(loop, channel, peer, tls));
  }

  /// What clients meet who come by QUIC.
  private final class Guests implements Reception {
    @Override
    public ListenerLoop loop(EventLoop loop) {
      return setup.on(loop);
    }

    @Override
    public QuicTls tls() {
      Setup current = setup;
      current.renewTickets();
      return current.quic.orElseThrow();
    }

    @Override
    public boolean takesEarlyData() {
      return setup.settings.http3().earlyData();
    }

    @Override
    public boolean wantsProof() {
      ListenerSettings settings = setup.settings;
      ListenerSettings.Retry retry = settings.http3().retry();
      return switch (retry.when()) {
        case ALWAYS -> true;
        case NEVER -> false;
        case AUTO -> settings.limits().connections() >= 0 || counts.handshakes() >= retry.above();
      };
    }

    @Override
    public boolean hasRoom() {
      Setup current = setup;
      if (draining || current.quic.isEmpty() || !mayAccept()) {
        return false;
      }
      boolean room = counts.handshakes() < current.settings.limits().handshakes();
      if (!room) {
        counts.abused(Abuse.HANDSHAKE_LIMIT);
      }
      return room;
    }

    @Override
    public boolean admit(Channel connection, SocketAddress client) {
      boolean admitted = mayEnter(connection, client, setup.settings);
      if (admitted) {
        count(connection);
      } else {
        counts.abused(Abuse.CONNECTIONS);
      }
      return admitted;
    }
  }

  /// Whether the client may have one connection more, which is counted then. Many clients share the
  /// address of a proxy.
  private boolean mayEnter(Channel channel, SocketAddress source, ListenerSettings settings) {
    int most = settings.limits().connections();
    if (most < 0
        || !(source instanceof InetSocketAddress peer)
        || settings.trustedProxies().contains(peer)) {
      return true;
    }
    boolean enters = perClient.enter(peer.getAddress(), most);
    if (enters) {
      channel.closeFuture().addListener(_ -> perClient.leave(peer.getAddress()));
    }
    return enters;
  }

  /// Stops accepting at the limit: further clients wait in the system's queue.
  private void count(Channel channel) {
    open.incrementAndGet();
    regulate();
    channel
        .closeFuture()
        .addListener(_ -> {
          open.decrementAndGet();
          regulate();
        });
  }

  /// Accepts, or not, as the count of this moment and the settings of this moment say.
  private void regulate() {
    if (mayAccept() != accepting) {
      switchOver();
    }
  }

  private boolean mayAccept() {
    return open.get() < Math.min(most, setup.settings.maxConnections());
  }

  private synchronized void switchOver() {
    boolean wanted = mayAccept();
    if (wanted != accepting) {
      accepting = wanted;
      sockets.forEach(each -> each.config().setAutoRead(wanted));
    }
  }

  /// Where it listens; with the port that the system chose where the settings leave it open.
  public SocketAddress address() {
    SocketAddress wanted = setup.settings.bind();
    return wanted instanceof InetSocketAddress ? sockets.getFirst().localAddress() : wanted;
  }

  /// The same for one that has an address of the network.
  private InetSocketAddress inetAddress() {
    return (InetSocketAddress) address();
  }

  public ListenerSettings settings() {
    return setup.settings;
  }

  /// Client connections that are open.
  public int connections() {
    return open.get();
  }

  /// What it counts beside its exchanges.
  public ListenerCounts counts() {
    return counts;
  }

  /// New settings that are ready.
  ///
  /// @param use uses them for connections from then on
  /// @param giveUp takes back what was made ready
  public record Change(Runnable use, Runnable giveUp) {}

  /// Makes new settings ready.
  ///
  /// @throws IllegalArgumentException where a certificate cannot be used, or UDP not be listened to
  public Change prepare(ListenerSettings settings) {
    Setup next = setupOf(settings, setup);
    boolean wasOpen = setup.settings.http3().enabled();
    QuicDoor known = door;
    // One that is being closed still has its port: it is opened again, to nobody before the change.
    boolean goesOn = settings.http3().enabled() && known != null && known.resume();
    QuicDoor opened = goesOn ? null : openDoor(settings);
    return new Change(
        () -> {
          permit(settings);
          setup = next;
          regulate();
          changeDoor(settings, opened);
        },
        () -> {
          if (opened != null) {
            opened.close();
          } else if (known != null && goesOn && !wasOpen) {
            known.drain();
          }
        });
  }

  private void permit(ListenerSettings settings) {
    SocketFile known = file;
    if (known != null && !settings.socketMode().equals(setup.settings.socketMode())) {
      known.permit(settings.socketMode());
    }
  }

  private void changeDoor(ListenerSettings settings, @Nullable QuicDoor opened) {
    if (opened != null) {
      door = opened;
    } else if (door != null && !settings.http3().enabled()) {
      door.drain();
    }
  }

  /// Stops listening, and lets go of each connection once its exchange is over.
  public void drain() {
    draining = true;
    sockets.forEach(Channel::close);
    removeFile();
    clients.forEach(each -> each.pipeline().fireUserEventTriggered(Drain.EVENT));
    QuicDoor open = door;
    if (open != null) {
      open.drain();
    }
  }

  private void removeFile() {
    SocketFile known = file;
    if (known != null) {
      file = null;
      known.remove();
    }
  }

  /// Stops listening and breaks every connection off.
  @Override
  public void close() {
    draining = true;
    sockets.forEach(each -> each.close().awaitUninterruptibly(1000));
    removeFile();
    clients.close().awaitUninterruptibly(1000);
    QuicDoor known = door;
    if (known != null) {
      known.close();
    }
  }
}
