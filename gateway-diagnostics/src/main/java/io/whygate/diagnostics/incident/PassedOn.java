package io.whygate.diagnostics.incident;

import io.whygate.diagnostics.facts.AttemptFailure.ConnectionLost;
import io.whygate.diagnostics.facts.AttemptFailure.TimedOut;
import io.whygate.diagnostics.facts.AttemptFailure.TlsRejected;
import io.whygate.diagnostics.facts.Closing;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.facts.RequestFacts;
import io.whygate.diagnostics.facts.UpstreamFacts;
import io.whygate.diagnostics.probe.Deadline;
import io.whygate.diagnostics.probe.PassedOnProbe;
import io.whygate.diagnostics.probe.TlsProbe;
import java.net.InetSocketAddress;

/// Whether a server to which connections are passed on does again what it failed to do: that it
/// accepts says nothing of one that accepted and then reset, refused or was silent.
final class PassedOn {
  private static final String TLS = "TLS";

  private PassedOn() {}

  static boolean works(
      InetSocketAddress target, UpstreamFacts facts, FailedExchange exchange, Deadline deadline) {
    RequestFacts client = exchange.request();
    boolean isNameKnown = client.method().equals(TLS);
    if (!isNameKnown && !tellsOfGreeting(exchange)) {
      return PassedOnProbe.keepsConnection(target, facts.proxyProtocol(), deadline);
    }
    var greeting =
        new TlsProbe.Greeting(
            isNameKnown ? client.host() : "",
            facts.protocol(),
            facts.client(),
            facts.proxyProtocol());
    boolean wasRefused =
        exchange
            .subject()
            .filter(attempt -> attempt.failure().phase() == Phase.TLS_HANDSHAKE)
            .isPresent();
    return PassedOnProbe.answersGreeting(target, greeting, !wasRefused, deadline);
  }

  /// Whether the failure itself says that the client greeted by TLS, also where the listener looks
  /// for no names: only a greeting is waited for an answer to, and only then is an end too early.
  private static boolean tellsOfGreeting(FailedExchange exchange) {
    return exchange
        .subject()
        .map(FailedAttempt::failure)
        .filter(failure ->
            switch (failure) {
              case TlsRejected _ -> true;
              case TimedOut(Phase phase, _) -> phase == Phase.AWAIT_RESPONSE;
              case ConnectionLost(Phase phase, Closing how) ->
                  phase == Phase.AWAIT_RESPONSE && how == Closing.FIN;
              default -> false;
            })
        .isPresent();
  }
}
