package io.whygate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.faults.tls.Certificates;
import io.whygate.faults.tls.KeyedCertificate;
import io.whygate.gateway.ocsp.Responder;
import io.whygate.gateway.ocsp.StapleStatus;
import io.whygate.gateway.ocsp.StapleStatus.State;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Staples over time: fetched, replaced before they run out, kept while a responder fails and over
/// a restart, dropped where the certificate was revoked.
final class OcspStaplingTest {
  private static final URI NOWHERE = URI.create("http://127.0.0.1:1");
  private static final String QUICKLY =
      "ocsp-stapling { back-off = 100ms, longest-back-off = 200ms, timeout = 500ms }";

  @TempDir private Path folder;

  private Responder responder;
  private KeyedCertificate certificate;

  @BeforeEach
  void start() throws Exception {
    responder = new Responder();
    certificate = responder.draft().issuedBy(responder.issuer());
  }

  @AfterEach
  void stop() {
    responder.close();
  }

  private String listener(KeyedCertificate shown) throws Exception {
    KeyedCertificate.PemFiles files = shown.writeTo(folder, "own");
    return "tls.certificates = [ { certificate = \"%s\", key = \"%s\" } ]"
        .formatted(files.chain(), files.key());
  }

  private RunningGateway gateway(String more) throws Exception {
    return RunningGateway.start(listener(certificate), "", QUICKLY + "\n" + more, NOWHERE);
  }

  private StapleStatus status(RunningGateway running) {
    return running.gateway().staples().status(certificate.certificate()).orElseThrow();
  }

  private void await(RunningGateway running, State state) throws InterruptedException {
    await(() -> status(running).state() == state);
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime() - end).as("waited too long").isNegative();
      Thread.sleep(5);
    }
  }

  private boolean isStapled(RunningGateway running) {
    return running.gateway().staples().of(certificate.certificate()) != null;
  }

  private static Map<String, Double> stapleMetrics(RunningGateway running) {
    var found = new TreeMap<String, Double>();
    new GatewayMeasures(running.gateway())
        .stapleExpiry()
        .forEach((name, end) ->
            found.put(
                name.substring(name.indexOf('/')),
                (double) Math.max(0, end.getEpochSecond() - System.currentTimeMillis() / 1000)));
    return found;
  }

  @Test
  void isThereAndSeen() throws Exception {
    responder.vouchFor(certificate, Duration.ofHours(1));
    try (RunningGateway running = gateway("ocsp-stapling.timeout = 60s")) {
      await(running, State.STAPLED);
      assertThat(isStapled(running)).isTrue();
      assertThat(CertificateDocument.of(running.gateway()))
          .contains("\"ocsp\":{\"state\":\"stapled\"")
          .contains("\"responder\":\"http://127.0.0.1:")
          .contains("\"next_update\":\"")
          .contains("\"next\":\"");
      assertThat(stapleMetrics(running).get("/0")).isBetween(3500.0, 3600.0);
      // Asked once: half an hour is not over.
      assertThat(responder.questions()).isEqualTo(1);
    }
  }

  @Test
  void isReplacedBeforeItRunsOut() throws Exception {
    responder.vouchFor(certificate, Duration.ofSeconds(4));
    try (RunningGateway running = gateway("")) {
      await(running, State.STAPLED);
      while (responder.questions() < 3) {
        assertThat(isStapled(running)).isTrue();
        Thread.sleep(20);
      }
    }
  }

  @Test
  void isKeptWhileTheResponderFailsAndNoLonger() throws Exception {
    responder.vouchFor(certificate, Duration.ofSeconds(5));
    try (RunningGateway running = gateway("")) {
      await(running, State.STAPLED);
      for (Responder.Behaviour failure :
          List.<Responder.Behaviour>of(
              exchange -> Responder.reply(exchange, 503, new byte[0]),
              exchange -> Responder.reply(exchange, 200, new byte[300_000]),
              exchange -> Responder.reply(exchange, 200, new byte[] {48, 3, 10, 1, 3}),
              exchange -> hang())) {
        responder.does(failure);
        int before = status(running).failures();
        await(() -> status(running).failures() > before || !isStapled(running));
        assertThat(isStapled(running)).isTrue();
      }
      await(running, State.FAILED);
      assertThat(isStapled(running)).isFalse();
      assertThat(stapleMetrics(running)).containsEntry("/0", 0.0);
      assertThat(CertificateDocument.of(running.gateway())).contains("\"state\":\"failed\"");
      responder.vouchFor(certificate, Duration.ofHours(1));
      await(running, State.STAPLED);
      assertThat(status(running).failures()).isZero();
      assertThat(status(running).why()).isEmpty();
    }
  }

  private static void hang() {
    try {
      Thread.sleep(Duration.ofSeconds(2));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void isDroppedOnceTheCertificateIsRevoked() throws Exception {
    responder.vouchFor(certificate, Duration.ofSeconds(4));
    try (RunningGateway running = gateway("")) {
      await(running, State.STAPLED);
      responder.revoke(certificate);
      await(running, State.REVOKED);
      assertThat(isStapled(running)).isFalse();
      assertThat(status(running).why().orElseThrow()).contains("keyCompromise");
      assertThat(CertificateDocument.of(running.gateway()))
          .contains("\"state\":\"revoked\"")
          .contains("keyCompromise");
      assertThat(stapleMetrics(running)).containsEntry("/0", 0.0);
    }
  }

  @Test
  void outlivesARestartWhileTheResponderIsDown() throws Exception {
    responder.vouchFor(certificate, Duration.ofHours(1));
    Path state = Files.createDirectory(folder.resolve("state"));
    String kept = "state.directory = \"%s\"".formatted(state);
    try (RunningGateway running = gateway(kept)) {
      await(running, State.STAPLED);
      await(() -> files(state) == 1);
    }
    responder.does(exchange -> Responder.reply(exchange, 503, new byte[0]));
    int before = responder.questions();
    try (RunningGateway running = gateway(kept)) {
      await(running, State.STAPLED);
      assertThat(responder.questions()).isEqualTo(before);
    }
    // Another certificate: what was kept of the first is gone, and of no use to this one.
    certificate = responder.draft().issuedBy(responder.issuer());
    try (RunningGateway running = gateway(kept)) {
      await(running, State.FAILED);
      assertThat(files(state)).isZero();
    }
  }

  private static int files(Path state) {
    String[] names = state.resolve("ocsp").toFile().list((_, name) -> name.endsWith(".ocsp"));
    return names == null ? 0 : names.length;
  }

  @Test
  void cannotBeVerifiedWithoutTheIssuer() throws Exception {
    responder.vouchFor(certificate, Duration.ofHours(1));
    KeyedCertificate whole = certificate;
    certificate = certificate.withoutIssuers();
    try (RunningGateway running = gateway("")) {
      await(running, State.FAILED);
      assertThat(status(running).why().orElseThrow()).contains("append it");
      assertThat(responder.questions()).isZero();
      running.apply(
          """
          listeners = [ { bind = "127.0.0.1:0", %s } ]
          upstreams { site { endpoints = ["%s"] } }
          routes = [ { path = "/", upstream = site } ]
          %s
          """
              .formatted(listener(whole), NOWHERE, QUICKLY));
      await(running, State.STAPLED);
    }
  }

  @Test
  void isNotAskedForWhereItIsSwitchedOff() throws Exception {
    certificate = responder.draft().mustStaple().issuedBy(responder.issuer());
    try (RunningGateway running =
        RunningGateway.start(listener(certificate), "", "ocsp-stapling.enabled = false", NOWHERE)) {
      assertThat(status(running).state()).isEqualTo(State.OFF);
      assertThat(stapleMetrics(running)).containsEntry("/0", 0.0);
      assertThat(responder.questions()).isZero();
    }
  }

  @Test
  void aCertificateWithoutAResponderHasNothingToSay() throws Exception {
    certificate = Certificates.leaf("a.test").issuedBy(responder.issuer());
    try (RunningGateway running = gateway("")) {
      assertThat(running.gateway().staples().status(certificate.certificate())).isEmpty();
      assertThat(stapleMetrics(running)).isEmpty();
      assertThat(CertificateDocument.of(running.gateway())).doesNotContain("\"ocsp\"");
    }
  }

  @Test
  void isNotReplacedByWhatWasKnownBefore() throws Exception {
    Instant now = Instant.now();
    responder.vouchFor(certificate, now, Duration.ofHours(1));
    try (RunningGateway running = gateway("ocsp-stapling.refresh = 1s")) {
      await(running, State.STAPLED);
      responder.vouchFor(certificate, now.minusSeconds(60), Duration.ofHours(2));
      await(() -> status(running).failures() > 0);
      assertThat(status(running).why().orElseThrow()).contains("older than the one at hand");
      assertThat(isStapled(running)).isTrue();
      responder.revoke(certificate);
      await(running, State.REVOKED);
      // Played back by whoever is on the way.
      responder.vouchFor(certificate, now, Duration.ofHours(1));
      int before = responder.questions();
      await(() -> responder.questions() > before + 1);
      assertThat(status(running).state()).isEqualTo(State.REVOKED);
    }
  }

  @Test
  void isHadFromAnAddressInCapitals() throws Exception {
    certificate = responder.draftInCapitals().issuedBy(responder.issuer());
    responder.vouchFor(certificate, Duration.ofHours(1));
    try (RunningGateway running = gateway("")) {
      await(running, State.STAPLED);
    }
  }

  @Test
  void isNotAskedForForEverWhereNobodyCanBeAsked() throws Exception {
    URI ldap = URI.create("ldap://127.0.0.1/ocsp");
    certificate = responder.draft().responderAt(ldap).issuedBy(responder.issuer());
    try (RunningGateway running = gateway("")) {
      await(() -> running.gateway().staples().status(certificate.certificate()).isEmpty());
      assertThat(stapleMetrics(running)).isEmpty();
    }
    certificate = responder.draft().mustStaple().responderAt(ldap).issuedBy(responder.issuer());
    try (RunningGateway running = gateway("")) {
      await(running, State.OFF);
      assertThat(status(running).why().orElseThrow())
          .contains("no responder with an address of HTTP");
      assertThat(status(running).failures()).isZero();
      assertThat(status(running).next()).isEmpty();
    }
  }

  private void show(RunningGateway running, KeyedCertificate shown, String more) {
    try {
      running.apply(
          """
          listeners = [ { bind = "127.0.0.1:0", %s } ]
          upstreams { site { endpoints = ["%s"] } }
          routes = [ { path = "/", upstream = site } ]
          %s
          """
              .formatted(listener(shown), NOWHERE, more));
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static X509Certificate shown(RunningGateway running) {
    return running
        .gateway()
        .listeners()
        .iterator()
        .next()
        .settings()
        .tls()
        .orElseThrow()
        .certificates()
        .getFirst()
        .chain()
        .getFirst();
  }

  @Test
  void isWaitedForWhereACertificateDemandsOne() throws Exception {
    KeyedCertificate first = Certificates.leaf("a.test").issuedBy(responder.issuer());
    certificate = responder.draft().mustStaple().issuedBy(responder.issuer());
    CountDownLatch answers = new CountDownLatch(1);
    responder.vouchFor(certificate, Duration.ofHours(1));
    responder.waitsFor(answers);
    String patient = "ocsp-stapling { timeout = 60s }";
    try (RunningGateway running = RunningGateway.start(listener(first), "", patient, NOWHERE)) {
      Thread reload = Thread.ofVirtual().start(() -> show(running, certificate, patient));
      await(() -> responder.questions() == 1);
      assertThat(shown(running)).isEqualTo(first.certificate());
      answers.countDown();
      reload.join();
      assertThat(shown(running)).isEqualTo(certificate.certificate());
      assertThat(isStapled(running)).isTrue();
      assertThat(responder.questions()).isEqualTo(1);
      // Other settings do not lose it.
      show(running, certificate, "ocsp-stapling { timeout = 50s }");
      assertThat(isStapled(running)).isTrue();
    }
  }

  @Test
  void isNotWaitedForLongerThanAQuestionMayTake() throws Exception {
    KeyedCertificate first = Certificates.leaf("a.test").issuedBy(responder.issuer());
    certificate = responder.draft().mustStaple().issuedBy(responder.issuer());
    responder.waitsFor(new CountDownLatch(1));
    try (RunningGateway running = RunningGateway.start(listener(first), "", QUICKLY, NOWHERE)) {
      show(running, certificate, QUICKLY);
      assertThat(shown(running)).isEqualTo(certificate.certificate());
      assertThat(isStapled(running)).isFalse();
    }
  }
}
