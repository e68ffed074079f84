package io.whygate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.e2e.lab.Await;
import io.whygate.e2e.matrix.Answer;
import io.whygate.e2e.matrix.Client;
import io.whygate.e2e.matrix.HeldGateway;
import io.whygate.faults.Fault;
import io.whygate.faults.FaultyServer;
import io.whygate.faults.tls.Certificates;
import io.whygate.faults.tls.Pki;
import io.whygate.faults.tls.TlsFault;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A fault that follows another at once, with the same symptom, is told by its own name: a
/// diagnosis is shared only while what failed goes on failing. There is time to find out, on a busy
/// machine too.
class FaultAfterFaultTest {
  private static final String LIMITS = "connect-timeout = 1s, response-timeout = 500ms";

  private static HeldGateway before(FaultyServer server, String settings) throws Exception {
    return HeldGateway.start(
        """
        diagnostics { keep = 30s, budget = 1s }
        upstreams { site { endpoints = ["%s"], %s } }
        routes = [ { upstream = site } ]
        """
            .formatted(server.uri(), settings));
  }

  private static String cause(Answer answer) {
    return answer.field("whygate-cause").orElse("none, status " + answer.status());
  }

  /// Where TLS was refused, one connection is tried again at once and ten a second after that
  /// (`pool.max-redials-per-second`), by each event loop: those who come in between share what it
  /// found.
  private static void untilRedialled(HeldGateway gateway, String cause) {
    Await.until(
        cause, Duration.ofSeconds(1), () -> cause(Client.get(gateway.uri(), "/")).equals(cause));
  }

  @Test
  void anOverloadAfterAMaintenance() throws Exception {
    try (FaultyServer server = FaultyServer.start();
        HeldGateway gateway = before(server, LIMITS)) {
      server.fault(new Fault.Maintenance503(Duration.ofMinutes(5)));
      assertThat(cause(Client.get(gateway.uri(), "/"))).isEqualTo("server.maintenance");
      server.fault(new Fault.Overloaded503());
      assertThat(cause(Client.get(gateway.uri(), "/"))).isEqualTo("server.overloaded");
      server.fault(new Fault.Maintenance503(Duration.ofMinutes(5)));
      assertThat(cause(Client.get(gateway.uri(), "/"))).isEqualTo("server.maintenance");
    }
  }

  @Test
  void anotherCertificateAfterOneThatRanOut(@TempDir Path folder) throws Exception {
    Pki pki = Pki.of("127.0.0.1");
    Path trusted = Certificates.writePem(folder.resolve("root.pem"), pki.root());
    assertThat(Files.size(trusted)).isPositive();
    try (FaultyServer server = FaultyServer.startTls(pki);
        HeldGateway gateway =
            before(server, LIMITS + ", tls.trusted-certificates = \"" + trusted + "\"")) {
      server.tlsFault(new TlsFault.Expired());
      assertThat(cause(Client.get(gateway.uri(), "/"))).isEqualTo("tls.certificate-expired");
      server.tlsFault(new TlsFault.WrongName());
      untilRedialled(gateway, "tls.name-mismatch");
      server.mend();
      untilRedialled(gateway, "none, status 200");
      server.tlsFault(new TlsFault.IncompleteChain());
      untilRedialled(gateway, "tls.incomplete-chain");
    }
  }

  @Test
  void aCrashEverywhereAfterOneOnOnePath() throws Exception {
    try (FaultyServer server = FaultyServer.start();
        HeldGateway gateway = before(server, LIMITS)) {
      server.fault(new Fault.PathFailure("/order", new Fault.CloseBeforeResponse()));
      assertThat(cause(Client.get(gateway.uri(), "/order"))).isEqualTo("application.path-failure");
      assertThat(Client.get(gateway.uri(), "/basket").status()).isEqualTo(200);
      assertThat(cause(Client.get(gateway.uri(), "/order"))).isEqualTo("application.path-failure");
      server.mend();
      assertThat(Client.get(gateway.uri(), "/order").status()).isEqualTo(200);
      server.fault(new Fault.CloseBeforeResponse());
      assertThat(cause(Client.get(gateway.uri(), "/order")))
          .isEqualTo("application.closed-before-response");
      assertThat(cause(Client.get(gateway.uri(), "/basket")))
          .isEqualTo("application.closed-before-response");
    }
  }

  @Test
  void workersThatAreAllTakenAfterPagesThatAreSlow() throws Exception {
    try (FaultyServer server = FaultyServer.start();
        HeldGateway gateway = before(server, LIMITS)) {
      server.fault(new Fault.SlowAnswers(Duration.ofMillis(170), Duration.ofSeconds(20)));
      assertThat(cause(Client.get(gateway.uri(), "/"))).isEqualTo("application.timeout");
      server.mend();
      assertThat(Client.get(gateway.uri(), "/").status()).isEqualTo(200);
      server.fault(new Fault.AcceptThenSilence());
      assertThat(cause(Client.get(gateway.uri(), "/"))).isEqualTo("application.workers-exhausted");
    }
  }
}
