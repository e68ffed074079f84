package io.whygate.diagnostics.verdict;

import io.whygate.diagnostics.probe.FindingWords;
import io.whygate.diagnostics.probe.Observation;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Turns a case into a diagnosis: judged, told in seven checks, with the evidence and the time at
/// which it is worth trying again. Pure but for the moment it is given.
public final class Diagnoser {
  private final Judge judge;
  private final Healer healer;

  /// @param healer finds where a request can be sent instead
  public Diagnoser(Judge judge, Healer healer) {
    this.judge = judge;
    this.healer = healer;
  }

  /// Finds where a request can be sent instead, once its cause is known.
  @FunctionalInterface
  public interface Healer {
    Optional<Remedy> heal(CaseFile file, Verdict verdict);
  }

  /// @param now when the examination ended
  /// @param elapsedMicros how long it took, microseconds
  public Diagnosis diagnose(CaseFile file, Instant now, long elapsedMicros) {
    Judge.Judgement judgement = judge.judge(file);
    return explain(file, judgement.verdict(), judgement.runnersUp(), now, elapsedMicros);
  }

  /// A diagnosis whose verdict is known already.
  public Diagnosis explain(
      CaseFile file, Verdict verdict, List<RunnerUp> runnersUp, Instant now, long elapsedMicros) {
    boolean healed =
        verdict.cause().category().equals("blip") || verdict.cause() == Cause.DNS_IPV6_BROKEN;
    return new Diagnosis(
        file.exchange(),
        verdict,
        StepReporter.report(file, verdict, healed),
        Stream.concat(
                file.observations().stream().map(Diagnoser::evidence),
                Remembered.evidence(file).stream())
            .toList(),
        runnersUp,
        healer.heal(file, verdict),
        RetryTime.of(file, verdict, now),
        isRetryable(verdict.cause()),
        now,
        elapsedMicros);
  }

  private static Evidence evidence(Observation observation) {
    FindingWords words = FindingWords.of(observation.finding());
    return new Evidence(
        words.probe(),
        words.asked(),
        words.of(),
        words.answer(),
        observation.at(),
        observation.tookMicros());
  }

  private static boolean isRetryable(Cause cause) {
    return switch (cause) {
      case GATEWAY_LOOP,
          APPLICATION_HEADER_TOO_LARGE,
          APPLICATION_AMBIGUOUS_FRAMING,
          FIREWALL_BLOCKED_REQUEST ->
          false;
      default -> true;
    };
  }
}
