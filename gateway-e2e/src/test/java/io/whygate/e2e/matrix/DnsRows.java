package io.whygate.e2e.matrix;

import io.whygate.faults.Fault;
import io.whygate.faults.FaultyServer;
import io.whygate.faults.dns.Authority;
import io.whygate.faults.dns.CachingResolver;
import io.whygate.faults.dns.DnsFault;
import io.whygate.faults.dns.DnsServer;
import io.whygate.faults.dns.Zone;
import io.whygate.faults.http.Response;
import io.whygate.faults.http.Site;
import io.whygate.faults.http.StockSite;
import io.whygate.faults.tls.Pki;
import io.whygate.faults.tls.TlsFault;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/// Faults on the way from the name to the address.
final class DnsRows {
  private static final Duration SILENT = Duration.ofSeconds(1);

  private DnsRows() {}

  static List<Row> all() {
    return List.of(
        Row.of(
            "the name is deleted",
            Expected.unsent("dns.name-not-found", 502, "dns_error"),
            changing(names -> names.zone.remove(Names.SHOP))),
        Row.of(
            "the name never was",
            Expected.unsent("dns.name-not-found", 502, "dns_error"),
            never(names -> names.zone.remove(Names.SHOP))),
        Row.of(
            "the name has no address",
            Expected.unsent("dns.no-address", 502, "dns_error"),
            changing(names -> names.authority.fault(Sites.NAME, new DnsFault.NoData()))),
        Row.of(
            "the resolver says SERVFAIL",
            Expected.unsent("dns.server-failure", 502, "dns_error"),
            never(names -> {
              names.authority.fault(DnsFault.Fails.SERVFAIL);
              names.resolver.fault(Sites.NAME, DnsFault.Fails.SERVFAIL);
            })),
        Row.of(
            "the resolver says REFUSED",
            Expected.unsent("dns.refused", 502, "dns_error"),
            never(names -> names.resolver.fault(DnsFault.Fails.REFUSED))),
        Row.of(
            "the resolver is silent",
            Expected.unsent("dns.timeout", 504, "dns_timeout"),
            SILENT,
            never(names -> names.resolver.fault(new DnsFault.Silence()))),
        Row.of(
            "the resolver's port is closed",
            Expected.unsent("dns.timeout", 504, "dns_timeout"),
            SILENT,
            never(names -> names.resolver.stopListening())),
        Row.of(
            "the zone's signatures are wrong",
            Expected.unsent("dns.validation-failed", 502, "dns_error"),
            never(names -> names.resolver.fault(Sites.NAME, new DnsFault.FailsValidation(6)))),
        Row.of(
            "the name is an alias of one that is gone",
            Expected.unsent("dns.dangling-alias", 502, "dns_error"),
            changing(names -> names.zone.alias(Names.SHOP, Names.SHORT, "old-host"))),
        Row.of(
            "the zone's name servers do not serve it",
            Expected.unsent("dns.lame-delegation", 502, "dns_error"),
            never(names -> {
              names.authority.fault(Sites.NAME, DnsFault.Fails.REFUSED);
              names.resolver.fault(Sites.NAME, DnsFault.Fails.SERVFAIL);
            })),
        Row.of(
            "the zone is delegated to servers that do not serve it",
            Expected.unsent("dns.lame-delegation", 502, "dns_error"),
            DnsRows::lameChild),
        Row.of(
            "moved; the old address refuses",
            Expected.served("dns.drift"),
            moved(new Fault.NothingListens(), _ -> {})),
        Row.of(
            "moved; the old address is silent",
            Expected.served("dns.drift"),
            Scene.CONNECT,
            moved(new Fault.BacklogFull(), _ -> {})),
        Row.of(
            "moved; nothing listens at the new address",
            Expected.unsent("dns.drift", 502, "connection_refused"),
            moved(new Fault.NothingListens(), next -> next.fault(new Fault.NothingListens()))),
        Row.of(
            "moved; another site answers at the new address",
            Expected.unsent("dns.drift", 502, "connection_refused"),
            moved(
                new Fault.NothingListens(),
                next -> next.site(new StockSite("another site altogether")))),
        Row.of("moved, with TLS", Expected.served("dns.drift"), DnsRows::movedTls),
        Row.of(
            "a resolver still remembers that the name was not there",
            Expected.served("dns.drift"),
            DnsRows::rememberedNo),
        Row.of(
            "another site's certificate at the old address",
            Expected.served("dns.recycled-address"),
            DnsRows::recycled),
        Row.of(
            "another site answers well at the old address, over plain HTTP",
            Expected.served("dns.recycled-address"),
            recycledQuietly(new StockSite("a bank"))),
        Row.of(
            "another site answers 404 at the old address, over plain HTTP",
            Expected.served("dns.recycled-address"),
            recycledQuietly(_ -> Response.html(404, "<title>A bank</title>").with("Server", "x"))),
        Row.of(
            "two resolvers, two answers, no name server to ask",
            Expected.unsent("dns.resolvers-disagree", 502, "connection_refused"),
            DnsRows::disagreement),
        Row.of(
            "the name resolves to 0.0.0.0",
            Expected.unsent("dns.sinkholed", 502, "connection_refused"),
            changing(names -> names.zone.address(Names.SHOP, Names.SHORT, "0.0.0.0"))),
        Row.of("nothing listens on IPv6", Expected.served("dns.ipv6-broken"), DnsRows::ipv6Broken));
  }

  /// Does something to the names of a scene.
  private interface Change {
    void make(Names names);
  }

  /// The name works, and then does not.
  private static Row.Staging changing(Change change) {
    return scene -> {
      FaultyServer server = scene.open(FaultyServer.builder().address("127.0.2.1").start());
      Names names = Names.of(scene).at(Names.SHORT, "127.0.2.1");
      scene
          .upstream(server.uriFor(Sites.NAME), "")
          .breaks(
              _ -> {
                change.make(names);
                names.cache.flush();
                server.closeConnections();
              },
              _ -> {
                names.authority.mend();
                names.at(Names.SHORT, "127.0.2.1");
              })
          .settles(Names.RUN_OUT);
    };
  }

  /// The name does not work from the start.
  private static Row.Staging never(Change change) {
    return scene -> {
      FaultyServer server = scene.open(FaultyServer.builder().address("127.0.2.1").start());
      Names names = Names.of(scene).at(Names.SHORT, "127.0.2.1");
      change.make(names);
      scene
          .neverWorked()
          .upstream(server.uriFor(Sites.NAME), "")
          .breaks(
              _ -> {},
              _ -> {
                names.authority.mend();
                names.resolver.mend();
                names.at(Names.SHORT, "127.0.2.1");
              });
    };
  }

  /// The site moves to another address of the same port while the resolver remembers the old one.
  private static Row.Staging moved(Fault old, Consumer<FaultyServer> next) {
    return scene -> {
      FaultyServer before =
          scene.open(
              FaultyServer.builder().address("127.0.2.1").site(new StockSite("the shop")).start());
      FaultyServer after =
          scene.open(
              FaultyServer.builder()
                  .address("127.0.2.2")
                  .port(before.port())
                  .site(new StockSite("the shop"))
                  .start());
      Names names = Names.of(scene).at(Names.LONG, "127.0.2.1");
      scene
          .upstream(before.uriFor(Sites.NAME), "")
          .breaks(
              _ -> {
                names.moves("127.0.2.2");
                next.accept(after);
                before.fault(old);
                before.closeConnections();
              },
              _ -> {
                after.site(new StockSite("the shop"));
                after.mend();
              });
    };
  }

  private static void movedTls(Scene scene) throws Exception {
    Pki pki = Pki.of(Sites.NAME);
    FaultyServer before = scene.open(FaultyServer.builder().address("127.0.2.1").tls(pki).start());
    scene.open(FaultyServer.builder().address("127.0.2.2").port(before.port()).tls(pki).start());
    Names names = Names.of(scene).at(Names.LONG, "127.0.2.1");
    scene
        .upstream(before.uriFor(Sites.NAME), Sites.trusting(scene, pki))
        .breaks(
            _ -> {
              names.moves("127.0.2.2");
              before.fault(new Fault.NothingListens());
            },
            _ -> {});
  }

  private static void rememberedNo(Scene scene) throws Exception {
    FaultyServer server = scene.open(FaultyServer.builder().address("127.0.2.1").start());
    Names names = Names.of(scene);
    names.zone.negativeTtl(Names.LONG);
    names.cache.remember(Sites.NAME);
    names.zone.address(Names.SHOP, Names.LONG, "127.0.2.1");
    scene.neverWorked().upstream(server.uriFor(Sites.NAME), "");
  }

  private static void recycled(Scene scene) throws Exception {
    Pki pki = Pki.of(Sites.NAME);
    FaultyServer before = scene.open(FaultyServer.builder().address("127.0.2.1").tls(pki).start());
    scene.open(FaultyServer.builder().address("127.0.2.2").port(before.port()).tls(pki).start());
    Names names = Names.of(scene).at(Names.LONG, "127.0.2.1");
    scene
        .upstream(before.uriFor(Sites.NAME), Sites.trusting(scene, pki))
        .breaks(
            _ -> {
              names.moves("127.0.2.2");
              before.tlsFault(new TlsFault.WrongName());
            },
            _ -> {});
  }

  /// The old address answers well, as another site; the gateway sees it by itself.
  private static Row.Staging recycledQuietly(Site stranger) {
    return scene -> {
      FaultyServer before =
          scene.open(
              FaultyServer.builder().address("127.0.2.1").site(new StockSite("the shop")).start());
      scene.open(
          FaultyServer.builder()
              .address("127.0.2.2")
              .port(before.port())
              .site(new StockSite("the shop"))
              .start());
      Names names = Names.of(scene).at(Names.LONG, "127.0.2.1");
      scene.settings("diagnostics { check-sites = 500ms }\n");
      scene
          .upstream(before.uriFor(Sites.NAME), "")
          .breaks(
              _ -> {
                names.moves("127.0.2.2");
                before.site(stranger);
                before.closeConnections();
              },
              _ -> {})
          .settles(Duration.ofSeconds(3));
    };
  }

  private static void disagreement(Scene scene) throws Exception {
    FaultyServer server = scene.open(FaultyServer.builder().address("127.0.2.1").start());
    server.fault(new Fault.NothingListens());
    scene
        .settings(
            "dns { servers = [\"127.0.0.1:%d\", \"127.0.0.1:%d\"] }\n"
                .formatted(saying(scene, "127.0.2.1"), saying(scene, "127.0.2.7")))
        .neverWorked()
        .upstream(server.uriFor(Sites.NAME), "")
        .breaks(_ -> {}, _ -> server.mend());
  }

  /// The port of a name server that gives the shop an address, and knows no name server.
  private static int saying(Scene scene, String address) throws IOException {
    Zone zone = Zone.of(Names.ZONE).address(Names.SHOP, Names.LONG, address);
    return scene.open(DnsServer.start(new Authority(List.of(zone)), "127.0.0.1", 0)).port();
  }

  /// The zone above delegates to a server that refuses the zone.
  private static void lameChild(Scene scene) throws Exception {
    FaultyServer server = scene.open(FaultyServer.builder().address("127.0.2.1").start());
    Zone parent = Zone.of("test").ns("ns0", "127.0.0.1").delegate("lab", "ns1.lab", "127.0.2.9");
    DnsServer above = scene.open(DnsServer.start(new Authority(List.of(parent)), "127.0.0.1", 0));
    Zone unrelated = Zone.of("elsewhere.test").ns("ns1", "127.0.2.9");
    scene.open(DnsServer.start(new Authority(List.of(unrelated)), "127.0.2.9", above.port()));
    var cache = new CachingResolver(Duration.ofMillis(300)).forward("test", above.address());
    DnsServer resolver = scene.open(DnsServer.start(cache, "127.0.0.1", 0));
    resolver.fault(Names.ZONE, DnsFault.Fails.SERVFAIL);
    scene.settings(
        "dns { servers = [\"127.0.0.1:%d\"], authoritative-port = %d }\n"
            .formatted(resolver.port(), above.port()));
    scene.neverWorked().staysBroken().upstream(server.uriFor(Sites.NAME), "");
  }

  private static void ipv6Broken(Scene scene) throws Exception {
    FaultyServer server = scene.open(FaultyServer.builder().address("127.0.0.1").start());
    Names.of(scene).at(Names.LONG, "127.0.0.1", "::1");
    scene.neverWorked().upstream(server.uriFor(Sites.NAME), "");
  }
}
