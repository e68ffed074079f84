package io.whygate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.Response;
import com.microsoft.playwright.options.LoadState;
import io.whygate.e2e.lab.Chromium;
import io.whygate.e2e.lab.Folder;
import io.whygate.e2e.lab.GatewayProcess;
import io.whygate.e2e.lab.LabProcess;
import io.whygate.e2e.lab.Nginx;
import io.whygate.e2e.lab.Place;
import io.whygate.faults.tls.KeyedCertificate;
import io.whygate.faults.tls.Pki;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A real browser comes by HTTP/3, and who does not want HTTP/3 has nothing of it.
@Needs({"nginx", "chromium"})
class Http3BrowserTest {
  private static final String PROTOCOLS =
      "[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]"
          + ".map(each => each.nextHopProtocol).join(' ')";

  private final Pki pki = Pki.of("127.0.0.1");
  private Folder site;
  private Nginx nginx;
  private GatewayProcess gateway;
  private int port;

  @BeforeEach
  void startServers() throws Exception {
    site = Folder.create("site");
    site.write(
        "index.html",
        "<!doctype html><title>The shop</title><link rel=stylesheet href=style.css>"
            + "<h1 id=wares>Wares</h1><script src=script.js></script>");
    site.write("style.css", "h1 { color: rgb(1, 2, 3) }");
    site.write("script.js", "document.body.dataset.script = 'ran'");
    site.write("large.txt", "x".repeat(5_000_000));
    nginx = Nginx.serving(Place.HERE, site.path(), "");
    KeyedCertificate.PemFiles files = pki.server().writeTo(site.path(), "site");
    gateway =
        GatewayProcess.start(
            GatewayProcess.oneSite(nginx.uri(), "")
                + """
                listener-defaults {
                  http3.enabled = true
                  tls { certificates = [ { certificate = "%s", key = "%s" } ] }
                }
                """
                    .formatted(files.chain(), files.key()));
    port = gateway.uri().getPort();
  }

  @AfterEach
  void stopServers() {
    gateway.close();
    nginx.close();
    site.close();
  }

  private String key() throws Exception {
    byte[] spki = pki.server().certificate().getPublicKey().getEncoded();
    return Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-256").digest(spki));
  }

  @Test
  void chromiumLoadsAPageWithAllThatBelongsToItByHttp3() throws Exception {
    try (Chromium chromium =
        Chromium.start(
            "--enable-quic",
            "--origin-to-force-quic-on=127.0.0.1:" + port,
            "--ignore-certificate-errors-spki-list=" + key())) {
      Page page = chromium.newPage("en");
      Response response = page.navigate("https://127.0.0.1:" + port + "/index.html");
      page.waitForLoadState(LoadState.NETWORKIDLE);
      assertThat(response.status()).isEqualTo(200);
      assertThat(page.evaluate("document.body.dataset.script")).isEqualTo("ran");
      assertThat(page.evaluate("getComputedStyle(wares).color")).isEqualTo("rgb(1, 2, 3)");
      assertThat(page.evaluate(PROTOCOLS).toString()).matches("h3 h3 h3( h3)*");
      assertThat(page.evaluate("fetch('/large.txt').then(a => a.text()).then(t => t.length)"))
          .isEqualTo(5_000_000);
      // nginx answers before it has read the content.
      assertThat(
              page.evaluate(
                  "fetch('/style.css', {method: 'POST', body: 'x'.repeat(1000000)}).then(a => a.status)"))
          .isEqualTo(405);
      nginx.stop();
      Response failed = page.navigate("https://127.0.0.1:" + port + "/index.html");
      assertThat(failed.status()).isEqualTo(502);
      assertThat(page.locator("html").getAttribute("data-cause")).isEqualTo("server.port-closed");
    }
  }

  /// Nobody told it before: it comes by TCP, and learns there that the site is reached by QUIC too
  /// (RFC 7838).
  @Test
  void chromiumComesOverOnceItIsTold() throws Exception {
    try (Chromium chromium =
        Chromium.start(
            "--enable-quic",
            // Forces nothing here, as it is another port. But by QUIC Chromium takes a certificate
            // of no public authority from hosts alone that this names.
            "--origin-to-force-quic-on=127.0.0.1:1",
            "--ignore-certificate-errors-spki-list=" + key())) {
      Page page = chromium.newPage("en");
      String url = "https://127.0.0.1:" + port + "/index.html";
      assertThat(protocolOf(page, url)).isEqualTo("h2");
      String later = "";
      for (int i = 0; i < 50 && !later.equals("h3"); i++) {
        later = protocolOf(page, url + "?" + i);
      }
      assertThat(later).isEqualTo("h3");
      assertThat(page.evaluate("document.body.dataset.script")).isEqualTo("ran");
    }
  }

  private static String protocolOf(Page page, String url) {
    page.navigate(url);
    page.waitForLoadState(LoadState.NETWORKIDLE);
    return page.evaluate("performance.getEntriesByType('navigation')[0].nextHopProtocol")
        .toString();
  }

  /// Who has no listener with HTTP/3 pays nothing for it.
  @Test
  void nothingOfItIsLoadedWhereItIsNotUsed() {
    int other = Place.HERE.freePort();
    List<String> command = new ArrayList<>(GatewayProcess.commandLine());
    command.add(1, "-Xlog:class+load:file=classes.log");
    command.addAll(List.of("run", "--listen", "127.0.0.1:" + other, "--to", "http://127.0.0.1:1"));
    try (LabProcess plain = LabProcess.start(Place.HERE, site.path(), Map.of(), command)) {
      plain.awaitPort(Place.HERE, other);
      plain.signal("TERM");
      plain.awaitExit(Duration.ofSeconds(60));
    }
    assertThat(site.read("classes.log"))
        .contains("io.whygate.gateway.Gateway ")
        .doesNotContain("io.netty.handler.codec.quic")
        .doesNotContain("io.netty.handler.codec.http3")
        .doesNotContain("listener.http3.Quic")
        .doesNotContain("listener.http3.Http3");
  }
}
