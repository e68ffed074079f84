package io.whygate.faults.dns;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

class CachingResolverTest {
  private Zone zone;
  private DnsServer authority;
  private CachingResolver role;
  private DnsServer resolver;

  @BeforeEach
  void start() throws IOException {
    zone = Zone.of("demo.test").ns("ns1", "127.0.0.1").address("shop", 100, "127.0.0.11");
    authority = DnsServer.authority(zone);
    role = new CachingResolver(Duration.ofMillis(800)).forward("demo.test", authority.address());
    resolver = DnsServer.start(role, "127.0.0.1", 0);
  }

  @AfterEach
  void stop() {
    resolver.close();
    authority.close();
  }

  @Test
  void remembersAnOldAddressUntilItRunsOut() throws IOException {
    Message first = Ask.of(resolver, "shop.demo.test", Type.A);
    assertThat(Ask.ttl(first)).isEqualTo(100);
    assertThat(first.getHeader().getFlag(Flags.RA)).isTrue();
    assertThat(first.getHeader().getFlag(Flags.AA)).isFalse();
    zone.address("shop", 100, "127.0.0.12");

    assertThat(Ask.answers(Ask.of(resolver, "shop.demo.test", Type.A)))
        .containsExactly("A 127.0.0.11");
    role.flush();
    assertThat(Ask.answers(Ask.of(resolver, "shop.demo.test", Type.A)))
        .containsExactly("A 127.0.0.12");
    assertThat(authority.count("shop.demo.test", "A")).isEqualTo(2);
  }

  @Test
  void timesToLiveRunDownToNothing() throws IOException {
    zone.address("shop", 2, "127.0.0.11");
    Ask.of(resolver, "shop.demo.test", Type.A);
    zone.address("shop", 2, "127.0.0.12");

    Instant end = Instant.now().plusSeconds(10);
    boolean ranDown = false;
    Message reply = Ask.of(resolver, "shop.demo.test", Type.A);
    while (Ask.answers(reply).contains("A 127.0.0.11") && Instant.now().isBefore(end)) {
      ranDown |= Ask.ttl(reply) == 1;
      reply = Ask.of(resolver, "shop.demo.test", Type.A);
    }

    assertThat(ranDown).isTrue();
    assertThat(Ask.answers(reply)).containsExactly("A 127.0.0.12");
    assertThat(authority.count("shop.demo.test", "A")).isEqualTo(2);
  }

  @Test
  void remembersANoAsLongAsTheSoaSays() throws IOException {
    Message no = Ask.of(resolver, "new.demo.test", Type.A);
    assertThat(no.getRcode()).isEqualTo(Rcode.NXDOMAIN);
    assertThat(no.getSection(Section.AUTHORITY)).hasSize(1);
    zone.address("new", 100, "127.0.0.11");

    assertThat(Ask.of(resolver, "new.demo.test", Type.A).getRcode()).isEqualTo(Rcode.NXDOMAIN);
    assertThat(authority.count("new.demo.test", "A")).isEqualTo(1);
    role.flush("new.demo.test");
    assertThat(Ask.answers(Ask.of(resolver, "new.demo.test", Type.A))).hasSize(1);
  }

  @Test
  void followsAliasesAcrossZones() throws IOException {
    Zone other = Zone.of("cdn.example").address("edge", 50, "127.0.0.33");
    try (var second = DnsServer.authority(other)) {
      role.forward("cdn.example", second.address());
      zone.alias("www", 10, "edge.cdn.example.").alias("lost", 10, "gone.cdn.example.");

      assertThat(Ask.answers(Ask.of(resolver, "www.demo.test", Type.A)))
          .containsExactly("CNAME edge.cdn.example.", "A 127.0.0.33");
      Message lost = Ask.of(resolver, "lost.demo.test", Type.A);
      assertThat(Ask.answers(lost)).containsExactly("CNAME gone.cdn.example.");
      assertThat(lost.getRcode()).isEqualTo(Rcode.NXDOMAIN);
    }
  }

  @Test
  void failsWhereTheAuthorityIsSilentOrLame() throws IOException {
    authority.fault(new DnsFault.Silence());
    Message silent = Ask.of(resolver, "shop.demo.test", Type.A);
    assertThat(silent.getRcode()).isEqualTo(Rcode.SERVFAIL);
    assertThat(Ask.extendedErrors(silent)).containsExactly(22);

    authority.fault(new DnsFault.Lame());
    assertThat(Ask.of(resolver, "shop.demo.test", Type.A).getRcode()).isEqualTo(Rcode.SERVFAIL);
  }

  @Test
  void answersStaleWhereItMay() throws IOException {
    zone.address("shop", 0, "127.0.0.11");
    Ask.of(resolver, "shop.demo.test", Type.A);
    authority.fault(new DnsFault.Silence());

    assertThat(Ask.of(resolver, "shop.demo.test", Type.A).getRcode()).isEqualTo(Rcode.SERVFAIL);
    role.serveStale(true);
    Message stale = Ask.of(resolver, "shop.demo.test", Type.A);
    assertThat(Ask.answers(stale)).containsExactly("A 127.0.0.11");
    assertThat(Ask.extendedErrors(stale)).containsExactly(3);
    assertThat(Ask.ttl(stale)).isEqualTo(30);
  }

  @Test
  void refusesOtherNames() throws IOException {
    assertThat(Ask.of(resolver, "example.org", Type.A).getRcode()).isEqualTo(Rcode.REFUSED);
  }
}
