package io.whygate.diagnostics;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.UpstreamFacts;
import io.whygate.diagnostics.memory.Change;
import io.whygate.diagnostics.memory.Memory;
import io.whygate.diagnostics.verdict.Cause;
import io.whygate.faults.FaultyServer;
import io.whygate.faults.dns.DnsServer;
import io.whygate.faults.dns.Zone;
import io.whygate.faults.http.Response;
import io.whygate.faults.http.Site;
import io.whygate.faults.http.StockSite;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SiteWatchTest {
  private static final String NAME = "shop.whygate.test";
  private static final String OLD = "127.0.4.1";
  private static final String NEW = "127.0.4.2";
  private static final Site BANK = _ -> Response.html(404, "<title>A bank</title>");

  private final List<AutoCloseable> opened = new ArrayList<>();
  private final Memory memory = new Memory(InstantSource.system());
  private final Diagnostician diagnostician = new Diagnostician(Failures.UNHURRIED, memory);
  private final BlockingQueue<SiteWatch.Found> found = new LinkedBlockingQueue<>();
  private Zone zone;
  private FaultyServer old;
  private SiteWatch watch;
  private volatile InetAddress inUse = Failures.address(OLD);

  @BeforeEach
  void serve() throws Exception {
    opened.add(diagnostician);
    zone = Zone.of("whygate.test").ns("ns1", "127.0.0.1").address("shop", 300, OLD);
    DnsServer authority = open(DnsServer.authority(zone));
    DnsServer resolver = open(DnsServer.resolver("whygate.test", authority));
    old = open(FaultyServer.builder().address(OLD).site(new StockSite("the shop")).start());
    UpstreamFacts facts =
        Failures.at(endpoint(), OLD).dns(authority.port(), resolver.address()).facts();
    watch =
        open(
            new SiteWatch(
                diagnostician,
                memory,
                () -> List.of(new SiteWatch.Site(facts, endpoint(), List.of(inUse))),
                Duration.ofMillis(300),
                found::add));
    memory.succeeded(endpoint(), Optional.of(inUse), "/", 200, 100, 100);
    watch.suspect(endpoint(), true);
    until(() -> !memory.identity(endpoint()).title().isEmpty());
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable closeable : opened.reversed()) {
      closeable.close();
    }
  }

  @Test
  void noticesAnotherSiteThatAnswersWellAndMovesToTheNewAddress() throws Exception {
    open(
        FaultyServer.builder()
            .address(NEW)
            .port(old.port())
            .site(new StockSite("the shop"))
            .start());
    // In this order: a look in between finds the site at home at both.
    zone.address("shop", 60, NEW);
    old.site(new StockSite("a bank"));

    SiteWatch.Found what = found.poll(30, TimeUnit.SECONDS);

    assertThat(what).isNotNull();
    assertThat(what.diagnosis().cause()).isEqualTo(Cause.DNS_RECYCLED_ADDRESS);
    assertThat(what.diagnosis().remedy().orElseThrow().addresses())
        .containsExactly(Failures.address(NEW));
    String gone = what.diagnosis().verdict().parameters().get("expires-at");
    assertThat(Instant.parse(String.valueOf(gone)))
        .isBetween(Instant.now().plusSeconds(250), Instant.now().plusSeconds(305));
  }

  @Test
  void noticesAnotherSiteThatAnswersNotFoundAndStaysWhereNothingIsProven() throws Exception {
    zone.address("shop", 60, NEW);
    old.site(BANK);

    SiteWatch.Found what = found.poll(30, TimeUnit.SECONDS);

    assertThat(what).isNotNull();
    assertThat(what.diagnosis().cause()).isEqualTo(Cause.DNS_RECYCLED_ADDRESS);
    assertThat(what.diagnosis().remedy()).isEmpty();
  }

  @Test
  void takesAChangeOfTheSitesOwnForWhatItIs() throws Exception {
    old.site(new StockSite("the shop, made anew"));
    watch.suspect(endpoint(), true);

    until(() -> memory.identity(endpoint()).title().equals("the shop, made anew"));
    assertThat(found.poll(700, TimeUnit.MILLISECONDS)).isNull();
    assertThat(memory.changesBefore(Instant.now(), List.of(endpoint())))
        .anyMatch(each -> each.kind() == Change.Kind.IDENTITY);
  }

  @Test
  void takesNoMoveForATheftWhileTheSiteIsAtBothAddresses() throws Exception {
    zone.address("shop", 60, NEW);

    assertThat(found.poll(1_500, TimeUnit.MILLISECONDS)).isNull();
  }

  private Endpoint endpoint() {
    return new Endpoint(Endpoint.Scheme.HTTP, NAME, old.port());
  }

  private static void until(java.util.function.BooleanSupplier condition) {
    long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("the condition holds in time").isLessThan(end);
      LockSupport.parkNanos(10_000_000);
    }
  }

  private <C extends AutoCloseable> C open(C closeable) {
    opened.add(closeable);
    return closeable;
  }
}
