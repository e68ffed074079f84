package io.whygate.diagnostics.probe;

import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.facts.UpstreamFacts;
import io.whygate.diagnostics.probe.DnsClient.Question;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Optional;
import org.xbill.DNS.Name;
import org.xbill.DNS.Type;

/// Single questions outside an examination, to see whether what failed works again. Each blocks
/// until its deadline at most.
public final class Errand {
  private Errand() {}

  /// The addresses of an endpoint as the configured resolvers give them now.
  public static List<InetAddress> resolve(
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

  /// Whether a connection is accepted.
  public static boolean dials(InetSocketAddress target, Deadline deadline) {
    return ConnectProbe.dial(target, deadline) == Finding.Dialled.DialOutcome.ACCEPTED;
  }

  /// Whether a connection to a Unix socket is accepted.
  public static boolean dialsSocket(Endpoint endpoint) {
    try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      return channel.connect(UnixDomainSocketAddress.of(endpoint.host()));
    } catch (IOException e) {
      return false;
    }
  }

  /// Asks for a path without credentials; the status of the whole answer, empty where none came or
  /// it broke off.
  public static Optional<Integer> get(
      FailedExchange exchange,
      UpstreamFacts facts,
      Endpoint endpoint,
      String path,
      Deadline deadline) {
    return WholeAnswer.get(exchange, facts, endpoint, path, deadline);
  }
}
