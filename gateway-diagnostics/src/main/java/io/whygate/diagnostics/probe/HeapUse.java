package io.whygate.diagnostics.probe;

import java.time.Duration;

/// The gateway's own heap.
///
/// @param used bytes in use, garbage included
/// @param max how many bytes it may have
/// @param kept bytes that the last collections left in use, or -1
/// @param collecting how long collections have stopped the gateway of late
public record HeapUse(long used, long max, long kept, Collecting collecting) {
  private static final double NEARLY_FULL = 0.8;

  /// Whether hardly anything is left for what comes: collections follow upon each other, and free
  /// next to nothing.
  public boolean isNearlyFull() {
    return max > 0 && kept >= NEARLY_FULL * max;
  }

  /// How much of a time the program stood still for collections of garbage.
  ///
  /// @param stopped how long
  /// @param within the time that was looked at; zero where nothing is known
  public record Collecting(Duration stopped, Duration within) {
    public static final Collecting NONE = new Collecting(Duration.ZERO, Duration.ZERO);

    /// The part of the time, from 0 to 1.
    public double share() {
      return within.isZero() ? 0 : Math.min(1, (double) stopped.toNanos() / within.toNanos());
    }
  }
}
