package io.whygate.gateway.telemetry;

/// What is counted under one combination of labels by one event loop.
interface Series {

  /// Whether this is the series of these labels.
  boolean matches(String first, String second, String third);

  /// The hash of the labels, by [SeriesTable#hash].
  int labelHash();
}
