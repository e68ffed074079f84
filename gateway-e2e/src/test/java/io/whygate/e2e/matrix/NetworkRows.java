package io.whygate.e2e.matrix;

import io.whygate.faults.FaultyServer;
import io.whygate.faults.http.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Faults between the gateway and a server on another host: filters, routes, sizes and neighbours.
final class NetworkRows {
  private static final String REFUSED = "connection_refused";
  private static final String UNROUTABLE = "destination_ip_unroutable";
  private static final String TIMEOUT = "connection_timeout";

  /// As long as Linux asks for a neighbour that does not answer, with some more.
  private static final Duration NEIGHBOUR = Duration.ofMillis(3_200);

  private final Network network;
  private final Ways ways;
  private final List<Row> rows = new ArrayList<>();

  private NetworkRows(Network network) {
    this.network = network;
    ways = new Ways(network);
  }

  static List<Row> all(Network network) {
    var rows = new NetworkRows(network);
    rows.silence();
    rows.rejections();
    rows.routes();
    rows.sizes();
    return List.copyOf(rows.rows);
  }

  private void silence() {
    add(
        "packets to the port are dropped; the host answers pings and resets",
        Expected.unsent("firewall.dropped", 504, TIMEOUT),
        Scene.CONNECT,
        ways.filtered(false, "tcp dport PORT drop"));
    add(
        "all TCP is dropped; the host answers pings alone",
        Expected.unsent("firewall.dropped", 504, TIMEOUT),
        Scene.CONNECT,
        ways.filtered(false, "meta l4proto tcp drop"));
    add(
        "all is dropped but another port",
        Expected.unsent("firewall.dropped", 504, TIMEOUT),
        Scene.CONNECT,
        ways::anotherPort);
    add(
        "packets to the port are dropped, IPv6",
        Expected.unsent("firewall.dropped", 504, TIMEOUT),
        Scene.CONNECT,
        ways.filtered(true, "tcp dport PORT drop"));
    add(
        "a kept connection's packets are dropped midway",
        Expected.page("firewall.dropped", 504, "http_response_timeout", ""),
        Scene.RESPONSE,
        scene -> ways.keptBreaks(scene, "tcp dport PORT drop"));
    add(
        "the server's answers to a connection are lost on their way back",
        Expected.unsent("firewall.dropped", 504, TIMEOUT),
        Scene.CONNECT,
        scene -> {
          ServerHost host = network.host();
          FaultyServer server = host.server(scene);
          Ways.breaks(
              scene,
              server,
              () ->
                  network.filter(
                      host.place(),
                      "broken",
                      "output",
                      Ways.at(server, host, "tcp sport PORT drop")),
              host::unfilter);
        });
    add(
        "new connections are let in, and what is sent on them is dropped",
        Expected.page("firewall.dropped", 504, "http_response_timeout", "unknown"),
        Scene.RESPONSE,
        ways.filtered(false, "tcp dport PORT tcp flags & syn != syn drop"));
    add(
        "a kept connection's host goes silent midway",
        Expected.page("server.host-down", 504, "http_response_timeout", ""),
        Scene.RESPONSE,
        scene -> ways.keptBreaks(scene, "drop"));
    add(
        "a kept connection is rejected midway",
        Expected.page("firewall.rejected", 504, "http_response_timeout", ""),
        Scene.RESPONSE,
        scene -> ways.keptBreaks(scene, "tcp dport PORT reject with icmp type admin-prohibited"));
    add(
        "a kept connection is reset midway, and new ones too",
        Expected.page("server.port-closed", 502, REFUSED, ""),
        scene -> ways.keptBreaks(scene, "tcp dport PORT reject with tcp reset"));
    add(
        "nothing at the address answers",
        Expected.unsent("server.host-down", 504, TIMEOUT),
        Scene.CONNECT,
        ways.filtered(false, "drop"));
    add(
        "nothing at the address answers, IPv6",
        Expected.unsent("server.host-down", 504, TIMEOUT),
        Scene.CONNECT,
        ways.filtered(true, "meta l4proto tcp drop", "icmpv6 type echo-request drop"));
    add(
        "a banned gateway: the router drops all that it sends there",
        Expected.unsent("server.host-down", 504, TIMEOUT),
        Scene.CONNECT,
        scene -> {
          ServerHost host = network.host();
          FaultyServer server = host.server(scene);
          Ways.breaks(
              scene,
              server,
              () -> ways.routerFilter(host, "ip daddr " + host.address() + " drop"),
              () -> network.unfilter(network.router(), host.name()));
        });
  }

  private void rejections() {
    add(
        "rejected by ICMP port-unreachable",
        Expected.unsent("firewall.rejected", 502, REFUSED),
        ways.filtered(false, "tcp dport PORT reject with icmp type port-unreachable"));
    add(
        "rejected by ICMPv6 port-unreachable",
        Expected.unsent("firewall.rejected", 502, REFUSED),
        ways.filtered(true, "tcp dport PORT reject with icmpv6 type port-unreachable"));
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
          ways.filtered(false, "tcp dport PORT reject with icmp type " + code));
    }
    for (String code : List.of("no-route", "admin-prohibited", "addr-unreachable")) {
      add(
          "rejected by ICMPv6 " + code,
          Expected.unsent("firewall.rejected", 502, UNROUTABLE),
          ways.filtered(true, "tcp dport PORT reject with icmpv6 type " + code));
    }
    add(
        "rejected by ICMP prot-unreachable",
        Expected.unsent("firewall.rejected", 502, UNROUTABLE),
        ways.filtered(false, "tcp dport PORT reject with icmp type prot-unreachable"));
    for (String code : List.of("policy-fail", "reject-route")) {
      add(
          "rejected by ICMPv6 " + code,
          Expected.unsent("firewall.rejected", 502, UNROUTABLE),
          ways.filtered(true, "tcp dport PORT reject with icmpv6 type " + code));
    }
    add(
        "the router rejects it",
        Expected.unsent("firewall.rejected", 502, UNROUTABLE),
        scene -> {
          ServerHost host = network.host();
          FaultyServer server = host.server(scene);
          Ways.breaks(
              scene.changes(),
              server,
              () ->
                  ways.routerFilter(
                      host, "ip daddr " + host.address() + " reject with icmp type net-prohibited"),
              () -> network.unfilter(network.router(), host.name()));
        });
    add(
        "every port answers with a reset",
        Expected.unsent("server.port-closed", 502, REFUSED),
        ways.filtered(false, "meta l4proto tcp reject with tcp reset"));
    add(
        "all is rejected by ICMP admin-prohibited",
        Expected.unsent("firewall.rejected", 502, UNROUTABLE),
        ways.filtered(false, "reject with icmp type admin-prohibited"));
    add(
        "rejected by a reset",
        Expected.unsent("server.port-closed", 502, REFUSED),
        ways.filtered(false, "tcp dport PORT reject with tcp reset"));
    add(
        "nothing listens on another host's port",
        Expected.unsent("server.port-closed", 502, REFUSED),
        scene -> {
          FaultyServer server = network.host().server(scene);
          // Until the gateway has seen that its connection was closed with the port.
          scene
              .upstream(server.uri(), "")
              .settles(Duration.ofMillis(200))
              .breaks(_ -> server.stopListening(), _ -> server.close())
              .staysBroken();
        });
  }

  private void routes() {
    add(
        "the router says that the host is unreachable",
        Expected.unsent("server.host-unreachable", 502, UNROUTABLE),
        ways.routed("unreachable", false));
    add(
        "the router has no way to the network",
        Expected.unsent("server.host-unreachable", 502, UNROUTABLE),
        scene -> {
          ServerHost host = network.host();
          FaultyServer server = host.server(scene);
          Ways.breaks(
              scene.changes(),
              server,
              () -> network.shell(network.router(), "ip link set " + host.name() + " down"),
              () -> network.shell(network.router(), "ip link set " + host.name() + " up"));
        });
    add(
        "the router's route prohibits it",
        Expected.unsent("firewall.rejected", 502, UNROUTABLE),
        ways.routed("prohibit", false));
    add(
        "the router says that the host is unreachable, IPv6",
        Expected.unsent("server.host-unreachable", 502, UNROUTABLE),
        ways.routed("unreachable", true));
    add(
        "the router's route prohibits it, IPv6",
        Expected.unsent("firewall.rejected", 502, UNROUTABLE),
        ways.routed("prohibit", true));
    add(
        "nobody on the own segment answers for the address",
        Expected.unsent("server.host-unreachable", 504, TIMEOUT),
        Scene.CONNECT,
        ways.silentNeighbour(false, ""));
    add(
        "nobody on the own segment answers for the address, IPv6",
        Expected.unsent("server.host-unreachable", 504, TIMEOUT),
        Scene.CONNECT,
        ways.silentNeighbour(true, ""));
    add(
        "nobody on the own segment answers, and the system says so, IPv6",
        Expected.unsent("server.host-unreachable", 502, UNROUTABLE),
        NEIGHBOUR,
        ways.silentNeighbour(true, "connect-timeout = 8s"));
    add(
        "nobody on the own segment answers, and the system says so",
        Expected.unsent("server.host-unreachable", 502, UNROUTABLE),
        NEIGHBOUR,
        ways.silentNeighbour(false, "connect-timeout = 8s"));
    for (String address : List.of("192.0.2.10", "2001:db8::10")) {
      add(
          "the name is given an address for documents, " + address,
          Expected.unsent("dns.sinkholed", 502, UNROUTABLE),
          scene -> {
            String name = "paper" + (address.indexOf(':') < 0 ? "4" : "6");
            network.zone().address(name, Names.LONG, address);
            scene
                .neverWorked()
                .staysBroken()
                .upstream("http://" + name + "." + Names.ZONE + ":48099", "");
          });
    }
    add(
        "the resolver gives an address inside, and nothing listens there",
        Expected.unsent("server.port-closed", 502, REFUSED),
        scene -> ways.twoViews(scene, "reject with tcp reset"));
    add(
        "the resolver gives an address inside, and packets to its port are dropped",
        Expected.unsent("firewall.dropped", 504, TIMEOUT),
        Scene.CONNECT,
        scene -> ways.twoViews(scene, "drop"));
    add(
        "moved; there is no way to the old address any more",
        Expected.served("dns.drift"),
        scene -> {
          ServerHost before = network.host();
          ServerHost after = network.host();
          FaultyServer server = before.server(scene);
          after.server(scene, after.address(), server.port());
          String name = before.name();
          scene.staysBroken();
          network.zone().address(name, Names.LONG, before.address());
          scene
              .upstream(server.uriFor(name + "." + Names.ZONE), "")
              .breaks(
                  _ -> {
                    network.zone().address(name, Names.LONG, after.address());
                    server.closeConnections();
                    network.shell(
                        network.gatewayHost(),
                        "ip route del " + before.address().replaceFirst("2$", "0/24"));
                  },
                  _ -> {});
        });
    add(
        "IPv6 packets are dropped, IPv4 works",
        Expected.served("dns.ipv6-broken"),
        Duration.ofMillis(250),
        scene -> ways.brokenV6(scene, "meta nfproto ipv6 tcp dport PORT drop"));
    add(
        "IPv6 packets are rejected, IPv4 works",
        Expected.served("dns.ipv6-broken"),
        scene ->
            ways.brokenV6(
                scene,
                "meta nfproto ipv6 tcp dport PORT reject with icmpv6 type admin-prohibited"));
  }

  private void sizes() {
    add(
        "large packets of a request vanish",
        Expected.page("firewall.mtu-black-hole", 504, "http_response_timeout", "unknown"),
        Scene.RESPONSE,
        scene -> {
          ways.blackHole(scene);
          scene.asks("GET", "/" + "x".repeat(2_800));
        });
    add(
        "large packets of a form vanish",
        Expected.page("firewall.mtu-black-hole", 504, "http_response_timeout", "unknown"),
        Scene.RESPONSE,
        scene -> {
          ways.blackHole(scene);
          scene.asks("POST", "/" + "x".repeat(2_800));
        });
    add(
        "large packets of an answer vanish: of each page",
        Expected.page("firewall.mtu-black-hole", 504, "http_response_timeout", "unknown"),
        Scene.RESPONSE,
        scene -> ways.blackHoleBack(scene, _ -> page(5)));
    add(
        "large packets of an answer vanish: all but its head",
        Expected.cut("firewall.mtu-black-hole"),
        Scene.RESPONSE,
        scene -> ways.blackHoleBack(scene, _ -> page(100)));
    add(
        "large packets of a handshake vanish",
        Expected.unsent("firewall.mtu-black-hole", 504, "connection_timeout"),
        Scene.CONNECT,
        scene -> {
          ways.blackHoleInHandshake(scene);
          // Once it has worked, sessions are resumed, and nothing of them is large.
          scene.neverWorked().staysBroken();
        });
    add(
        "large packets of an answer vanish: of one page",
        Expected.page("firewall.mtu-black-hole", 504, "http_response_timeout", "unknown"),
        Scene.RESPONSE,
        scene -> {
          ways.blackHoleBack(
              scene, request -> request.head().path().equals("/") ? page(0) : page(5));
          scene.asks("GET", "/report");
        });
  }

  private static Response page(int kilobytes) {
    return Response.text(200, "hello" + "x".repeat(kilobytes * 1_000));
  }

  private void add(String name, Expected expected, Row.Staging staging) {
    rows.add(Row.of(name, expected, staging));
  }

  private void add(String name, Expected expected, Duration inherent, Row.Staging staging) {
    rows.add(Row.of(name, expected, inherent, staging));
  }
}
