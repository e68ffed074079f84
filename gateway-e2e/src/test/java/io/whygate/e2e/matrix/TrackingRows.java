package io.whygate.e2e.matrix;

import io.whygate.faults.FaultyServer;
import java.util.List;

/// Where the table in which the gateway's own system tracks connections is full: all that the
/// gateway's host begins is concerned, so that these rows have a host to themselves and follow each
/// other.
final class TrackingRows {
  private static final String TIMEOUT = "connection_timeout";

  /// As many connections as the table takes, none of which gives way to another.
  private static final String FILL =
      """
      cd /proc/sys/net/netfilter
      lines=$(mktemp)
      awk -v max=$(cat nf_conntrack_max) 'BEGIN {
        for (i = 0; i < max; i++)
          print "-A -s 10.1." int(i / 50000) ".1 -d 10.2.0.2 -p tcp --sport " 1024 + i % 50000 \\
            " --dport 80 --state ESTABLISHED -u SEEN_REPLY,ASSURED -t 600"
      }' > $lines
      conntrack --load-file $lines > $lines.out 2>&1 || true
      rm $lines $lines.out
      test $(cat nf_conntrack_count) -ge $(($(cat nf_conntrack_max) * 995 / 1000))
      """;

  private final Network network;

  private TrackingRows(Network network) {
    this.network = network;
  }

  static List<Row> all(Network network) {
    var rows = new TrackingRows(network);
    return List.of(
        Row.of(
                "the own system's table of connections is full",
                Expected.unsent("gateway.overloaded", 504, TIMEOUT),
                Scene.CONNECT,
                rows::full)
            .because("it drops what would be another one"),
        Row.of(
            "the own table of connections is full, and packets that it does not track are dropped",
            Expected.unsent("firewall.dropped", 504, TIMEOUT),
            Scene.CONNECT,
            rows::fullAndDropped));
  }

  private void full(Scene scene) throws Exception {
    ServerHost host = network.host();
    FaultyServer server = host.server(scene);
    Ways.breaks(scene, server, () -> fill(host, ""), () -> empty(host));
  }

  /// The look-alike: what goes to the server passes by the table, and a filter there drops it.
  private void fullAndDropped(Scene scene) throws Exception {
    ServerHost host = network.host();
    FaultyServer server = host.server(scene);
    Ways.breaks(
        scene,
        server,
        () -> {
          fill(host, host.address());
          host.filter(Ways.at(server, host, "tcp dport PORT drop"));
        },
        () -> {
          empty(host);
          host.unfilter();
        });
  }

  /// From now on connections are tracked, but those within the host, and the table is full.
  ///
  /// @param untracked a host that is not tracked either, empty for none
  private void fill(ServerHost host, String untracked) {
    String more =
        untracked.isEmpty()
            ? ""
            : """
            add rule inet %1$s raw ip daddr %2$s notrack
            add rule inet %1$s in ip saddr %2$s notrack
            """
                .formatted(host.name(), untracked);
    network.shell(
        network.gatewayHost(),
        """
        nft -f - <<'RULES'
        add table inet %1$s
        add chain inet %1$s raw { type filter hook output priority raw; }
        add rule inet %1$s raw oif lo notrack
        add chain inet %1$s in { type filter hook prerouting priority raw; }
        add rule inet %1$s in iif lo notrack
        %2$s
        add chain inet %1$s out { type filter hook output priority 0; }
        add rule inet %1$s out ct state new counter
        RULES
        %3$s\
        """
            .formatted(host.name(), more, FILL));
  }

  private void empty(ServerHost host) {
    network.unfilter(network.gatewayHost(), host.name());
    network.shell(network.gatewayHost(), "conntrack -F 2> /dev/null");
  }
}
