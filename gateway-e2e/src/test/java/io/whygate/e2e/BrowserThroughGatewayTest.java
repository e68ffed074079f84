package io.whygate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.Response;
import com.microsoft.playwright.options.LoadState;
import io.whygate.e2e.lab.Chromium;
import io.whygate.e2e.lab.Folder;
import io.whygate.e2e.lab.GatewayProcess;
import io.whygate.e2e.lab.Nginx;
import io.whygate.e2e.lab.Place;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The first thing that must work: a real browser, the gateway, a real nginx; and what the browser
/// shows when that nginx is gone.
@Needs({"nginx", "chromium"})
class BrowserThroughGatewayTest {
  private static final List<String> STEPS =
      List.of("reload", "server", "dns", "logs", "firewall", "code", "host");

  private static Chromium chromium;

  private Folder site;
  private Nginx nginx;
  private GatewayProcess gateway;

  @BeforeAll
  static void startBrowser() {
    chromium = Chromium.start();
  }

  @AfterAll
  static void stopBrowser() {
    chromium.close();
  }

  @BeforeEach
  void startServers() {
    site = Folder.create("site");
    site.write(
        "index.html",
        """
        <!doctype html><title>The shop</title><link rel=stylesheet href=style.css>
        <h1 id=wares>Wares</h1><img id=picture src=picture.svg alt=""><script src=script.js></script>
        """);
    site.write("style.css", "h1 { color: rgb(1, 2, 3) }");
    site.write("script.js", "document.body.dataset.script = 'ran'");
    site.write(
        "picture.svg",
        "<svg xmlns='http://www.w3.org/2000/svg' width='40' height='30'><rect width='9' height='9'/></svg>");
    nginx = Nginx.serving(Place.HERE, site.path(), "");
    gateway = GatewayProcess.before(nginx.uri(), "connect-timeout = 2s");
  }

  @AfterEach
  void stopServers() {
    gateway.close();
    nginx.close();
    site.close();
  }

  @Test
  void passesOnAPageWithAllThatBelongsToIt() {
    Page page = chromium.newPage("en");
    Response response = page.navigate(gateway.uri().toString());

    assertThat(response.status()).isEqualTo(200);
    page.waitForLoadState(LoadState.NETWORKIDLE);
    assertThat(page.title()).isEqualTo("The shop");
    assertThat(page.evaluate("getComputedStyle(wares).color")).isEqualTo("rgb(1, 2, 3)");
    assertThat(page.evaluate("document.body.dataset.script")).isEqualTo("ran");
    assertThat(page.evaluate("picture.naturalWidth")).isEqualTo(40);
  }

  @Test
  void explainsAStoppedServerAndLoadsThePageByItselfWhenItIsBack() {
    nginx.stop();
    Page page = chromium.newPage("en");
    Response response = page.navigate(gateway.uri() + "/index.html");

    assertThat(response.status()).isEqualTo(502);
    assertThat(page.locator("html").getAttribute("data-cause")).isEqualTo("server.port-closed");
    assertThat(page.locator("html").getAttribute("data-incident"))
        .isEqualTo(response.headerValue("whygate-incident"))
        .isNotBlank();
    assertThat(page.locator("html").getAttribute("lang")).isEqualTo("en");
    assertThat(page.locator("[data-step]").all())
        .extracting(step -> step.getAttribute("data-step"))
        .containsExactlyElementsOf(STEPS);
    assertThat(page.locator("[data-state=failed]").all())
        .extracting(step -> step.getAttribute("data-step"))
        .containsExactly("server");
    assertThat(page.content()).doesNotContain(Integer.toString(nginx.port()));

    nginx.start();
    page.waitForSelector("#wares");
    assertThat(page.title()).isEqualTo("The shop");
  }

  @Test
  void speaksVietnameseToWhoReadsIt() {
    nginx.stop();
    Page page = chromium.newPage("vi-VN");
    page.navigate(gateway.uri().toString());

    assertThat(page.locator("html").getAttribute("lang")).isEqualTo("vi");
  }

  @Test
  void answersProgramsInTheFormTheyAskFor() throws IOException, InterruptedException {
    nginx.stop();
    assertThat(gateway.get("/", "Accept", "application/json").headers().firstValue("content-type"))
        .hasValueSatisfying(type -> assertThat(type).startsWith("application/problem+json"));
    assertThat(gateway.get("/", "Accept", "text/markdown").headers().firstValue("content-type"))
        .hasValueSatisfying(type -> assertThat(type).startsWith("text/markdown"));
    var plain = gateway.get("/", "Accept", "*/*");
    assertThat(plain.headers().firstValue("content-type"))
        .hasValueSatisfying(type -> assertThat(type).startsWith("text/plain"));
    assertThat(plain.headers().firstValue("proxy-status"))
        .hasValueSatisfying(status -> assertThat(status).contains("error=connection_refused"));
    assertThat(plain.headers().firstValue("whygate-cause")).hasValue("server.port-closed");
    assertThat(plain.headers().firstValue("cache-control")).hasValue("no-store");
    assertThat(plain.headers().firstValue("retry-after")).isPresent();

    var incident = gateway.incident("server.port-closed");
    assertThat(incident.get("incident").getAsString())
        .isEqualTo(plain.headers().firstValue("whygate-incident").orElseThrow());
  }

  @Test
  void keepsTheAdminInterfaceOffItsListeners() throws IOException, InterruptedException {
    assertThat(gateway.admin("/healthz").statusCode()).isEqualTo(200);
    assertThat(gateway.get("/api/incidents").statusCode()).isEqualTo(404);
    nginx.awaitAccess("/api/incidents");
  }
}
