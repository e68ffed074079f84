package io.whygate.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.whygate.faults.tls.Certificates;
import io.whygate.faults.tls.KeyedCertificate;
import io.whygate.gateway.ocsp.OcspStaples;
import io.whygate.gateway.ocsp.Responder;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Staples that are asked for before their certificates are shown: what becomes of them where it
/// does not come to that.
final class PreparedStaplesTest {
  private static final URI NOWHERE = URI.create("http://127.0.0.1:1");

  @TempDir private Path folder;

  private final CountDownLatch answers = new CountDownLatch(1);
  private final AtomicReference<Exception> refusal = new AtomicReference<>();
  private Responder responder;
  private KeyedCertificate demanding;

  @BeforeEach
  void start() throws Exception {
    responder = new Responder();
    demanding = responder.draft().mustStaple().issuedBy(responder.issuer());
  }

  @AfterEach
  void stop() {
    answers.countDown();
    responder.close();
  }

  private String listener(KeyedCertificate shown) throws Exception {
    KeyedCertificate.PemFiles files = shown.writeTo(folder, "own");
    return "tls.certificates = [ { certificate = \"%s\", key = \"%s\" } ]"
        .formatted(files.chain(), files.key());
  }

  private RunningGateway gateway() throws Exception {
    KeyedCertificate first = Certificates.leaf("a.test").issuedBy(responder.issuer());
    return RunningGateway.start(listener(first), "", "ocsp-stapling { timeout = 60s }", NOWHERE);
  }

  private void show(RunningGateway running, String bind) throws Exception {
    running.apply(
        """
        listeners = [ { bind = "127.0.0.1:%s", %s } ]
        upstreams { site { endpoints = ["%s"] } }
        routes = [ { path = "/", upstream = site } ]
        ocsp-stapling { timeout = 30s, back-off = 100ms, longest-back-off = 100ms }
        """
            .formatted(bind, listener(demanding), NOWHERE));
  }

  @Test
  void areLetGoOfWithARejectedReload() throws Exception {
    responder.vouchFor(demanding, Duration.ofHours(1));
    try (RunningGateway running = gateway();
        ServerSocket taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      OcspStaples staples = running.gateway().staples();
      String bind = String.valueOf(taken.getLocalPort());
      assertThatThrownBy(() -> show(running, bind)).isInstanceOf(GatewayStartException.class);
      assertThat(responder.questions()).isEqualTo(1);
      assertThat(staples.of(demanding.certificate())).isNull();
      // It is had anew where it comes to be shown.
      show(running, "0");
      assertThat(staples.of(demanding.certificate())).isNotNull();
      assertThat(responder.questions()).isEqualTo(2);
    }
  }

  /// Whoever has switched stapling off keeps the answers of before.
  @Test
  void costNoneThatIsKeptWhereStaplingWasOff() throws Exception {
    responder.vouchFor(demanding, Duration.ofHours(1));
    KeyedCertificate first = Certificates.leaf("a.test").issuedBy(responder.issuer());
    Path state = Files.createDirectory(folder.resolve("state"));
    Path answer =
        Files.writeString(Files.createDirectory(state.resolve("ocsp")).resolve("a.ocsp"), "kept");
    String settings =
        "ocsp-stapling { enabled = false }, state.directory = \"%s\"".formatted(state);
    try (RunningGateway running = RunningGateway.start(listener(first), "", settings, NOWHERE);
        ServerSocket taken = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      String bind = String.valueOf(taken.getLocalPort());
      assertThatThrownBy(() -> show(running, bind)).isInstanceOf(GatewayStartException.class);
      assertThat(responder.questions()).isEqualTo(1);
      assertThat(answer).exists();
    }
  }

  @Test
  @Timeout(30)
  void keepNobodyWaitingWhoEndsTheGateway() throws Exception {
    responder.vouchFor(demanding, Duration.ofHours(1));
    responder.waitsFor(answers);
    RunningGateway running = gateway();
    int port = freePort();
    Thread reload = Thread.ofVirtual().start(() -> showInVain(running, port));
    while (responder.questions() == 0) {
      Thread.sleep(5);
    }
    long begun = System.nanoTime();
    running.close();
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(15));
    assertThat(reload.join(Duration.ofSeconds(10))).isTrue();
    assertThat(refusal.get()).hasMessageContaining("being stopped");
    assertThatThrownBy(() -> new Socket(InetAddress.ofLiteral("127.0.0.1"), port).close())
        .isInstanceOf(ConnectException.class);
  }

  private static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      return free.getLocalPort();
    }
  }

  private void showInVain(RunningGateway running, int port) {
    try {
      show(running, String.valueOf(port));
    } catch (Exception e) {
      refusal.set(e);
    }
  }
}
