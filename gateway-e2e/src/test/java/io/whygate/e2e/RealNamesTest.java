package io.whygate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.whygate.e2e.lab.Await;
import io.whygate.e2e.lab.Knot;
import io.whygate.e2e.lab.Place;
import io.whygate.e2e.lab.Unbound;
import io.whygate.e2e.matrix.Answer;
import io.whygate.e2e.matrix.Client;
import io.whygate.e2e.matrix.HeldGateway;
import io.whygate.faults.Fault;
import io.whygate.faults.FaultyServer;
import java.net.InetAddress;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.DNSKEYRecord;
import org.xbill.DNS.DNSSEC;
import org.xbill.DNS.DSRecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.RRSIGRecord;
import org.xbill.DNS.RRset;
import org.xbill.DNS.Record;
import org.xbill.DNS.SOARecord;

/// What a real resolver (Unbound) makes of a real zone (Knot) that changed, or is signed wrongly.
@Needs({"root", "knotd", "unbound"})
class RealNamesTest {
  private static final String ZONE = "names.example";
  private static final Place AUTHORITY = Place.loopback("127.53.2.1");
  private static final Place HIDDEN = Place.loopback("127.53.2.3");
  private static final Place RESOLVER = Place.loopback("127.53.2.2");
  private static final String OLD = "127.53.2.41";
  private static final String NEW = "127.53.2.42";
  private static final Pattern GONE = Pattern.compile("run out everywhere by (\\S+Z)");

  private static FaultyServer server(String address, int port) throws Exception {
    return FaultyServer.builder().address(address).port(port).start();
  }

  private static HeldGateway gateway(FaultyServer server) throws Exception {
    return HeldGateway.start(
        """
        dns { servers = ["%s:53"] }
        upstreams { site { endpoints = ["http://www.%s:%d"], connect-timeout = 2s } }
        routes = [ { path = "/", upstream = site } ]
        """
            .formatted(RESOLVER.address(), ZONE, server.port()));
  }

  private static JsonObject incident(HeldGateway gateway, Answer answer) throws Exception {
    return gateway.incident(answer.field("whygate-incident").orElseThrow());
  }

  /// Where no visitor saw a page, the examination may end after the answer.
  private static void awaitDrift(HeldGateway gateway) {
    Await.until(
        "an incident", Duration.ofSeconds(30), () -> gateway.incidents("dns.drift").size() == 1);
  }

  /// The resolver cannot reach a name server any more and goes on with what has expired.
  @Test
  void aStaleAnswerIsSeenThrough() throws Exception {
    try (Knot _ = Knot.serving(AUTHORITY, ZONE, "www 1 A " + NEW);
        Knot hidden = Knot.serving(HIDDEN, AUTHORITY, ZONE, "www 1 A " + OLD);
        Unbound _ =
            Unbound.resolving(
                RESOLVER, ZONE, HIDDEN, "module-config: \"iterator\"\n  serve-expired: yes");
        FaultyServer before = server(OLD, 0);
        FaultyServer _ = server(NEW, before.port());
        HeldGateway gateway = gateway(before)) {
      assertThat(Client.get(gateway.uri(), "/").status()).isEqualTo(200);
      hidden.stop();
      before.fault(new Fault.NothingListens());

      assertThat(Client.get(gateway.uri(), "/").status()).isEqualTo(200);
      awaitDrift(gateway);
    }
  }

  /// The resolver has asked for the name before it was there.
  @Test
  void aRememberedNoIsSeenThrough() throws Exception {
    try (Knot zone = Knot.serving(AUTHORITY, ZONE, "");
        Unbound _ = Unbound.resolving(RESOLVER, ZONE, AUTHORITY);
        FaultyServer server = server(NEW, 0);
        HeldGateway gateway = gateway(server)) {
      assertThat(Client.get(gateway.uri(), "/").cause()).isEqualTo("dns.name-not-found");
      zone.change(2, "www A " + NEW);

      Answer answer = Client.get(gateway.uri(), "/");
      long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
      while (answer.status() != 200 && System.nanoTime() < end) {
        answer = Client.get(gateway.uri(), "/");
      }
      assertThat(answer.status()).as(answer.text()).isEqualTo(200);
      awaitDrift(gateway);
    }
  }

  /// How long the resolver still remembers the old address counts down.
  @Test
  void whenTheOldAnswerHasRunOutIsTold() throws Exception {
    try (Knot zone = Knot.serving(AUTHORITY, ZONE, "www 30 A " + OLD);
        Unbound _ = Unbound.resolving(RESOLVER, ZONE, AUTHORITY);
        FaultyServer before = server(OLD, 0);
        HeldGateway gateway = gateway(before)) {
      assertThat(Client.get(gateway.uri(), "/").status()).isEqualTo(200);
      zone.change(2, "www 30 A " + NEW);
      before.fault(new Fault.NothingListens());
      Instant began = Instant.now();

      Answer answer = Client.get(gateway.uri(), "/");

      assertThat(answer.cause()).isEqualTo("dns.drift");
      assertThat(answer.text()).doesNotContain("127.53.2.");
      String because = incident(gateway, answer).get("because").getAsString();
      Matcher gone = GONE.matcher(because);
      assertThat(gone.find()).as(because).isTrue();
      assertThat(Instant.parse(gone.group(1)))
          .isBetween(began.minusSeconds(1), began.plusSeconds(40));
    }
  }

  /// The parent vouches for a key that the zone does not have, as after a move to another host.
  @Test
  void aZoneThatItsParentDoesNotVouchForIsNamed() throws Exception {
    String validating =
        "module-config: \"validator iterator\"\n  ede: yes\n  trust-anchor: \"%s. DS 12345 13 2 %s\""
            .formatted(ZONE, "ab".repeat(32));
    try (Knot _ = Knot.serving(AUTHORITY, ZONE, "www A " + NEW);
        Unbound _ = Unbound.resolving(RESOLVER, ZONE, AUTHORITY, validating);
        FaultyServer server = server(NEW, 0);
        HeldGateway gateway = gateway(server)) {
      Answer answer = Client.get(gateway.uri(), "/");

      assertThat(answer.cause()).as(answer.text()).isEqualTo("dns.validation-failed");
      assertThat(answer.status()).isEqualTo(502);
      assertThat(incident(gateway, answer).get("because").getAsString())
          .contains("with checking disabled it gives an answer");
    }
  }

  /// The zone's key is vouched for, and the signature of the address ran out a day ago.
  @Test
  void aSignatureThatRanOutIsNamed() throws Exception {
    Name zone = Name.fromString(ZONE + ".");
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    KeyPair pair = generator.generateKeyPair();
    DNSKEYRecord key =
        new DNSKEYRecord(
            zone,
            DClass.IN,
            60,
            257,
            DNSKEYRecord.Protocol.DNSSEC,
            DNSSEC.Algorithm.ECDSAP256SHA256,
            pair.getPublic());
    Instant now = Instant.now();
    Record address =
        new ARecord(Name.fromString("www", zone), DClass.IN, 60, InetAddress.getByName(NEW));
    Record authority =
        new SOARecord(
            zone,
            DClass.IN,
            60,
            Name.fromString("ns1", zone),
            Name.fromString("hostmaster", zone),
            1,
            3_600,
            600,
            86_400,
            60);
    // By the signature of the SOA record Knot knows a zone that is signed.
    RRSIGRecord ofAuthority =
        DNSSEC.sign(
            new RRset(authority),
            key,
            pair.getPrivate(),
            now.minus(Duration.ofDays(1)),
            now.plus(Duration.ofDays(1)));
    RRSIGRecord ofKey =
        DNSSEC.sign(
            new RRset(key),
            key,
            pair.getPrivate(),
            now.minus(Duration.ofDays(1)),
            now.plus(Duration.ofDays(1)));
    RRSIGRecord ofAddress =
        DNSSEC.sign(
            new RRset(address),
            key,
            pair.getPrivate(),
            now.minus(Duration.ofDays(9)),
            now.minus(Duration.ofDays(1)));
    String records =
        String.join("\n", "" + key, "" + ofKey, "" + ofAuthority, "" + address, "" + ofAddress);
    String validating =
        "module-config: \"validator iterator\"\n  ede: yes\n  trust-anchor: \"%s\""
            .formatted(new DSRecord(zone, DClass.IN, 60, DNSSEC.Digest.SHA256, key))
            .replace('\t', ' ');
    try (Knot _ = Knot.serving(AUTHORITY, ZONE, records);
        Unbound _ = Unbound.resolving(RESOLVER, ZONE, AUTHORITY, validating);
        FaultyServer server = server(NEW, 0);
        HeldGateway gateway = gateway(server)) {
      Answer answer = Client.get(gateway.uri(), "/");

      assertThat(answer.cause()).as(answer.text()).isEqualTo("dns.validation-failed");
      assertThat(answer.status()).isEqualTo(502);
      assertThat(incident(gateway, answer).get("because").getAsString())
          .containsAnyOf("extended error 7", "with checking disabled it gives an answer");
    }
  }
}
