package io.whygate.diagnostics;

import io.whygate.diagnostics.Answers.Answer;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.facts.UpstreamFacts;
import io.whygate.diagnostics.probe.Probe;
import io.whygate.diagnostics.verdict.CaseFile;
import java.util.Map;
import java.util.Optional;

/// What was found of one of the tries of an exchange.
///
/// @param exchange the exchange as that try saw it
/// @param answers what was found within the budget
/// @param look goes on with what was cut short; empty where nothing was
record Gathered(FailedExchange exchange, Answers answers, Optional<LongerLook> look) {

  /// The case with what a longer look has found once it was done.
  CaseFile settled(Examination examination, UpstreamFacts facts) {
    return file(examination, facts, look.map(LongerLook::settled).orElse(Map.of()));
  }

  /// The case with what a longer look has found so far.
  CaseFile sofar(Examination examination, UpstreamFacts facts) {
    return file(examination, facts, look.map(LongerLook::sofar).orElse(Map.of()));
  }

  private CaseFile file(Examination examination, UpstreamFacts facts, Map<Probe, Answer> longer) {
    return examination.file(exchange, facts, answers.all(longer));
  }
}
