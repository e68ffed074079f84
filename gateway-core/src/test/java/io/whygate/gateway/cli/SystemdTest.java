package io.whygate.gateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollDomainDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainDatagramPacket;
import io.netty.channel.unix.DomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SystemdTest {
  @TempDir private Path folder;

  private final BlockingQueue<String> received = new LinkedBlockingQueue<>();
  private MultiThreadIoEventLoopGroup group;
  private Channel socket;

  @BeforeEach
  void listen() throws InterruptedException {
    group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    socket =
        new Bootstrap()
            .group(group)
            .channel(EpollDomainDatagramChannel.class)
            .handler(
                new SimpleChannelInboundHandler<DomainDatagramPacket>() {
                  @Override
                  protected void channelRead0(
                      ChannelHandlerContext context, DomainDatagramPacket packet) {
                    received.add(packet.content().toString(StandardCharsets.UTF_8));
                  }
                })
            .bind(new DomainSocketAddress(folder.resolve("notify").toFile()))
            .sync()
            .channel();
  }

  @AfterEach
  void close() throws InterruptedException {
    socket.close().sync();
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
  }

  private String next() throws InterruptedException {
    return received.poll(10, TimeUnit.SECONDS);
  }

  @Test
  void hearsThatTheGatewayIsReadyAndThatItStops() throws InterruptedException {
    ServiceManager manager = new Systemd(folder.resolve("notify").toString());
    manager.ready();
    manager.reloading();
    manager.stopping();

    assertThat(next()).isEqualTo("READY=1");
    assertThat(next()).startsWith("RELOADING=1\nMONOTONIC_USEC=");
    assertThat(next()).isEqualTo("STOPPING=1");
  }

  @Test
  void thatIsGoneDisturbsNobody() {
    new Systemd(folder.resolve("nobody").toString()).ready();

    assertThat(received).isEmpty();
  }
}
