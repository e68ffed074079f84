package io.whygate.e2e.matrix;

import io.whygate.faults.dns.Authority;
import io.whygate.faults.dns.CachingResolver;
import io.whygate.faults.dns.DnsServer;
import io.whygate.faults.dns.Zone;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/// The name servers of a scene: a zone with the name `shop.lab.test`, its authority, and a resolver
/// that remembers.
final class Names {
  static final String ZONE = "lab.test";
  static final String SHOP = "shop";

  /// As long as a gateway keeps an answer at the least, seconds.
  static final long SHORT = 1;

  /// Longer than any scene lasts, seconds.
  static final long LONG = 120;

  /// After what time an answer with [#SHORT] has run out everywhere.
  static final Duration RUN_OUT = Duration.ofMillis(1_300);

  final Zone zone = Zone.of(ZONE).ns("ns1", "127.0.0.1").negativeTtl(SHORT);
  final DnsServer authority;
  final CachingResolver cache;
  final DnsServer resolver;

  private Names(Scene scene) throws IOException {
    authority = scene.open(DnsServer.start(new Authority(List.of(zone)), "127.0.0.1", 0));
    cache = new CachingResolver(Duration.ofMillis(500)).forward(ZONE, authority.address());
    resolver = scene.open(DnsServer.start(cache, "127.0.0.1", 0));
  }

  static Names of(Scene scene) throws IOException {
    Names names = new Names(scene);
    scene.settings(
        "dns { servers = [\"127.0.0.1:%d\"], authoritative-port = %d }\n"
            .formatted(names.resolver.port(), names.authority.port()));
    return names;
  }

  /// Gives the shop these addresses, and lets the resolver know at once.
  Names at(long ttl, String... addresses) {
    zone.address(SHOP, ttl, addresses);
    cache.flush();
    return this;
  }

  /// Moves the shop while the resolver goes on remembering where it was.
  void moves(String... addresses) {
    cache.remember(SHOP + "." + ZONE);
    zone.address(SHOP, LONG, addresses);
  }
}
