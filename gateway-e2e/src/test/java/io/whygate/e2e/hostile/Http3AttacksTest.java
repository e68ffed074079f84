package io.whygate.e2e.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.handler.codec.quic.QuicSslContext;
import io.whygate.e2e.Needs;
import io.whygate.e2e.lab.Folder;
import io.whygate.e2e.lab.GatewayProcess;
import io.whygate.e2e.lab.Place;
import io.whygate.faults.tls.KeyedCertificate;
import io.whygate.faults.tls.Pki;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/// Clients of HTTP/3 and QUIC that wear the gateway out: each is stopped at a limit that a setting
/// names and counted, while others on the only event loop are served, over HTTP/1.1 and over
/// HTTP/3; and no memory is lost.
@Needs("nginx")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class Http3AttacksTest {
  private static final Path REPORT = Path.of("target/attacks-http3.md");
  private static final Path BENEATH = Path.of("target/attacks-quic.md");
  private static final int MANY = 1000;

  private static final Duration SLOWEST = Duration.ofSeconds(3);

  private final MultiThreadIoEventLoopGroup attackers =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final InetSocketAddress open = free();
  private final InetSocketAddress narrow = free();
  private final InetSocketAddress paced = free();
  private Folder folder;
  private AttackedServer server;
  private GatewayProcess gateway;
  private QuicSslContext tls;
  private Siege siege;
  private Siege beneath;

  private static InetSocketAddress free() {
    return new InetSocketAddress("127.0.0.1", Place.HERE.freePort());
  }

  @BeforeAll
  void start() throws Exception {
    folder = Folder.create("attacks");
    server = new AttackedServer();
    Pki pki = Pki.of("localhost", "127.0.0.1");
    KeyedCertificate.PemFiles site = pki.server().writeTo(folder.path(), "site");
    tls = QuicClient.trusting(pki.root());
    String quic =
        "tls { certificates = [ { certificate = \"%s\", key = \"%s\" } ] }, http3.enabled = true"
            .formatted(site.chain(), site.key());
    gateway =
        GatewayProcess.startUnwatched(
            """
            event-loops = 1
            listener-defaults { timeouts {
              header = 700ms, body = 700ms, send = 700ms, handshake = 700ms } }
            listeners += { bind = "127.0.0.1:%d", http3.unacknowledged = 1000, %4$s }
            listeners += { bind = "127.0.0.1:%d", limits.connections = 20, %4$s }
            listeners += { bind = "127.0.0.1:%d", limits.rates.grace = 500ms,
              timeouts { body = 30s, send = 30s }, %4$s }
            """
                    .formatted(open.getPort(), narrow.getPort(), paced.getPort(), quic)
                + GatewayProcess.oneSite(server.uri(), "circuit-breaker.consecutive-failures = 0"));
    Map<String, Siege.Opening> bystanders = new LinkedHashMap<>();
    bystanders.put("HTTP/1.1", () -> new Http1Bystander(gateway.uri()));
    bystanders.put("HTTP/3", () -> new Http3Bystander(tls, open));
    siege = new Siege("Attacks over HTTP/3", gateway, Duration.ofSeconds(1), SLOWEST, bystanders);
    beneath =
        new Siege("Attacks beneath HTTP/3", gateway, Duration.ofMillis(500), SLOWEST, bystanders);
    siege.warmUp();
  }

  @AfterAll
  void stop() throws Exception {
    siege.report(REPORT);
    beneath.report(BENEATH);
    attackers.shutdownGracefully(0, 0, TimeUnit.SECONDS).awaitUninterruptibly(5000);
    gateway.close();
    server.close();
    folder.close();
  }

  @TestFactory
  Stream<DynamicTest> othersAreServed() {
    return Http3Attack.all().stream()
        .map(each -> DynamicTest.dynamicTest(each.name(), () -> withstand(each)));
  }

  @TestFactory
  Stream<DynamicTest> othersAreServedWhateverQuicCarries() {
    return QuicAttack.all().stream()
        .map(each -> DynamicTest.dynamicTest(each.name(), () -> withstand(each)));
  }

  /// The gateway answers with little more than it gets at most, an acknowledgement for a packet.
  private void withstand(QuicAttack attack) throws Exception {
    QuicAttack.Outcome outcome = new QuicAttack.Outcome();
    beneath.withstand(
        attack.name(),
        attack.kind(),
        attack.clients(),
        isOver -> attack.play(open, outcome, isOver));
    Set<String> ending = attack.ending().isEmpty() ? Set.of() : Set.of(attack.ending());
    if (attack.manner() == QuicAttack.Manner.IS_SILENT) {
      assertThat(ending).containsAll(outcome.ends);
    } else {
      assertThat(outcome.ends).isEqualTo(ending);
    }
    assertThat(outcome.sent).hasPositiveValue();
    assertThat(outcome.answered).hasValueLessThan(2 * outcome.sent.get());
  }

  private void withstand(Http3Attack attack) throws Exception {
    InetSocketAddress address =
        switch (attack.door()) {
          case TLS, PLAIN -> open;
          case NARROW -> narrow;
          case PACED -> paced;
        };
    siege.withstand(
        attack.name(),
        attack.kind(),
        attack.clients(),
        isOver -> attack.play(attackers, tls, address, isOver));
  }

  @Test
  void othersAreServedWhileHandshakesAreBegunAndGivenUp() throws Exception {
    PacketFlood flood = PacketFlood.initials(attackers, tls, MANY, 3);
    siege.withstand(
        "first packets of handshakes", "handshakes", 1, isOver -> flood.play(open, isOver));
  }

  @Test
  void othersAreServedWhilePacketsComeThatBelongToNothing() throws Exception {
    PacketFlood flood = PacketFlood.strays(MANY, 20);
    siege.withstand("packets that belong to nothing", "", 1, isOver -> flood.play(open, isOver));
  }
}
