package io.whygate.diagnostics.memory;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/// What fails and what is answered by size, in classes that are an eighth of a power of two wide.
/// Lock-free.
final class SizeCounts {
  private static final int PART_BITS = 3;
  private static final int PARTS = 1 << PART_BITS;

  /// Up to a tebibyte.
  static final int CLASSES = PARTS + (40 - PART_BITS + 1) * PARTS;

  private final AtomicReferenceArray<@Nullable LongAdder> failed =
      new AtomicReferenceArray<>(CLASSES);
  private final AtomicReferenceArray<@Nullable LongAdder> answered =
      new AtomicReferenceArray<>(CLASSES);

  void count(long size, boolean isFailure) {
    AtomicReferenceArray<@Nullable LongAdder> counts = isFailure ? failed : answered;
    int at = classOf(size);
    LongAdder known = counts.get(at);
    if (known == null) {
      LongAdder mine = new LongAdder();
      LongAdder others = counts.compareAndExchange(at, null, mine);
      known = others == null ? mine : others;
    }
    known.increment();
  }

  /// Adds what was counted to these.
  void addTo(long[] failures, long[] answers) {
    for (int i = 0; i < CLASSES; i++) {
      failures[i] += sum(failed.get(i));
      answers[i] += sum(answered.get(i));
    }
  }

  private static long sum(@Nullable LongAdder adder) {
    return adder == null ? 0 : adder.sum();
  }

  static int classOf(long size) {
    if (size < PARTS) {
      return (int) Math.max(0, size);
    }
    int power = 63 - Long.numberOfLeadingZeros(size);
    int part = (int) (size >> (power - PART_BITS)) & (PARTS - 1);
    return Math.min(CLASSES - 1, PARTS + (power - PART_BITS) * PARTS + part);
  }

  /// The smallest size of a class.
  static long least(int ofClass) {
    if (ofClass < PARTS) {
      return ofClass;
    }
    int power = (ofClass - PARTS) / PARTS;
    return (long) (PARTS + (ofClass - PARTS) % PARTS) << power;
  }
}
