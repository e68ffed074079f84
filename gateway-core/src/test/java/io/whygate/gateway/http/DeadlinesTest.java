package io.whygate.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.whygate.gateway.transport.Transport;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DeadlinesTest {
  private static final long SOON = TimeUnit.MILLISECONDS.toNanos(30);
  private static final long LATE = TimeUnit.MILLISECONDS.toNanos(200);

  private final MultiThreadIoEventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, Transport.best().ioHandlers());
  private final EventLoop loop = (EventLoop) group.iterator().next();
  private final Deadlines deadlines = new Deadlines(loop);
  private final List<String> over = new CopyOnWriteArrayList<>();
  private final CompletableFuture<Void> last = new CompletableFuture<>();

  @AfterEach
  void stop() {
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }

  private <T> T on(Supplier<T> what) {
    return CompletableFuture.supplyAsync(what, loop).orTimeout(5, TimeUnit.SECONDS).join();
  }

  private Deadlines.Deadline named(String name) {
    return deadlines.add(() -> over.add(name));
  }

  /// Waits for a deadline that is set after all others.
  private void waitForLast() {
    on(() -> {
      deadlines.add(() -> last.complete(null)).in(LATE);
      return true;
    });
    last.orTimeout(5, TimeUnit.SECONDS).join();
  }

  @Test
  void callsEachOnceWhenItIsOver() {
    on(() -> {
      named("a").in(SOON);
      named("b").in(SOON);
      return true;
    });
    waitForLast();
    assertThat(over).containsExactlyInAnyOrder("a", "b");
  }

  @Test
  void callsNothingThatWasClearedClosedOrPutOff() {
    on(() -> {
      Deadlines.Deadline cleared = named("cleared");
      cleared.in(SOON);
      cleared.clear();
      Deadlines.Deadline closed = named("closed");
      closed.in(SOON);
      closed.close();
      closed.in(SOON);
      Deadlines.Deadline later = named("later");
      later.in(SOON);
      later.in(TimeUnit.MINUTES.toNanos(1));
      named("due").in(SOON);
      return true;
    });
    waitForLast();
    assertThat(over).containsExactly("due");
  }

  @Test
  void goesOnAfterAnActionThatThrows() {
    on(() -> {
      named("before").in(SOON);
      deadlines
          .add(() -> {
            throw new IllegalStateException("broken on purpose");
          })
          .in(SOON);
      named("after").in(SOON);
      return true;
    });
    waitForLast();
    assertThat(over).containsExactlyInAnyOrder("before", "after");
  }

  @Test
  void letsAnActionCloseOthers() {
    on(() -> {
      Deadlines.Deadline[] all = new Deadlines.Deadline[10];
      for (int i = 0; i < all.length; i++) {
        all[i] =
            deadlines.add(() -> {
              over.add("one");
              for (Deadlines.Deadline each : all) {
                each.close();
              }
            });
        all[i].in(SOON);
      }
      return true;
    });
    waitForLast();
    assertThat(over).containsExactly("one");
  }
}
