package io.whygate.faults;

import io.whygate.faults.tls.TlsFault;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// How a server behaves from one switch to the next, with the counts that a fault needs. Replaced
/// whole at a switch; those who wait in it are woken then.
///
/// @param fault what it does wrong, or null
/// @param tlsFault what its TLS does wrong, or null
/// @param encrypted whether it speaks TLS
/// @param requests requests that came under it
/// @param workers those free under [Fault.WorkersExhausted], else none
/// @param over open until the next switch
record Behaviour(
    @Nullable Fault fault,
    @Nullable TlsFault tlsFault,
    boolean encrypted,
    AtomicInteger requests,
    Semaphore workers,
    CountDownLatch over) {

  static Behaviour of(@Nullable Fault fault, @Nullable TlsFault tlsFault, boolean encrypted) {
    return new Behaviour(
        fault,
        tlsFault,
        encrypted,
        new AtomicInteger(),
        new Semaphore(workersOf(fault)),
        new CountDownLatch(1));
  }

  /// Waits this long, or until the next switch.
  ///
  /// @return whether the time passed, and no switch came
  boolean pause(Duration time) {
    try {
      return !over.await(time.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static int workersOf(@Nullable Fault fault) {
    return switch (fault) {
      case Fault.WorkersExhausted(int workers, _) -> workers;
      case Fault.PathFailure(_, Fault inner) -> workersOf(inner);
      case Fault.MethodFailure(_, Fault inner) -> workersOf(inner);
      case Fault.SizeFailure(_, _, Fault inner) -> workersOf(inner);
      case Fault.FirstOnly(_, Fault inner) -> workersOf(inner);
      case null, default -> 0;
    };
  }
}
