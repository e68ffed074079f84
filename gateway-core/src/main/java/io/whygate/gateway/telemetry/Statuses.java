package io.whygate.gateway.telemetry;

import io.whygate.gateway.exchange.FinishedExchange;
import io.whygate.gateway.exchange.FinishedExchange.Outcome;

/// The status under which an exchange is counted and logged.
final class Statuses {
  /// The client left before it was sent a status; the number that nginx made known.
  static final int CLIENT_LEFT = 499;

  private Statuses() {}

  static int of(FinishedExchange exchange) {
    int status = exchange.status();
    return status == 0 && exchange.outcome() == Outcome.ABANDONED ? CLIENT_LEFT : status;
  }
}
