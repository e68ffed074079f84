package io.whygate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.Response;
import io.whygate.e2e.lab.Chromium;
import io.whygate.e2e.lab.Folder;
import io.whygate.e2e.lab.GatewayProcess;
import io.whygate.e2e.lab.LabProcess;
import io.whygate.e2e.lab.Nginx;
import io.whygate.e2e.lab.Place;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What curl and a browser make of answers that are compressed on their way from nginx.
@Needs({"nginx", "curl", "chromium"})
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CompressionThroughGatewayTest {
  private static final String WORDS = "<p>the same words again and again</p>\n".repeat(2_000);

  private Folder site;
  private Nginx nginx;
  private GatewayProcess gateway;

  @BeforeAll
  void start() {
    site = Folder.create("site");
    site.write("index.html", "<!doctype html><title>Words</title>" + WORDS);
    nginx =
        Nginx.serving(
            Place.HERE,
            site.path(),
            "location = /packed.html { gzip on; gzip_proxied any; gzip_comp_level 9;"
                + " alias %s/index.html; }".formatted(site.path()));
    gateway =
        GatewayProcess.start(
            "route-defaults { compression.enabled = true }\n"
                + GatewayProcess.oneSite(nginx.uri(), ""));
  }

  @AfterAll
  void stop() {
    gateway.close();
    nginx.close();
    site.close();
  }

  private String curl(String path, String... more) {
    String[] command = new String[more.length + 3];
    command[0] = "curl";
    command[1] = "-sS";
    command[2] = gateway.uri() + path;
    System.arraycopy(more, 0, command, 3, more.length);
    return LabProcess.run(Place.HERE, site.path(), command).strip();
  }

  @ParameterizedTest
  @ValueSource(strings = {"zstd", "br", "gzip"})
  void curlDecodesEachCoding(String coding) {
    String accept = "Accept-Encoding: " + coding;
    assertThat(curl("/index.html", "--compressed", "-H", accept)).endsWith(WORDS.strip());
    assertThat(curl("/index.html", "--compressed", "-H", accept, "--http2-prior-knowledge"))
        .endsWith(WORDS.strip());
    String sent = "%{size_download} %header{content-encoding}";
    String[] size = curl("/index.html", "-o", "/dev/null", "-H", accept, "-w", sent).split(" ");
    assertThat(size[1]).isEqualTo(coding);
    assertThat(Integer.parseInt(size[0])).isBetween(50, WORDS.length() / 50);
  }

  @Test
  void whatNginxCompressedIsPassedOnAsItIs() {
    String direct =
        LabProcess.run(
                Place.HERE,
                site.path(),
                "curl",
                "-sS",
                nginx.uri() + "/packed.html",
                "-H",
                "Accept-Encoding: gzip",
                "-o",
                "/dev/null",
                "-w",
                "%{size_download}")
            .strip();
    assertThat(
            curl(
                "/packed.html",
                "-H",
                "Accept-Encoding: gzip, br",
                "-o",
                "/dev/null",
                "-w",
                "%{size_download}"))
        .isEqualTo(direct);
    assertThat(curl("/packed.html", "--compressed")).endsWith(WORDS.strip());
  }

  @Test
  void aPageThatDidNotChangeIsNotSentAgain() {
    String tag =
        curl("/index.html", "-o", "/dev/null", "-H", "Accept-Encoding: br", "-w", "%header{etag}");
    assertThat(tag).startsWith("W/\"");
    assertThat(
            curl(
                "/index.html",
                "-o",
                "/dev/null",
                "-H",
                "Accept-Encoding: br",
                "-H",
                "If-None-Match: " + tag,
                "-w",
                "%{http_code}"))
        .isEqualTo("304");
  }

  @Test
  void aBrowserShowsThePage() {
    try (Chromium chromium = Chromium.start()) {
      Page page = chromium.newPage("en");
      Response response = page.navigate(gateway.uri() + "/index.html");
      assertThat(response.headerValue("content-encoding")).isIn("zstd", "br", "gzip");
      assertThat(page.title()).isEqualTo("Words");
      assertThat(page.locator("p").count()).isEqualTo(2_000);
    }
  }
}
