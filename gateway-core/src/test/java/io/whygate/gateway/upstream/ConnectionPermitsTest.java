package io.whygate.gateway.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ConnectionPermitsTest {
  private final ConnectionPermits permits = new ConnectionPermits();
  private final List<String> events = new ArrayList<>();

  @Test
  void handsFreedPermitToTheFirstWaiter() {
    assertThat(permits.tryAcquire(1)).isTrue();
    assertThat(permits.tryAcquire(1)).isFalse();
    assertThat(permits.enqueue(waiter("a", false), 2, 1)).isTrue();
    assertThat(permits.enqueue(waiter("b", true), 2, 1)).isTrue();
    assertThat(permits.enqueue(waiter("c", false), 2, 1)).isFalse();
    assertThat(permits.isStarving()).isFalse();
    permits.release(1);
    assertThat(events).containsExactly("a");
    assertThat(permits.isStarving()).isTrue();
    assertThat(permits.pending()).isEqualTo(1);
    permits.release(1);
    permits.release(1);
    assertThat(events).containsExactly("a", "b");
    assertThat(permits.open()).isZero();
  }

  @Test
  void passesOverWaitersThatGaveUp() {
    permits.tryAcquire(1);
    ConnectionPermits.Waiter impatient = waiter("a", false);
    permits.enqueue(impatient, 9, 1);
    permits.enqueue(waiter("b", false), 9, 1);
    assertThat(impatient.claim()).isTrue();
    assertThat(impatient.claim()).isFalse();
    permits.release(1);
    assertThat(events).containsExactly("b");
  }

  @Test
  void handsNothingOnAboveLoweredLimit() {
    permits.tryAcquire(2);
    permits.tryAcquire(2);
    permits.enqueue(waiter("a", false), 9, 1);
    permits.release(1);
    assertThat(events).isEmpty();
    permits.release(1);
    assertThat(events).containsExactly("a");
  }

  @Test
  void keepsTheLimitAndServesEverybodyUnderContention() throws InterruptedException {
    int limit = 3;
    int threads = 4;
    int rounds = 3000;
    AtomicInteger inUse = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    CountDownLatch served = new CountDownLatch(threads * rounds);
    List<Thread> all = new ArrayList<>();
    for (int t = 0; t < threads; t++) {
      all.add(
          Thread.ofPlatform()
              .start(() -> {
                for (int i = 0; i < rounds; i++) {
                  Runnable use =
                      () -> {
                        most.accumulateAndGet(inUse.incrementAndGet(), Math::max);
                        Thread.ofVirtual()
                            .start(() -> {
                              if (ThreadLocalRandom.current().nextInt(8) == 0) {
                                Thread.yield();
                              }
                              inUse.decrementAndGet();
                              permits.release(limit);
                              served.countDown();
                            });
                      };
                  if (permits.tryAcquire(limit)) {
                    use.run();
                  } else {
                    permits.enqueue(granting(use), Integer.MAX_VALUE, limit);
                  }
                }
              }));
    }
    for (Thread each : all) {
      each.join();
    }
    assertThat(served.await(30, TimeUnit.SECONDS)).as("left: %s", served.getCount()).isTrue();
    assertThat(most.get()).isLessThanOrEqualTo(limit);
    assertThat(permits.open()).isZero();
    assertThat(permits.pending()).isZero();
  }

  private ConnectionPermits.Waiter waiter(String name, boolean starving) {
    return new ConnectionPermits.Waiter(permits, starving) {
      @Override
      protected void granted() {
        events.add(name);
      }
    };
  }

  private ConnectionPermits.Waiter granting(Runnable use) {
    return new ConnectionPermits.Waiter(permits, false) {
      @Override
      protected void granted() {
        use.run();
      }
    };
  }
}
