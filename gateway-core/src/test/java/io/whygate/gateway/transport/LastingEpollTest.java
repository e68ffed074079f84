package io.whygate.gateway.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Descriptors whose numbers are used again at once, and pauses: what Netty's epoll handler alone
/// gets wrong.
class LastingEpollTest {
  private static final int ROUNDS = 20;

  private MultiThreadIoEventLoopGroup group;
  private EventLoop loop;

  @BeforeEach
  void start() {
    assumeTrue(Epoll.isAvailable(), "epoll");
    group = new MultiThreadIoEventLoopGroup(1, Transport.EPOLL.ioHandlers());
    loop = group.next();
  }

  @AfterEach
  void stop() {
    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  /// In one batch of events, the first makes its handler close the channel of the second and dial
  /// anew. The second event is an end of input: it is not the new channel's.
  @Test
  void anEventOfAClosedChannelDoesNotReachTheNextOneWithItsNumber() throws Exception {
    int reused = 0;
    for (int round = 0; round < ROUNDS; round++) {
      try (ServerSocket server = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"))) {
        Pair first = connect(server);
        Pair second = connect(server);
        var answer = new CompletableFuture<String>();
        var successor = new CompletableFuture<EpollSocketChannel>();
        int number = second.number();
        first.onRead(() -> {
          second.channel().close();
          successor.complete(dialWithNumber(number, server, answer));
        });
        whileBusy(
            loop,
            () -> {
              first.peer().getOutputStream().write(1);
              second.peer().close();
            });
        if (successor.get(10, TimeUnit.SECONDS).fd().intValue() == number) {
          reused++;
        }
        greetAll(server);
        assertThat(answer.get(10, TimeUnit.SECONDS)).isEqualTo("welcome");
        first.peer().close();
        first.channel().close().sync();
        successor.get().close().sync();
      }
    }
    assertThat(reused).as("rounds in which the number was used again").isPositive();
  }

  /// An end of input that comes while reading is paused is seen when reading goes on, with all that
  /// came before it.
  @Test
  void whatCameWhileReadingWasPausedIsReadAfterwards() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"))) {
      Pair pair = connect(server);
      var bytes = new CompletableFuture<String>();
      pair.channel().pipeline().addLast(new FirstRead(bytes));
      loop.submit(() -> pair.channel().config().setAutoRead(false)).sync();
      pair.peer().getOutputStream().write("the rest".getBytes(StandardCharsets.US_ASCII));
      pair.peer().close();
      // One turn of the loop sees the end of input while nothing may be read.
      loop.schedule(() -> pair.channel().config().setAutoRead(true), 100, TimeUnit.MILLISECONDS);
      assertThat(bytes.get(10, TimeUnit.SECONDS)).isEqualTo("the rest");
      pair.channel().close().sync();
    }
  }

  /// A channel of the loop and the socket at its other end.
  private record Pair(EpollSocketChannel channel, Socket peer) {
    int number() {
      return channel.fd().intValue();
    }

    void onRead(ThrowingAction action) {
      channel
          .pipeline()
          .addLast(
              new ChannelInboundHandlerAdapter() {
                @Override
                public void channelRead(ChannelHandlerContext ctx, Object message)
                    throws Exception {
                  ((ByteBuf) message).release();
                  action.run();
                }
              });
    }
  }

  interface ThrowingAction {
    void run() throws Exception;
  }

  private static final class FirstRead extends ChannelInboundHandlerAdapter {
    private final CompletableFuture<String> text;

    private FirstRead(CompletableFuture<String> text) {
      this.text = text;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ByteBuf bytes = (ByteBuf) message;
      text.complete(bytes.toString(StandardCharsets.US_ASCII));
      bytes.release();
    }
  }

  private Pair connect(ServerSocket server) throws Exception {
    var channel = newChannel();
    group.register(channel).sync();
    channel.connect(server.getLocalSocketAddress()).sync();
    return new Pair(channel, server.accept());
  }

  private static EpollSocketChannel newChannel() {
    var channel = new EpollSocketChannel();
    channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    return channel;
  }

  /// Opens channels until one has this number; only that one is dialled.
  private EpollSocketChannel dialWithNumber(
      int number, ServerSocket server, CompletableFuture<String> answer) {
    List<Channel> others = new ArrayList<>();
    EpollSocketChannel channel = newChannel();
    for (int i = 0; i < 64 && channel.fd().intValue() < number; i++) {
      others.add(channel);
      channel = newChannel();
    }
    loop.register(channel);
    var dialled = channel;
    channel
        .connect(new InetSocketAddress(server.getInetAddress(), server.getLocalPort()))
        .addListener(_ -> dialled.pipeline().addLast(new FirstRead(answer)));
    others.forEach(each -> each.unsafe().closeForcibly());
    return channel;
  }

  /// Acts while an event loop does something else, so that its next wait brings all of it.
  static void whileBusy(EventLoop loop, ThrowingAction action) throws Exception {
    var busy = new CountDownLatch(1);
    var release = new CountDownLatch(1);
    loop.execute(() -> {
      busy.countDown();
      try {
        release.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    });
    busy.await();
    action.run();
    release.countDown();
  }

  private static void greetAll(ServerSocket server) throws Exception {
    Socket accepted = server.accept();
    accepted.getOutputStream().write("welcome".getBytes(StandardCharsets.US_ASCII));
    accepted.getOutputStream().flush();
  }
}
