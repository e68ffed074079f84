package io.whygate.e2e.matrix;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/// How long a thread that only wants to look at the clock had to wait for it, at the worst: what
/// other work on the machine, or on the host of a virtual one, takes from everybody. The load alone
/// does not tell.
final class Stalls implements AutoCloseable {
  private static final Duration STEP = Duration.ofMillis(10);

  private final Thread thread = Thread.ofPlatform().daemon().name("stalls").start(this::watch);
  private volatile long worstNanos;
  private volatile boolean over;

  private void watch() {
    long before = System.nanoTime();
    while (!over) {
      LockSupport.parkNanos(STEP.toNanos());
      long now = System.nanoTime();
      worstNanos = Math.max(worstNanos, now - before - STEP.toNanos());
      before = now;
    }
  }

  /// The longest so far.
  Duration worst() {
    return Duration.ofNanos(worstNanos);
  }

  @Override
  public void close() {
    over = true;
    LockSupport.unpark(thread);
  }
}
