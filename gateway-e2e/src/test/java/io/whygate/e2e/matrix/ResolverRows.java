package io.whygate.e2e.matrix;

import io.whygate.faults.Fault;
import io.whygate.faults.FaultyServer;
import io.whygate.faults.dns.Authority;
import io.whygate.faults.dns.CachingResolver;
import io.whygate.faults.dns.DnsFault;
import io.whygate.faults.dns.DnsServer;
import io.whygate.faults.dns.Zone;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.xbill.DNS.Rcode;

/// Resolvers and name servers that are half broken, or only look broken.
final class ResolverRows {
  private static final Duration SILENT = Duration.ofSeconds(1);
  private static final String REFUSED = "connection_refused";

  private ResolverRows() {}

  static List<Row> all() {
    return List.of(
        Row.of(
            "nothing listens, and the first of two resolvers is silent",
            Expected.unsent("server.port-closed", 502, REFUSED),
            SILENT,
            scene -> dead(scene, new DnsFault.Silence())),
        Row.of(
            "nothing listens, and the first of two resolvers refuses",
            Expected.unsent("server.port-closed", 502, REFUSED),
            scene -> dead(scene, DnsFault.Fails.REFUSED)),
        Row.of(
            "nothing listens, and the resolver is slow",
            Expected.unsent("server.port-closed", 502, REFUSED),
            Duration.ofMillis(700),
            closed(names -> names.resolver.fault(new DnsFault.Delay(Duration.ofMillis(350))))),
        Row.of(
            "nothing listens, and the resolver answers by TCP alone",
            Expected.unsent("server.port-closed", 502, REFUSED),
            closed(names -> names.resolver.fault(new DnsFault.Truncation(true)))),
        Row.of(
            "the resolver's answers are cut, and its TCP is closed",
            Expected.unsent("dns.timeout", 504, "dns_timeout"),
            SILENT,
            never(names -> names.resolver.fault(new DnsFault.Truncation(false)))),
        Row.of(
            "the resolver says FORMERR",
            Expected.unsent("dns.server-failure", 502, "dns_error"),
            never(names -> names.resolver.fault(new DnsFault.Fails(Rcode.FORMERR)))),
        Row.of(
            "the resolver says NOTIMP",
            Expected.unsent("dns.server-failure", 502, "dns_error"),
            never(names -> names.resolver.fault(new DnsFault.Fails(Rcode.NOTIMP)))),
        Row.of(
            "the middle of a chain of aliases is gone",
            Expected.unsent("dns.dangling-alias", 502, "dns_error"),
            never(names -> {
              names.zone.alias(Names.SHOP, Names.SHORT, "front");
              names.zone.alias("front", Names.SHORT, "middle");
            })),
        Row.of(
            "aliases that lead round in a circle",
            Expected.unsent("dns.server-failure", 502, "dns_error").because("circle"),
            never(names -> {
              names.zone.alias(Names.SHOP, Names.SHORT, "front");
              names.zone.alias("front", Names.SHORT, Names.SHOP);
            })),
        Row.of(
            "the name is given no address in both families",
            Expected.unsent("dns.sinkholed", 502, REFUSED),
            never(names -> names.at(Names.LONG, "0.0.0.0", "::"))),
        Row.of(
            "a filtering resolver gives no address",
            Expected.unsent("dns.sinkholed", 502, REFUSED),
            never(names -> {
              names.cache.remember(Sites.NAME);
              names.resolver.fault(new DnsFault.AnswersWithNote(15, "blocked"));
              names.at(Names.LONG, "0.0.0.0");
            })),
        Row.of(
            "one of two name servers still gives the old address",
            Expected.served("dns.drift"),
            ResolverRows::lagging),
        Row.of(
            "nothing listens at the new address, and one of two name servers lags",
            Expected.unsent("server.port-closed", 502, REFUSED),
            ResolverRows::laggingAndClosed),
        Row.of(
            "nothing listens, and one of two name servers is lame",
            Expected.unsent("server.port-closed", 502, REFUSED),
            ResolverRows::halfLame),
        Row.of(
            "nothing listens, and a deploy adds an address",
            Expected.unsent("server.port-closed", 502, REFUSED),
            scene -> {
              FaultyServer server = scene.open(FaultyServer.builder().address("127.0.2.1").start());
              Names names = Names.of(scene).at(Names.LONG, "127.0.2.1");
              scene
                  .upstream(server.uriFor(Sites.NAME), "")
                  .breaks(
                      _ -> {
                        names.moves("127.0.2.1", "127.0.2.9");
                        server.fault(new Fault.NothingListens());
                      },
                      _ -> server.mend());
            }),
        Row.of(
            "the name is gone, and a resolver still gives the old address, which refuses",
            Expected.unsent("dns.drift", 502, REFUSED),
            scene -> {
              FaultyServer server = scene.open(FaultyServer.builder().address("127.0.2.1").start());
              Names names = Names.of(scene).at(Names.LONG, "127.0.2.1");
              scene
                  .upstream(server.uriFor(Sites.NAME), "")
                  .breaks(
                      _ -> {
                        names.cache.remember(Sites.NAME);
                        names.zone.remove(Names.SHOP);
                        server.fault(new Fault.NothingListens());
                      },
                      _ -> server.mend());
            }),
        Row.of(
            "moved to IPv6 alone; the old address refuses",
            Expected.served("dns.drift"),
            scene -> {
              FaultyServer before = scene.open(FaultyServer.builder().address("127.0.2.1").start());
              scene.open(FaultyServer.builder().address("::1").port(before.port()).start());
              Names names = Names.of(scene).at(Names.LONG, "127.0.2.1");
              scene
                  .upstream(before.uriFor(Sites.NAME), "")
                  .breaks(
                      _ -> {
                        names.moves("::1");
                        before.fault(new Fault.NothingListens());
                      },
                      _ -> {});
            }),
        Row.of(
            "moved; the old address takes requests and closes",
            Expected.page("dns.drift", 502, "connection_terminated", "unknown"),
            scene -> {
              FaultyServer before = scene.open(FaultyServer.builder().address("127.0.2.1").start());
              scene.open(FaultyServer.builder().address("127.0.2.2").port(before.port()).start());
              Names names = Names.of(scene).at(Names.LONG, "127.0.2.1");
              scene
                  .upstream(before.uriFor(Sites.NAME), "")
                  .breaks(
                      _ -> {
                        names.moves("127.0.2.2");
                        before.fault(new Fault.CloseBeforeResponse());
                        scene.changes();
                      },
                      _ -> {});
            }));
  }

  private interface Change {
    void make(Names names);
  }

  private static Row.Staging never(Change change) {
    return scene -> {
      FaultyServer server = scene.open(FaultyServer.builder().address("127.0.2.1").start());
      Names names = Names.of(scene).at(Names.SHORT, "127.0.2.1");
      change.make(names);
      scene.neverWorked().staysBroken().upstream(server.uriFor(Sites.NAME), "");
    };
  }

  /// Nothing listens, and besides something of the names is odd.
  private static Row.Staging closed(Change change) {
    return scene -> {
      FaultyServer server = scene.open(FaultyServer.builder().address("127.0.2.1").start());
      Names names = Names.of(scene).at(Names.LONG, "127.0.2.1");
      change.make(names);
      server.fault(new Fault.NothingListens());
      scene
          .neverWorked()
          .upstream(server.uriFor(Sites.NAME), "")
          .breaks(_ -> {}, _ -> server.mend());
    };
  }

  private static void dead(Scene scene, DnsFault fault) throws Exception {
    FaultyServer server = scene.open(FaultyServer.builder().address("127.0.2.1").start());
    Names names = Names.of(scene).at(Names.LONG, "127.0.2.1");
    DnsServer first = scene.open(DnsServer.start(names.cache, "127.0.0.1", 0));
    first.fault(fault);
    server.fault(new Fault.NothingListens());
    scene.settings(
        "dns { servers = [\"127.0.0.1:%d\", \"127.0.0.1:%d\"] }\n"
            .formatted(first.port(), names.resolver.port()));
    scene.neverWorked().upstream(server.uriFor(Sites.NAME), "").breaks(_ -> {}, _ -> server.mend());
  }

  private static void lagging(Scene scene) throws Exception {
    FaultyServer before = scene.open(FaultyServer.builder().address("127.0.2.1").start());
    scene.open(FaultyServer.builder().address("127.0.2.2").port(before.port()).start());
    secondaries(scene, before, "127.0.2.2");
    scene
        .upstream(before.uriFor(Sites.NAME), "")
        .breaks(_ -> before.fault(new Fault.NothingListens()), _ -> {});
  }

  private static void laggingAndClosed(Scene scene) throws Exception {
    FaultyServer now = scene.open(FaultyServer.builder().address("127.0.2.2").start());
    secondaries(scene, now, "127.0.2.2");
    scene
        .neverWorked()
        .upstream(now.uriFor(Sites.NAME), "")
        .breaks(_ -> now.fault(new Fault.NothingListens()), _ -> now.mend());
  }

  /// Two name servers, of which one has not heard that the shop moved from 127.0.2.1.
  private static void secondaries(Scene scene, FaultyServer server, String to) throws IOException {
    Zone fresh = zone().address(Names.SHOP, Names.LONG, "127.0.2.1");
    Zone stale = zone().address(Names.SHOP, Names.LONG, "127.0.2.1");
    DnsServer primary = scene.open(DnsServer.start(new Authority(List.of(fresh)), "127.0.2.8", 0));
    DnsServer secondary =
        scene.open(DnsServer.start(new Authority(List.of(stale)), "127.0.2.9", primary.port()));
    boolean atNew = server.uri().getHost().equals(to);
    fresh.address(Names.SHOP, Names.LONG, to);
    var cache =
        new CachingResolver(Duration.ofMillis(500))
            .forward(Names.ZONE, (atNew ? primary : secondary).address());
    DnsServer resolver = scene.open(DnsServer.start(cache, "127.0.0.1", 0));
    scene.settings(
        "dns { servers = [\"127.0.0.1:%d\"], authoritative-port = %d }\n"
            .formatted(resolver.port(), primary.port()));
  }

  private static Zone zone() {
    return Zone.of(Names.ZONE).ns("ns1", "127.0.2.8").ns("ns2", "127.0.2.9");
  }

  private static void halfLame(Scene scene) throws Exception {
    FaultyServer server = scene.open(FaultyServer.builder().address("127.0.2.1").start());
    Zone zone = zone().address(Names.SHOP, Names.LONG, "127.0.2.1");
    DnsServer good = scene.open(DnsServer.start(new Authority(List.of(zone)), "127.0.2.8", 0));
    Zone other = Zone.of("elsewhere.test").ns("ns1", "127.0.2.9");
    scene.open(DnsServer.start(new Authority(List.of(other)), "127.0.2.9", good.port()));
    var cache = new CachingResolver(Duration.ofMillis(500)).forward(Names.ZONE, good.address());
    DnsServer resolver = scene.open(DnsServer.start(cache, "127.0.0.1", 0));
    server.fault(new Fault.NothingListens());
    scene.settings(
        "dns { servers = [\"127.0.0.1:%d\"], authoritative-port = %d }\n"
            .formatted(resolver.port(), good.port()));
    scene.neverWorked().upstream(server.uriFor(Sites.NAME), "").breaks(_ -> {}, _ -> server.mend());
  }
}
