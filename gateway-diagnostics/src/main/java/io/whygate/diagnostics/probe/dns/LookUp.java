package io.whygate.diagnostics.probe.dns;

import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.UpstreamFacts;
import io.whygate.diagnostics.probe.Deadline;
import io.whygate.diagnostics.probe.dns.DnsClient.Question;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;
import org.xbill.DNS.Name;
import org.xbill.DNS.Type;

/// A single look-up outside an examination, as the gateway makes it.
public final class LookUp {
  private LookUp() {}

  /// The addresses of an endpoint as the configured resolvers give them now. Blocks until the
  /// deadline at most.
  public static List<InetAddress> addresses(
      Endpoint endpoint, UpstreamFacts facts, Deadline deadline) {
    if (endpoint.isUnix()) {
      return List.of();
    }
    Optional<Name> name = ResolveProbe.lookedUp(endpoint.host());
    if (name.isEmpty()) {
      return literal(endpoint.host());
    }
    for (InetSocketAddress server : facts.dnsServers()) {
      for (int type : new int[] {Type.A, Type.AAAA}) {
        var question = new Question(name.get(), type, true, false);
        List<InetAddress> addresses =
            DnsClient.addresses(name.get(), type, DnsClient.ask(server, question, deadline))
                .addresses();
        if (!addresses.isEmpty()) {
          return addresses;
        }
      }
    }
    return List.of();
  }

  private static List<InetAddress> literal(String host) {
    try {
      // An address literal, or localhost: neither is looked up.
      return List.of(InetAddress.getAllByName(host));
    } catch (UnknownHostException e) {
      return List.of();
    }
  }
}
