package io.whygate.e2e.matrix;

import java.time.Duration;
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
    rows.families();
    return List.copyOf(rows.rows);
  }

  private void messages() {
    for (boolean v6 : List.of(false, true)) {
      String family = v6 ? ", IPv6" : "";
      add("the router's route prohibits it" + family, "firewall.rejected", ways.routed("prohibit", v6));
      add(
          "the router's route says unreachable" + family,
          "server.host-unreachable",
          ways.routed("unreachable", v6));
      add(
          "rejected by port-unreachable" + family,
          "firewall.rejected",
          rationed(v6, "tcp dport PORT reject with icmp" + (v6 ? "v6" : "") + " type port-unreachable"));
    }
    add(
        "packets to the port are dropped",
        "firewall.dropped",
        ways.filtered(false, "tcp dport PORT drop"));
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
            silent
                ? Expected.unsent(cause, 504, TIMEOUT)
                : Expected.unsent(cause, 502, UNROUTABLE),
            Scene.CONNECT,
            staging));
  }
}
