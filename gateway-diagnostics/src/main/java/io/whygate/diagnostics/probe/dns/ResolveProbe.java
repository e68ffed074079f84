package io.whygate.diagnostics.probe.dns;

import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.probe.Deadline;
import io.whygate.diagnostics.probe.DnsAnswer;
import io.whygate.diagnostics.probe.Finding.Looked;
import io.whygate.diagnostics.probe.Finding.Looked.Role;
import io.whygate.diagnostics.probe.Inquiry;
import io.whygate.diagnostics.probe.NewAddress;
import io.whygate.diagnostics.probe.Probe;
import io.whygate.diagnostics.probe.dns.DnsClient.Question;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.xbill.DNS.Name;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

/// Asks each configured resolver for the addresses of the endpoint's name; where one fails, asks it
/// again with checking disabled, or for the root as a control, to tell a broken name from a broken
/// resolver.
public final class ResolveProbe implements Probe {
  private static final int RESOLVERS = 4;
  private static final DnsAnswer NOT_ASKED = DnsAnswer.none(DnsAnswer.Outcome.NOT_ASKED);

  @Override
  public void ask(Inquiry inquiry) {
    Optional<Name> name = lookedUp(inquiry.endpoint().host());
    if (inquiry.endpoint().isUnix() || name.isEmpty()) {
      return;
    }
    var tasks = new ArrayList<Runnable>();
    for (InetSocketAddress server :
        inquiry.facts().dnsServers().stream().limit(RESOLVERS).toList()) {
      tasks.add(() -> askResolver(inquiry, server, name.get()));
    }
    inquiry.all(tasks);
  }

  private static void askResolver(Inquiry inquiry, InetSocketAddress server, Name name) {
    if (!inquiry.mayAsk()) {
      return;
    }
    var follow = new ArrayList<Runnable>();
    follow.add(() -> report(inquiry, server, name));
    if (inquiry.isNamingFailure()) {
      follow.add(() -> askUnchecked(inquiry, server, name));
      follow.add(() -> askControl(inquiry, server));
    }
    inquiry.all(follow);
  }

  private static void report(Inquiry inquiry, InetSocketAddress server, Name name) {
    long started = System.nanoTime();
    Looked looked = addresses(inquiry, server, Role.RESOLVER, name, inquiry.deadline());
    inquiry.report(looked, started);
    NewAddress.examine(inquiry, looked.addresses());
  }

  private static void askUnchecked(Inquiry inquiry, InetSocketAddress server, Name name) {
    long started = System.nanoTime();
    var question = new Question(name, Type.A, true, true);
    DnsAnswer answer =
        DnsClient.addresses(name, Type.A, DnsClient.ask(server, question, inquiry.deadline()));
    inquiry.report(
        new Looked(server, Role.UNCHECKED, DnsClient.text(name), answer, NOT_ASKED), started);
  }

  private static void askControl(Inquiry inquiry, InetSocketAddress server) {
    long started = System.nanoTime();
    var question = new Question(Name.root, Type.NS, true, false);
    DnsAnswer answer =
        DnsClient.addresses(
            Name.root, Type.NS, DnsClient.ask(server, question, inquiry.deadline()));
    inquiry.report(new Looked(server, Role.CONTROL, ".", answer, NOT_ASKED), started);
  }

  /// Asks one server for both kinds of addresses, at the same time.
  static Looked addresses(
      Inquiry inquiry, InetSocketAddress server, Role role, Name name, Deadline deadline) {
    var ipv4 = new AtomicReference<>(DnsAnswer.none(DnsAnswer.Outcome.SILENT));
    var ipv6 = new AtomicReference<>(DnsAnswer.none(DnsAnswer.Outcome.SILENT));
    boolean recursion = role != Role.AUTHORITATIVE;
    inquiry.all(
        List.of(
            () -> ipv4.set(ask(server, name, Type.A, recursion, deadline)),
            () -> ipv6.set(ask(server, name, Type.AAAA, recursion, deadline))));
    return new Looked(server, role, DnsClient.text(name), ipv4.get(), ipv6.get());
  }

  private static DnsAnswer ask(
      InetSocketAddress server, Name name, int type, boolean recursion, Deadline deadline) {
    return DnsClient.addresses(
        name, type, DnsClient.ask(server, new Question(name, type, recursion, false), deadline));
  }

  /// The name as DNS writes it; empty for an address literal and for the names that the gateway's
  /// own host answers for (RFC 6761).
  public static Optional<Name> lookedUp(String host) {
    if (Endpoint.isAddressLiteral(host)
        || host.equals("localhost")
        || host.endsWith(".localhost")) {
      return Optional.empty();
    }
    try {
      return Optional.of(Name.fromString(host, Name.root));
    } catch (TextParseException e) {
      return Optional.empty();
    }
  }
}
