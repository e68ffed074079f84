package io.whygate.gateway.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.faults.FaultyServer;
import io.whygate.faults.tls.Certificates;
import io.whygate.faults.tls.Pki;
import io.whygate.faults.tls.TlsFault;
import io.whygate.gateway.RawClient;
import io.whygate.gateway.RunningGateway;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// An outage is no storm of connections, and its end is seen at once.
class OutageTest {
  @Test
  void requestsShareTheFailureOfAConnectionAndFindTheServerWhenItIsBack(@TempDir Path folder)
      throws Exception {
    Pki pki = Pki.of("127.0.0.1");
    Path trusted = Certificates.writePem(folder.resolve("root.pem"), pki.root());
    String settings =
        "tls.trusted-certificates = \"%s\", circuit-breaker.consecutive-failures = 0"
            .formatted(trusted);
    try (FaultyServer server = FaultyServer.startTls(pki);
        RunningGateway gateway = RunningGateway.before(settings, server.uri());
        RawClient client = gateway.client()) {
      assertThat(client.get("/bytes/1").answer().status()).isEqualTo(200);
      server.tlsFault(new TlsFault.HandshakeClose());
      server.closeConnections();
      long before = server.traffic().connections();
      int failed = 0;
      long began = System.nanoTime();
      for (int i = 0; i < 1_000; i++) {
        if (client.get("/bytes/1").answer().status() == 502) {
          failed++;
        }
      }
      double seconds = (System.nanoTime() - began) / 1e9;
      long connections = server.traffic().connections() - before;
      assertThat(failed).isGreaterThanOrEqualTo(999);
      // Two a request that was tried, those of the examinations, and 10 a second.
      assertThat(connections).isLessThan((long) (60 + 30 * seconds));

      server.mend();
      long mended = System.nanoTime();
      while (client.get("/bytes/1").answer().status() != 200) {
        assertThat(System.nanoTime() - mended).isLessThan(3_000_000_000L);
      }
      assertThat(client.get("/bytes/1").answer().status()).isEqualTo(200);
    }
  }
}
