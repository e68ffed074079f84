package io.whygate.e2e.matrix;

import io.whygate.e2e.lab.GatewayProcess;
import io.whygate.e2e.lab.Namespaces;
import io.whygate.e2e.lab.Place;
import io.whygate.faults.dns.Authority;
import io.whygate.faults.dns.DnsServer;
import io.whygate.faults.dns.SplitView;
import io.whygate.faults.dns.Zone;
import java.io.IOException;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Stream;

/// A network of the test's own, with the built gateway in it: clients and the gateway on one host,
/// a router, and behind it a host for each server. One gateway serves all rows, each by an address
/// of its own that clients ask.
///
/// Root only. Rows may run at the same time: each has its own server's host, and filters of its
/// own.
public final class Network implements AutoCloseable {
  private static final String GATEWAY_AT_ROUTER = "10.78.0.2";

  /// Hosts and routers send few ICMP messages a second; a row asks for more than a visitor would.
  private static final String UNLIMITED_ICMP =
      "echo 0 > /proc/sys/net/ipv4/icmp_ratelimit; echo 0 > /proc/sys/net/ipv6/icmp/ratelimit\n";

  private final Namespaces namespaces = new Namespaces();
  private final Place gatewayHost = namespaces.host("gateway");
  private final Place router = namespaces.host("router");
  private final Map<Row, Staged> rows = new LinkedHashMap<>();
  private final Zone zone = Zone.of(Names.ZONE).ns("ns1", "127.0.0.1");
  private final Zone inside = Zone.of(Names.ZONE).ns("ns1", "127.0.0.1");
  private final DnsServer names;
  private final DnsServer resolver;
  private final GatewayProcess gateway;
  private int hosts;
  private String rationing = "";

  private record Staged(Scene scene, String name, String address) {}

  private Network(Function<Network, List<Row>> rowsOf, String messages, String more)
      throws Exception {
    namespaces.line(
        gatewayHost,
        "eth0",
        List.of(GATEWAY_AT_ROUTER + "/24", "fd78::2/64"),
        router,
        "gateway",
        List.of("10.78.0.1/24", "fd78::1/64"));
    namespaces.shell(
        router,
        messages
            + """
            echo 1 > /proc/sys/net/ipv4/ip_forward
            echo 1 > /proc/sys/net/ipv6/conf/all/forwarding
            """);
    namespaces.shell(gatewayHost, "ip -6 route add fd78::/32 via fd78::1");
    names =
        inside(gatewayHost, () -> DnsServer.start(new Authority(List.of(zone)), "127.0.0.1", 0));
    resolver =
        inside(
            gatewayHost,
            () ->
                DnsServer.start(
                    new SplitView(inside, new Authority(List.of(zone))), "127.0.0.1", 0));
    StringBuilder settings =
        new StringBuilder(
            "event-loops = 1, access-log { enabled = false }, dns { servers = [\"127.0.0.1:%d\"], authoritative-port = %d }\n"
                    .formatted(resolver.port(), names.port())
                + more);
    for (Row row : rowsOf.apply(this)) {
      int number = rows.size() + 1;
      Staged staged =
          new Staged(
              new Scene(!row.inherent().isZero(), "row" + number, "127.0.1." + number),
              "row" + number,
              "127.0.1." + number);
      row.staging().stage(staged.scene());
      settings.append(staged.scene().settings());
      rows.put(row, staged);
    }
    gateway = GatewayProcess.start(gatewayHost, settings.toString());
  }

  /// Builds it, opens the servers of all rows and starts the gateway.
  public static Network start() throws Exception {
    return new Network(
        network ->
            Stream.of(NetworkRows.all(network), OwnSideRows.all(network), RateRows.all(network))
                .flatMap(List::stream)
                .toList(),
        UNLIMITED_ICMP,
        "");
  }

  /// The same with the rows that need the gateway's host for themselves, each after the other.
  public static Network startAlone() throws Exception {
    return new Network(TrackingRows::all, UNLIMITED_ICMP, "");
  }

  /// The same with the rows that are for many visitors at once, and a router that rations its
  /// messages.
  public static Network startCrowded() throws Exception {
    return new Network(CrowdedRows::all, "", "diagnostics.max-probes-per-second = 1000\n");
  }

  /// Its rows.
  public List<Row> rows() {
    return List.copyOf(rows.keySet());
  }

  /// Runs one of its rows, with a client on the gateway's host.
  public Trial.Result run(Row row) throws Exception {
    Staged staged = rows.get(row);
    URI at = URI.create("http://" + staged.address() + ":" + gateway.uri().getPort());
    HeldGateway view = HeldGateway.shared(at, gateway.adminUri().getPort(), staged.name());
    return inside(gatewayHost, () -> Trial.run(row, staged.scene(), view));
  }

  /// Runs one of its rows with many visitors, who have to be told the same.
  ///
  /// @return what was not as expected
  public List<String> crowd(Row row) throws Exception {
    Staged staged = rows.get(row);
    URI at = URI.create("http://" + staged.address() + ":" + gateway.uri().getPort());
    HeldGateway view = HeldGateway.shared(at, gateway.adminUri().getPort(), staged.name());
    return inside(gatewayHost, () -> Crowd.run(row, staged.scene(), view));
  }

  /// What hosts that are built from now on do beside what others do: a script, empty for nothing.
  void rationing(String script) {
    rationing = script;
  }

  /// A new host behind the router.
  ServerHost host() {
    int number = ++hosts;
    String name = "web" + number;
    Place place = namespaces.host(name);
    var host =
        new ServerHost(
            this, place, name, "10.78.%d.2".formatted(number), "fd78:0:0:a%d::2".formatted(number));
    namespaces.line(
        place,
        "eth0",
        List.of(host.address() + "/24", host.address6() + "/64"),
        router,
        name,
        List.of("10.78.%d.1/24".formatted(number), "fd78:0:0:a%d::1/64".formatted(number)));
    namespaces.shell(
        place,
        UNLIMITED_ICMP
            + "ip route add default via 10.78.%d.1; ip -6 route add default via fd78:0:0:a%d::1"
                .formatted(number, number)
            + "\n"
            + rationing);
    // The gateway has an address of its own for each: routers count messages by whom they go to.
    String own = "10.78.0.%d".formatted(100 + number);
    String own6 = "fd78::a%d".formatted(number);
    namespaces.shell(
        gatewayHost,
        """
        ip addr add %1$s/24 dev eth0; ip route add 10.78.%3$d.0/24 via 10.78.0.1 src %1$s
        ip addr add %2$s/64 dev eth0 nodad; ip -6 route add fd78:0:0:a%3$d::/64 via fd78::1 src %2$s
        """
            .formatted(own, own6, number));
    return host;
  }

  /// A new host on a segment that it shares with the gateway alone.
  ServerHost neighbour() {
    int number = ++hosts;
    String name = "near" + number;
    Place place = namespaces.host(name);
    var host =
        new ServerHost(
            this, place, name, "10.79.%d.2".formatted(number), "fd79:0:0:a%d::2".formatted(number));
    namespaces.line(
        place,
        "eth0",
        List.of(host.address() + "/24", host.address6() + "/64"),
        gatewayHost,
        name,
        List.of("10.79.%d.1/24".formatted(number), "fd79:0:0:a%d::1/64".formatted(number)));
    return host;
  }

  Place router() {
    return router;
  }

  Place gatewayHost() {
    return gatewayHost;
  }

  Zone zone() {
    return zone;
  }

  /// What the resolver says of names by itself, whatever their own servers say.
  Zone insideView() {
    return inside;
  }

  void shell(Place place, String script) {
    namespaces.shell(place, script);
  }

  <T> T inside(Place place, Callable<T> work) throws Exception {
    return namespaces.inside(place, work);
  }

  /// Rules of nftables on a host, all in one chain at one hook, until they are taken away by the
  /// same name.
  void filter(Place place, String name, String hook, String... rules) {
    StringBuilder script = new StringBuilder();
    script.append("add table inet ").append(name).append('\n');
    script.append(
        "add chain inet %s c { type filter hook %s priority 0; }\n".formatted(name, hook));
    for (String rule : rules) {
      script.append("add rule inet ").append(name).append(" c ").append(rule).append('\n');
    }
    namespaces.shell(place, "nft -f - <<'RULES'\n" + script + "RULES\n");
  }

  void unfilter(Place place, String name) {
    namespaces.shell(place, "nft delete table inet " + name);
  }

  @Override
  public void close() throws IOException {
    gateway.close();
    for (Staged staged : rows.values()) {
      staged.scene().close();
    }
    resolver.close();
    names.close();
    namespaces.close();
  }
}
