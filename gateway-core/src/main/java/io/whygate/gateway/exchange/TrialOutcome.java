package io.whygate.gateway.exchange;

import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.verdict.Diagnosis;
import java.net.InetAddress;
import java.util.Optional;

/// What came of a [Trial].
public sealed interface TrialOutcome {

  /// The endpoint answered, and nothing is to be said of it.
  record Answered() implements TrialOutcome {}

  /// It answered, while other addresses of it failed.
  ///
  /// @param exchange those that failed
  /// @param servedBy the address that answered
  record Healed(FailedExchange exchange, Optional<InetAddress> servedBy) implements TrialOutcome {}

  /// It gave no answer, or one that may be how it, or a filter before it, tells of a failure.
  ///
  /// @param isDoubtful whether the answer may be the site's own affair as well
  record Failed(FailedExchange exchange, boolean isDoubtful) implements TrialOutcome {

    /// Whether something is wrong, by what was found of it.
    public boolean isConfirmedBy(Diagnosis diagnosis) {
      return !isDoubtful || GatewayStatus.isTelling(diagnosis);
    }
  }
}
