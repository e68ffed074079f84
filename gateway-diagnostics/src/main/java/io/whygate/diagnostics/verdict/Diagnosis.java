package io.whygate.diagnostics.verdict;

import io.whygate.diagnostics.facts.FailedExchange;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// A failed exchange explained. It may be shared by many exchanges that failed in the same way.
///
/// @param exchange the exchange that was examined
/// @param verdict what is named as the cause
/// @param steps the seven checks, in order; exactly one `failed` or `healed`, none with
///   [Cause#UNKNOWN]
/// @param evidence what was asked and answered
/// @param runnersUp other causes that were considered, most likely first
/// @param remedy where the request can be sent instead, when the failure can be healed
/// @param retryAfterSeconds when it is worth trying again, measured or derived, seconds
/// @param retryable whether trying again later can succeed without anybody mending anything at the
///   client
/// @param at when the examination ended
/// @param elapsedMicros how long it took, microseconds
public record Diagnosis(
    FailedExchange exchange,
    Verdict verdict,
    List<StepReport> steps,
    List<Evidence> evidence,
    List<RunnerUp> runnersUp,
    Optional<Remedy> remedy,
    OptionalLong retryAfterSeconds,
    boolean retryable,
    Instant at,
    long elapsedMicros) {
  public Diagnosis {
    steps = List.copyOf(steps);
    evidence = List.copyOf(evidence);
    runnersUp = List.copyOf(runnersUp);
  }

  /// The same, for a failure that was healed after all: no visitor saw a page.
  public Diagnosis healed() {
    return new Diagnosis(
        exchange,
        verdict,
        StepReporter.healed(steps),
        evidence,
        runnersUp,
        remedy,
        retryAfterSeconds,
        retryable,
        at,
        elapsedMicros);
  }

  public Cause cause() {
    return verdict.cause();
  }
}
