package io.whygate.e2e.matrix;

import io.whygate.faults.FaultyServer;
import io.whygate.faults.http.Site;
import io.whygate.faults.tls.KeyKind;
import io.whygate.faults.tls.Pki;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/// How the ways between the gateway and a server on another host break: the stagings that rows of a
/// [Network] share.
final class Ways {
  private static final int CROWD = 6;
  private static final Duration PAUSE = Duration.ofMillis(150);

  /// So often is somebody let in after others who were not, one time more than shows a limit: on a
  /// busy machine they come slower than it lets them in, and looks of the gateway take turns, too.
  private static final int TURNS = 5;

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Network network;

  Ways(Network network) {
    this.network = network;
  }

  /// What breaks or mends a network.
  interface Change {
    void make() throws Exception;
  }

  /// What visitors do before the one that is looked at.
  private interface Visitors {
    void come(Scene scene, HeldGateway gateway) throws Exception;
  }

  /// One server that works; then connections need to be made anew.
  static void breaks(Scene scene, FaultyServer server, Change breaking, Change mending) {
    breaks(scene, server, "", breaking, mending);
  }

  static void breaks(
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

  Row.Staging filtered(boolean v6, String... rules) {
    return scene -> {
      ServerHost host = network.host();
      FaultyServer server = host.server(scene, v6 ? host.address6() : host.address(), 0);
      breaks(scene, server, () -> host.filter(at(server, host, rules)), host::unfilter);
    };
  }

  static String[] at(FaultyServer server, ServerHost host, String... rules) {
    return List.of(rules).stream()
        .map(rule ->
            rule.replace("PORT", Integer.toString(server.port()))
                .replace("ADDRESS", host.address()))
        .toArray(String[]::new);
  }

  void routerFilter(ServerHost host, String rule) {
    network.filter(network.router(), host.name(), "forward", rule);
  }

  void anotherPort(Scene scene) throws Exception {
    ServerHost host = network.host();
    FaultyServer server = host.server(scene);
    host.server(scene, host.address(), 443);
    breaks(
        scene,
        server,
        () -> host.filter("tcp dport != 443 drop", "icmp type echo-request drop"),
        host::unfilter);
  }

  /// The connection stays, and new rules meet what is sent on it.
  void keptBreaks(Scene scene, String rule) throws Exception {
    ServerHost host = network.host();
    FaultyServer server = host.server(scene);
    scene
        .changes()
        .upstream(server.uri(), "")
        .breaks(_ -> host.filter(at(server, host, rule)), _ -> host.unfilter());
  }

  /// Each request needs a new connection, and these rules meet it.
  Row.Staging closing(String rule) {
    return scene -> {
      ServerHost host = network.host();
      FaultyServer server = host.closingServer(scene);
      breaks(scene, server, () -> host.filter(at(server, host, rule)), host::unfilter);
    };
  }

  /// The router's own table refuses the host.
  Row.Staging routed(String kind, boolean v6) {
    return scene -> {
      ServerHost host = network.host();
      String address = v6 ? host.address6() : host.address();
      FaultyServer server = host.server(scene, address, 0);
      String route = kind + " " + address;
      breaks(
          scene.changes(),
          server,
          () -> network.shell(network.router(), "ip route add " + route),
          () -> network.shell(network.router(), "ip route del " + route));
    };
  }

  Row.Staging ownRoute(String kind) {
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

  Row.Staging ownFilter(String rule) {
    return ownFilter("output", rule);
  }

  Row.Staging ownFilter(String hook, String rule) {
    return ownFilter(false, hook, rule);
  }

  Row.Staging ownFilter6(String rule) {
    return ownFilter(true, "output", rule);
  }

  private Row.Staging ownFilter(boolean v6, String hook, String rule) {
    return scene -> {
      ServerHost host = network.host();
      FaultyServer server = host.server(scene, v6 ? host.address6() : host.address(), 0);
      String own = rule.replace("ADDRESS", v6 ? host.address6() : host.address());
      breaks(
          scene,
          server,
          () -> network.filter(network.gatewayHost(), host.name(), hook, at(server, host, own)),
          () -> network.unfilter(network.gatewayHost(), host.name()));
    };
  }

  Row.Staging silentNeighbour(boolean v6, String more) {
    return scene -> {
      ServerHost host = network.neighbour();
      String address = v6 ? host.address6() : host.address();
      FaultyServer server = host.server(scene, address, 0);
      String own = address + (v6 ? "/64 dev eth0 nodad" : "/24 dev eth0");
      scene
          .upstream(server.uri(), more)
          .breaks(
              _ -> {
                server.closeConnections();
                network.shell(host.place(), "ip addr del " + own.replace(" nodad", ""));
                network.shell(network.gatewayHost(), "ip neigh flush to " + address);
              },
              _ -> network.shell(host.place(), "ip addr add " + own));
    };
  }

  void brokenV6(Scene scene, String rule) throws Exception {
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

  /// The resolver's own view of a name has an address of the inside, where the server breaks; the
  /// name's own servers tell everybody an address outside, where another server works.
  void twoViews(Scene scene, String verdict) throws Exception {
    ServerHost host = network.host();
    ServerHost front = network.host();
    FaultyServer server = host.server(scene);
    String outside = front.address().replaceFirst("^10\\.78", "198.18");
    String route = "ip route add " + outside + "/32 via ";
    network.shell(front.place(), "ip addr add " + outside + "/32 dev lo");
    network.shell(network.router(), route + front.address());
    network.shell(network.gatewayHost(), route + "10.78.0.1");
    front.server(scene, outside, server.port());
    String name = host.name();
    network.zone().address(name, Names.LONG, outside);
    network.insideView().address(name, Names.LONG, host.address());
    scene
        .upstream(server.uriFor(name + "." + Names.ZONE), "")
        .breaks(
            _ -> {
              server.closeConnections();
              host.filter(at(server, host, "tcp dport PORT " + verdict));
            },
            _ -> host.unfilter());
  }

  /// A limit that visitors have just run into, all at the same moment.
  Row.Staging limited(String rule) {
    return limited(rule, Ways::crowd);
  }

  /// A limit that visitors have run into for a while, each after the other; the last one was let
  /// in.
  Row.Staging paced(String rule, Duration time) {
    return limited(
        rule,
        (_, gateway) -> {
          long began = System.nanoTime();
          boolean served = true;
          int turns = 0;
          while (System.nanoTime() - began < time.toNanos() || !served || turns < TURNS) {
            if (System.nanoTime() - began > PATIENCE.toNanos()) {
              throw new AssertionError("turns: " + turns + " (expected: " + TURNS + ")");
            }
            LockSupport.parkNanos(PAUSE.toNanos());
            boolean before = served;
            served = Client.get(gateway.uri(), "/").status() == 200;
            turns += served && !before ? 1 : 0;
          }
        });
  }

  private Row.Staging limited(String rule, Visitors visitors) {
    return scene -> {
      ServerHost host = network.host();
      FaultyServer server = host.closingServer(scene);
      scene
          .changes()
          .upstream(server.uri(), "retry.attempts = 1")
          .breaks(
              gateway -> {
                host.filter(at(server, host, rule));
                visitors.come(scene, gateway);
              },
              _ -> host.unfilter());
    };
  }

  /// More visitors at one moment than the limit lets in; they are still waiting afterwards.
  private static void crowd(Scene scene, HeldGateway gateway) throws IOException {
    String host = gateway.uri().getHost();
    byte[] request =
        "GET / HTTP/1.1\r\nHost: %s\r\n\r\n".formatted(host).getBytes(StandardCharsets.US_ASCII);
    List<Socket> visitors = new ArrayList<>();
    for (int i = 0; i < CROWD; i++) {
      visitors.add(scene.open(new Socket(host, gateway.uri().getPort())));
    }
    for (Socket visitor : visitors) {
      visitor.getOutputStream().write(request);
    }
  }

  /// The link to the server takes less than its neighbours think, and nobody is told.
  void blackHole(Scene scene) throws Exception {
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

  /// Large packets of the server's vanish on the way to the gateway.
  ///
  /// @param pages what it serves
  void blackHoleBack(Scene scene, Site pages) throws Exception {
    ServerHost host = network.host();
    FaultyServer server = host.server(scene);
    server.site(pages);
    loseLarge(scene, host, server, "");
  }

  /// Large packets of a server that speaks TLS vanish on the way to the gateway.
  void blackHoleInHandshake(Scene scene) throws Exception {
    ServerHost host = network.host();
    Pki pki = Pki.of(KeyKind.RSA_2048, Sites.NAME);
    FaultyServer server =
        scene.open(
            network.inside(
                host.place(),
                () -> FaultyServer.builder().address(host.address()).tls(pki).start()));
    loseLarge(scene, host, server, Sites.trusting(scene, pki));
  }

  private void loseLarge(Scene scene, ServerHost host, FaultyServer server, String more) {
    breaks(
        scene,
        server,
        more,
        () -> routerFilter(host, "ip saddr " + host.address() + " ip length > 1280 drop"),
        () -> network.unfilter(network.router(), host.name()));
  }
}
