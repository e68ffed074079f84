package io.whygate.e2e.hostile;

import io.whygate.e2e.Needs;
import io.whygate.e2e.lab.Folder;
import io.whygate.e2e.lab.GatewayProcess;
import io.whygate.e2e.lab.Place;
import io.whygate.faults.tls.KeyedCertificate;
import io.whygate.faults.tls.Pki;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/// Clients that wear the gateway out: each is stopped at a limit that a setting names and counted,
/// while somebody else on the only event loop is served; and no memory is lost.
@Needs("nginx")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AttacksTest {
  private static final Path REPORT = Path.of("target/attacks.md");
  private Folder folder;
  private AttackedServer server;
  private GatewayProcess gateway;
  private Siege siege;
  private int tlsPort;
  private int narrowPort;
  private int pacedPort;

  @BeforeAll
  void start() throws Exception {
    folder = Folder.create("attacks");
    server = new AttackedServer();
    tlsPort = Place.HERE.freePort();
    narrowPort = Place.HERE.freePort();
    pacedPort = Place.HERE.freePort();
    KeyedCertificate.PemFiles site =
        Pki.of("localhost", "127.0.0.1").server().writeTo(folder.path(), "site");
    gateway =
        GatewayProcess.startUnwatched(
            """
            event-loops = 1
            listener-defaults { timeouts { header = 700ms, body = 700ms, send = 700ms } }
            listeners += { bind = "127.0.0.1:%d", tls { certificates = [
              { certificate = "%s", key = "%s" } ] } }
            listeners += { bind = "127.0.0.1:%d", limits { connections = 20 } }
            listeners += { bind = "127.0.0.1:%d", limits.rates.grace = 500ms,
              timeouts { body = 30s, send = 30s } }
            """
                    .formatted(tlsPort, site.chain(), site.key(), narrowPort, pacedPort)
                + GatewayProcess.oneSite(server.uri(), "circuit-breaker.consecutive-failures = 0"));
    siege =
        new Siege(
            "Attacks",
            gateway,
            Duration.ofMillis(1500),
            Duration.ofSeconds(1),
            Map.of("bystander", () -> new Http1Bystander(gateway.uri())));
    siege.warmUp();
  }

  @AfterAll
  void stop() throws IOException {
    siege.report(REPORT);
    gateway.close();
    server.close();
    folder.close();
  }

  @TestFactory
  Stream<DynamicTest> othersAreServed() {
    return Attack.all().stream()
        .map(each -> DynamicTest.dynamicTest(each.name(), () -> withstand(each)));
  }

  private void withstand(Attack attack) throws Exception {
    int port =
        switch (attack.door()) {
          case PLAIN -> gateway.uri().getPort();
          case TLS -> tlsPort;
          case NARROW -> narrowPort;
          case PACED -> pacedPort;
        };
    siege.withstand(
        attack.name(),
        attack.kind(),
        attack.clients(),
        isOver -> attack.play("127.0.0.1", port, isOver));
  }
}
