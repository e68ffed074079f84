package io.whygate.gateway.telemetry;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// Counters that one event loop writes and any thread may read: an increment is a plain load and
/// store, without a lock or an atomic read-modify-write.
final class Cells {
  private static final VarHandle ELEMENT = MethodHandles.arrayElementVarHandle(long[].class);

  private final long[] values;

  Cells(int size) {
    values = new long[size];
  }

  /// Adds to a cell; only ever called by the one event loop that owns this.
  void add(int index, long amount) {
    ELEMENT.setOpaque(values, index, values[index] + amount);
  }

  /// The value of a cell, as its owner last wrote it or a moment before.
  long get(int index) {
    return (long) ELEMENT.getOpaque(values, index);
  }

  /// Adds every cell to the matching element.
  void addTo(long[] sums) {
    for (int i = 0; i < sums.length; i++) {
      sums[i] += get(i);
    }
  }
}
