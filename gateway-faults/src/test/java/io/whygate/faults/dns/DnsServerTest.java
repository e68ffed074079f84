package io.whygate.faults.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.ExtendedErrorCodeOption;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

class DnsServerTest {
  private Zone zone;
  private DnsServer server;

  @BeforeEach
  void start() throws IOException {
    zone =
        Zone.of("demo.test")
            .ns("ns1", "127.0.0.1")
            .address("shop", 60, "127.0.0.11", "127.0.0.12", "::1")
            .alias("www", 60, "shop")
            .alias("old", 60, "gone")
            .address("deep.below", 60, "127.0.0.1")
            .delegate("child", "ns.child", "127.0.0.9");
    server = DnsServer.authority(zone);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void answersWithAuthority() throws IOException {
    Message reply = Ask.of(server, "shop.demo.test", Type.A);

    assertThat(Ask.answers(reply)).containsExactly("A 127.0.0.11", "A 127.0.0.12");
    assertThat(Ask.ttl(reply)).isEqualTo(60);
    assertThat(reply.getHeader().getFlag(Flags.AA)).isTrue();
    assertThat(Ask.answers(Ask.of(server, "SHOP.demo.test", Type.AAAA)))
        .containsExactly("AAAA 0:0:0:0:0:0:0:1");
    assertThat(Ask.answers(Ask.of(server, "demo.test", Type.NS, true, false)))
        .containsExactly("NS ns1.demo.test.");
    assertThat(server.count("shop.demo.test", "A")).isEqualTo(1);
    assertThat(server.queries()).extracting(DnsQuery::tcp).containsExactly(false, false, true);
  }

  @Test
  void followsAliasesWithinItsZones() throws IOException {
    assertThat(Ask.answers(Ask.of(server, "www.demo.test", Type.A)))
        .containsExactly("CNAME shop.demo.test.", "A 127.0.0.11", "A 127.0.0.12");

    Message dangling = Ask.of(server, "old.demo.test", Type.A);
    assertThat(Ask.answers(dangling)).containsExactly("CNAME gone.demo.test.");
    assertThat(dangling.getRcode()).isEqualTo(Rcode.NXDOMAIN);
  }

  @Test
  void provesWhatIsNotThereByItsSoa() throws IOException {
    Message missing = Ask.of(server, "nowhere.demo.test", Type.A);
    assertThat(missing.getRcode()).isEqualTo(Rcode.NXDOMAIN);
    assertThat(missing.getSection(Section.AUTHORITY))
        .singleElement()
        .isInstanceOfSatisfying(SOARecord.class, soa -> assertThat(soa.getMinimum()).isEqualTo(60));

    Message noType = Ask.of(server, "shop.demo.test", Type.MX);
    assertThat(noType.getRcode()).isEqualTo(Rcode.NOERROR);
    assertThat(noType.getSection(Section.AUTHORITY)).hasSize(1);
    assertThat(Ask.of(server, "below.demo.test", Type.A).getRcode()).isEqualTo(Rcode.NOERROR);
  }

  @Test
  void refusesWhatIsNotItsOwnAndRefersWhatItDelegates() throws IOException {
    assertThat(Ask.of(server, "other.example", Type.A).getRcode()).isEqualTo(Rcode.REFUSED);

    Message referral = Ask.of(server, "x.child.demo.test", Type.A);
    assertThat(referral.getHeader().getFlag(Flags.AA)).isFalse();
    assertThat(referral.getSection(Section.AUTHORITY))
        .extracting(r -> Type.string(r.getType()))
        .containsExactly("NS");
    assertThat(referral.getSection(Section.ADDITIONAL))
        .extracting(r -> Type.string(r.getType()))
        .contains("A");
  }

  @Test
  void changesAtRunTimeAndRaisesTheSerial() throws IOException {
    long before = zone.serial();
    zone.address("shop", 5, "127.0.0.99");

    assertThat(Ask.answers(Ask.of(server, "shop.demo.test", Type.A)))
        .containsExactly("A 127.0.0.99");
    assertThat(zone.serial()).isGreaterThan(before);
    zone.remove("shop");
    assertThat(Ask.of(server, "shop.demo.test", Type.A).getRcode()).isEqualTo(Rcode.NXDOMAIN);
  }

  @Test
  void failsAsToldForOneNameOrForAll() throws IOException {
    server.fault("shop.demo.test", DnsFault.Fails.SERVFAIL);
    assertThat(Ask.of(server, "shop.demo.test", Type.A).getRcode()).isEqualTo(Rcode.SERVFAIL);
    assertThat(Ask.of(server, "x.shop.demo.test", Type.A).getRcode()).isEqualTo(Rcode.SERVFAIL);
    assertThat(Ask.of(server, "demo.test", Type.NS).getRcode()).isEqualTo(Rcode.NOERROR);

    server.fault(DnsFault.Fails.REFUSED);
    assertThat(Ask.of(server, "demo.test", Type.NS).getRcode()).isEqualTo(Rcode.REFUSED);

    server.mend();
    assertThat(Ask.answers(Ask.of(server, "shop.demo.test", Type.A))).hasSize(2);
  }

  @Test
  void deniesWithItsSoa() throws IOException {
    server.fault(new DnsFault.NxDomain());
    Message denied = Ask.of(server, "shop.demo.test", Type.A);
    assertThat(denied.getRcode()).isEqualTo(Rcode.NXDOMAIN);
    assertThat(denied.getSection(Section.AUTHORITY)).hasSize(1);

    server.fault(new DnsFault.NoData());
    Message empty = Ask.of(server, "shop.demo.test", Type.A);
    assertThat(empty.getRcode()).isEqualTo(Rcode.NOERROR);
    assertThat(Ask.answers(empty)).isEmpty();
  }

  @Test
  void failsValidationUnlessCheckingIsDisabled() throws IOException {
    server.fault(new DnsFault.FailsValidation(ExtendedErrorCodeOption.SIGNATURE_EXPIRED));

    Message bogus = Ask.of(server, "shop.demo.test", Type.A);
    assertThat(bogus.getRcode()).isEqualTo(Rcode.SERVFAIL);
    assertThat(Ask.extendedErrors(bogus)).containsExactly(7);
    assertThat(Ask.answers(Ask.of(server, "shop.demo.test", Type.A, false, true))).hasSize(2);
  }

  @Test
  void notesExtendedErrors() throws IOException {
    server.fault(new DnsFault.AnswersWithNote(ExtendedErrorCodeOption.STALE_ANSWER, "old"));
    Message noted = Ask.of(server, "shop.demo.test", Type.A);
    assertThat(Ask.answers(noted)).hasSize(2);
    assertThat(Ask.extendedErrors(noted)).containsExactly(3);

    server.fault(new DnsFault.FailsBecause(Rcode.NXDOMAIN, ExtendedErrorCodeOption.BLOCKED, ""));
    assertThat(Ask.extendedErrors(Ask.of(server, "shop.demo.test", Type.A))).containsExactly(15);
  }

  @Test
  void isSilentByUdpAndTcp() {
    server.fault(new DnsFault.Silence());

    assertThatThrownBy(() -> Ask.briefly(server, "shop.demo.test", Type.A, false))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> Ask.briefly(server, "shop.demo.test", Type.A, true))
        .isInstanceOf(IOException.class);
    assertThat(server.queries()).hasSize(2);
  }

  @Test
  void truncatesByUdp() throws IOException {
    server.fault(new DnsFault.Truncation(true));
    assertThat(Ask.of(server, "shop.demo.test", Type.A).getHeader().getFlag(Flags.TC)).isTrue();
    assertThat(Ask.answers(Ask.of(server, "shop.demo.test", Type.A, true, false))).hasSize(2);

    server.fault(new DnsFault.Truncation(false));
    assertThatThrownBy(() -> Ask.briefly(server, "shop.demo.test", Type.A, true))
        .isInstanceOf(IOException.class);
  }

  @Test
  void truncatesWhatDoesNotFit() throws IOException {
    String[] many = new String[200];
    for (int i = 0; i < many.length; i++) {
      many[i] = "127.0.1." + i;
    }
    zone.address("many", 60, many);

    assertThat(Ask.of(server, "many.demo.test", Type.A).getHeader().getFlag(Flags.TC)).isTrue();
    assertThat(Ask.answers(Ask.of(server, "many.demo.test", Type.A, true, false))).hasSize(200);
  }

  @Test
  void isLameWithoutAuthority() throws IOException {
    server.fault(new DnsFault.Lame());
    Message lame = Ask.of(server, "shop.demo.test", Type.A);

    assertThat(lame.getRcode()).isEqualTo(Rcode.NOERROR);
    assertThat(lame.getHeader().getFlag(Flags.AA)).isFalse();
    assertThat(Ask.answers(lame)).isEmpty();
  }

  @Test
  void answersLateOrNonsense() throws IOException {
    server.fault(new DnsFault.Delay(Duration.ofMillis(150)));
    long before = System.nanoTime();
    assertThat(Ask.answers(Ask.of(server, "shop.demo.test", Type.A))).hasSize(2);
    assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThan(Duration.ofMillis(140));

    server.fault(new DnsFault.Garbage());
    assertThatThrownBy(() -> Ask.briefly(server, "shop.demo.test", Type.A, false))
        .isInstanceOf(IOException.class);
  }

  @Test
  void saysFormatErrorToWhatItCannotRead() throws IOException {
    byte[] bad = {0x12, 0x34, 1, 0, 0, 5, 0, 0, 0, 0, 0, 0, 1};
    try (var socket = new DatagramSocket()) {
      socket.setSoTimeout(2_000);
      socket.send(new DatagramPacket(bad, bad.length, server.address()));
      var reply = new DatagramPacket(new byte[512], 512);
      socket.receive(reply);

      assertThat(
              new Message(java.util.Arrays.copyOf(reply.getData(), reply.getLength())).getRcode())
          .isEqualTo(Rcode.FORMERR);
    }
  }

  @Test
  void canCloseItsPortAndOpenItAgain() throws IOException {
    server.stopListening();
    assertThatThrownBy(() -> Ask.briefly(server, "shop.demo.test", Type.A, false))
        .isInstanceOf(IOException.class);

    server.listen();
    assertThat(Ask.answers(Ask.of(server, "shop.demo.test", Type.A))).hasSize(2);
  }
}
