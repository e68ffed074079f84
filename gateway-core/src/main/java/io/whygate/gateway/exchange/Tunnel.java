package io.whygate.gateway.exchange;

import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.gateway.http.ResponseHead;

/// Bytes of another protocol that go both ways between a client and an endpoint, each direction
/// until it is ended. Confined to its event loop.
///
/// Of a connection that is passed on, a server's first word says more than that it accepts.
final class Tunnel {
  private final Exchange exchange;
  private final Downstream downstream;
  private final ExchangeRecord record;
  private final Attempt attempt;
  private boolean clientEnded;
  private boolean upstreamEnded;

  Tunnel(Exchange exchange, ExchangeRecord record, Attempt attempt) {
    this.exchange = exchange;
    this.downstream = exchange.downstream();
    this.record = record;
    this.attempt = attempt;
  }

  /// Begins.
  ///
  /// @param head of the answer by which its server switched
  void begin(ResponseHead head) {
    if (!downstream.tunnelsOnly()) {
      succeeded();
    }
    downstream.switched(head);
    downstream.flush();
    downstream.demand(true);
  }

  private void succeeded() {
    exchange.upstream().succeeded(attempt.endpoint());
  }

  /// The client is about to be heard.
  void clientSpeaks() {
    if (record.requestBytes == 0 && downstream.tunnelsOnly() && !downstream.isSecure()) {
      // A server of a protocol that nobody here knows may have nothing to say to it.
      succeeded();
    }
  }

  /// The server said something for the first time.
  void answered() {
    if (!exchange.isOver() && downstream.tunnelsOnly()) {
      succeeded();
      attempt.endpoint().answeredClient();
      exchange.answer().served(attempt);
    }
  }

  /// The client ended its direction.
  void clientEnded() {
    clientEnded = true;
    attempt.endTunnelOutput();
    if (upstreamEnded) {
      end();
    }
  }

  /// The endpoint ended its direction.
  void upstreamEnded() {
    upstreamEnded = true;
    downstream.flush();
    downstream.endTunnelOutput();
    if (clientEnded) {
      end();
    }
  }

  private void end() {
    if (!exchange.isOver()) {
      if (downstream.tunnelsOnly()) {
        succeeded();
      }
      exchange.attempts().abandon();
      exchange.finish(FinishedExchange.Outcome.COMPLETED);
      downstream.end(null);
    }
  }

  /// Its connection broke.
  void broke() {
    exchange.finish(FinishedExchange.Outcome.COMPLETED);
    downstream.abort();
  }

  /// Whether a server that accepted a connection to be passed on never said what it owed.
  boolean isUnanswered(FailedAttempt failed) {
    return downstream.tunnelsOnly() && failed.failure().phase().compareTo(Phase.READ_RESPONSE) < 0;
  }
}
