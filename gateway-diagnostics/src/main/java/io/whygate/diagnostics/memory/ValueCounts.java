package io.whygate.diagnostics.memory;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/// What fails and what is answered by the values of one dimension. Bounded: so many values by their
/// answers, and as many more by their failures; the rest counts together. Lock-free.
final class ValueCounts {
  private final Map<Object, Count> counts = new ConcurrentHashMap<>();
  private final Count rest = new Count(false);
  private final AtomicInteger first = new AtomicInteger();
  private final int values;

  /// @param late whether it was answered before, among the rest, nobody knows how often
  record Count(LongAdder failed, LongAdder answered, boolean late) {
    Count(boolean late) {
      this(new LongAdder(), new LongAdder(), late);
    }
  }

  ValueCounts(int values) {
    this.values = values;
  }

  void answered(Object value) {
    Count known = counts.get(value);
    if (known == null) {
      known = counts.size() < values ? counts.computeIfAbsent(value, _ -> new Count(false)) : rest;
    }
    known.answered().increment();
  }

  void failed(Object value) {
    Count known = counts.get(value);
    if (known == null) {
      known = failedFirst(value);
    }
    known.failed().increment();
  }

  private Count failedFirst(Object value) {
    if (first.get() >= values) {
      return rest;
    }
    first.incrementAndGet();
    boolean late = rest.answered().sum() > 0;
    return counts.computeIfAbsent(value, _ -> new Count(late));
  }

  /// Counts a value by itself from the beginning, since it failed before.
  void expect(Object value) {
    if (first.getAndIncrement() < values) {
      counts.putIfAbsent(value, new Count(false));
    }
  }

  Map<Object, Count> counts() {
    return counts;
  }

  Count rest() {
    return rest;
  }
}
