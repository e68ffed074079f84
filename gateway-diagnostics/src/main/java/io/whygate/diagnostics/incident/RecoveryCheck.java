package io.whygate.diagnostics.incident;

import io.whygate.diagnostics.facts.UpstreamFacts;

/// Repeats, once, what failed.
@FunctionalInterface
interface RecoveryCheck {

  /// Whether what failed works now. Blocks.
  ///
  /// @param served whether ordinary traffic succeeded since the latest failure: no proof by itself,
  ///   but it stands for the quiet that is waited for where a request may not be repeated
  boolean works(Incident incident, UpstreamFacts facts, boolean served);
}
