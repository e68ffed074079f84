package io.whygate.gateway.upstream;

import io.whygate.gateway.config.UpstreamSettings;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Leaves an upstream alone for a while once it has failed many times in a row, whichever endpoint
/// was tried; then lets single requests through until one succeeds.
///
/// Lock-free and shared by all threads. A trial that ends undecided makes room for the next one;
/// one of which nothing is told counts as lost after the time that the circuit stays open.
public final class CircuitBreaker {
  private final UpstreamSettings.CircuitBreaker settings;
  private final LongSupplier nanos;
  private final AtomicInteger failures = new AtomicInteger();
  private final AtomicReference<@Nullable Opening> open = new AtomicReference<>();

  /// One stay open.
  ///
  /// @param untilNanos when the next trial is due
  /// @param isTried whether a trial is under way
  private record Opening(long untilNanos, boolean isTried) {}

  public CircuitBreaker(UpstreamSettings.CircuitBreaker settings, LongSupplier nanos) {
    this.settings = settings;
    this.nanos = nanos;
  }

  UpstreamSettings.CircuitBreaker settings() {
    return settings;
  }

  /// Whether a request may go to the upstream. After the time open has passed, true for one caller:
  /// the trial.
  public boolean admits() {
    Opening opening = open.get();
    if (opening == null) {
      return true;
    }
    long now = nanos.getAsLong();
    if (now - opening.untilNanos < 0) {
      return false;
    }
    return open.compareAndSet(opening, new Opening(now + openNanos(), true));
  }

  /// Tells that a request that may have been the trial is over. Where neither a success nor a
  /// failure was told meanwhile, the next request is the trial.
  public void tried() {
    Opening opening = open.get();
    if (opening != null && opening.isTried) {
      open.compareAndSet(opening, new Opening(nanos.getAsLong(), false));
    }
  }

  /// Tells of a success at any endpoint: closes the circuit.
  public void succeeded() {
    if (failures.getPlain() != 0) {
      failures.set(0);
    }
    if (open.getPlain() != null) {
      open.set(null);
    }
  }

  /// Tells of a failure at any endpoint.
  public void failed() {
    int threshold = settings.consecutiveFailures();
    if (threshold == 0) {
      return;
    }
    int count = failures.incrementAndGet();
    Opening opening = open.get();
    long now = nanos.getAsLong();
    if (opening != null) {
      open.compareAndSet(opening, new Opening(now + openNanos(), false));
    } else if (count >= threshold) {
      open.compareAndSet(null, new Opening(now + openNanos(), false));
    }
  }

  /// Whether requests are kept away at this moment.
  public boolean isOpen() {
    return open.get() != null;
  }

  /// Nanoseconds until the next trial; 0 where the circuit is closed or a trial is due.
  public long nanosToTrial() {
    Opening opening = open.get();
    return opening == null ? 0 : Math.max(0, opening.untilNanos - nanos.getAsLong());
  }

  private long openNanos() {
    return settings.openFor().toNanos();
  }
}
