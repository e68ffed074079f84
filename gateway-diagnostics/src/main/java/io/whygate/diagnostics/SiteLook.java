package io.whygate.diagnostics;

import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.facts.UpstreamFacts;
import io.whygate.diagnostics.memory.Memory;
import io.whygate.diagnostics.probe.Finding.Looked.Role;
import io.whygate.diagnostics.verdict.CaseFile;
import io.whygate.diagnostics.verdict.Diagnoser;
import io.whygate.diagnostics.verdict.Diagnosis;
import io.whygate.diagnostics.verdict.Opinion;
import io.whygate.diagnostics.verdict.rules.DnsRules;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Looks, ahead of any failure, whether an address in use is still the site's.
///
/// @param memory what normal looked like
record SiteLook(Examination examination, Diagnoser diagnoser, Memory memory) {
  private static final Duration TO_LOOK = Duration.ofSeconds(1);

  /// Looks. Blocks.
  ///
  /// @param standIn an exchange with one attempt at that address
  /// @param suspicious whether the site is compared even where its name agrees
  /// @return the diagnosis where another site answers there; empty where all is well, or where that
  ///   could not be told
  Optional<Diagnosis> at(FailedExchange standIn, UpstreamFacts facts, boolean suspicious) {
    long began = System.nanoTime();
    if (!suspicious) {
      CaseFile light = looked(standIn, facts, false);
      if (!DnsRules.contradicts(light)) {
        return Optional.empty();
      }
    }
    CaseFile file = looked(standIn, facts, true);
    Optional<Opinion> found = DnsRules.recycled(file);
    if (found.isEmpty() && DnsRules.agrees(file)) {
      FailedAttempt at = standIn.attempts().getLast();
      DnsRules.marksInUse(file)
          .ifPresent(marks -> at.address().ifPresent(a -> memory.accept(at.endpoint(), a, marks)));
    }
    return found.map(opinion ->
        diagnoser.explain(
            file,
            opinion.verdict(),
            List.of(),
            Instant.now(),
            (System.nanoTime() - began) / 1_000));
  }

  private CaseFile looked(FailedExchange standIn, UpstreamFacts facts, boolean whole) {
    CaseFile file =
        examination.file(standIn, facts, examination.look(standIn, facts, TO_LOOK, whole));
    file.looked(Role.AUTHORITATIVE)
        .forEach(looked -> memory.said(looked.name(), looked.addresses()));
    return file;
  }
}
