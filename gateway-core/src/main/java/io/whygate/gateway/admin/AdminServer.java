package io.whygate.gateway.admin;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpServerKeepAliveHandler;
import io.netty.handler.flow.FlowControlHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.whygate.gateway.config.AdminSettings;
import io.whygate.gateway.config.ListenerSettings.KeyPair;
import io.whygate.gateway.telemetry.Metrics;
import io.whygate.gateway.telemetry.TrafficHistory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The operators' interface on its own socket, with one event loop of its own: it works on while
/// the loops that serve clients are busy. Answers are made on virtual threads.
public final class AdminServer implements AutoCloseable {
  /// Room for the longest thing that is ever sent here, a message to visitors, many times over.
  private static final int BODY_BYTES = 64 * 1024;

  /// Longer than a scraper waits between two scrapes, and than an event stream is ever silent.
  private static final int IDLE_SECONDS = 60;

  private final EventLoopGroup loop =
      new MultiThreadIoEventLoopGroup(
          1, new DefaultThreadFactory("admin", true), NioIoHandler.newFactory());
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
  private final AccessGuard guard;
  private final SessionApi sessions;
  private final AdminApi api;
  private final EventFeed feed;
  private final TrafficHistory history;
  private final int mostConnections;
  private final Optional<SslContext> tls;
  private final Channel socket;

  private AdminServer(
      AdminSettings settings, String gateway, Operations operations, Metrics metrics)
      throws IOException {
    Tokens tokens = new Tokens(settings.access());
    Sessions open = new Sessions(settings.access().sessions());
    this.guard = new AccessGuard(settings, gateway, tokens, open);
    this.sessions = new SessionApi(tokens, open);
    this.history = metrics.history(settings.history());
    TrafficApi traffic = new TrafficApi(history);
    this.api = new AdminApi(operations, traffic, metrics.registry());
    this.feed =
        new EventFeed(
            operations,
            new Overview(gateway, operations, metrics)::document,
            traffic::latest,
            settings.limits().consoles());
    this.mostConnections = settings.limits().connections();
    try {
      this.tls = contextOf(settings.door().identity());
      this.socket = bind(settings);
    } catch (IOException e) {
      close(null);
      throw e;
    }
    loop.scheduleAtFixedRate(this::tellNews, 1, 1, TimeUnit.SECONDS);
    long every = TrafficHistory.EVERY.toSeconds();
    loop.scheduleAtFixedRate(
        () -> threads.execute(history::sample), every, every, TimeUnit.SECONDS);
  }

  private static Optional<SslContext> contextOf(Optional<KeyPair> identity) throws IOException {
    if (identity.isEmpty()) {
      return Optional.empty();
    }
    KeyPair pair = identity.get();
    return Optional.of(
        SslContextBuilder.forServer(pair.key(), pair.chain().toArray(X509Certificate[]::new))
            .protocols("TLSv1.3", "TLSv1.2")
            .build());
  }

  /// Opens the interface.
  ///
  /// @param gateway the gateway's own name in Via: a request that came through it is refused
  /// @throws IOException where the address cannot be bound
  public static AdminServer start(
      AdminSettings settings, String gateway, Operations operations, Metrics metrics)
      throws IOException {
    return new AdminServer(settings, gateway, operations, metrics);
  }

  private Channel bind(AdminSettings settings) throws IOException {
    ChannelFuture bound =
        new ServerBootstrap()
            .group(loop)
            .channel(NioServerSocketChannel.class)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    open(channel);
                  }
                })
            .bind(settings.bind())
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException(bound.cause().getMessage(), bound.cause());
    }
    return bound.channel();
  }

  private void open(Channel channel) {
    if (connections.size() >= mostConnections) {
      channel.close();
      return;
    }
    connections.add(channel);
    tls.ifPresent(context -> channel.pipeline().addLast(context.newHandler(channel.alloc())));
    channel
        .pipeline()
        .addLast(new IdleStateHandler(0, 0, IDLE_SECONDS))
        .addLast(new HttpServerCodec())
        .addLast(new HttpServerKeepAliveHandler())
        .addLast(new HttpObjectAggregator(BODY_BYTES, true))
        .addLast(new FlowControlHandler())
        .addLast(new AdminHandler(guard, sessions, api, feed, threads));
  }

  private void tellNews() {
    if (feed.isHeard()) {
      threads.execute(feed::tell);
    }
  }

  /// The address at which it listens.
  public InetSocketAddress address() {
    return (InetSocketAddress) socket.localAddress();
  }

  /// Closes the socket and every connection.
  @Override
  public void close() {
    close(socket);
  }

  private void close(@Nullable Channel open) {
    if (open != null) {
      open.close().awaitUninterruptibly();
    }
    connections.close().awaitUninterruptibly();
    threads.shutdownNow();
    loop.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
  }
}
