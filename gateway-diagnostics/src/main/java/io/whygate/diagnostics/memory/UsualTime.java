package io.whygate.diagnostics.memory;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.stream.LongStream;

/// How long something usually takes: the median of the last few times, so that one which took long,
/// such as the first of a program that has just started, says nothing of the others.
///
/// Written by many threads without a lock: losing one of two times that meet loses nothing that
/// matters.
final class UsualTime {
  private static final int KEPT = 9;

  /// One or two times are no habit.
  private static final int ENOUGH = 3;

  /// Zero where there is none yet.
  private final AtomicLongArray micros = new AtomicLongArray(KEPT);

  private final AtomicInteger next = new AtomicInteger();

  void add(long sample) {
    micros.setPlain(Math.floorMod(next.getAndIncrement(), KEPT), sample);
  }

  /// Takes a time for what was usual before.
  void remember(long usual) {
    for (int i = 0; i < ENOUGH; i++) {
      add(usual);
    }
  }

  /// In microseconds; [Baseline#NEVER] where too little is known.
  long micros() {
    long[] known =
        LongStream.range(0, KEPT)
            .map(i -> micros.getPlain((int) i))
            .filter(each -> each > 0)
            .sorted()
            .toArray();
    return known.length < ENOUGH ? Baseline.NEVER : known[(known.length - 1) / 2];
  }
}
