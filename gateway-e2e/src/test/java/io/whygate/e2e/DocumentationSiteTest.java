package io.whygate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import io.whygate.e2e.lab.Axe;
import io.whygate.e2e.lab.Chromium;
import io.whygate.e2e.site.DocumentationSite;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The site that is made of the documents: whole, without a dead link, searchable, for everybody.
/// `docs/site/build` uses it to make one that stays.
class DocumentationSiteTest {
  private static final Pattern ADDRESS = Pattern.compile("\\b(?:href|src|srcset)=\"([^\"]*)\"");

  @TempDir private static Path temporary;

  private static Path made() throws IOException {
    String wanted = System.getProperty("site.folder", "");
    Path folder = wanted.isEmpty() ? temporary.resolve("site") : Path.of(wanted);
    if (!Files.exists(folder.resolve("index.html")) || !wanted.isEmpty()) {
      DocumentationSite.make(Repository.ROOT, folder);
    }
    return folder;
  }

  @Test
  void makesTheSite() throws IOException {
    Path site = made();
    for (String page :
        List.of(
            "index", "getting-started", "configuration", "causes/dns.drift", "project/README")) {
      assertThat(site.resolve(page + ".html")).content().contains("</main>");
    }
  }

  @Test
  void configurationsStandSideBySideWhereTheyAreCompared() throws IOException {
    Path site = made();
    for (String from : List.of("nginx", "haproxy", "traefik", "caddy", "ingress-nginx")) {
      assertThat(site.resolve("migration/" + from + ".html"))
          .content()
          .containsOnlyOnce("class=\"beside\"");
    }
  }

  @Test
  void eachOfItsLinksLeadsSomewhere() throws IOException {
    Path site = made();
    List<String> dead = new ArrayList<>();
    try (Stream<Path> files = Files.walk(site)) {
      for (Path page : files.filter(each -> each.toString().endsWith(".html")).toList()) {
        ADDRESS
            .matcher(Files.readString(page))
            .results()
            .map(found -> found.group(1))
            .filter(link -> !link.matches("(https?|mailto):.*"))
            .filter(link -> !isThere(page, link))
            .forEach(link -> dead.add(site.relativize(page) + ": " + link));
      }
    }
    assertThat(dead).isEmpty();
  }

  private static boolean isThere(Path page, String link) {
    int hash = link.indexOf('#');
    String path = hash < 0 ? link : link.substring(0, hash);
    Path file = path.isEmpty() ? page : page.resolveSibling(path).normalize();
    try {
      return Files.isRegularFile(file)
          && (hash < 0
              || Files.readString(file).contains("id=\"" + link.substring(hash + 1) + "\""));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  @Needs("chromium")
  void isSearchedAndReadByEverybody() throws IOException {
    URI site = made().toUri();
    try (Chromium chromium = Chromium.start();
        BrowserContext large = chromium.newContext(new Browser.NewContextOptions())) {
      Page page = large.newPage();
      List<String> complaints = new ArrayList<>();
      page.onPageError(complaints::add);
      page.onConsoleMessage(message -> complaints.add(message.text()));
      page.navigate(site.resolve("causes/dns.drift.html").toString());
      page.keyboard().press("/");
      page.keyboard().type("outlier consecutive-failures");
      page.waitForSelector("#found a");
      assertThat(complaints).isEmpty();
      assertThat(Axe.violations(page)).isEmpty();
      complaints.clear(); // axe asks for the style again, which no page of a file may
      page.keyboard().press("ArrowDown");
      page.keyboard().press("Enter");
      page.waitForURL("**/configuration.html#upstream-defaultsoutlier");
      page.fill("#search", "nobodywritesthis");
      page.waitForSelector("#count.none");
      assertThat(complaints).isEmpty();

      BrowserContext small =
          chromium.newContext(
              new Browser.NewContextOptions()
                  .setViewportSize(320, 600)
                  .setColorScheme(ColorScheme.DARK));
      Page phone = small.newPage();
      for (String each : List.of("index", "configuration", "migration/nginx", "gallery")) {
        phone.navigate(site.resolve(each + ".html").toString());
        assertThat(phone.evaluate("document.documentElement.scrollWidth")).isEqualTo(320);
        assertThat(Axe.violations(phone)).as(each).isEmpty();
      }
    }
  }
}
