package io.whygate.e2e.matrix;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Filters that let in so many connections, and no more.
final class RateRows {
  private static final String REFUSED = "connection_refused";
  private static final String UNROUTABLE = "destination_ip_unroutable";
  private static final String TIMEOUT = "connection_timeout";

  private final Ways ways;
  private final List<Row> rows = new ArrayList<>();

  private RateRows(Ways ways) {
    this.ways = ways;
  }

  static List<Row> all(Network network) {
    var rows = new RateRows(new Ways(network));
    rows.stage();
    return List.copyOf(rows.rows);
  }

  private void stage() {
    add(
        "connections beyond a rate vanish",
        Expected.unsent("firewall.rate-limited", 504, TIMEOUT),
        Scene.CONNECT,
        ways.limited("tcp dport PORT ct state new limit rate over 25/second burst 2 packets drop"));
    add(
        "connections beyond a rate are reset",
        Expected.unsent("firewall.rate-limited", 502, REFUSED),
        ways.limited(
            "tcp dport PORT ct state new limit rate over 25/second burst 2 packets reject with tcp"
                + " reset"));
    add(
        "more than one connection a second vanishes",
        Expected.unsent("firewall.rate-limited", 504, TIMEOUT),
        Scene.CONNECT,
        ways.paced(
            "tcp dport PORT ct state new limit rate over 1/second burst 1 packets drop",
            Duration.ofSeconds(8)));
    add(
        "more than twenty connections a minute vanish",
        Expected.unsent("firewall.rate-limited", 504, TIMEOUT),
        Scene.CONNECT,
        ways.paced(
            "tcp dport PORT ct state new limit rate over 20/minute burst 1 packets drop",
            Duration.ofSeconds(12)));
    add(
        "more than six connections a minute vanish, and many come at once",
        Expected.unsent("firewall.rate-limited", 504, TIMEOUT),
        Scene.CONNECT,
        ways.limited("tcp dport PORT ct state new limit rate over 6/minute burst 2 packets drop"));
    add(
        "more than one connection a second is reset",
        Expected.unsent("firewall.rate-limited", 502, REFUSED),
        ways.paced(
            "tcp dport PORT ct state new limit rate over 1/second burst 1 packets reject with tcp"
                + " reset",
            Duration.ofSeconds(8)));
  }

  private void add(String name, Expected expected, Row.Staging staging) {
    rows.add(Row.of(name, expected, staging));
  }

  private void add(String name, Expected expected, Duration inherent, Row.Staging staging) {
    rows.add(Row.of(name, expected, inherent, staging));
  }
}
