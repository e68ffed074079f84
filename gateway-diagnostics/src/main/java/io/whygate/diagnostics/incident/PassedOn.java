package io.whygate.diagnostics.incident;

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
    if (!client.method().equals(TLS)) {
      return PassedOnProbe.keepsConnection(target, facts.proxyProtocol(), deadline);
    }
    var greeting =
        new TlsProbe.Greeting(
            client.host(), facts.protocol(), facts.client(), facts.proxyProtocol());
    boolean wasRefused =
        exchange
            .subject()
            .filter(attempt -> attempt.failure().phase() == Phase.TLS_HANDSHAKE)
            .isPresent();
    return PassedOnProbe.answersGreeting(target, greeting, !wasRefused, deadline);
  }
}
