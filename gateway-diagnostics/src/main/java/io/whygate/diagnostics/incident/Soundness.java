package io.whygate.diagnostics.incident;

import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.UpstreamFacts;
import io.whygate.diagnostics.probe.Deadline;
import io.whygate.diagnostics.probe.Finding.Handshaken;
import io.whygate.diagnostics.probe.TlsProbe;
import io.whygate.diagnostics.verdict.rules.Rules;
import java.net.InetSocketAddress;
import java.time.Instant;

/// Whether an endpoint completes a TLS handshake, with a certificate that the gateway accepts.
final class Soundness {
  private Soundness() {}

  static boolean isSound(
      InetSocketAddress target, UpstreamFacts facts, Endpoint endpoint, Deadline deadline) {
    Handshaken handshaken =
        TlsProbe.handshake(target, TlsProbe.Greeting.of(facts, endpoint), deadline);
    return handshaken.isComplete()
        && (!handshaken.clientCertificateWanted() || facts.client().isPresent())
        && Rules.acceptsChain(handshaken.chain(), facts, endpoint, Instant.now());
  }
}
