package io.whygate.diagnostics;

import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.facts.Symptom;
import java.util.Set;
import java.util.stream.Collectors;

/// What makes two exchanges the same for a diagnosis: what their tries failed of, whichever came
/// first.
record ExchangeKey(String upstream, Set<FailureKey> failures) {
  static ExchangeKey of(FailedExchange exchange) {
    return new ExchangeKey(
        exchange.upstream(),
        exchange.attempts().size() < 2
            ? Set.of(FailureKey.of(exchange))
            : exchange.views().stream()
                .map(FailureKey::of)
                .collect(Collectors.toUnmodifiableSet()));
  }

  /// Whether a server was tried.
  boolean isOfAttempts() {
    return failures.stream().noneMatch(each -> each.symptom() == Symptom.NO_ENDPOINT);
  }
}
