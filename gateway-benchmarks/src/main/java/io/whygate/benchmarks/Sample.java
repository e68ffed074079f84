package io.whygate.benchmarks;

/// What one round of load measured.
///
/// @param requests answered with the status that is right
/// @param errors all others, and whatever went wrong on the way
/// @param seconds how long it took
/// @param cpuSeconds processor time of the proxy meanwhile
/// @param p50 the median latency in milliseconds
/// @param p90 the 90th percentile
/// @param p99 the 99th percentile
record Sample(
    long requests,
    long errors,
    double seconds,
    double cpuSeconds,
    double p50,
    double p90,
    double p99) {

  /// Processor time of the proxy for each request, microseconds.
  double cpuMicros() {
    return requests == 0 ? Double.NaN : cpuSeconds * 1e6 / requests;
  }

  double requestsPerSecond() {
    return requests / seconds;
  }
}
