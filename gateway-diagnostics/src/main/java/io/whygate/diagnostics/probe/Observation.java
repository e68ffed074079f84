package io.whygate.diagnostics.probe;

import java.time.Instant;

/// A finding with the moment at which it was made.
///
/// @param at when the answer came
/// @param tookMicros from the question to the answer, microseconds
public record Observation(Finding finding, Instant at, long tookMicros) {}
