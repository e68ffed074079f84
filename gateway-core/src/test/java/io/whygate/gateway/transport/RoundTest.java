package io.whygate.gateway.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Rounds of a real event loop: what one wait brings is read, worked on and answered in this order.
class RoundTest {
  private static final int MANY = 200;

  private MultiThreadIoEventLoopGroup group;
  private EventLoop loop;
  private ServerSocket server;
  private final List<Socket> peers = new ArrayList<>();

  @BeforeEach
  void start() throws Exception {
    assumeTrue(Epoll.isAvailable(), "epoll");
    group = new MultiThreadIoEventLoopGroup(1, Transport.EPOLL.ioHandlers());
    loop = group.next();
    server = new ServerSocket(0, 2 * MANY, InetAddress.ofLiteral("127.0.0.1"));
  }

  @AfterEach
  void stop() throws Exception {
    group.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    for (Socket each : peers) {
      each.close();
    }
    server.close();
  }

  @Test
  void allIsReadBeforeAnyOfItIsWorkedOn() throws Exception {
    var order = new ArrayList<String>();
    var done = new CountDownLatch(2);
    for (int i = 0; i < 2; i++) {
      onRead(
          connect(),
          (_, _) -> {
            order.add("read");
            boolean taken =
                Round.current()
                    .takes(() -> {
                      order.add("work");
                      done.countDown();
                    });
            order.add(taken ? "taken" : "refused");
          });
    }
    writeWhileTheLoopIsBusy();
    assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(order).containsExactly("read", "taken", "read", "taken", "work", "work");
  }

  @Test
  void whatIsWrittenIsSentOnceAllIsWorkedOn() throws Exception {
    var sentEarly = new CompletableFuture<Boolean>();
    onRead(
        connect(),
        (channel, bytes) -> {
          channel.write(bytes.retain());
          Round.current().flush(channel);
        });
    onRead(
        connect(),
        (channel, bytes) -> {
          Round.current().takes(() -> sentEarly.complete(hasBytes(peers.getFirst())));
          channel.write(bytes.retain());
          Round.current().flush(channel);
        });
    writeWhileTheLoopIsBusy();
    assertThat(sentEarly.get(10, TimeUnit.SECONDS)).isFalse();
    for (Socket each : peers) {
      assertThat(each.getInputStream().read()).isEqualTo('x');
    }
  }

  @Test
  void aLargePieceIsSentAtOnce() throws Exception {
    var sent = new CompletableFuture<Boolean>();
    onRead(
        connect(),
        (channel, _) -> {
          channel.write(Unpooled.wrappedBuffer(new byte[Round.SMALL + 1]));
          Round.current().flush(channel);
          sent.complete(Transport.unsent(channel) == 0);
        });
    writeWhileTheLoopIsBusy();
    assertThat(sent.get(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void moreThanHasRoomIsWorkedOnAndSentToo() throws Exception {
    for (int i = 0; i < MANY; i++) {
      onRead(
          connect(),
          (channel, bytes) -> {
            ByteBuf answer = bytes.retain();
            Runnable reply =
                () -> {
                  channel.write(answer);
                  Round.current().flush(channel);
                };
            if (!Round.current().takes(reply::run)) {
              reply.run();
            }
          });
    }
    writeWhileTheLoopIsBusy();
    for (Socket each : peers) {
      assertThat(each.getInputStream().read()).isEqualTo('x');
    }
  }

  @Test
  void workThatFailsDoesNotCostTheOthersTheirTurn() throws Exception {
    var worked = new CompletableFuture<String>();
    onRead(
        connect(),
        (_, _) ->
            Round.current()
                .takes(() -> {
                  throw new IllegalStateException("meant to fail");
                }));
    onRead(connect(), (_, _) -> Round.current().takes(() -> worked.complete("worked")));
    writeWhileTheLoopIsBusy();
    assertThat(worked.get(10, TimeUnit.SECONDS)).isEqualTo("worked");
  }

  @Test
  void outsideOfARoundNothingIsPutOff() throws Exception {
    Channel channel = connect();
    boolean taken = loop.submit(() -> Round.current().takes(() -> {})).get();
    assertThat(taken).isFalse();
    loop.submit(() -> {
      channel.write(Unpooled.wrappedBuffer(new byte[] {'y'}));
      Round.current().flush(channel);
    });
    assertThat(peers.getFirst().getInputStream().read()).isEqualTo('y');
  }

  private interface OnRead {
    void read(Channel channel, ByteBuf bytes);
  }

  private static void onRead(Channel channel, OnRead action) {
    channel
        .pipeline()
        .addLast(
            new ChannelInboundHandlerAdapter() {
              @Override
              public void channelRead(ChannelHandlerContext ctx, Object message) {
                ByteBuf bytes = (ByteBuf) message;
                action.read(channel, bytes);
                bytes.release();
              }
            });
  }

  private Channel connect() throws Exception {
    Channel channel = Transport.EPOLL.newSocket();
    group.register(channel).sync();
    channel.connect(server.getLocalSocketAddress()).sync();
    Socket peer = server.accept();
    peer.setSoTimeout(10_000);
    peers.add(peer);
    return channel;
  }

  private static boolean hasBytes(Socket peer) {
    try {
      return peer.getInputStream().available() > 0;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void writeWhileTheLoopIsBusy() throws Exception {
    LastingEpollTest.whileBusy(
        loop,
        () -> {
          for (Socket each : peers) {
            each.getOutputStream().write('x');
          }
        });
  }
}
