package io.whygate.e2e.lab;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Waiting for what another process does, with a limit and a name for what was waited for.
public final class Await {
  private static final Duration STEP = Duration.ofMillis(10);

  private Await() {}

  /// Returns as soon as `condition` holds.
  ///
  /// @throws AssertionError when it does not within `limit`; an exception of the condition counts
  ///   as not yet
  public static void until(String what, Duration limit, Callable<Boolean> condition) {
    until(what, limit, condition, () -> "");
  }

  /// The same, with something to add to the message of failure, such as a log.
  public static void until(
      String what, Duration limit, Callable<Boolean> condition, Supplier<String> more) {
    long end = System.nanoTime() + limit.toNanos();
    @Nullable Exception last = null;
    while (System.nanoTime() < end) {
      try {
        if (condition.call()) {
          return;
        }
        last = null;
      } catch (Exception e) {
        last = e;
      }
      LockSupport.parkNanos(STEP.toNanos());
    }
    throw new AssertionError(
        "waited " + limit.toMillis() + " ms for: " + what + "\n" + more.get(), last);
  }
}
