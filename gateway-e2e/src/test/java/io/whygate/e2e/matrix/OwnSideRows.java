package io.whygate.e2e.matrix;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Where it is the gateway's own host that keeps the packets in.
final class OwnSideRows {
  private static final String REFUSED = "connection_refused";
  private static final String UNROUTABLE = "destination_ip_unroutable";
  private static final String TIMEOUT = "connection_timeout";

  private final Ways ways;
  private final List<Row> rows = new ArrayList<>();

  private OwnSideRows(Ways ways) {
    this.ways = ways;
  }

  static List<Row> all(Network network) {
    var rows = new OwnSideRows(new Ways(network));
    rows.stage();
    rows.more();
    return List.copyOf(rows.rows);
  }

  private void stage() {
    add(
        "no route to the network",
        Expected.unsent("gateway.network-unreachable", 502, UNROUTABLE),
        scene -> scene.neverWorked().staysBroken().upstream("http://10.99.1.5:48099", ""));
    add(
        "no route to the network, IPv6",
        Expected.unsent("gateway.network-unreachable", 502, UNROUTABLE),
        scene -> scene.neverWorked().staysBroken().upstream("http://[fd99::5]:48099", ""));
    for (String kind : List.of("unreachable", "prohibit", "blackhole")) {
      String error = kind.equals("prohibit") ? "destination_ip_prohibited" : UNROUTABLE;
      add(
          "the own route says " + kind,
          Expected.unsent("gateway.network-unreachable", 502, error),
          ways.ownRoute(kind));
    }
    add(
        "the own firewall drops packets to the port",
        Expected.unsent("gateway.network-unreachable", 504, TIMEOUT),
        Scene.CONNECT,
        ways.ownFilter("ip daddr ADDRESS tcp dport PORT drop"));
    add(
        "the own firewall drops all to the host",
        Expected.unsent("gateway.network-unreachable", 504, TIMEOUT),
        Scene.CONNECT,
        ways.ownFilter("ip daddr ADDRESS drop"));
    add(
        "the own firewall rejects by ICMP",
        Expected.unsent("gateway.network-unreachable", 502, UNROUTABLE),
        ways.ownFilter("ip daddr ADDRESS tcp dport PORT reject with icmp type admin-prohibited"));
  }

  private void more() {
    add(
        "the own firewall rejects by a reset",
        Expected.unsent("gateway.network-unreachable", 502, REFUSED),
        ways.ownFilter("ip daddr ADDRESS tcp dport PORT reject with tcp reset"));
    add(
        "the own firewall rejects by ICMP port-unreachable",
        Expected.unsent("gateway.network-unreachable", 502, REFUSED),
        ways.ownFilter("ip daddr ADDRESS tcp dport PORT reject"));
    add(
        "the own firewall drops what the server answers",
        Expected.unsent("firewall.dropped", 504, TIMEOUT),
        Scene.CONNECT,
        ways.ownFilter("input", "ip saddr ADDRESS tcp sport PORT drop"));
    add(
        "the own firewall drops packets to the port, IPv6",
        Expected.unsent("gateway.network-unreachable", 504, TIMEOUT),
        Scene.CONNECT,
        ways.ownFilter6("ip6 daddr ADDRESS tcp dport PORT drop"));
    add(
        "the own firewall rejects by ICMPv6",
        Expected.unsent("gateway.network-unreachable", 502, UNROUTABLE),
        ways.ownFilter6(
            "ip6 daddr ADDRESS tcp dport PORT reject with icmpv6 type admin-prohibited"));
  }

  private void add(String name, Expected expected, Row.Staging staging) {
    rows.add(Row.of(name, expected, staging));
  }

  private void add(String name, Expected expected, Duration inherent, Row.Staging staging) {
    rows.add(Row.of(name, expected, inherent, staging));
  }
}
