package io.whygate.e2e.matrix;

import io.whygate.faults.FaultyServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/// Faults between the gateway and a server on another host: filters, routes, sizes and neighbours.
final class NetworkRows {
  private static final String REFUSED = "connection_refused";
  private static final String UNROUTABLE = "destination_ip_unroutable";
  private static final String TIMEOUT = "connection_timeout";

  /// As long as Linux asks for a neighbour that does not answer, with some more.
  private static final Duration NEIGHBOUR = Duration.ofMillis(3_200);

  /// Within one machine Linux takes an ICMPv6 message while the connect is still under way, and
  /// minds it at its second or third try only.
  private static final Duration SECOND_TRY = Duration.ofMillis(2_100);

  private static final int CROWD = 4;

  private final Network network;
  private final List<Row> rows = new ArrayList<>();

  private NetworkRows(Network network) {
    this.network = network;
  }

  static List<Row> all(Network network) {
    var rows = new NetworkRows(network);
    rows.silence();
    rows.rejections();
    rows.routes();
    rows.ownSide();
    rows.limits();
    rows.sizes();
    return List.copyOf(rows.rows);
  }

  private void silence() {
    add(
        "packets to the port are dropped; the host answers pings and resets",
        Expected.unsent("firewall.dropped", 504, TIMEOUT),
        Scene.CONNECT,
        filtered(false, "tcp dport PORT drop"));
    add(
        "all TCP is dropped; the host answers pings alone",
        Expected.unsent("firewall.dropped", 504, TIMEOUT),
        Scene.CONNECT,
        filtered(false, "meta l4proto tcp drop"));
    add(
        "all is dropped but another port",
        Expected.unsent("firewall.dropped", 504, TIMEOUT),
        Scene.CONNECT,
        this::anotherPort);
    add(
        "packets to the port are dropped, IPv6",
        Expected.unsent("firewall.dropped", 504, TIMEOUT),
        Scene.CONNECT,
        filtered(true, "tcp dport PORT drop"));
    add(
        "a kept connection's packets are dropped midway",
        Expected.page("firewall.dropped", 504, "http_response_timeout", ""),
        Scene.RESPONSE,
        this::keptIsDropped);
    add(
        "nothing at the address answers",
        Expected.unsent("server.host-down", 504, TIMEOUT),
        Scene.CONNECT,
        filtered(false, "drop"));
    add(
        "nothing at the address answers, IPv6",
        Expected.unsent("server.host-down", 504, TIMEOUT),
        Scene.CONNECT,
        filtered(true, "meta l4proto tcp drop", "icmpv6 type echo-request drop"));
    add(
        "a banned gateway: the router drops all that it sends there",
        Expected.unsent("server.host-down", 504, TIMEOUT),
        Scene.CONNECT,
        scene -> {
          ServerHost host = network.host();
          FaultyServer server = host.server(scene);
          breaks(
              scene,
              server,
              () -> routerFilter(host, "ip daddr " + host.address() + " drop"),
              () -> network.unfilter(network.router(), host.name()));
        });
  }

  private void rejections() {
    add(
        "rejected by ICMP port-unreachable",
        Expected.unsent("firewall.rejected", 502, REFUSED),
        filtered(false, "tcp dport PORT reject with icmp type port-unreachable"));
    add(
        "rejected by ICMPv6 port-unreachable",
        Expected.unsent("firewall.rejected", 502, REFUSED),
        SECOND_TRY,
        filtered(true, "tcp dport PORT reject with icmpv6 type port-unreachable"));
    for (String code :
        List.of(
            "host-unreachable",
            "net-unreachable",
            "admin-prohibited",
            "host-prohibited",
            "net-prohibited")) {
      add(
          "rejected by ICMP " + code,
          Expected.unsent("firewall.rejected", 502, UNROUTABLE),
          filtered(false, "tcp dport PORT reject with icmp type " + code));
    }
    for (String code : List.of("no-route", "admin-prohibited", "addr-unreachable")) {
      add(
          "rejected by ICMPv6 " + code,
          Expected.unsent("firewall.rejected", 502, UNROUTABLE),
          SECOND_TRY,
          filtered(true, "tcp dport PORT reject with icmpv6 type " + code));
    }
    add(
        "all is rejected by ICMP admin-prohibited",
        Expected.unsent("firewall.rejected", 502, UNROUTABLE),
        filtered(false, "reject with icmp type admin-prohibited"));
    add(
        "rejected by a reset",
        Expected.unsent("server.port-closed", 502, REFUSED),
        filtered(false, "tcp dport PORT reject with tcp reset"));
    add(
        "nothing listens on another host's port",
        Expected.unsent("server.port-closed", 502, REFUSED),
        scene -> {
          FaultyServer server = network.host().server(scene);
          scene
              .upstream(server.uri(), "")
              .breaks(_ -> server.stopListening(), _ -> server.close())
              .staysBroken();
        });
  }

  private void routes() {
    add(
        "the router says that the host is unreachable",
        Expected.unsent("server.host-unreachable", 502, UNROUTABLE),
        routed("unreachable"));
    add(
        "the router has no way to the network",
        Expected.unsent("server.host-unreachable", 502, UNROUTABLE),
        scene -> {
          ServerHost host = network.host();
          FaultyServer server = host.server(scene);
          breaks(
              scene.changes(),
              server,
              () -> network.shell(network.router(), "ip link set " + host.name() + " down"),
              () -> network.shell(network.router(), "ip link set " + host.name() + " up"));
        });
    add(
        "the router's route prohibits it",
        Expected.unsent("firewall.rejected", 502, UNROUTABLE),
        routed("prohibit"));
    add(
        "nobody on the own segment answers for the address",
        Expected.unsent("server.host-unreachable", 504, TIMEOUT),
        Scene.CONNECT,
        silentNeighbour(""));
    add(
        "nobody on the own segment answers, and the system says so",
        Expected.unsent("server.host-unreachable", 502, UNROUTABLE),
        NEIGHBOUR,
        silentNeighbour("connect-timeout = 8s"));
    add(
        "IPv6 packets are dropped, IPv4 works",
        Expected.served("dns.ipv6-broken"),
        Duration.ofMillis(250),
        scene -> brokenV6(scene, "meta nfproto ipv6 tcp dport PORT drop"));
    add(
        "IPv6 packets are rejected, IPv4 works",
        Expected.served("dns.ipv6-broken"),
        scene ->
            brokenV6(
                scene,
                "meta nfproto ipv6 tcp dport PORT reject with icmpv6 type admin-prohibited"));
  }

  private void ownSide() {
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
          ownRoute(kind));
    }
    add(
        "the own firewall drops packets to the port",
        Expected.unsent("firewall.dropped", 504, TIMEOUT),
        Scene.CONNECT,
        ownFilter("ip daddr ADDRESS tcp dport PORT drop"));
    add(
        "the own firewall drops all to the host",
        Expected.unsent("firewall.dropped", 504, TIMEOUT),
        Scene.CONNECT,
        ownFilter("ip daddr ADDRESS drop"));
    add(
        "the own firewall rejects by ICMP",
        Expected.unsent("firewall.rejected", 502, UNROUTABLE),
        ownFilter("ip daddr ADDRESS tcp dport PORT reject with icmp type admin-prohibited"));
  }

  private void limits() {
    add(
        "connections beyond a rate vanish",
        Expected.unsent("firewall.rate-limited", 504, TIMEOUT),
        Scene.CONNECT,
        limited("tcp dport PORT ct state new limit rate over 25/second burst 2 packets drop"));
    add(
        "connections beyond a rate are reset",
        Expected.unsent("firewall.rate-limited", 502, REFUSED),
        limited(
            "tcp dport PORT ct state new limit rate over 25/second burst 2 packets reject with tcp"
                + " reset"));
  }

  private void sizes() {
    add(
        "large packets of a request vanish",
        Expected.page("firewall.mtu-black-hole", 504, "http_response_timeout", "unknown"),
        Scene.RESPONSE,
        scene -> {
          blackHole(scene);
          scene.asks("GET", "/" + "x".repeat(2_800));
        });
    add(
        "large packets of a form vanish",
        Expected.page("firewall.mtu-black-hole", 504, "http_response_timeout", "unknown"),
        Scene.RESPONSE,
        scene -> {
          blackHole(scene);
          scene.asks("POST", "/" + "x".repeat(2_800));
        });
  }

  private void add(String name, Expected expected, Row.Staging staging) {
    rows.add(Row.of(name, expected, staging));
  }

  private void add(String name, Expected expected, Duration inherent, Row.Staging staging) {
    rows.add(Row.of(name, expected, inherent, staging));
  }

  /// What breaks or mends a network.
  private interface Change {
    void make() throws Exception;
  }

  /// One server that works; then connections need to be made anew.
  private static void breaks(Scene scene, FaultyServer server, Change breaking, Change mending) {
    breaks(scene, server, "", breaking, mending);
  }

  private static void breaks(
      Scene scene, FaultyServer server, String more, Change breaking, Change mending) {
    scene
        .upstream(server.uri(), more)
        .breaks(
            _ -> {
              server.closeConnections();
              breaking.make();
            },
            _ -> mending.make());
  }

  private Row.Staging filtered(boolean v6, String... rules) {
    return scene -> {
      ServerHost host = network.host();
      FaultyServer server = host.server(scene, v6 ? host.address6() : host.address(), 0);
      boolean late = v6 && List.of(rules).getFirst().contains("reject");
      breaks(
          scene,
          server,
          late ? "connect-timeout = 5s" : "",
          () -> host.filter(at(server, host, rules)),
          host::unfilter);
    };
  }

  private static String[] at(FaultyServer server, ServerHost host, String... rules) {
    return List.of(rules).stream()
        .map(rule ->
            rule.replace("PORT", Integer.toString(server.port()))
                .replace("ADDRESS", host.address()))
        .toArray(String[]::new);
  }

  private void routerFilter(ServerHost host, String rule) {
    network.filter(network.router(), host.name(), "forward", rule);
  }

  private void anotherPort(Scene scene) throws Exception {
    ServerHost host = network.host();
    FaultyServer server = host.server(scene);
    host.server(scene, host.address(), 443);
    breaks(
        scene,
        server,
        () -> host.filter("tcp dport != 443 drop", "icmp type echo-request drop"),
        host::unfilter);
  }

  /// The connection stays, and nothing passes on it.
  private void keptIsDropped(Scene scene) throws Exception {
    ServerHost host = network.host();
    FaultyServer server = host.server(scene);
    scene
        .changes()
        .upstream(server.uri(), "")
        .breaks(_ -> host.filter(at(server, host, "tcp dport PORT drop")), _ -> host.unfilter());
  }

  /// The router's own table refuses the host.
  private Row.Staging routed(String kind) {
    return scene -> {
      ServerHost host = network.host();
      FaultyServer server = host.server(scene);
      String route = kind + " " + host.address() + "/32";
      breaks(
          scene.changes(),
          server,
          () -> network.shell(network.router(), "ip route add " + route),
          () -> network.shell(network.router(), "ip route del " + route));
    };
  }

  private Row.Staging ownRoute(String kind) {
    return scene -> {
      ServerHost host = network.host();
      FaultyServer server = host.server(scene);
      String route = kind + " " + host.address() + "/32";
      breaks(
          scene,
          server,
          () -> network.shell(network.gatewayHost(), "ip route add " + route),
          () -> network.shell(network.gatewayHost(), "ip route del " + route));
    };
  }

  private Row.Staging ownFilter(String rule) {
    return scene -> {
      ServerHost host = network.host();
      FaultyServer server = host.server(scene);
      breaks(
          scene,
          server,
          () ->
              network.filter(network.gatewayHost(), host.name(), "output", at(server, host, rule)),
          () -> network.unfilter(network.gatewayHost(), host.name()));
    };
  }

  private Row.Staging silentNeighbour(String more) {
    return scene -> {
      ServerHost host = network.neighbour();
      FaultyServer server = host.server(scene);
      String own = host.address() + "/24 dev eth0";
      scene
          .upstream(server.uri(), more)
          .breaks(
              _ -> {
                server.closeConnections();
                network.shell(host.place(), "ip addr del " + own);
                network.shell(network.gatewayHost(), "ip neigh flush to " + host.address());
              },
              _ -> network.shell(host.place(), "ip addr add " + own));
    };
  }

  private void brokenV6(Scene scene, String rule) throws Exception {
    ServerHost host = network.host();
    FaultyServer server = host.server(scene, "::", 0);
    String name = host.name();
    network.zone().address(name, Names.LONG, host.address(), host.address6());
    scene
        .upstream(server.uriFor(name + "." + Names.ZONE), "")
        .breaks(
            _ -> {
              host.filter(at(server, host, rule));
              server.closeConnections();
            },
            _ -> host.unfilter());
  }

  /// A limit that visitors have just run into.
  private Row.Staging limited(String rule) {
    return scene -> {
      ServerHost host = network.host();
      FaultyServer server = host.closingServer(scene);
      scene
          .changes()
          .upstream(server.uri(), "retry.attempts = 1")
          .breaks(
              gateway -> {
                host.filter(at(server, host, rule));
                crowd(gateway);
              },
              _ -> host.unfilter());
    };
  }

  /// More visitors at once than the limit lets in.
  private static void crowd(HeldGateway gateway) throws InterruptedException {
    var began = new CountDownLatch(CROWD);
    for (int i = 0; i < CROWD; i++) {
      Thread.ofPlatform()
          .daemon()
          .start(() -> {
            began.countDown();
            try {
              Client.get(gateway.uri(), "/");
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    }
    began.await();
  }

  /// The link to the server takes less than its neighbours think, and nobody is told.
  private void blackHole(Scene scene) throws Exception {
    ServerHost host = network.host();
    FaultyServer server = host.server(scene);
    breaks(
        scene,
        server,
        () -> {
          network.filter(
              network.router(), host.name(), "output", "icmp type destination-unreachable drop");
          network.shell(network.router(), "ip link set " + host.name() + " mtu 1280");
        },
        () -> {
          network.shell(network.router(), "ip link set " + host.name() + " mtu 1500");
          network.unfilter(network.router(), host.name());
        });
  }
}
