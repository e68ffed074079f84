package io.whygate.diagnostics.verdict;

import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.probe.FindingWords;
import io.whygate.diagnostics.probe.Observation;
import io.whygate.diagnostics.verdict.Precedence.Judged;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
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
    return diagnose(List.of(file), now, elapsedMicros);
  }

  /// Judges an exchange by each of its tries, and tells of the one that goes before the others
  /// ([Precedence]); what was found of those is among the evidence and the runners-up.
  ///
  /// @param files the same exchange as each of its tries saw it ([FailedExchange#views()])
  public Diagnosis diagnose(List<CaseFile> files, Instant now, long elapsedMicros) {
    List<Judged> order = Precedence.order(files.stream().map(this::judged).toList());
    List<Judged> others = order.subList(1, order.size());
    Judged told = order.getFirst();
    List<RunnerUp> runnersUp = told.judgement().beside(others).runnersUp();
    return explain(told.file(), told.verdict(), runnersUp, others, now, elapsedMicros);
  }

  /// Tells anew what was diagnosed, with the same cause, by more that is known now.
  ///
  /// @param files the same exchange as each of its tries saw it
  public Diagnosis again(Diagnosis before, List<CaseFile> files, Instant now, long elapsedMicros) {
    int subject = before.exchange().subjectIndex();
    List<Judged> others = new ArrayList<>();
    CaseFile told = files.getFirst();
    for (CaseFile file : files) {
      if (file.exchange().subjectIndex() == subject) {
        told = file;
      } else {
        others.add(judged(file));
      }
    }
    return explain(told, before.verdict(), before.runnersUp(), others, now, elapsedMicros);
  }

  private Judged judged(CaseFile file) {
    return new Judged(file, judge.judge(file));
  }

  /// A diagnosis whose verdict is known already.
  public Diagnosis explain(
      CaseFile file, Verdict verdict, List<RunnerUp> runnersUp, Instant now, long elapsedMicros) {
    return explain(file, verdict, runnersUp, List.of(), now, elapsedMicros);
  }

  private Diagnosis explain(
      CaseFile file,
      Verdict verdict,
      List<RunnerUp> runnersUp,
      List<Judged> others,
      Instant now,
      long elapsedMicros) {
    boolean healed =
        verdict.cause().category().equals("blip") || verdict.cause() == Cause.DNS_IPV6_BROKEN;
    return new Diagnosis(
        file.exchange(),
        verdict,
        StepReporter.report(file, verdict, healed),
        evidence(file, others),
        runnersUp,
        healer
            .heal(file, verdict)
            .or(() ->
                others.stream()
                    .flatMap(each -> healer.heal(each.file(), each.verdict()).stream())
                    .findFirst()),
        RetryTime.of(file, verdict, now),
        isRetryable(verdict.cause()),
        now,
        elapsedMicros);
  }

  /// What the other tries met and showed, then what was found, each thing once.
  private static List<Evidence> evidence(CaseFile file, List<Judged> others) {
    var evidence = new ArrayList<Evidence>();
    others.stream().flatMap(each -> ofTry(each).stream()).forEach(evidence::add);
    Stream.concat(
            others.stream().flatMap(each -> each.file().observations().stream()),
            file.observations().stream())
        .distinct()
        .sorted(Comparator.comparing(Observation::at))
        .map(Diagnoser::evidence)
        .forEach(evidence::add);
    evidence.addAll(Remembered.evidence(file));
    return evidence;
  }

  private static Optional<Evidence> ofTry(Judged other) {
    FailedExchange exchange = other.file().exchange();
    return exchange
        .subject()
        .map(attempt ->
            new Evidence(
                "attempt",
                "the same request at another server or address",
                attempt.endpoint().url()
                    + attempt.address().map(a -> " (" + a.getHostAddress() + ")").orElse(""),
                exchange.symptom().code()
                    + ": "
                    + other.verdict().cause().code()
                    + ". "
                    + other.verdict().because(),
                exchange.subjectBegan(),
                Math.max(0, attempt.timeline().ended())));
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
