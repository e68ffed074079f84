package io.whygate.diagnostics.probe;

import io.whygate.diagnostics.facts.UpstreamFacts;
import io.whygate.diagnostics.probe.Finding.Asked;
import io.whygate.diagnostics.probe.Finding.Crowded;
import io.whygate.diagnostics.probe.Finding.Delegated;
import io.whygate.diagnostics.probe.Finding.Dialled;
import io.whygate.diagnostics.probe.Finding.Greeted;
import io.whygate.diagnostics.probe.Finding.Handshaken;
import io.whygate.diagnostics.probe.Finding.HostInspected;
import io.whygate.diagnostics.probe.Finding.HostInspected.Neighbour;
import io.whygate.diagnostics.probe.Finding.LogsRead;
import io.whygate.diagnostics.probe.Finding.Looked;
import io.whygate.diagnostics.probe.Finding.Narrowed;
import io.whygate.diagnostics.probe.Finding.Noted;
import io.whygate.diagnostics.probe.Finding.Opened;
import io.whygate.diagnostics.probe.Finding.Outgoing;
import io.whygate.diagnostics.probe.Finding.OwnInspected;
import io.whygate.diagnostics.probe.Finding.Padded;
import io.whygate.diagnostics.probe.Finding.Pinged;
import io.whygate.diagnostics.probe.Finding.Plain;
import io.whygate.diagnostics.probe.Finding.PortsCounted;
import io.whygate.diagnostics.probe.Finding.SocketDialled;
import io.whygate.diagnostics.probe.Finding.Versioned;
import io.whygate.diagnostics.probe.Finding.Withheld;
import io.whygate.diagnostics.probe.HeapUse.Collecting;
import io.whygate.diagnostics.probe.icmp.Pinging;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// A finding as operators read it: which probe asked what of whom, and what came back.
///
/// @param probe which probe asked, such as `connect`
/// @param asked what was asked
/// @param of whom
/// @param answer what came back, in one line
public record FindingWords(String probe, String asked, String of, String answer) {
  private static final long MEGABYTE = 1 << 20;

  /// How many servers' clocks are named.
  private static final int CLOCKS = 8;

  /// Up to here clocks agree, seconds: a server tells its own in whole ones.
  private static final long SAME_CLOCK = 2;

  public static FindingWords of(Finding finding) {
    return switch (finding) {
      case Looked f -> looked(f);
      case Delegated f ->
          new FindingWords(
              "authoritative",
              "which name servers speak for " + f.name(),
              "the resolvers in use",
              f.zone().isEmpty() ? "could not be found" : "zone " + f.zone() + ": " + servers(f));
      case Versioned f ->
          new FindingWords(
              "authoritative",
              "which version of the zone " + f.zone() + " it has",
              address(f.server()),
              "serial " + f.serial());
      case Dialled f ->
          new FindingWords(
              "connect",
              asked(f.purpose()),
              address(f.target()),
              words(f.outcome())
                  + " after "
                  + millis(f.micros())
                  + f.icmp().map(icmp -> ": " + icmp.describe()).orElse(""));
      case Noted f ->
          new FindingWords(
              "connect",
              "what it said when asked before",
              address(f.target()),
              f.icmp().describe() + " at " + f.at());
      case Crowded f ->
          new FindingWords(
              "connect",
              f.tried() + " connections at once, after one alone",
              address(f.target()),
              f.accepted()
                  + " accepted, "
                  + f.refused()
                  + " refused, "
                  + f.silent()
                  + " without an answer");
      case Pinged f ->
          new FindingWords(
              "ping",
              "an echo, in packets of " + sizes(f.sizes()) + " bytes that may not be cut",
              f.address().getHostAddress(),
              answer(f.result()));
      case Outgoing f ->
          new FindingWords(
              "host",
              "whether a first packet to " + address(f.target()) + " may leave",
              "the gateway's own firewall",
              f.mayLeave() ? "it may" : "it may not");
      case Padded(Asked f, int padding) ->
          new FindingWords(
              "http",
              f.method() + " " + f.path() + " with " + padding + " bytes of padding",
              address(f.target()),
              answer(f));
      case Narrowed(Asked usual, Asked narrow) ->
          new FindingWords(
              "http",
              usual.method() + " " + usual.path() + ", and once more with small packets alone",
              address(usual.target()),
              answer(usual) + "; in small packets: " + answer(narrow));
      case SocketDialled f ->
          new FindingWords(
              "connect",
              "a new connection to the same socket",
              f.path().toString(),
              f.accepts() ? "accepted" : f.exists() ? f.detail() : "no such file");
      case Handshaken f ->
          new FindingWords(
              "tls",
              "a TLS handshake"
                  + (f.serverName().isEmpty() ? " without a name" : " for " + f.serverName())
                  + ", any certificate accepted",
              address(f.target()),
              answer(f));
      case Greeted f ->
          new FindingWords(
              "tls",
              "a TLS greeting, " + f.kind().words(),
              address(f.target()),
              words(f.outcome()) + (f.alert() >= 0 ? " " + f.alert() : ""));
      case Asked f ->
          new FindingWords("http", f.method() + " " + f.path(), address(f.target()), answer(f));
      case Plain(Asked f) ->
          new FindingWords(
              "first-bytes", "plain HTTP on the TLS port", address(f.target()), answer(f));
      case Opened(Asked f, var opening) ->
          new FindingWords(
              "first-bytes",
              f.method()
                  + " "
                  + f.path()
                  + (opening == UpstreamFacts.ProxyProtocol.NONE
                      ? " without a header of the PROXY protocol"
                      : " after a header of the PROXY protocol"),
              address(f.target()),
              answer(f));
      case HostInspected f ->
          new FindingWords(
              "host",
              "descriptors, local ports, routes and neighbours",
              "the gateway's own host",
              answer(f));
      case PortsCounted f ->
          new FindingWords(
              "host",
              "local ports in use towards " + address(f.target()),
              "the gateway's own host",
              f.used() + " of " + f.range());
      case OwnInspected f ->
          new FindingWords(
              "host",
              "event loops, heap, tracked connections and clock",
              "the gateway itself",
              answer(f));
      case LogsRead f ->
          new FindingWords(
              "logs",
              "lines of the last minute that name a cause",
              f.sources() + (f.sources() == 1 ? " log" : " logs"),
              answer(f));
      case Withheld(String reason) -> new FindingWords("limit", "nothing", "nobody", reason);
    };
  }

  /// An address as operators write it, IPv6 in brackets.
  public static String address(InetSocketAddress address) {
    String host =
        address.getAddress() == null
            ? address.getHostString()
            : address.getAddress().getHostAddress();
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + address.getPort();
  }

  private static FindingWords looked(Looked f) {
    String name = f.name();
    String both = "A: " + f.ipv4().describe() + "; AAAA: " + f.ipv6().describe();
    String of = address(f.server());
    return switch (f.role()) {
      case RESOLVER -> new FindingWords("resolve", "A and AAAA of " + name, of, both);
      case UNCHECKED ->
          new FindingWords(
              "resolve", "A of " + name + " with checking disabled", of, f.ipv4().describe());
      case CONTROL ->
          new FindingWords("resolve", "NS of the root, as a control", of, f.ipv4().describe());
      case AUTHORITATIVE ->
          new FindingWords(
              "authoritative", "A and AAAA of " + name + " without recursion", of, both);
    };
  }

  private static String servers(Delegated f) {
    return f.servers().stream().map(FindingWords::address).collect(Collectors.joining(", "));
  }

  private static String asked(Dialled.Purpose purpose) {
    return switch (purpose) {
      case SAME -> "a new connection to the same place";
      case LATER -> "a new connection to the same place, a little later";
      case NEW_ADDRESS -> "a connection to the new address";
      case SIBLING_PORT -> "a connection to another port of the host";
      case CLOSED_PORT -> "a connection to a port that is surely closed";
    };
  }

  private static String sizes(List<Integer> sizes) {
    return sizes.stream().distinct().map(String::valueOf).collect(Collectors.joining(" and "));
  }

  private static String answer(Pinging result) {
    String icmp = result.icmp().map(message -> ", " + message.describe()).orElse("");
    return switch (result.outcome()) {
      case ANSWERED ->
          "answered those of "
              + sizes(result.answered())
              + " bytes after "
              + millis(result.micros())
              + icmp;
      case REFUSED -> "no answer" + icmp;
      case SILENT -> "no answer" + icmp;
      case BLOCKED_HERE -> "the gateway's own firewall did not let it out";
      case UNROUTED -> "the gateway's own route table has no way";
      case NOT_ALLOWED ->
          "not sent: the system lets this process send no pings (net.ipv4.ping_group_range, or the"
              + " right CAP_NET_RAW)";
    };
  }

  private static String answer(Handshaken f) {
    String shown =
        f.chain().isEmpty()
            ? "no certificate"
            : "certificate of "
                + f.chain().getFirst().getSubjectX500Principal().getName()
                + " until "
                + f.chain().getFirst().getNotAfter().toInstant();
    return (f.isComplete() ? f.protocol() : "failed (" + f.failure() + ")")
        + ", "
        + shown
        + (f.clientCertificateWanted() ? ", client certificate wanted" : "");
  }

  private static String answer(Asked f) {
    return f.isAnswered()
        ? f.status()
            + " after "
            + millis(f.ttfbMicros())
            + f.field("server").map(server -> ", " + server).orElse("")
        : words(f.outcome());
  }

  private static String answer(HostInspected f) {
    return f.descriptors()
        + " of "
        + f.descriptorLimit()
        + " descriptors, "
        + f.ports()
        + " of "
        + f.portRange()
        + " local ports, "
        + (f.routed() ? "a route to it" : "no route to it")
        + (f.neighbour() == Neighbour.MISSING ? ", nobody answers for the address" : "");
  }

  /// The gateway's heap as operators read it.
  public static String of(HeapUse heap) {
    Collecting collecting = heap.collecting();
    String kept =
        heap.kept() < 0 ? "" : ", " + heap.kept() / MEGABYTE + " MB after its last collections";
    String stopped =
        collecting.within().isZero()
            ? ""
            : ", collecting for "
                + collecting.stopped().toMillis()
                + " of the last "
                + collecting.within().toMillis()
                + " ms";
    return heap.used() / MEGABYTE
        + " of "
        + heap.max() / MEGABYTE
        + " MB of heap in use"
        + kept
        + stopped;
  }

  private static String answer(OwnInspected f) {
    String tracked =
        f.trackedMax() < 0 ? "" : ", " + f.tracked() + " of " + f.trackedMax() + " tracked";
    return (f.loopLagMicros() < 0 ? "" : "loops at worst " + millis(f.loopLagMicros()) + " late, ")
        + of(f.heap())
        + tracked
        + clocks(f);
  }

  /// How the clocks of servers differ from the gateway's. They are told by whole seconds.
  private static String clocks(OwnInspected f) {
    if (f.clocks().isEmpty()) {
      return "";
    }
    String apart =
        f.clocks().stream()
            .filter(each -> each.ahead().abs().toSeconds() > SAME_CLOCK)
            .map(each ->
                each.ahead().abs().toSeconds()
                    + (each.ahead().isNegative() ? " s behind (" : " s ahead (")
                    + each.endpoint()
                    + ")")
            .sorted()
            .limit(CLOCKS)
            .collect(Collectors.joining(", "));
    return apart.isEmpty() ? ", servers' clocks agree" : ", servers' clocks " + apart;
  }

  private static String answer(LogsRead f) {
    String told =
        f.lines().isEmpty()
            ? "none"
            : f.lines().stream()
                .map(line -> line.source() + " at " + line.at() + ": " + line.line())
                .collect(Collectors.joining(" | "));
    String unread =
        f.unread().stream()
            .map(each -> each.source() + " could not be read: " + each.why())
            .collect(Collectors.joining("; "));
    return unread.isEmpty() ? told : told + "; " + unread;
  }

  private static String words(Enum<?> outcome) {
    return outcome.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  private static String millis(long micros) {
    return micros / 1_000 + "." + micros / 100 % 10 + " ms";
  }
}
