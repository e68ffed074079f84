package io.whygate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.diagnostics.incident.Incident;
import io.whygate.diagnostics.verdict.Cause;
import io.whygate.faults.tls.Certificates;
import io.whygate.faults.tls.KeyedCertificate;
import io.whygate.gateway.ocsp.Responder;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is wrong with a certificate of the gateway's own is an incident from when it is known until
/// it is mended.
final class CertificateIncidentsTest {
  private static final URI NOWHERE = URI.create("http://127.0.0.1:1");
  private static final String STAPLES =
      "ocsp-stapling { back-off = 100ms, longest-back-off = 200ms, refresh = 1s }";

  @TempDir private Path folder;

  private String listener(KeyedCertificate shown) throws Exception {
    KeyedCertificate.PemFiles files = shown.writeTo(folder, "own");
    return "tls.certificates = [ { certificate = \"%s\", key = \"%s\" } ]"
        .formatted(files.chain(), files.key());
  }

  private void show(RunningGateway running, KeyedCertificate certificate, String more)
      throws Exception {
    running.apply(
        """
        listeners = [ { bind = "127.0.0.1:0", %s } ]
        upstreams { site { endpoints = ["%s"] } }
        routes = [ { path = "/", upstream = site } ]
        %s
        """
            .formatted(listener(certificate), NOWHERE, more));
  }

  private static KeyedCertificate withTimeLeft(Duration left) {
    Instant now = Instant.now();
    return Certificates.leaf("own.test")
        .dns("own.test")
        .valid(now.minus(Duration.ofDays(90)), now.plus(left))
        .selfSigned();
  }

  private static List<Incident> all(RunningGateway running) {
    return running.gateway().explanations().incidents().all();
  }

  private static Incident await(RunningGateway running, Predicate<Incident> wanted)
      throws InterruptedException {
    long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (true) {
      for (Incident each : all(running)) {
        if (wanted.test(each)) {
          return each;
        }
      }
      assertThat(System.nanoTime() - end).as("waited too long: " + all(running)).isNegative();
      Thread.sleep(5);
    }
  }

  private static boolean isOpen(Incident each) {
    return each.state() == Incident.State.OPEN;
  }

  @Test
  void oneThatRunsOutIsOneIncidentOverARestartAndUntilItIsReplaced() throws Exception {
    String state = "state.directory = \"%s\"".formatted(Files.createDirectory(folder.resolve("s")));
    String listener = listener(withTimeLeft(Duration.ofHours(20)));
    Incident open;
    try (RunningGateway running = RunningGateway.start(listener, "", state, NOWHERE)) {
      open = await(running, CertificateIncidentsTest::isOpen);
      assertThat(open.cause()).isEqualTo(Cause.GATEWAY_CERTIFICATE_EXPIRING);
      assertThat(open.upstream()).isEqualTo("certificate:own.test");
      assertThat(open.requests()).isZero();
      assertThat(running.gateway().documentOf(open))
          .contains("The certificate for own.test that clients see on the listener 127.0.0.1:")
          .contains("\"symptom\":\"own-certificate\"")
          .contains("replace them by a new certificate")
          .contains("\"step\":\"host\",\"state\":\"failed\"");
      assertThat(new GatewayMeasures(running.gateway()).openIncidents())
          .containsEntry("certificate:own.test", 1)
          .containsEntry("site", 0);
    }
    try (RunningGateway running = RunningGateway.start(listener, "", state, NOWHERE)) {
      Incident kept =
          await(running, each -> isOpen(each) && each.lastSeen().isAfter(open.lastSeen()));
      assertThat(kept.id()).isEqualTo(open.id());
      show(running, withTimeLeft(Duration.ofDays(20)), state);
      await(running, each -> each.state() == Incident.State.RECOVERED);
      assertThat(all(running)).hasSize(1);
      show(running, withTimeLeft(Duration.ofHours(-1)), state);
      Incident over = await(running, CertificateIncidentsTest::isOpen);
      assertThat(over.diagnosis().verdict().because()).contains("clients refuse it");
    }
  }

  @Test
  void oneThatWasRevokedIsAnIncidentUntilItIsReplaced() throws Exception {
    try (Responder responder = new Responder()) {
      KeyedCertificate revoked = responder.draft().issuedBy(responder.issuer());
      KeyedCertificate other = responder.draft().issuedBy(responder.issuer());
      responder.revoke(revoked);
      try (RunningGateway running = RunningGateway.start(listener(revoked), "", STAPLES, NOWHERE)) {
        Incident open = await(running, CertificateIncidentsTest::isOpen);
        assertThat(open.cause()).isEqualTo(Cause.GATEWAY_CERTIFICATE_REVOKED);
        assertThat(open.upstream()).isEqualTo("certificate:a.test");
        assertThat(running.gateway().documentOf(open))
            .contains("says that the certificate for a.test was revoked")
            .contains("keyCompromise")
            .contains("\"probe\":\"ocsp\"");
        // That another is shown, and nobody is asked about it, proves nothing.
        show(running, other, "ocsp-stapling.enabled = false");
        new CertificateIncidents(running.gateway()).look();
        assertThat(all(running)).singleElement().matches(CertificateIncidentsTest::isOpen);
        responder.vouchFor(other, Duration.ofHours(1));
        show(running, other, STAPLES);
        await(running, each -> each.state() == Incident.State.RECOVERED);
        assertThat(all(running)).hasSize(1);
      }
    }
  }
}
