package io.whygate.diagnostics.verdict.rules;

import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.UpstreamFacts;
import io.whygate.diagnostics.verdict.VerdictRule;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;

/// All rules.
public final class Rules {
  private Rules() {}

  /// Whether a chain that an endpoint shows is one that the gateway accepts.
  public static boolean acceptsChain(
      List<X509Certificate> shown, UpstreamFacts facts, Endpoint endpoint, Instant now) {
    return Chain.isAccepted(shown, facts, endpoint, now);
  }

  /// Loads what the first judgement of a certificate would have to load.
  public static void warmUp() {
    Chain.warmUp();
  }

  public static List<VerdictRule> all() {
    return List.of(
        new ServerRules(),
        new DnsRules(),
        new TlsRules(),
        new CertificateRules(),
        new ApplicationRules(),
        new OpeningRules(),
        new FirewallRules(),
        new SizeRules(),
        new GatewayRules(),
        new LogRules());
  }
}
