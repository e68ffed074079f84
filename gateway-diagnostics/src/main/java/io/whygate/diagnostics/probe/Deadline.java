package io.whygate.diagnostics.probe;

import java.time.Duration;

/// The moment at which an answer is no longer waited for.
///
/// @param nanos the moment, on the scale of [System#nanoTime()]
public record Deadline(long nanos) {

  /// The deadline that lies so far ahead.
  public static Deadline in(Duration time) {
    return new Deadline(System.nanoTime() + time.toNanos());
  }

  public boolean hasPassed() {
    return nanos - System.nanoTime() <= 0;
  }

  /// The time left, milliseconds; at least 1, since sockets take 0 for 'no limit'.
  public int remainingMillis() {
    return Math.clamp((nanos - System.nanoTime()) / 1_000_000, 1, Integer.MAX_VALUE);
  }

  /// The earlier of this one and the one that lies so far ahead.
  public Deadline orIn(Duration time) {
    long other = System.nanoTime() + time.toNanos();
    return other - nanos < 0 ? new Deadline(other) : this;
  }
}
