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
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.whygate.gateway.config.Settings.AdminSettings;
import io.whygate.gateway.telemetry.Metrics;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The operators' interface on its own socket, with one event loop of its own: it works on while
/// the loops that serve clients are busy. Answers are made on virtual threads.
public final class AdminServer implements AutoCloseable {
  private static final int BODY_BYTES = 64 * 1024;
  private static final int IDLE_SECONDS = 60;
  private static final int MOST_CONNECTIONS = 256;

  private final EventLoopGroup loop =
      new MultiThreadIoEventLoopGroup(
          1, new DefaultThreadFactory("admin", true), NioIoHandler.newFactory());
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
  private final AdminApi api;
  private final EventFeed feed;
  private final String gateway;
  private final Channel socket;

  private AdminServer(
      AdminSettings settings, String gateway, Operations operations, Metrics metrics)
      throws IOException {
    this.gateway = gateway;
    this.api = new AdminApi(operations, metrics.registry());
    this.feed = new EventFeed(operations, new Overview(gateway, operations, metrics)::document);
    try {
      this.socket = bind(settings);
    } catch (IOException e) {
      close(null);
      throw e;
    }
    loop.scheduleAtFixedRate(this::tellNews, 1, 1, TimeUnit.SECONDS);
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
    AccessGuard guard = new AccessGuard(settings, gateway);
    ChannelFuture bound =
        new ServerBootstrap()
            .group(loop)
            .channel(NioServerSocketChannel.class)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    open(channel, guard);
                  }
                })
            .bind(settings.bind())
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException(bound.cause().getMessage(), bound.cause());
    }
    return bound.channel();
  }

  private void open(Channel channel, AccessGuard guard) {
    if (connections.size() >= MOST_CONNECTIONS) {
      channel.close();
      return;
    }
    connections.add(channel);
    channel
        .pipeline()
        .addLast(new IdleStateHandler(0, 0, IDLE_SECONDS))
        .addLast(new HttpServerCodec())
        .addLast(new HttpServerKeepAliveHandler())
        .addLast(new HttpObjectAggregator(BODY_BYTES, true))
        .addLast(new FlowControlHandler())
        .addLast(new AdminHandler(guard, api, feed, threads));
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
