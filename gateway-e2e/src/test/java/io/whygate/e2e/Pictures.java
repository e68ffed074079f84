package io.whygate.e2e;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.ColorScheme;
import io.whygate.e2e.lab.Await;
import io.whygate.e2e.lab.Chromium;
import io.whygate.e2e.lab.Folder;
import io.whygate.e2e.lab.GatewayProcess;
import io.whygate.e2e.lab.LabProcess;
import io.whygate.e2e.lab.Place;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// The pictures of the documents, taken of the demo while its buttons are pressed: pages of ten
/// causes and the console, on a large and a small screen, in light and dark. No part of a usual
/// run: `-Dtest=Pictures` asks for it. All languages are readable with Debian's fonts-dejavu-core,
/// fonts-ipafont-gothic and fonts-wqy-microhei.
@Needs("chromium")
class Pictures {
  private static final Path FOLDER = Repository.ROOT.resolve("docs/images");

  /// What is pressed in the demo's panel, what is then looked at, and what it must be.
  private record Fault(String breakage, String path, String cause) {}

  private static final List<Fault> FAULTS =
      List.of(
          new Fault("closed-port", "/", "server.port-closed"),
          new Fault("vanishing-packets", "/", "firewall.dropped"),
          new Fault("hang", "/", "application.timeout"),
          new Fault("workers-exhausted", "/", "application.workers-exhausted"),
          new Fault("crash", "/", "application.closed-before-response"),
          new Fault("crash-on-one-path", "/products/storm-lantern", "application.path-failure"),
          new Fault("moved-and-broken", "/journal", "dns.drift"),
          new Fault("name-gone", "/", "dns.name-not-found"),
          new Fault("expired-certificate", "/checkout", "tls.certificate-expired"),
          new Fault("plain-on-tls-port", "/checkout", "tls.plaintext-upstream"));

  private static final List<String> LANGUAGES =
      List.of("en", "vi", "es", "fr", "de", "pt-BR", "ja", "zh-CN", "ar");

  /// How wide each picture of a sheet is: large and small, in light and dark.
  private static final String PAGES = "420px 420px 195px 195px";

  private static final String VIEWS = "512px 512px 182px 182px";

  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private static Chromium chromium;
  private static Folder folder;
  private static LabProcess demo;
  private static URI site;
  private static URI panel;
  private static URI admin;

  @BeforeAll
  static void start() {
    chromium = Chromium.start();
    folder = Folder.create("pictures");
    int gateway = Place.HERE.freePort();
    int buttons = Place.HERE.freePort();
    int console = Place.HERE.freePort();
    site = URI.create("http://127.0.0.1:" + gateway);
    panel = URI.create("http://127.0.0.1:" + buttons);
    admin = URI.create("http://127.0.0.1:" + console);
    demo =
        GatewayProcess.command(
            folder.path(),
            "demo",
            "--port=" + gateway,
            "--panel-port=" + buttons,
            "--admin-port=" + console);
    Await.until(
        "the demo is ready",
        PATIENCE,
        () -> {
          demo.awaitPort(Place.HERE, buttons);
          return status(admin.resolve("/readyz")) == 200;
        },
        demo::output);
  }

  @AfterAll
  static void stop() {
    demo.close();
    folder.close();
    chromium.close();
  }

  private static int status(URI at) throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(at)).statusCode();
  }

  private static HttpResponse<String> send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(
          request.timeout(Duration.ofSeconds(15)).build(), HttpResponse.BodyHandlers.ofString());
    }
  }

  private static void press(String path, String form) throws IOException, InterruptedException {
    send(
        HttpRequest.newBuilder(panel.resolve(path))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString(form)));
  }

  /// Breaks the site, and waits until visitors are told why.
  private static void breakIt(Fault fault) throws IOException, InterruptedException {
    press("/break", "breakage=" + fault.breakage());
    Await.until(
        fault.cause(),
        PATIENCE,
        () ->
            send(HttpRequest.newBuilder(site.resolve(fault.path())).header("Accept", "text/html"))
                .body()
                .contains("data-cause=\"" + fault.cause() + "\""),
        demo::output);
  }

  private static BrowserContext window(int width, int height, ColorScheme scheme, String locale) {
    return chromium.newContext(
        new Browser.NewContextOptions()
            .setViewportSize(width, height)
            .setColorScheme(scheme)
            .setTimezoneId("UTC")
            .setLocale(locale));
  }

  /// The page of a fault. It opens the site by itself where that answers in between: then again.
  private static byte[] pictureOf(Fault fault, int width, ColorScheme scheme, String locale) {
    List<byte[]> taken = new ArrayList<>();
    try (BrowserContext context = window(width, 700, scheme, locale)) {
      Page page = context.newPage();
      Await.until(
          fault.cause(),
          PATIENCE,
          () -> {
            page.navigate(site.resolve(fault.path()).toString());
            page.waitForTimeout(1_500); // until it keeps watch
            taken.add(page.screenshot(new Page.ScreenshotOptions().setFullPage(true)));
            return fault.cause().equals(page.locator("html").getAttribute("data-cause"));
          },
          demo::output);
    }
    return taken.getLast();
  }

  /// Pictures side by side on one sheet, by a page that makes WebP of them.
  private static void sheet(String name, String widths, List<byte[]> pictures) throws IOException {
    try (BrowserContext context =
        chromium.newContext(new Browser.NewContextOptions().setViewportSize(800, 800))) {
      Page page = context.newPage();
      page.route(
          "**/picture-*",
          route -> {
            String number = route.request().url().replaceAll(".*-", "");
            route.fulfill(
                new Route.FulfillOptions()
                    .setContentType("image/png")
                    .setBodyBytes(pictures.get(Integer.parseInt(number))));
          });
      StringBuilder images = new StringBuilder();
      IntStream.range(0, pictures.size())
          .forEach(i -> images.append("<img src='/picture-").append(i).append("'>"));
      page.route(
          "**/sheet",
          route ->
              route.fulfill(
                  new Route.FulfillOptions()
                      .setContentType("text/html")
                      .setBody(
                          """
                          <!doctype html><style>
                          body { margin: 0; padding: 16px; background: #8b93a1; display: grid; gap: 16px; width: max-content;
                                 grid-template-columns: %s; align-items: start }
                          img { width: 100%%; max-height: 900px; object-fit: cover; object-position: top; display: block; border-radius: 8px }
                          </style>%s
                          """
                              .formatted(widths, images))));
      page.navigate("http://sheet.invalid/sheet");
      page.waitForLoadState();
      write(name, page, page.locator("body").screenshot());
    }
  }

  /// The large ones of four by themselves, for pages that show what fits the reader's own scheme.
  private static void alone(String name, List<byte[]> four) throws IOException {
    try (BrowserContext context = chromium.newContext(new Browser.NewContextOptions())) {
      Page page = context.newPage();
      write(name, page, four.get(0));
      write(name + "-dark", page, four.get(1));
    }
  }

  private static void write(String name, Page page, byte[] png) throws IOException {
    String url =
        (String)
            page.evaluate(
                """
                async png => {
                  const image = await createImageBitmap(new Blob([Uint8Array.fromBase64(png)]));
                  const canvas = new OffscreenCanvas(image.width, image.height);
                  canvas.getContext('2d').drawImage(image, 0, 0);
                  const blob = await canvas.convertToBlob({ type: 'image/webp', quality: 0.5 });
                  return new Uint8Array(await blob.arrayBuffer()).toBase64();
                }
                """,
                Base64.getEncoder().encodeToString(png));
    Files.write(FOLDER.resolve(name + ".webp"), Base64.getDecoder().decode(url));
    String kept = System.getProperty("pictures.png", "");
    if (!kept.isEmpty()) {
      Files.write(Files.createDirectories(Path.of(kept)).resolve(name + ".png"), png);
    }
  }

  @Test
  void ofPagesAndTheConsole() throws IOException, InterruptedException {
    status(site.resolve("/"));
    for (Fault fault : FAULTS) {
      breakIt(fault);
      List<byte[]> four = new ArrayList<>();
      for (int width : List.of(840, 390)) {
        for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
          four.add(pictureOf(fault, width, scheme, "en-GB"));
        }
      }
      sheet("cause-" + fault.cause(), PAGES, four);
      if (fault == FAULTS.getFirst()) {
        alone("page", four);
      }
    }
    breakIt(FAULTS.getFirst());
    List<byte[]> languages = new ArrayList<>();
    for (String language : LANGUAGES) {
      languages.add(pictureOf(FAULTS.getFirst(), 390, ColorScheme.LIGHT, language));
    }
    sheet("page-languages", "repeat(9, 195px)", languages);
    ofTheConsole();
  }

  private static void ofTheConsole() throws IOException {
    Map<String, String> views =
        Map.of(
            "overview", "/",
            "incidents", "/incidents",
            "upstreams", "/upstreams",
            "upstream", "/upstreams/shop",
            "diagnose", "/diagnose",
            "configuration", "/configuration");
    for (Map.Entry<String, String> view : views.entrySet()) {
      ofAView(view.getKey(), view.getValue());
    }
    try (BrowserContext context = window(1200, 800, ColorScheme.LIGHT, "en-GB")) {
      Page page = context.newPage();
      page.navigate(admin.toString());
      page.click(".card.open a");
      page.waitForSelector(".chain li");
      ofAView("incident", URI.create(page.url()).getFragment());
    }
  }

  private static void ofAView(String name, String view) throws IOException {
    List<byte[]> four = new ArrayList<>();
    for (int width : List.of(1100, 390)) {
      for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
        try (BrowserContext context = window(width, 800, scheme, "en-GB")) {
          Page page = context.newPage();
          page.navigate(admin + "/#" + view);
          page.waitForSelector("#view h1");
          if (name.equals("diagnose")) {
            page.waitForTimeout(1000); // until what is broken is picked
            page.click("button:text-is('Examine now')");
            page.waitForSelector(".note.bad");
          }
          page.waitForTimeout(1500); // what comes by events
          four.add(page.screenshot(new Page.ScreenshotOptions().setFullPage(true)));
        }
      }
    }
    sheet("console-" + name, VIEWS, four);
    if (view.equals("/")) {
      alone("console", four);
    }
  }
}
