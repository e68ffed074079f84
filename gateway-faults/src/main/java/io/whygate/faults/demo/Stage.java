package io.whygate.faults.demo;

import io.whygate.faults.Fault;
import io.whygate.faults.FaultyServer;
import io.whygate.faults.dns.Authority;
import io.whygate.faults.dns.CachingResolver;
import io.whygate.faults.dns.DnsServer;
import io.whygate.faults.dns.Zone;
import io.whygate.faults.http.Site;
import io.whygate.faults.tls.Pki;
import io.whygate.faults.tls.TlsFault;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The demo's servers and names, and the breaking of them. Thread-safe; one breakage at a time.
///
/// | name | what it is |
/// | --- | --- |
/// | `shop.demo.test` | the shop, plain HTTP, with a TTL of a second so that a change shows at once |
/// | `journal.demo.test` | the journal, which has two homes and moves from one to the other |
/// | `secure.demo.test` | the checkout, TLS |
final class Stage implements Closeable {
  static final String ZONE = "demo.test";

  private static final long SHORT_TTL = 1;

  /// How long a resolver remembers where the journal was: time enough to see the page say so.
  private static final long JOURNAL_TTL = 120;

  private static final Duration LIGHT_DELAY = Duration.ofMillis(180);

  private final Deque<Closeable> opened = new ArrayDeque<>();
  private final Site site;
  private final Pki shopCertificates;
  private final FaultyServer shop;
  private final FaultyServer checkout;
  private final List<FaultyServer> homes;
  private final Zone zone = Zone.of(ZONE).ns("ns1", "127.0.0.1").negativeTtl(SHORT_TTL);
  private final DnsServer authority;
  private final CachingResolver resolverRole;
  private final DnsServer resolver;
  private final List<DemoUpstream> upstreams;
  private @Nullable Breakage broken;

  /// Opens all servers.
  ///
  /// @param site what each of them serves
  /// @param issuerAddress where the intermediate of the certificates is to be had
  Stage(Site site, URI issuerAddress) throws IOException {
    this.site = site;
    shopCertificates = Pki.of("secure." + ZONE, "shop." + ZONE).withIssuerAt(issuerAddress);
    try {
      boolean manyHosts = isBindable("127.0.0.12");
      shop =
          opened(
              FaultyServer.builder()
                  .address(manyHosts ? "127.0.0.11" : "127.0.0.1")
                  .site(site)
                  .tlsLater(shopCertificates)
                  .start());
      checkout =
          opened(
              FaultyServer.builder()
                  .address(manyHosts ? "127.0.0.14" : "127.0.0.1")
                  .site(site)
                  .tls(shopCertificates)
                  .start());
      FaultyServer first =
          opened(
              FaultyServer.builder()
                  .address(manyHosts ? "127.0.0.12" : "127.0.0.1")
                  .site(site)
                  .start());
      FaultyServer second =
          opened(
              FaultyServer.builder()
                  .address(manyHosts ? "127.0.0.13" : "::1")
                  .port(first.port())
                  .site(site)
                  .start());
      homes = List.of(first, second);
      authority = opened(DnsServer.start(new Authority(List.of(zone)), "127.0.0.1", 0));
      resolverRole = new CachingResolver(Duration.ofMillis(500)).forward(ZONE, authority.address());
      resolver = opened(DnsServer.start(resolverRole, "127.0.0.1", 0));
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
    pointNames(first());
    upstreams =
        List.of(
            new DemoUpstream("shop", "/", shop.uriFor("shop." + ZONE)),
            new DemoUpstream("journal", "/journal", first().uriFor("journal." + ZONE)),
            new DemoUpstream("checkout", "/checkout", checkout.uriFor("secure." + ZONE)));
  }

  /// What is broken now.
  synchronized Optional<Breakage> broken() {
    return Optional.ofNullable(broken);
  }

  /// Mends all, then breaks this.
  synchronized void wreck(Breakage breakage) {
    mend();
    switch (breakage) {
      case CLOSED_PORT -> shop.fault(new Fault.NothingListens());
      case VANISHING_PACKETS -> shop.fault(new Fault.BacklogFull());
      case OVERLOAD -> shop.fault(new Fault.Answers(ShopPages.overloaded()));
      case MAINTENANCE -> shop.fault(new Fault.Answers(ShopPages.maintenance()));
      case HANG -> shop.fault(new Fault.SlowAnswers(LIGHT_DELAY, Duration.ofMinutes(1)));
      case WORKERS_EXHAUSTED -> shop.fault(new Fault.WorkersExhausted(4));
      case CRASH -> shop.fault(new Fault.ResetBeforeResponse());
      case CRASH_ON_ONE_PATH ->
          shop.fault(new Fault.PathFailure(breakage.path(), new Fault.CloseBeforeResponse()));
      case CUT_SHORT -> shop.fault(new Fault.RawBytes(ShopPages.cutShort()));
      case GARBAGE -> shop.fault(new Fault.GarbageResponse());
      case OTHER_PROGRAM -> shop.fault(new Fault.BinaryProtocol(Fault.Greeting.SSH));
      case MOVED -> moveJournal();
      case MOVED_AND_BROKEN -> moveJournal().fault(new Fault.NothingListens());
      case NAME_GONE -> {
        zone.remove("shop");
        forgetShop();
      }
      case DANGLING_ALIAS -> {
        zone.alias("shop", SHORT_TTL, "old-host");
        forgetShop();
      }
      case EXPIRED_CERTIFICATE -> checkout.tlsFault(new TlsFault.Expired());
      case WRONG_NAME -> checkout.tlsFault(new TlsFault.WrongName());
      case MISSING_INTERMEDIATE -> checkout.tlsFault(new TlsFault.IncompleteChain());
      case PLAIN_ON_TLS_PORT -> checkout.tlsFault(new TlsFault.PlainHttp());
      case TLS_ON_PLAIN_PORT -> shop.encrypted(true);
    }
    broken = breakage;
  }

  /// Makes everything well; the journal stays where its name says.
  synchronized void mend() {
    servers().forEach(FaultyServer::mend);
    shop.site(site);
    pointNames(homeInZone());
    broken = null;
  }

  /// What the gateway is to be told, whatever the servers speak at the moment.
  List<DemoUpstream> upstreams() {
    return upstreams;
  }

  DnsServer authority() {
    return authority;
  }

  DnsServer resolver() {
    return resolver;
  }

  Pki certificates() {
    return shopCertificates;
  }

  @Override
  public void close() {
    while (!opened.isEmpty()) {
      try {
        opened.removeLast().close();
      } catch (IOException e) {
        throw new UncheckedIOException("close the demo", e);
      }
    }
  }

  /// Moves the journal away from the home that is in use, while the resolver still remembers it.
  ///
  /// @return the new home
  private FaultyServer moveJournal() {
    FaultyServer old =
        first().traffic().lastRequestNanos() - second().traffic().lastRequestNanos() >= 0
            ? first()
            : second();
    FaultyServer next = old.equals(first()) ? second() : first();
    pointJournal(old);
    resolverRole.flush("journal." + ZONE);
    resolverRole.remember("journal." + ZONE);
    pointJournal(next);
    old.fault(new Fault.NothingListens());
    return next;
  }

  private void pointNames(FaultyServer home) {
    zone.address("shop", SHORT_TTL, hostOf(shop));
    zone.address("secure", SHORT_TTL, hostOf(checkout));
    pointJournal(home);
    resolverRole.flush();
  }

  private void pointJournal(FaultyServer home) {
    zone.address("journal", JOURNAL_TTL, hostOf(home));
  }

  private FaultyServer homeInZone() {
    return zone.addresses("journal").contains(hostOf(second())) ? second() : first();
  }

  /// Nobody keeps a connection to the shop: one that is made while the old answer is still
  /// remembered would go on without a name.
  private void forgetShop() {
    resolverRole.flush("shop." + ZONE);
    shop.site(request -> site.respond(request).with("Connection", "close"));
    shop.closeConnections();
  }

  private FaultyServer first() {
    return homes.getFirst();
  }

  private FaultyServer second() {
    return homes.getLast();
  }

  private List<FaultyServer> servers() {
    return List.of(shop, checkout, first(), second());
  }

  private static String hostOf(FaultyServer server) {
    return server.address().getAddress().getHostAddress();
  }

  private static boolean isBindable(String literal) {
    try (var probe = new ServerSocket(0, 1, InetAddress.ofLiteral(literal))) {
      return probe.isBound();
    } catch (IOException e) {
      return false;
    }
  }

  private <T extends Closeable> T opened(T closeable) {
    opened.addLast(closeable);
    return closeable;
  }
}
