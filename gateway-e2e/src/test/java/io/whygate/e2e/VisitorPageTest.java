package io.whygate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Frame;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.Media;
import com.microsoft.playwright.options.ReducedMotion;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.whygate.e2e.lab.Axe;
import io.whygate.e2e.lab.Chromium;
import io.whygate.e2e.lab.Folder;
import io.whygate.e2e.lab.GatewayProcess;
import io.whygate.e2e.lab.Nginx;
import io.whygate.e2e.lab.OldBrowser;
import io.whygate.e2e.lab.Place;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a worried visitor has before them, in a real browser: read, heard, on a small screen,
/// without scripts; and what it does when the site is back.
@Needs({"nginx", "chromium"})
class VisitorPageTest {
  /// When something was painted first, in milliseconds since the page was asked for.
  private static final String FIRST_PAINT =
      """
      () => new Promise(told => new PerformanceObserver(list =>
        list.getEntriesByName('first-contentful-paint').forEach(paint => told(paint.startTime)))
        .observe({ type: 'paint', buffered: true }))
      """;

  private static Chromium chromium;
  private static Folder site;
  private static Nginx nginx;
  private static GatewayProcess gateway;

  @BeforeAll
  static void start() {
    chromium = Chromium.start();
    site = Folder.create("site");
    site.write(
        "index.html",
        """
        <!doctype html><html lang=en><title>The shop</title><h1 id=wares>Wares</h1>
        <form method=post action=/order><input id=wish name=wish><button id=order>Order</button></form>
        """);
    nginx = Nginx.serving(Place.HERE, site.path(), "error_page 405 =200 $uri;");
    gateway = startGateway();
  }

  private static GatewayProcess startGateway() {
    return GatewayProcess.start(
        """
        upstreams { site { endpoints = ["%s"], connect-timeout = 2s } }
        routes = [ { path = "/", upstream = site } ]
        page { title = "The Shop", contact { name = "Acme", email = "help@acme.example" } }
        """
            .formatted(nginx.uri()));
  }

  @AfterAll
  static void stop() {
    gateway.close();
    nginx.close();
    site.close();
    chromium.close();
  }

  @BeforeEach
  void stopServer() {
    nginx.stop();
  }

  /// Begins a new incident before a gateway that knows of none: the longer one lasts, and the more
  /// often it came back, the later it is looked whether it is over.
  private static void stopServerAnew() throws Exception {
    startServerAnew();
    nginx.stop();
  }

  private static void startServerAnew() throws Exception {
    gateway.close();
    nginx.start();
    gateway = startGateway();
    assertThat(gateway.get("/index.html").statusCode()).isEqualTo(200);
  }

  private static URI wanted() {
    return gateway.uri().resolve("/index.html");
  }

  private static Page open(Browser.NewContextOptions options) {
    BrowserContext context = chromium.browser().newContext(options);
    context.setDefaultTimeout(60_000);
    Page page = context.newPage();
    page.navigate(wanted().toString());
    assertThat(page.locator("html").getAttribute("data-cause")).isEqualTo("server.port-closed");
    return page;
  }

  private static Browser.NewContextOptions locale(String locale) {
    return new Browser.NewContextOptions().setLocale(locale);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"en-GB", "vi-VN", "es-419", "fr-FR", "de-AT", "pt-BR", "ja-JP", "zh-CN", "ar-EG"})
  void everybodyCanReadItOnTheSmallestScreen(String locale) {
    boolean arabic = locale.startsWith("ar");
    Page page =
        open(
            locale(locale)
                .setViewportSize(320, 256)
                .setReducedMotion(ReducedMotion.REDUCE)
                .setColorScheme(arabic ? ColorScheme.DARK : ColorScheme.LIGHT));
    String language = page.locator("html").getAttribute("lang");
    assertThat(language.substring(0, 2)).isEqualTo(locale.substring(0, 2));
    assertThat(page.locator("html").getAttribute("dir")).isEqualTo(arabic ? "rtl" : "ltr");
    assertThat(page.evaluate("document.documentElement.scrollWidth")).isEqualTo(320);
    page.locator("summary").click();
    assertThat(page.evaluate("document.documentElement.scrollWidth")).isEqualTo(320);
    assertThat(Axe.violations(page)).isEmpty();
    page.emulateMedia(
        new Page.EmulateMediaOptions()
            .setColorScheme(arabic ? ColorScheme.LIGHT : ColorScheme.DARK));
    assertThat(Axe.violations(page)).isEmpty();
    page.context().close();
  }

  @Test
  void itAsksNobodyButTheGatewayAndBreaksNoRuleOfItsPolicy() {
    BrowserContext context = chromium.browser().newContext(locale("en"));
    Page page = context.newPage();
    List<String> asked = new ArrayList<>();
    List<String> complaints = new ArrayList<>();
    page.onRequest(request -> asked.add(URI.create(request.url()).getPath()));
    page.onConsoleMessage(message -> complaints.add(message.text()));
    page.onPageError(complaints::add);
    page.navigate(wanted().toString());
    String incident = page.locator("html").getAttribute("data-incident");
    page.waitForSelector(".watching");
    assertThat(asked)
        .containsExactly("/index.html", "/.well-known/whygate/incidents/" + incident + "/events");
    assertThat(complaints)
        .allMatch(complaint -> complaint.contains("502"), "the page's own status alone");
    context.close();
  }

  @Test
  void itIsLightAndPaintedAsSoonAsItIsThere() {
    BrowserContext context = chromium.browser().newContext(locale("en"));
    Page page = context.newPage();
    int bytes = page.navigate(wanted().toString()).body().length;
    Number painted = (Number) page.evaluate(FIRST_PAINT);
    Number arrived =
        (Number) page.evaluate("performance.getEntriesByType('navigation')[0].responseEnd");
    System.out.printf(
        "the page: %d bytes, there after %d ms, painted first after %d ms%n",
        bytes, arrived.longValue(), painted.longValue());
    assertThat(bytes).isLessThan(20 * 1024);
    assertThat(painted.doubleValue() - arrived.doubleValue())
        .as("ms from the last byte to the first paint, however busy the machine")
        .isLessThan(1000);
    context.close();
  }

  @Test
  void aKeyboardReachesAllThereIsToDoInTheOrderInWhichItIsRead() {
    Page page = open(locale("en"));
    List<String> reached = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      page.keyboard().press("Tab");
      reached.add(
          (String) page.evaluate("document.activeElement.id || document.activeElement.tagName"));
      assertThat(page.evaluate("getComputedStyle(document.activeElement).outlineStyle"))
          .isEqualTo("solid");
    }
    assertThat(reached).containsExactly("again", "mail", "SUMMARY");
    page.keyboard().press("Enter");
    page.keyboard().press("Tab");
    page.keyboard().press("Enter");
    assertThat(page.locator("#copy").textContent()).isEqualTo("Copied");
    assertThat(page.locator("#message").textContent())
        .contains(wanted().toString(), page.locator("html").getAttribute("data-incident"));
    assertThat(page.locator("#mail").getAttribute("href"))
        .contains("%2Findex.html")
        .startsWith("mailto:help@acme.example?subject=");
    page.context().close();
  }

  @Test
  void itSaysAnewWhatIsFoundWhileItIsOpen() {
    BrowserContext context = chromium.browser().newContext(locale("en"));
    Page page = context.newPage();
    // What is really found must not come in between.
    page.route("**/.well-known/whygate/incidents/*", Route::abort);
    page.route(
        "**/events",
        route ->
            route.fulfill(
                new Route.FulfillOptions()
                    .setContentType("text/event-stream")
                    .setBody(
                        """
                        data: {"state":"open","cause":"firewall.dropped","title":"Kept out","detail":"A filter.",\
                        "steps":[{"step":"firewall","state":"failed","finding":"kept out"},\
                        {"step":"server","state":"passed","finding":"it accepts"}],\
                        "page":{"side":"link","picture":"The way is broken.","where":"Between","next":"Soon","advice":"Wait"}}

                        """)));
    page.navigate(wanted().toString());
    page.waitForSelector("html[data-cause='firewall.dropped']");
    assertThat(page.locator("h1").textContent()).isEqualTo("Kept out");
    assertThat(page.locator("#way").getAttribute("aria-label")).isEqualTo("The way is broken.");
    assertThat(page.locator(".ml").isVisible()).isTrue();
    assertThat(page.locator(".ms").isVisible()).isFalse();
    assertThat(page.locator("[data-step=firewall]").textContent())
        .contains("here is the fault", "kept out");
    assertThat(page.locator("[data-step=server]").getAttribute("data-state")).isEqualTo("passed");
    assertThat(page.locator("#next").textContent()).isEqualTo("Soon");
    context.close();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aCheckThatTheBudgetCutShortIsGoneOnWithWhileItIsOpen(boolean eventsPass) throws IOException {
    HttpServer slow = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    slow.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    slow.createContext("/", VisitorPageTest::answerLightRequestsLate);
    slow.start();
    BrowserContext context = chromium.browser().newContext(locale("en"));
    context.setDefaultTimeout(60_000);
    try (var own =
        GatewayProcess.start(
            """
            upstreams { slow { endpoints = ["http://127.0.0.1:%d"], response-timeout = 1s } }
            routes = [ { path = "/", upstream = slow } ]
            diagnostics { budget = 1s, patience = 10s }
            """
                .formatted(slow.getAddress().getPort()))) {
      Page page = context.newPage();
      if (!eventsPass) {
        page.route("**/events", Route::abort);
      }
      page.navigate(own.uri().resolve("/report").toString());
      String incident = page.locator("html").getAttribute("data-incident");
      String heading = page.locator("h1").textContent();
      assertThat(page.locator("html").getAttribute("data-cause"))
          .isEqualTo("application.workers-exhausted");
      assertThat(page.locator("li[data-checking]").getAttribute("data-step")).isEqualTo("code");
      assertThat(page.locator("[data-step=code] em").textContent()).isEqualTo("still checking");

      page.waitForSelector("html[data-cause='application.timeout']");

      assertThat(page.locator("html").getAttribute("data-incident")).isEqualTo(incident);
      assertThat(page.locator("h1").textContent()).isNotEqualTo(heading);
      assertThat(page.locator("li[data-checking]").count()).isZero();
      assertThat(page.locator("main").textContent()).doesNotContain("still checking");
      assertThat(page.locator("[data-step=code]").getAttribute("data-state")).isEqualTo("failed");
    } finally {
      context.close();
      slow.stop(0);
    }
  }

  /// The light requests of the diagnosis are answered after two seconds, others never.
  private static void answerLightRequestsLate(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    boolean isLight = exchange.getRequestMethod().equals("HEAD") || path.equals("/robots.txt");
    try {
      Thread.sleep(isLight ? Duration.ofSeconds(2) : Duration.ofMinutes(10));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    exchange.sendResponseHeaders(200, -1);
    exchange.close();
  }

  @Test
  void itOpensTheWantedPageWhereEventsAreHeldBack() throws Exception {
    stopServerAnew();
    BrowserContext context = chromium.browser().newContext(locale("en"));
    context.setDefaultTimeout(60_000);
    Page page = context.newPage();
    page.route("**/events", Route::abort);
    page.navigate(wanted().toString());
    nginx.start();
    page.waitForSelector("#wares");
    context.close();
  }

  @Test
  @Needs({"node", "acorn"})
  void itIsReadAndOpensTheWantedPageInABrowserOfTenYearsAgo() throws Exception {
    OldBrowser.assertReadable(
        Repository.ROOT.resolve(
            "gateway-diagnostics/src/main/resources/io/whygate/diagnostics/page/page.js"),
        Repository.ROOT.resolve("target/node"));
    stopServerAnew();
    BrowserContext context = chromium.browser().newContext(locale("en").setViewportSize(320, 600));
    context.setDefaultTimeout(60_000);
    Page page = context.newPage();
    OldBrowser.make(page);
    page.navigate(wanted().toString());
    assertThat(page.evaluate("getComputedStyle(document.body).color")).isEqualTo("rgb(0, 0, 0)");
    assertThat(page.evaluate("getComputedStyle(document.querySelector('.ns circle')).fill"))
        .as("the picture's ground")
        .isEqualTo("rgb(228, 244, 235)");
    assertThat(page.evaluate("document.documentElement.scrollWidth")).isEqualTo(320);
    assertThat(Axe.violations(page)).isEmpty();
    nginx.start();
    page.waitForSelector("#wares");
    context.close();
  }

  @Test
  void itOpensTheWantedPageWithinAFrameOfAnotherSite() throws Exception {
    stopServerAnew();
    HttpServer other = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    other.createContext(
        "/",
        exchange -> {
          String html = "<iframe width=320 height=400 src='" + wanted() + "'></iframe>";
          exchange.getResponseHeaders().set("Content-Type", "text/html");
          exchange.sendResponseHeaders(200, html.length());
          exchange.getResponseBody().write(html.getBytes(StandardCharsets.US_ASCII));
          exchange.close();
        });
    other.start();
    BrowserContext context = chromium.browser().newContext(locale("en"));
    context.setDefaultTimeout(60_000);
    Page page = context.newPage();
    page.navigate("http://localhost:" + other.getAddress().getPort() + "/");
    Frame frame = page.frames().get(1);
    frame.waitForSelector("html[data-cause='server.port-closed'] .watching");
    nginx.start();
    frame.waitForSelector("#wares");
    context.close();
    other.stop(0);
  }

  @Test
  void itTriesAgainWithoutScripts() throws Exception {
    stopServerAnew();
    Page page = open(locale("en").setJavaScriptEnabled(false));
    assertThat(page.locator("#live").textContent()).contains("tries again by itself every");
    assertThat(page.locator("#copy").isVisible()).isFalse();
    nginx.start();
    page.waitForSelector("#wares");
    page.context().close();
  }

  @Test
  void aFormIsNeverSentAgainByItself() throws Exception {
    startServerAnew();
    BrowserContext context = chromium.browser().newContext(locale("en"));
    context.setDefaultTimeout(60_000);
    Page page = context.newPage();
    page.navigate(wanted().toString());
    page.locator("#wish").fill("tea");
    nginx.stop();
    page.locator("#order").click();
    page.waitForSelector("html[data-repeat=no]");
    assertThat(page.locator(".glance dd").first().textContent())
        .isEqualTo("Nothing was sent to the site. You can safely send it again.");
    assertThat(page.content()).doesNotContain("http-equiv=\"refresh\"");
    nginx.start();
    page.waitForSelector("#live:has-text('was not sent again')");
    assertThat(page.title()).startsWith("\u2713");
    assertThat(nginx.accessLog()).doesNotContain("POST");
    page.locator("#return").click();
    page.waitForSelector("#order");
    assertThat(page.url()).isEqualTo(wanted().toString());
    context.close();
  }

  @Test
  void itPrintsWhatIsWorthKeeping() {
    Page page = open(locale("en"));
    page.emulateMedia(new Page.EmulateMediaOptions().setMedia(Media.PRINT));
    assertThat(page.locator(".live").isVisible()).isFalse();
    assertThat(page.locator("footer code").first().textContent())
        .isEqualTo(page.locator("html").getAttribute("data-incident"));
    page.context().close();
  }
}
