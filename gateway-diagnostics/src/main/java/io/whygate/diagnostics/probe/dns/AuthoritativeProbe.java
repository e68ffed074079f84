package io.whygate.diagnostics.probe.dns;

import io.whygate.diagnostics.probe.Finding.Delegated;
import io.whygate.diagnostics.probe.Finding.Looked;
import io.whygate.diagnostics.probe.Finding.Looked.Role;
import io.whygate.diagnostics.probe.Finding.Versioned;
import io.whygate.diagnostics.probe.Inquiry;
import io.whygate.diagnostics.probe.NewAddress;
import io.whygate.diagnostics.probe.Observation;
import io.whygate.diagnostics.probe.Probe;
import io.whygate.diagnostics.probe.dns.DnsClient.Question;
import io.whygate.diagnostics.probe.dns.DnsClient.Reply;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.NSRecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

/// Asks the name servers of the name's own zone directly, past every cache: what they say of its
/// addresses is the truth that a resolver's answer is measured against.
///
/// The zone is found by asking the resolvers for the NS records of the name and the one above it at
/// once, then of each further one, until one has some: a resolver that is cut off from the root may
/// be silent about what lies above the zone. A referral is followed once, an alias into another
/// zone twice. The root is never asked: that it does not know a private name says nothing.
public final class AuthoritativeProbe implements Probe {
  private static final int LEVELS = 5;
  private static final int AT_ONCE = 2;
  private static final int SERVERS = 4;
  private static final int ALIASES = 2;
  private static final int MORE_ROUNDS = 2;

  private final Delegations delegations;

  /// @param delegations the delegations seen earlier, for when no resolver answers
  public AuthoritativeProbe(Delegations delegations) {
    this.delegations = delegations;
  }

  @Override
  public void ask(Inquiry inquiry) {
    Optional<Name> name = ResolveProbe.lookedUp(inquiry.endpoint().host());
    if (inquiry.endpoint().isUnix() || name.isEmpty() || name.get().labels() < 2) {
      return;
    }
    follow(inquiry, name.get(), ALIASES);
  }

  /// Learns which name servers speak for the endpoint's name, without asking them.
  public void learn(Inquiry inquiry) {
    ResolveProbe.lookedUp(inquiry.endpoint().host())
        .filter(name -> !inquiry.endpoint().isUnix() && name.labels() >= 2)
        .ifPresent(name -> zoneOf(inquiry, name));
  }

  private void follow(Inquiry inquiry, Name name, int aliasesLeft) {
    long started = System.nanoTime();
    Zone zone =
        delegations
            .fresh(name)
            .or(() -> zoneOf(inquiry, name))
            .or(() -> delegations.of(name))
            .orElse(Zone.NONE);
    inquiry.report(new Delegated(DnsClient.text(name), zone.text(), zone.servers()), started);
    askServers(inquiry, zone.servers(), name, true, aliasesLeft);
  }

  /// A zone and where its name servers are.
  ///
  /// @param ttlSeconds how long that may be remembered
  record Zone(Optional<Name> apex, List<InetSocketAddress> servers, long ttlSeconds) {
    static final Zone NONE = new Zone(Optional.empty(), List.of(), 0);

    String text() {
      return apex.map(DnsClient::text).orElse("");
    }
  }

  private Optional<Zone> zoneOf(Inquiry inquiry, Name name) {
    for (InetSocketAddress resolver : inquiry.facts().dnsServers().stream().limit(2).toList()) {
      Optional<Zone> zone = zoneBy(inquiry, resolver, name);
      if (zone.isPresent() && !zone.get().servers().isEmpty()) {
        delegations.remember(name, zone.get());
        return zone;
      }
    }
    return Optional.empty();
  }

  private static Optional<Zone> zoneBy(Inquiry inquiry, InetSocketAddress resolver, Name name) {
    var found = new ConcurrentHashMap<Name, Message>();
    // The last label is the root's.
    int levels = Math.min(LEVELS, name.labels() - 1);
    for (int from = 0; from < levels && found.isEmpty(); from = from == 0 ? AT_ONCE : from + 1) {
      var tasks = new ArrayList<Runnable>();
      for (int skipped = from;
          skipped < (from == 0 ? Math.min(AT_ONCE, levels) : from + 1);
          skipped++) {
        Name level = new Name(name, skipped);
        tasks.add(() ->
            ask(inquiry, resolver, new Question(level, Type.NS, true, false))
                .filter(m -> !nameServers(m, Section.ANSWER, level).isEmpty())
                .ifPresent(m -> found.put(level, m)));
      }
      inquiry.all(tasks);
    }
    return found.keySet().stream()
        .max((a, b) -> Integer.compare(a.labels(), b.labels()))
        .map(apex ->
            new Zone(
                Optional.of(apex),
                servers(inquiry, resolver, apex, found),
                ttl(found.getOrDefault(apex, new Message()))));
  }

  private static long ttl(Message message) {
    return message.getSection(Section.ANSWER).stream().mapToLong(Record::getTTL).min().orElse(0);
  }

  private static List<InetSocketAddress> servers(
      Inquiry inquiry,
      InetSocketAddress resolver,
      Name apex,
      ConcurrentHashMap<Name, Message> found) {
    Message message = found.getOrDefault(apex, new Message());
    return locate(inquiry, resolver, message, nameServers(message, Section.ANSWER, apex));
  }

  private static Optional<Message> ask(
      Inquiry inquiry, InetSocketAddress server, Question question) {
    return inquiry.mayAsk()
        ? DnsClient.ask(server, question, inquiry.deadline()).message()
        : Optional.empty();
  }

  private static List<Name> nameServers(Message message, int section, Name apex) {
    var names = new ArrayList<Name>();
    for (Record record : message.getSection(section)) {
      if (record instanceof NSRecord ns && record.getName().equals(apex)) {
        names.add(ns.getTarget());
      }
    }
    return names.subList(0, Math.min(SERVERS, names.size()));
  }

  /// The addresses of these name servers: those that came along, else those that the resolver
  /// gives.
  private static List<InetSocketAddress> locate(
      Inquiry inquiry, InetSocketAddress resolver, Message message, List<Name> names) {
    Set<InetSocketAddress> servers = ConcurrentHashMap.newKeySet();
    int port = inquiry.facts().authoritativePort();
    var tasks = new ArrayList<Runnable>();
    for (Name name : names) {
      List<InetAddress> along = addressesIn(message, Section.ADDITIONAL, name);
      if (!along.isEmpty()) {
        servers.add(new InetSocketAddress(along.getFirst(), port));
        continue;
      }
      tasks.add(() ->
          ask(inquiry, resolver, new Question(name, Type.A, true, false)).stream()
              .flatMap(m -> addressesIn(m, Section.ANSWER, name).stream())
              .findFirst()
              .ifPresent(a -> servers.add(new InetSocketAddress(a, port))));
    }
    inquiry.all(tasks);
    return List.copyOf(servers);
  }

  private static List<InetAddress> addressesIn(Message message, int section, Name name) {
    var ipv4 = new LinkedHashSet<InetAddress>();
    var ipv6 = new LinkedHashSet<InetAddress>();
    for (Record record : message.getSection(section)) {
      switch (record) {
        case ARecord a when a.getName().equals(name) -> ipv4.add(a.getAddress());
        case AAAARecord aaaa when aaaa.getName().equals(name) -> ipv6.add(aaaa.getAddress());
        default -> {}
      }
    }
    ipv4.addAll(ipv6);
    return List.copyOf(ipv4);
  }

  private void askServers(
      Inquiry inquiry,
      List<InetSocketAddress> servers,
      Name name,
      boolean mayRefer,
      int aliasesLeft) {
    Set<Name> elsewhere = ConcurrentHashMap.newKeySet();
    var tasks = new ArrayList<Runnable>();
    for (InetSocketAddress server : servers) {
      tasks.add(() -> askServer(inquiry, server, name, mayRefer, elsewhere, aliasesLeft));
    }
    inquiry.all(tasks);
    if (servers.size() > 1) {
      askVersions(inquiry, servers, name);
    }
  }

  /// Asks which version of the zone each server has, where they answer differently: one may not
  /// have heard of a change yet.
  private static void askVersions(Inquiry inquiry, List<InetSocketAddress> servers, Name name) {
    List<Looked> answers =
        inquiry.observations().stream()
            .map(Observation::finding)
            .filter(Looked.class::isInstance)
            .map(Looked.class::cast)
            .filter(looked -> looked.role() == Role.AUTHORITATIVE)
            .filter(looked -> looked.name().equals(DnsClient.text(name)) && looked.isAnswered())
            .toList();
    if (answers.stream().map(looked -> Set.copyOf(looked.addresses())).distinct().count() < 2) {
      return;
    }
    var tasks = new ArrayList<Runnable>();
    for (InetSocketAddress server : servers) {
      tasks.add(() -> askVersion(inquiry, server, name));
    }
    inquiry.all(tasks);
  }

  private static void askVersion(Inquiry inquiry, InetSocketAddress server, Name name) {
    long started = System.nanoTime();
    Optional<Message> reply = ask(inquiry, server, new Question(name, Type.SOA, false, false));
    if (reply.isEmpty()) {
      return;
    }
    for (int section : new int[] {Section.ANSWER, Section.AUTHORITY}) {
      for (Record record : reply.get().getSection(section)) {
        if (record instanceof SOARecord soa) {
          inquiry.report(
              new Versioned(server, DnsClient.text(soa.getName()), soa.getSerial()), started);
          return;
        }
      }
    }
  }

  private void askServer(
      Inquiry inquiry,
      InetSocketAddress server,
      Name name,
      boolean mayRefer,
      Set<Name> elsewhere,
      int aliasesLeft) {
    if (!inquiry.mayAsk()) {
      return;
    }
    if (mayRefer) {
      List<InetSocketAddress> deeper = referral(inquiry, server, name);
      if (!deeper.isEmpty()) {
        askServers(inquiry, deeper, name, false, aliasesLeft);
        return;
      }
    }
    long started = System.nanoTime();
    Looked looked =
        ResolveProbe.addresses(inquiry, server, Role.AUTHORITATIVE, name, inquiry.deadline());
    inquiry.report(looked, started);
    inquiry.all(
        List.of(
            () -> NewAddress.examine(inquiry, looked.addresses()),
            () -> askAgain(inquiry, server, name, looked)));
    if (looked.addresses().isEmpty() && !looked.better().aliases().isEmpty() && aliasesLeft > 0) {
      followAlias(inquiry, looked.better().aliases().getLast(), elsewhere, aliasesLeft);
    }
  }

  /// Asks twice more where the answer leaves out the address in use: servers that balance give
  /// their addresses in turns. What comes is reported where it differs.
  private static void askAgain(Inquiry inquiry, InetSocketAddress server, Name name, Looked first) {
    boolean contradicts =
        !first.addresses().isEmpty()
            && inquiry.address().filter(a -> !first.addresses().contains(a)).isPresent();
    for (int round = 0; contradicts && round < MORE_ROUNDS && inquiry.mayAsk(); round++) {
      long started = System.nanoTime();
      Looked again =
          ResolveProbe.addresses(inquiry, server, Role.AUTHORITATIVE, name, inquiry.deadline());
      if (!again.addresses().isEmpty()
          && !Set.copyOf(again.addresses()).equals(Set.copyOf(first.addresses()))) {
        inquiry.report(again, started);
      }
    }
  }

  private void followAlias(Inquiry inquiry, String alias, Set<Name> elsewhere, int aliasesLeft) {
    try {
      Name target = Name.fromString(alias, Name.root);
      if (elsewhere.add(target) && target.labels() >= 2) {
        follow(inquiry, target, aliasesLeft - 1);
      }
    } catch (TextParseException e) {
      // The alias came from a name that was parsed: its text is one too.
      throw new AssertionError(alias, e);
    }
  }

  /// Where a server that only delegates points for this name; empty where it answers by itself.
  private static List<InetSocketAddress> referral(
      Inquiry inquiry, InetSocketAddress server, Name name) {
    Reply reply =
        DnsClient.ask(server, new Question(name, Type.A, false, false), inquiry.deadline());
    if (reply.message().isEmpty()) {
      return List.of();
    }
    Message message = reply.message().get();
    if (message.getHeader().getFlag(Flags.AA) || !message.getSection(Section.ANSWER).isEmpty()) {
      return List.of();
    }
    for (Record record : message.getSection(Section.AUTHORITY)) {
      if (record instanceof NSRecord && name.subdomain(record.getName())) {
        List<Name> names = nameServers(message, Section.AUTHORITY, record.getName());
        return inquiry.facts().dnsServers().isEmpty()
            ? List.of()
            : locate(inquiry, inquiry.facts().dnsServers().getFirst(), message, names);
      }
    }
    return List.of();
  }
}
