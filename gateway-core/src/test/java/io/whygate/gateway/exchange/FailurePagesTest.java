package io.whygate.gateway.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class FailurePagesTest {
  @Test
  void aPageIsHandedOverToItsEventLoopWhileThatRuns() throws Exception {
    EventLoop loop = new DefaultEventLoop();
    try {
      CountDownLatch within = new CountDownLatch(1);
      FailurePages.handOver(
          loop,
          () -> {
            if (loop.inEventLoop()) {
              within.countDown();
            }
          });
      assertThat(within.await(20, TimeUnit.SECONDS)).isTrue();
    } finally {
      loop.shutdownGracefully(0, 0, TimeUnit.SECONDS).sync();
    }
  }

  @Test
  void aPageThatIsReadyAfterTheEndOfItsEventLoopIsNoFault() throws Exception {
    EventLoop loop = new DefaultEventLoop();
    loop.shutdownGracefully(0, 0, TimeUnit.SECONDS).sync();
    AtomicBoolean answered = new AtomicBoolean();

    assertThatCode(() -> FailurePages.handOver(loop, () -> answered.set(true)))
        .doesNotThrowAnyException();
    assertThat(answered).isFalse();
  }
}
