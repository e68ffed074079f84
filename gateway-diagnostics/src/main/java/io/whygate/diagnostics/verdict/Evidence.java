package io.whygate.diagnostics.verdict;

import java.time.Instant;

/// One question that was asked and what came back, for operators.
///
/// @param probe which probe asked, such as `connect` or `authoritative`
/// @param asked what was asked
/// @param of whom
/// @param answer what came back, in one line
/// @param at when
/// @param tookMicros how long it took, microseconds
public record Evidence(
    String probe, String asked, String of, String answer, Instant at, long tookMicros) {}
