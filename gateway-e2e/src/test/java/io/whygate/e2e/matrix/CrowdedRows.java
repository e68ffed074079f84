package io.whygate.e2e.matrix;

import java.util.ArrayList;
import java.util.List;

/// Faults that have to be named alike to each of many visitors who keep coming: hosts and routers
/// send few ICMP messages a second, and limits on connections let in one now and then.
final class CrowdedRows {
  private static final String UNROUTABLE = "destination_ip_unroutable";
  private static final String TIMEOUT = "connection_timeout";

  /// As Linux rations messages by itself (icmp(7)), for a host of which rows ask more.
  private static final String RATIONED =
      "echo 1000 > /proc/sys/net/ipv4/icmp_ratelimit; echo 1000 > /proc/sys/net/ipv6/icmp/ratelimit";

  private final Network network;
  private final Ways ways;
  private final List<Row> rows = new ArrayList<>();

  private CrowdedRows(Network network) {
    this.network = network;
    ways = new Ways(network);
  }

  static List<Row> all(Network network) {
    var rows = new CrowdedRows(network);
    rows.messages();
    rows.limits();
    rows.families();
    return List.copyOf(rows.rows);
  }

  private void messages() {
    add("the router's route prohibits it", "firewall.rejected", ways.routed("prohibit", false));
    add(
        "the router's route prohibits it, IPv6",
        "firewall.rejected",
        ways.routed("prohibit", true));
    add(
        "the router's route says unreachable, IPv6",
        "server.host-unreachable",
        ways.routed("unreachable", true));
    add(
        "rejected by port-unreachable, IPv6",
        "firewall.rejected",
        rationed(true, "tcp dport PORT reject with icmpv6 type port-unreachable"));
    add(
        "packets to the port are dropped",
        "firewall.dropped",
        ways.filtered(false, "tcp dport PORT drop"));
  }

  private void limits() {
    for (String limit : List.of("3/second burst 3", "10/second burst 5", "20/second burst 10")) {
      limit(limit, "vanish", "drop");
    }
    for (String limit : List.of("10/second burst 5", "20/second burst 10")) {
      limit(limit, "are reset", "reject with tcp reset");
    }
  }

  private void limit(String limit, String fate, String verdict) {
    add(
        "connections beyond " + limit + " " + fate,
        "firewall.rate-limited",
        ways.closing(
            "tcp dport PORT ct state new limit rate over " + limit + " packets " + verdict));
  }

  private void families() {
    rows.add(
        Row.of(
            "a name with an IPv6 address, and no way of IPv6 at all",
            Expected.served(""),
            scene -> {
              ServerHost host = network.host();
              var server = host.server(scene);
              network.zone().address(host.name(), Names.LONG, host.address(), "2001:db8:77::5");
              scene.upstream(server.uriFor(host.name() + "." + Names.ZONE), "");
            }));
  }

  private Row.Staging rationed(boolean v6, String rule) {
    Row.Staging filtered = ways.filtered(v6, rule);
    return scene -> {
      network.rationing(RATIONED);
      filtered.stage(scene);
      network.rationing("");
    };
  }

  private void add(String name, String cause, Row.Staging staging) {
    boolean silent = cause.equals("firewall.dropped") || cause.equals("firewall.rate-limited");
    rows.add(
        Row.of(
            name,
            silent ? Expected.unsent(cause, 504, TIMEOUT) : Expected.unsent(cause, 502, UNROUTABLE),
            Scene.CONNECT,
            staging));
  }
}
