package io.whygate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.whygate.faults.FaultyServer;
import io.whygate.faults.tls.Certificates;
import io.whygate.faults.tls.KeyedCertificate;
import io.whygate.faults.tls.Pki;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/// Certificates that are about to run out are warned of in the log and counted, the gateway's own
/// and those that servers show.
final class CertificateWatchTest {
  @TempDir private Path folder;

  private final BlockingQueue<String> logged = new LinkedBlockingQueue<>();
  private final AppenderBase<ILoggingEvent> appender =
      new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
          logged.add(event.getFormattedMessage());
        }
      };
  private final Logger log = (Logger) LoggerFactory.getLogger(CertificateWatch.class);

  @BeforeEach
  void listen() {
    appender.start();
    log.addAppender(appender);
  }

  @AfterEach
  void stopListening() {
    log.detachAppender(appender);
  }

  private static KeyedCertificate withTimeLeft(Duration left) {
    Instant now = Instant.now();
    return Certificates.leaf("own.test")
        .dns("own.test")
        .valid(now.minus(Duration.ofDays(80)), now.plus(left))
        .selfSigned();
  }

  private String own(KeyedCertificate certificate) throws IOException {
    KeyedCertificate.PemFiles files = certificate.writeTo(folder, "own");
    return "tls.certificates = [ { certificate = \"%s\", key = \"%s\" } ]"
        .formatted(files.chain(), files.key());
  }

  private static List<Integer> due(RunningGateway running, String side) {
    return new GatewayMeasures(running.gateway())
        .certificateWarnings().stream()
            .filter(each -> each.side().equals(side))
            .map(each -> each.due())
            .toList();
  }

  @Test
  void anOwnCertificateIsWarnedOfOnceForEachTime() throws Exception {
    try (RunningGateway running =
        RunningGateway.before(
            own(withTimeLeft(Duration.ofDays(6))), "", URI.create("http://127.0.0.1:1"))) {
      assertThat(logged.poll(20, TimeUnit.SECONDS))
          .contains("the listener 127.0.0.1:")
          .contains("CN=own.test")
          .contains("runs out in 5 days");
      assertThat(due(running, "downstream")).containsExactly(2);
      assertThat(CertificateDocument.of(running.gateway())).contains("\"warnings\":2");
    }
  }

  @Test
  void aCertificateWithTimeIsNot() throws Exception {
    try (RunningGateway running =
        RunningGateway.before(
            own(withTimeLeft(Duration.ofDays(60))), "", URI.create("http://127.0.0.1:1"))) {
      assertThat(due(running, "downstream")).containsExactly(0);
      assertThat(CertificateDocument.of(running.gateway())).contains("\"warnings\":0");
    }
  }

  @Test
  void whatAServerShowsIsWarnedOf() throws Exception {
    Pki pki = Pki.of("127.0.0.1");
    try (FaultyServer server = FaultyServer.startTls(pki);
        RunningGateway running =
            RunningGateway.with(
                "certificate-warnings { before = [365d], every = 100ms }",
                "tls.trusted-certificates = \"%s\""
                    .formatted(Certificates.writePem(folder.resolve("root.pem"), pki.root())),
                server.uri())) {
      assertThat(due(running, "upstream")).isEmpty();
      try (RawClient client = running.client()) {
        assertThat(client.get("/").answer().status()).isEqualTo(200);
      }
      assertThat(logged.poll(20, TimeUnit.SECONDS))
          .contains("the upstream site at " + server.uri());
      assertThat(due(running, "upstream")).containsExactly(1);
      assertThat(CertificateDocument.of(running.gateway()))
          .contains("\"upstreams\":[{\"upstream\":\"site\"");
    }
  }
}
