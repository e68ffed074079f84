package io.whygate.gateway.telemetry;

import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.Exemplars;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.NativeHistogramBuckets;

/// A histogram of durations in cells: the classic buckets that every Prometheus reads, and the
/// native ones (schema 3: eight to a power of two) that newer ones prefer.
final class Durations {
  private static final long[] BOUNDS_NANOS = {
    1_000_000L,
    2_500_000L,
    5_000_000L,
    10_000_000L,
    25_000_000L,
    50_000_000L,
    100_000_000L,
    250_000_000L,
    500_000_000L,
    1_000_000_000L,
    2_500_000_000L,
    5_000_000_000L,
    10_000_000_000L,
    30_000_000_000L,
    60_000_000_000L,
    300_000_000_000L
  };

  /// How many classic buckets there are.
  static final int CLASSIC = BOUNDS_NANOS.length + 1;

  private static final int SCHEMA = 3;
  private static final int PER_POWER = 1 << SCHEMA;
  private static final int LOWEST_EXPONENT = -17;
  private static final int HIGHEST_EXPONENT = 13;
  private static final int NATIVE = (HIGHEST_EXPONENT - LOWEST_EXPONENT) * PER_POWER;
  private static final double ZERO_THRESHOLD = Math.scalb(1.0, LOWEST_EXPONENT);
  private static final double[] STEPS = steps();

  private static final int ZERO = CLASSIC;
  private static final int FIRST_NATIVE = CLASSIC + 1;
  private static final int SUM = FIRST_NATIVE + NATIVE;

  /// How many cells a histogram takes.
  static final int CELLS = SUM + 1;

  private Durations() {}

  private static double[] steps() {
    double[] steps = new double[PER_POWER];
    for (int i = 0; i < PER_POWER; i++) {
      steps[i] = Math.pow(2, (double) i / PER_POWER);
    }
    return steps;
  }

  /// Counts a duration.
  static void record(Cells cells, long nanos) {
    cells.add(classicBucket(nanos), 1);
    int bucket = nativeBucket(nanos * 1e-9);
    cells.add(bucket < 0 ? ZERO : FIRST_NATIVE + bucket, 1);
    cells.add(SUM, nanos);
  }

  static int classicBucket(long nanos) {
    int bucket = 0;
    while (bucket < BOUNDS_NANOS.length && nanos > BOUNDS_NANOS[bucket]) {
      bucket++;
    }
    return bucket;
  }

  /// The native bucket counted from the lowest one that is kept; -1 for the zero bucket. A bucket
  /// ends at its upper bound, that included.
  private static int nativeBucket(double seconds) {
    if (seconds <= ZERO_THRESHOLD) {
      return -1;
    }
    int exponent = Math.getExponent(seconds);
    double mantissa = Math.scalb(seconds, -exponent);
    int step = 0;
    while (step < PER_POWER && mantissa > STEPS[step]) {
      step++;
    }
    return Math.min((exponent - LOWEST_EXPONENT) * PER_POWER + step - 1, NATIVE - 1);
  }

  /// How long so large a share of what was counted took at most, seconds, to within 5 %; -1 where
  /// nothing was counted.
  static double quantile(long[] cells, double share) {
    long total = 0;
    for (int i = ZERO; i < SUM; i++) {
      total += cells[i];
    }
    long wanted = (long) Math.ceil(share * total);
    long passed = cells[ZERO];
    if (total == 0 || passed >= wanted) {
      return total == 0 ? -1 : ZERO_THRESHOLD / 2;
    }
    int bucket = 0;
    while (bucket < NATIVE - 1 && passed + cells[FIRST_NATIVE + bucket] < wanted) {
      passed += cells[FIRST_NATIVE + bucket++];
    }
    return Math.pow(2, LOWEST_EXPONENT + (bucket + 0.5) / PER_POWER);
  }

  /// The data point of cells that were summed over all event loops.
  static HistogramDataPointSnapshot point(long[] sums, Labels labels, Exemplars exemplars) {
    var classic = ClassicHistogramBuckets.builder();
    for (int i = 0; i < BOUNDS_NANOS.length; i++) {
      classic.bucket(BOUNDS_NANOS[i] / 1e9, sums[i]);
    }
    classic.bucket(Double.POSITIVE_INFINITY, sums[CLASSIC - 1]);
    var natives = NativeHistogramBuckets.builder();
    for (int i = 0; i < NATIVE; i++) {
      if (sums[FIRST_NATIVE + i] > 0) {
        natives.bucket(LOWEST_EXPONENT * PER_POWER + 1 + i, sums[FIRST_NATIVE + i]);
      }
    }
    return new HistogramDataPointSnapshot(
        classic.build(),
        SCHEMA,
        sums[ZERO],
        ZERO_THRESHOLD,
        natives.build(),
        NativeHistogramBuckets.EMPTY,
        sums[SUM] / 1e9,
        labels,
        exemplars,
        0L);
  }
}
