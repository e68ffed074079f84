package io.whygate.diagnostics.incident;

import io.whygate.diagnostics.facts.UpstreamFacts;

/// Repeats, once, what failed.
@FunctionalInterface
interface RecoveryCheck {

  /// Whether what failed works now. Blocks.
  boolean works(Incident incident, UpstreamFacts facts);
}
