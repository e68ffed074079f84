package io.whygate.diagnostics.incident;

import io.whygate.diagnostics.facts.UpstreamFacts;
import java.time.Duration;

/// Repeats, once, what failed.
@FunctionalInterface
interface RecoveryCheck {

  /// Whether what failed works now. Blocks.
  ///
  /// @param served whether ordinary traffic succeeded since the latest failure: no proof by itself,
  ///   but it stands for the quiet that is waited for where a request may not be repeated
  boolean works(Incident incident, UpstreamFacts facts, boolean served);

  /// For how long the incident may not have failed before this tries anything, where no traffic
  /// speaks against it.
  default Duration quietFor(Incident incident) {
    return Duration.ZERO;
  }
}
