package io.whygate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Response;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.WaitForSelectorState;
import io.whygate.e2e.lab.Await;
import io.whygate.e2e.lab.Axe;
import io.whygate.e2e.lab.Chromium;
import io.whygate.e2e.lab.Folder;
import io.whygate.e2e.lab.GatewayProcess;
import io.whygate.e2e.lab.LabProcess;
import io.whygate.e2e.lab.Nginx;
import io.whygate.e2e.lab.Place;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The operators' console as an operator uses it: a real browser, the gateway, an nginx that is
/// stopped and started.
@Needs({"nginx", "chromium"})
class ConsoleTest {
  private static final String TOKEN = "only-for-this-test";
  private static final List<String> VIEWS =
      List.of("/", "/incidents", "/upstreams", "/upstreams/shop", "/diagnose", "/configuration");

  /// How many tables have more beside what is seen of them.
  private static final String HIDDEN_BY_WIDTH =
      "[...document.querySelectorAll('.scroll')].filter(it => it.scrollWidth > it.clientWidth).length";

  private static Chromium chromium;
  private static Folder folder;
  private static Nginx nginx;
  private static GatewayProcess gateway;

  private final List<String> complaints = new ArrayList<>();

  @BeforeAll
  static void start() throws Exception {
    chromium = Chromium.start();
    folder = Folder.create("console");
    folder.write("index.html", "<!doctype html><title>The shop</title>");
    nginx = Nginx.serving(Place.HERE, folder.path(), "");
    gateway =
        GatewayProcess.start(
            """
            admin { token = %s, read-only-token = look-only }
            upstreams {
              shop { endpoints = ["%s"] }
              gone { endpoints = ["http://127.0.0.1:1"] }
            }
            routes = [ { path = "/gone", upstream = gone }, { path = "/", upstream = shop } ]
            """
                .formatted(TOKEN, nginx.uri()));
    assertThat(gateway.get("/").statusCode()).isEqualTo(200);
    assertThat(gateway.get("/gone/checkout", "Accept", "text/html").statusCode()).isEqualTo(502);
  }

  @AfterAll
  static void stop() {
    gateway.close();
    nginx.close();
    folder.close();
    chromium.close();
  }

  @BeforeEach
  void forget() {
    complaints.clear();
  }

  private Page open(String token, int width, ColorScheme scheme) {
    BrowserContext context =
        chromium.newContext(
            new Browser.NewContextOptions()
                .setViewportSize(width, 800)
                .setColorScheme(scheme)
                .setLocale("en"));
    Page page = context.newPage();
    page.onConsoleMessage(message -> {
      if (message.type().equals("error") && !message.text().contains("401")) {
        complaints.add(message.text());
      }
    });
    page.onPageError(complaints::add);
    page.navigate(gateway.adminUri().toString());
    page.fill("#token", token);
    page.keyboard().press("Enter");
    page.waitForSelector("#nav:not([hidden])");
    return page;
  }

  private static void go(Page page, String view) {
    page.evaluate("view => { location.hash = view; }", view);
    page.waitForSelector("h1");
  }

  @Test
  void tellsWhatIsBrokenNowAndItsStoryToTheByte() {
    Page page = open(TOKEN, 1280, ColorScheme.LIGHT);

    page.waitForSelector(".headline.bad");
    assertThat(page.textContent(".headline h1")).isEqualTo("One thing is broken");
    assertThat(page.textContent(".card.open")).contains("gone", "server.port-closed");
    page.waitForSelector(".traffic .card");
    page.click(".card.open a");
    page.waitForSelector(".chain li");
    assertThat(page.textContent(".chain")).contains("/gone/checkout", "connect");
    assertThat(page.textContent("main"))
        .contains("What to do", "Evidence", "whygate replay ", "Download as HAR");
    page.click("button:text-is('Send it now')");
    page.waitForSelector(".replayed.bad:has-text('It fails as it did')");
    assertThat(page.textContent(".replayed")).contains("connect", "refused");
    page.click("text=Show as a curl command");
    page.waitForSelector("pre:has-text('curl ')");
    assertThat(complaints).isEmpty();
    page.context().close();
  }

  @Test
  void followsAnIncidentLiveUntilItHasRecovered() throws Exception {
    Page page = open(TOKEN, 1280, ColorScheme.DARK);
    nginx.stop();
    gateway.get("/", "Accept", "text/html");
    Locator card = page.locator(".card.open", new Page.LocatorOptions().setHasText("shop"));
    card.waitFor();
    go(page, "/diagnose");
    page.waitForSelector("#diagnose-upstream:has(option)");
    assertThat(page.inputValue("#diagnose-upstream"))
        .as("what is broken is offered")
        .isEqualTo("shop");
    go(page, "/");
    card.waitFor();
    nginx.start();
    card.waitFor(new Locator.WaitForOptions().setState(WaitForSelectorState.DETACHED));

    assertThat(page.textContent("main")).contains("Over of late");
    assertThat(complaints).isEmpty();
    page.context().close();
  }

  @Test
  void drainsAndRestsAnUpstreamAndDiagnosesIt() throws Exception {
    Page page = open(TOKEN, 1280, ColorScheme.LIGHT);
    go(page, "/upstreams/shop");
    page.click("button:text-is('Drain')");
    page.waitForSelector("button:text-is('Undrain')");
    assertThat(gateway.get("/").statusCode()).isEqualTo(503);
    page.click("button:text-is('Undrain')");
    page.waitForSelector("button:text-is('Drain')");

    page.click("summary:text-is('Begin a maintenance')");
    page.selectOption("#maintenance-time", "30");
    page.fill("#maintenance-message", "We move.");
    page.click("button:text-is('Begin')");
    page.waitForSelector("button:text-is('End the maintenance')");
    HttpResponse<String> resting = gateway.get("/", "Accept", "text/plain");
    assertThat(resting.statusCode()).isEqualTo(503);
    assertThat(resting.headers().firstValue("retry-after"))
        .hasValueSatisfying(seconds -> assertThat(Integer.parseInt(seconds)).isBetween(1500, 1800));
    page.click("button:text-is('End the maintenance')");
    page.waitForSelector("summary:text-is('Begin a maintenance')");
    assertThat(gateway.get("/").statusCode()).isEqualTo(200);

    page.click("button:text-is('Examine shop')");
    page.waitForSelector(".note.good");
    go(page, "/diagnose");
    page.selectOption("#diagnose-upstream", "gone");
    page.click("button:text-is('Examine now')");
    page.waitForSelector(".note.bad:has-text('server.port-closed')");
    go(page, "/configuration");
    page.click("button:text-is('Reload now')");
    page.waitForSelector(".note.good");
    page.waitForSelector("td:has-text('the admin interface was told to')");
    assertThat(page.textContent("main")).contains("gateway.conf:").doesNotContain(TOKEN);
    assertThat(complaints).isEmpty();
    page.context().close();
  }

  @Test
  void showsWhatVisitorsSee() {
    Page page = open(TOKEN, 1280, ColorScheme.LIGHT);
    page.click("#nav a[href='/preview']");
    page.waitForSelector("h1:text-is('What visitors see')");
    page.click("a code:text-is('server.port-closed')");
    page.waitForSelector("html[data-cause='server.port-closed']");
    page.context().close();
  }

  @Test
  void givesAReaderNoWayToChangeAnything() {
    Page page = open("look-only", 1280, ColorScheme.LIGHT);
    assertThat(page.textContent("#role")).isEqualTo("read only");
    go(page, "/upstreams/shop");
    page.waitForSelector("td");
    assertThat(page.locator("main button:not(.copy)").count()).isZero();
    page.click("#logout");
    page.waitForSelector("#token");
    assertThat(page.evaluate("async () => (await fetch('/api/incidents')).status")).isEqualTo(401);
    page.context().close();
  }

  @Test
  void isUsedByTheKeyboardAlone() {
    Page page = open(TOKEN, 1280, ColorScheme.LIGHT);
    page.waitForSelector(".card.open");
    page.keyboard().press("g");
    page.keyboard().press("i");
    page.waitForSelector(".rows a");
    page.keyboard().press("j");
    page.keyboard().press("Enter");
    page.waitForSelector(".chain li");
    page.keyboard().press("?");
    page.waitForSelector("#keys[open]");
    page.keyboard().press("Escape");
    page.keyboard().press("g");
    page.keyboard().press("c");
    page.waitForSelector("h1:text-is('Configuration')");
    page.keyboard().press("/");
    page.keyboard().type("shop.endpoints");
    page.waitForSelector("td:has-text('whygate.upstreams.shop.endpoints[0]')");
    page.context().close();
  }

  @Test
  void hasNoBarrierAndFitsAScreenOf320PixelsInLightAndDark() {
    for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
      Page page = open(TOKEN, scheme == ColorScheme.LIGHT ? 320 : 1280, scheme);
      page.waitForSelector(".card.open");
      List<String> views = new ArrayList<>(VIEWS);
      views.add(String.valueOf(page.getAttribute(".card.open a", "href")).substring(1));
      for (String view : views) {
        go(page, view);
        page.waitForSelector("main :is(td, .card, .rows, .chain, form)");
        assertThat(Axe.violations(page)).as(view + " " + scheme).isEmpty();
        assertThat(page.evaluate("document.documentElement.scrollWidth - innerWidth"))
            .as(view)
            .isEqualTo(0);
        assertThat(page.evaluate(HIDDEN_BY_WIDTH))
            .as("what a table of " + view + " hides")
            .isEqualTo(0);
      }
      page.context().close();
    }
    assertThat(complaints).isEmpty();
  }

  @Test
  void keepsScriptsOfOthersOutAndItselfOutOfFrames() {
    Page page = open(TOKEN, 1280, ColorScheme.LIGHT);
    Response response = page.reload();

    assertThat(response.headerValue("content-security-policy"))
        .contains("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'")
        .doesNotContain("unsafe");
    page.evaluate(
        """
        () => {
          const script = document.createElement('script');
          script.textContent = 'window.ran = true';
          document.body.append(script);
        }\
        """);
    assertThat(page.evaluate("window.ran === undefined")).isEqualTo(true);
    assertThat(page.evaluate("document.cookie")).isEqualTo("");
    page.context().close();
  }

  @Test
  void hasItsLikeInATerminal() {
    try (LabProcess top =
        GatewayProcess.command(
            folder.path(), "top", "--admin", gateway.adminUri().toString(), "--token", TOKEN)) {
      assertThat(top.awaitExit(Duration.ofSeconds(30))).isZero();
      assertThat(top.output())
          .contains("One incident is open.", "server.port-closed", "UPSTREAM", "shop")
          .contains("REQ/S")
          .doesNotContain("\u001b");
    }
  }

  @Test
  void isNotReachedThroughTheGatewayEvenWhereAnUpstreamLeadsToIt() throws IOException {
    try (GatewayProcess other =
        GatewayProcess.start(GatewayProcess.oneSite(gateway.adminUri(), "protocol = http1"))) {
      Await.until(
          "the admin interface refuses",
          Duration.ofSeconds(30),
          () -> other.get("/metrics", "Authorization", "Bearer " + TOKEN).statusCode() == 403,
          other::warnings);
    }
  }
}
