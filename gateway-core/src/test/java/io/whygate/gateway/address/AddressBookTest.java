package io.whygate.gateway.address;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.NamingProblem;
import io.whygate.diagnostics.verdict.Remedy;
import io.whygate.faults.dns.DnsFault;
import io.whygate.faults.dns.DnsServer;
import io.whygate.faults.dns.Zone;
import io.whygate.gateway.Times;
import io.whygate.gateway.config.Settings.DnsSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.xbill.DNS.Rcode;

class AddressBookTest {
  private static final String SHOP = "shop.demo.test";
  private static final Duration TIMEOUT = Duration.ofSeconds(1);

  private final Zone zone =
      Zone.of("demo.test").ns("ns1", "127.0.0.1").address("shop", 60, "127.0.0.2");
  private final AtomicLong now = new AtomicLong(123);
  private DnsServer dns;
  private AddressBook book;

  @TempDir private Path folder;

  @BeforeEach
  void start() throws IOException {
    dns = DnsServer.authority(zone);
    Files.writeString(folder.resolve("hosts"), "# none\n");
    book = book(dns.address());
  }

  @AfterEach
  void stop() {
    book.close();
    dns.close();
  }

  @Test
  void findsAddressesOfBothFamilies() {
    zone.address("shop", 60, "127.0.0.2", "127.0.0.3", "::1");
    assertThat(resolved(SHOP)).containsExactlyInAnyOrder(ips("127.0.0.2", "127.0.0.3", "::1"));
    assertThat(book.name(SHOP).now()).isPresent();
    AddressEntry entry = book.entry(SHOP).orElseThrow();
    assertThat(entry.origin()).isEqualTo(Origin.DNS);
    assertThat(entry.left()).isBetween(Duration.ofSeconds(55), Duration.ofSeconds(60));
  }

  @Test
  void followsAliasesThatTheResolverDoesNot() {
    Zone other = Zone.of("else.test").ns("ns1", "127.0.0.1").address("real", 60, "127.0.0.9");
    zone.alias("www", 60, "real.else.test.");
    try (DnsServer both = DnsServer.authority(zone, other);
        AddressBook own = book(both.address())) {
      assertThat(own.name("www.demo.test").resolve().join())
          .isEqualTo(new Resolution.Resolved(List.of(ips("127.0.0.9")), Origin.DNS));
      assertThat(own.entry("www.demo.test").orElseThrow().aliases())
          .containsExactly("real.else.test");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  static Stream<Arguments> failures() {
    return Stream.of(
        Arguments.of(new DnsFault.NxDomain(), NamingProblem.NAME_NOT_FOUND, "NXDOMAIN", -1),
        Arguments.of(new DnsFault.NoData(), NamingProblem.NO_ADDRESS, "NOERROR", -1),
        Arguments.of(DnsFault.Fails.SERVFAIL, NamingProblem.SERVER_FAILURE, "SERVFAIL", -1),
        Arguments.of(DnsFault.Fails.REFUSED, NamingProblem.REFUSED, "REFUSED", -1),
        Arguments.of(new DnsFault.Silence(), NamingProblem.TIMEOUT, "", -1),
        Arguments.of(
            new DnsFault.FailsBecause(Rcode.SERVFAIL, 22, "no reachable authority"),
            NamingProblem.SERVER_FAILURE,
            "SERVFAIL",
            22));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void saysWhyThereIsNoAddress(DnsFault fault, NamingProblem problem, String rcode, int infoCode)
      throws Exception {
    dns.fault(fault);
    Duration bar = Duration.ofMillis(1300);
    assertThat(Times.fastest(bar, () -> isFailure(problem, rcode, infoCode))).isLessThan(bar);
  }

  private Resolution isFailure(NamingProblem problem, String rcode, int infoCode) {
    try (AddressBook own = book(dns.address())) {
      Resolution resolution = own.name(SHOP).resolve().join();
      assertThat(resolution)
          .isInstanceOfSatisfying(
              Resolution.NotResolved.class,
              not -> {
                assertThat(not.failure().problem()).isEqualTo(problem);
                assertThat(not.failure().rcode()).isEqualTo(rcode);
                assertThat(not.failure().infoCode()).isEqualTo(infoCode);
                assertThat(not.failure().name()).isEqualTo(SHOP);
              });
      return resolution;
    }
  }

  @Test
  void takesClosedPortOfResolverForSilence() {
    dns.stopListening();
    assertThat(resolve(SHOP))
        .isInstanceOfSatisfying(
            Resolution.NotResolved.class,
            not -> assertThat(not.failure().problem()).isEqualTo(NamingProblem.TIMEOUT));
  }

  @Test
  void asksTheNextResolverWhenOneIsSilentOrFails() throws Exception {
    Duration bar = Duration.ofMillis(700);
    for (DnsFault fault :
        List.of(new DnsFault.Silence(), DnsFault.Fails.SERVFAIL, DnsFault.Fails.REFUSED)) {
      try (DnsServer bad = DnsServer.authority(zone)) {
        bad.fault(fault);
        assertThat(Times.fastest(bar, () -> isResolvedBeside(bad))).isLessThan(bar);
      }
    }
  }

  private Resolution isResolvedBeside(DnsServer bad) {
    try (AddressBook own = book(bad.address(), dns.address())) {
      Resolution resolution = own.name(SHOP).resolve().join();
      assertThat(resolution).isInstanceOf(Resolution.Resolved.class);
      return resolution;
    }
  }

  @Test
  void readsLargeAnswersByTcp() {
    dns.fault(new DnsFault.Truncation(true));
    // The answer takes two ways one after the other, and a busy machine its time for each.
    book.close();
    book = book(Duration.ofSeconds(4), dns.address());
    assertThat(resolved(SHOP)).containsExactly(ips("127.0.0.2"));
  }

  @Test
  void sharesOneLookUpAmongAllWhoWait() {
    dns.fault(new DnsFault.Delay(Duration.ofMillis(150)));
    List<CompletableFuture<Resolution>> all =
        Stream.generate(() -> book.name(SHOP).resolve()).limit(50).toList();
    all.forEach(each -> assertThat(each.join()).isInstanceOf(Resolution.Resolved.class));
    assertThat(dns.count(SHOP, "A")).isEqualTo(1);
    assertThat(dns.count(SHOP, "AAAA")).isEqualTo(1);
  }

  @Test
  void forgetsFailuresWithinSecond() {
    dns.fault(new DnsFault.NxDomain());
    book.close();
    book = bookBy(now::get);
    assertThat(resolve(SHOP)).isInstanceOf(Resolution.NotResolved.class);
    resolve(SHOP);
    assertThat(dns.count(SHOP, "A")).as("shared for a moment").isEqualTo(1);
    dns.mend();
    now.addAndGet(TimeUnit.SECONDS.toNanos(1));
    assertThat(resolve(SHOP)).isInstanceOf(Resolution.Resolved.class);
  }

  @Test
  void noticesChangeWhenTheTimeToLiveIsOver() {
    book.close();
    book = bookBy(now::get);
    zone.address("shop", 1, "127.0.0.2");
    assertThat(resolved(SHOP)).containsExactly(ips("127.0.0.2"));
    zone.address("shop", 1, "127.0.0.3");
    now.addAndGet(TimeUnit.SECONDS.toNanos(1));
    assertThat(resolved(SHOP)).containsExactly(ips("127.0.0.3"));
    assertThat(book.name(SHOP).stillMeans(ip("127.0.0.2"))).as("for a while").isTrue();
    assertThat(book.name(SHOP).stillMeans(ip("127.0.0.9"))).isFalse();
  }

  @Test
  void keepsOldAddressesWhileTheResolverFails() {
    zone.address("shop", 1, "127.0.0.2");
    resolve(SHOP);
    dns.fault(DnsFault.Fails.SERVFAIL);
    await(SHOP, found -> origin(found) == Origin.DNS_STALE);
    AddressEntry entry = book.entry(SHOP).orElseThrow();
    assertThat(entry.addresses()).containsExactly(ips("127.0.0.2"));
    assertThat(entry.failure()).isPresent();
    dns.fault(new DnsFault.Silence());
    assertThat(book.name(SHOP).now()).as("without a wait").isPresent();

    dns.mend();
    await(SHOP, found -> origin(found) == Origin.DNS);
  }

  @Test
  void refreshesAheadOncePerTimeToLive() {
    zone.address("shop", 1, "127.0.0.2");
    long began = System.nanoTime();
    await(SHOP, _ -> dns.count(SHOP, "A") >= 4);
    long asked = dns.count(SHOP, "A");
    // A refresh comes when nine tenths of the time to live are over; one look-up may be under way.
    long most = 2 + (System.nanoTime() - began) / TimeUnit.MILLISECONDS.toNanos(900);
    assertThat(asked).isLessThanOrEqualTo(most);
  }

  @Test
  void dropsOldAddressesOnceTheNameIsGone() {
    zone.address("shop", 1, "127.0.0.2");
    resolve(SHOP);
    dns.fault(DnsFault.Fails.SERVFAIL);
    await(SHOP, found -> origin(found) == Origin.DNS_STALE);
    dns.fault(new DnsFault.NxDomain());
    await(SHOP, Resolution.NotResolved.class::isInstance);
  }

  @Test
  void asksNobodyForLiteralsAndLocalhost() {
    assertThat(book.name("127.0.0.7").now())
        .contains(new Resolution.Resolved(List.of(ips("127.0.0.7")), Origin.LITERAL));
    assertThat(book.name("::1").now())
        .contains(new Resolution.Resolved(List.of(ips("::1")), Origin.LITERAL));
    assertThat(book.name("localhost").now())
        .contains(new Resolution.Resolved(List.of(ips("127.0.0.1", "::1")), Origin.LOCALHOST));
    assertThat(book.name("a.localhost").now()).isPresent();
    assertThat(dns.queries()).isEmpty();
  }

  @Test
  void honoursTheHostsFileFirst() throws IOException {
    Files.writeString(
        folder.resolve("hosts"), "127.0.0.5\tother Shop.Demo.TEST # ours\n::1 shop.demo.test\n");
    assertThat(resolved(SHOP)).containsExactly(ips("127.0.0.5", "::1"));
    assertThat(dns.queries()).isEmpty();
  }

  @Test
  void standsForOtherAddressesWhileOverridden() {
    resolve(SHOP);
    book.override(SHOP, List.of(ips("127.0.0.8")), Duration.ofSeconds(2));
    assertThat(book.name(SHOP).now())
        .contains(new Resolution.Resolved(List.of(ips("127.0.0.8")), Origin.OVERRIDE));
    assertThat(book.name(SHOP).stillMeans(ip("127.0.0.2"))).isFalse();
    assertThat(book.entries()).singleElement().extracting("origin").isEqualTo(Origin.OVERRIDE);
    await(SHOP, found -> origin(found) == Origin.DNS);
  }

  @Test
  void leavesTheNewHomeOnceTheNameIsGoneOrElsewhere() {
    zone.address("shop", 1, "127.0.0.2");
    resolve(SHOP);
    heal("127.0.0.8", 60);
    assertThat(resolved(SHOP)).as("the resolver has the old one").containsExactly(ips("127.0.0.8"));
    zone.alias("shop", 1, "nowhere");
    await(SHOP, Resolution.NotResolved.class::isInstance);

    zone.address("shop", 1, "127.0.0.2");
    await(SHOP, Resolution.Resolved.class::isInstance);
    heal("127.0.0.8", 60);
    zone.address("shop", 1, "127.0.0.5");
    await(SHOP, found -> addresses(found).contains(ip("127.0.0.5")));
    assertThat(book.entry(SHOP).orElseThrow().origin()).isEqualTo(Origin.DNS);
  }

  @Test
  void keepsTheNewHomeWhileTheResolverFailsOrSaysTheSame() {
    zone.address("shop", 1, "127.0.0.2");
    resolve(SHOP);
    heal("127.0.0.8", 60);
    long asked = dns.count(SHOP, "A");
    await(SHOP, _ -> dns.count(SHOP, "A") >= asked + 2);
    dns.fault(DnsFault.Fails.SERVFAIL);
    long failed = dns.count(SHOP, "A");
    await(SHOP, _ -> dns.count(SHOP, "A") >= failed + 2);
    assertThat(resolved(SHOP)).containsExactly(ips("127.0.0.8"));
  }

  @Test
  void followsTheResolverThatKnowsABackComingNameAgain() {
    dns.fault(new DnsFault.NxDomain());
    resolve(SHOP);
    dns.mend();
    zone.address("shop", 1, "127.0.0.8");
    heal("127.0.0.8", 60);
    assertThat(resolved(SHOP)).containsExactly(ips("127.0.0.8"));
    await(SHOP, found -> origin(found) == Origin.DNS);
    zone.remove("shop");
    await(SHOP, Resolution.NotResolved.class::isInstance);
  }

  private void heal(String address, long seconds) {
    Endpoint endpoint = new Endpoint(Endpoint.Scheme.HTTP, SHOP, 80);
    book.heal(new Remedy(endpoint, List.of(ips(address)), seconds));
  }

  @Test
  void worksByNewResolversAfterReload() throws IOException {
    resolve(SHOP);
    Zone moved = Zone.of("demo.test").ns("ns1", "127.0.0.1").address("shop", 60, "127.0.0.4");
    try (DnsServer other = DnsServer.authority(moved)) {
      book.apply(settings(other.address()));
      await(SHOP, found -> addresses(found).contains(ip("127.0.0.4")));
    }
  }

  private AddressBook bookBy(LongSupplier clock) {
    return new AddressBook(settings(dns.address()), folder.resolve("hosts"), clock);
  }

  private AddressBook book(InetSocketAddress... servers) {
    return book(TIMEOUT, servers);
  }

  private AddressBook book(Duration timeout, InetSocketAddress... servers) {
    return new AddressBook(settings(timeout, servers), folder.resolve("hosts"), System::nanoTime);
  }

  private static DnsSettings settings(InetSocketAddress... servers) {
    return settings(TIMEOUT, servers);
  }

  private static DnsSettings settings(Duration timeout, InetSocketAddress... servers) {
    return new DnsSettings(
        List.of(servers),
        53,
        timeout,
        Duration.ofMillis(100),
        Duration.ofHours(1),
        Duration.ofHours(1));
  }

  private Resolution resolve(String name) {
    return book.name(name).resolve().orTimeout(5, TimeUnit.SECONDS).join();
  }

  private List<InetAddress> resolved(String name) {
    return addresses(resolve(name));
  }

  private static List<InetAddress> addresses(Resolution resolution) {
    return resolution instanceof Resolution.Resolved(List<InetAddress> addresses, _)
        ? addresses
        : List.of();
  }

  private static Origin origin(Resolution resolution) {
    return resolution instanceof Resolution.Resolved(_, Origin origin) ? origin : null;
  }

  /// Asks until the answer is as wanted, as traffic would.
  private void await(String name, Predicate<Resolution> wanted) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    Resolution last = resolve(name);
    while (!wanted.test(last)) {
      assertThat(System.nanoTime() - deadline).as("last: %s", last).isNegative();
      last = CompletableFuture.supplyAsync(() -> resolve(name), later()).join();
    }
  }

  private static Executor later() {
    return CompletableFuture.delayedExecutor(20, TimeUnit.MILLISECONDS);
  }

  private static InetAddress ip(String literal) {
    return InetAddress.ofLiteral(literal);
  }

  private static InetAddress[] ips(String... literals) {
    return Arrays.stream(literals).map(InetAddress::ofLiteral).toArray(InetAddress[]::new);
  }
}
