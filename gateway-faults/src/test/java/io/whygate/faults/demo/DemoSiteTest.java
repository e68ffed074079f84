package io.whygate.faults.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.xbill.DNS.Message;
import org.xbill.DNS.Section;

class DemoSiteTest {
  private static DemoSite demo;
  private static Visitor visitor;

  @BeforeAll
  static void start() throws IOException {
    demo = DemoSite.start(new DemoPorts(1, 0, 1));
    visitor = new Visitor(demo);
  }

  @AfterAll
  static void stop() {
    demo.close();
  }

  @AfterEach
  void mend() {
    demo.mend();
  }

  static Stream<Arguments> sights() {
    return Stream.of(
        arguments(Breakage.CLOSED_PORT, "^refused$"),
        arguments(Breakage.VANISHING_PACKETS, "^no connection$"),
        arguments(Breakage.OVERLOAD, "^HTTP/1.1 503 (?!.*Retry-After).*Too many guests"),
        arguments(Breakage.MAINTENANCE, "^HTTP/1.1 503 .*Retry-After: 120"),
        arguments(Breakage.HANG, "^silence$"),
        arguments(Breakage.WORKERS_EXHAUSTED, "^silence$"),
        arguments(Breakage.CRASH, "^reset$"),
        arguments(Breakage.CRASH_ON_ONE_PATH, "^closed$"),
        arguments(Breakage.CUT_SHORT, "^HTTP/1.1 200 .*Content-Length: (?!.*</html>)"),
        arguments(Breakage.GARBAGE, "this is not HTTP"),
        arguments(Breakage.OTHER_PROGRAM, "^SSH-2.0-"),
        arguments(Breakage.MOVED, "^refused$"),
        arguments(Breakage.MOVED_AND_BROKEN, "^refused$"),
        arguments(Breakage.NAME_GONE, "^NXDOMAIN$"),
        arguments(Breakage.DANGLING_ALIAS, "^NXDOMAIN behind an alias$"),
        arguments(Breakage.EXPIRED_CERTIFICATE, "^TLS: .*CertificateExpiredException"),
        arguments(Breakage.WRONG_NAME, "^TLS: .*No subject alternative DNS name"),
        arguments(Breakage.MISSING_INTERMEDIATE, "^TLS: .*unable to find valid certification"),
        arguments(Breakage.PLAIN_ON_TLS_PORT, "^TLS: .*Unsupported or unrecognized SSL message"),
        arguments(Breakage.TLS_ON_PLAIN_PORT, "^HTTP/1.1 400 .*sent to HTTPS port"));
  }

  @ParameterizedTest
  @MethodSource("sights")
  void breaksForRealAndMends(Breakage breakage, String sight) throws Exception {
    demo.breakIt(breakage);

    assertThat(demo.broken()).contains(breakage);
    assertThat(visitor.visit(breakage.path())).containsPattern("(?s)" + sight);

    demo.mend();
    assertThat(demo.broken()).isEmpty();
    assertThat(visitor.visit(breakage.path())).startsWith("HTTP/1.1 200 ");
  }

  @Test
  void everyBreakageIsTried() {
    Set<Object> tried = sights().map(one -> one.get()[0]).collect(Collectors.toSet());

    assertThat(tried).containsExactlyInAnyOrder((Object[]) Breakage.values());
  }

  @ParameterizedTest
  @EnumSource(
      value = Breakage.class,
      names = {"CRASH_ON_ONE_PATH", "MOVED", "EXPIRED_CERTIFICATE", "PLAIN_ON_TLS_PORT"})
  void breaksNothingElse(Breakage breakage) throws Exception {
    demo.breakIt(breakage);

    for (String path : List.of("/", "/journal", "/checkout")) {
      if (!path.equals(breakage.path())) {
        assertThat(visitor.visit(path)).as(path).startsWith("HTTP/1.1 200 ");
      }
    }
  }

  @Test
  void theJournalMovesEachTimeAndItsOwnServersKnowWhere() throws Exception {
    for (int move = 0; move < 3; move++) {
      assertThat(visitor.visit("/journal")).startsWith("HTTP/1.1 200 ");
      demo.breakIt(Breakage.MOVED);

      List<String> remembered = journalBy(demo.dnsServers().getFirst());
      List<String> actual = journalBy(new InetSocketAddress("127.0.0.1", demo.authoritativePort()));
      assertThat(remembered).hasSize(1).isNotEqualTo(actual);
      assertThat(visitor.visit("/journal")).isEqualTo("refused");
      demo.mend();
      assertThat(journalBy(demo.dnsServers().getFirst())).isEqualTo(actual);
    }
  }

  @Test
  void theNewHomeAnswersUnlessItIsDeadToo() throws Exception {
    visitor.visit("/journal");
    demo.breakIt(Breakage.MOVED);
    assertThat(visitNewHome()).startsWith("HTTP/1.1 200 ");

    demo.breakIt(Breakage.MOVED_AND_BROKEN);
    assertThat(visitNewHome()).isEqualTo("refused");
  }

  @Test
  void aMoveHasATimeToLiveThatIsStillRunning() throws Exception {
    demo.breakIt(Breakage.MOVED);

    Message reply = Visitor.resolve(demo.dnsServers().getFirst(), "journal.demo.test");
    assertThat(reply.getSection(Section.ANSWER).getFirst().getTTL()).isBetween(60L, 120L);
  }

  @Test
  void saysWhatTheGatewayNeeds() {
    assertThat(demo.upstreams())
        .extracting(DemoUpstream::name, DemoUpstream::path, DemoUpstream::usesTls)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("shop", "/", false),
            org.assertj.core.groups.Tuple.tuple("journal", "/journal", false),
            org.assertj.core.groups.Tuple.tuple("checkout", "/checkout", true));
    assertThat(demo.trustedCertificates()).content().startsWith("-----BEGIN CERTIFICATE-----");
  }

  @Test
  void leavesNothingBehind() throws IOException {
    DemoSite other = DemoSite.start(new DemoPorts(1, 0, 1));
    other.close();

    assertThat(Files.exists(other.trustedCertificates().getParent())).isFalse();
  }

  private static String visitNewHome() throws Exception {
    var authority = new InetSocketAddress("127.0.0.1", demo.authoritativePort());
    String address = journalBy(authority).getFirst();
    DemoUpstream journal = demo.upstreams().get(1);
    return visitor.visit(
        java.net.InetAddress.ofLiteral(address), journal.endpoint(), journal.path());
  }

  private static List<String> journalBy(InetSocketAddress server) throws IOException {
    return Visitor.resolve(server, "journal.demo.test").getSection(Section.ANSWER).stream()
        .map(org.xbill.DNS.Record::rdataToString)
        .toList();
  }

  @Test
  void idsAreTheirNames() {
    assertThat(Arrays.stream(Breakage.values()).map(b -> Breakage.of(b.id()).orElseThrow()))
        .containsExactly(Breakage.values());
  }
}
