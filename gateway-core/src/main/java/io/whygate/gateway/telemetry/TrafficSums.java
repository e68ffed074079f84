package io.whygate.gateway.telemetry;

import io.whygate.gateway.telemetry.TrafficHistory.Traffic;

/// What was counted of one upstream since the start, over all event loops.
///
/// @param durations a histogram, by [Durations]
@SuppressWarnings("ArrayRecordComponent") // read here alone, never compared
record TrafficSums(long requests, long serverErrors, long failedAttempts, long[] durations) {
  static final TrafficSums NONE = new TrafficSums(0, 0, 0, new long[Durations.CELLS]);

  TrafficSums plus(TrafficSums other) {
    long[] sum = durations.clone();
    for (int i = 0; i < sum.length; i++) {
      sum[i] += other.durations[i];
    }
    return new TrafficSums(
        requests + other.requests,
        serverErrors + other.serverErrors,
        failedAttempts + other.failedAttempts,
        sum);
  }

  Traffic since(TrafficSums before) {
    long[] fresh = new long[Durations.CELLS];
    for (int i = 0; i < fresh.length; i++) {
      fresh[i] = durations[i] - before.durations[i];
    }
    return new Traffic(
        requests - before.requests,
        serverErrors - before.serverErrors,
        failedAttempts - before.failedAttempts,
        Durations.quantile(fresh, 0.5),
        Durations.quantile(fresh, 0.95));
  }
}
