package io.whygate.diagnostics.verdict;

import io.whygate.diagnostics.facts.FailedExchange;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;

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
/// @param unfinished the checks whose questions are still gone on with
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
    long elapsedMicros,
    Set<Step> unfinished) {
  public Diagnosis {
    unfinished = Set.copyOf(unfinished);
    steps = List.copyOf(steps);
    evidence = List.copyOf(evidence);
    runnersUp = List.copyOf(runnersUp);
  }

  /// A diagnosis of which no check is gone on with.
  public Diagnosis(
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
    this(
        exchange,
        verdict,
        steps,
        evidence,
        runnersUp,
        remedy,
        retryAfterSeconds,
        retryable,
        at,
        elapsedMicros,
        Set.of());
  }

  /// The same while questions that bear on these checks are gone on with: those that may yet come
  /// out otherwise count as unfinished.
  public Diagnosis goneOnWith(Set<Step> bearing) {
    Set<Step> open =
        steps.stream()
            .filter(each -> bearing.contains(each.step()) && each.mayChange())
            .map(StepReport::step)
            .collect(Collectors.toUnmodifiableSet());
    return with(steps, open);
  }

  /// The same, for a failure that was healed after all: no visitor saw a page.
  public Diagnosis healed() {
    return with(StepReporter.healed(steps), Set.of());
  }

  private Diagnosis with(List<StepReport> reports, Set<Step> open) {
    return new Diagnosis(
        exchange,
        verdict,
        reports,
        evidence,
        runnersUp,
        remedy,
        retryAfterSeconds,
        retryable,
        at,
        elapsedMicros,
        open);
  }

  public Cause cause() {
    return verdict.cause();
  }
}
