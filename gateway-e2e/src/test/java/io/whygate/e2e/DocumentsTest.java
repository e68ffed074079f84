package io.whygate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import io.whygate.e2e.lab.Folder;
import io.whygate.e2e.lab.GatewayProcess;
import io.whygate.e2e.lab.LabProcess;
import io.whygate.e2e.lab.Place;
import io.whygate.e2e.site.MarkdownPage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What the documents show works: configuration is loaded, links lead somewhere, the reference is
/// complete.
class DocumentsTest {
  private static final Pattern CONFIGURATION = Pattern.compile("(?s)```hocon\n(.*?)```");
  private static final Pattern LINK =
      Pattern.compile("\\]\\((?!https?:|mailto:)([^)#\\s]*)(#[^)]*)?\\)");
  private static final Pattern FILE =
      Pattern.compile("(?:certificate|key|trusted-certificates) = \"([^\"/]+)\"");

  /// `check` on a text, in a folder where the certificates it names are.
  private static void assertGood(String text) throws IOException {
    try (Folder folder = Folder.create("recipe")) {
      folder.write("gateway.conf", text);
      writeCertificates(folder, FILE.matcher(text).results().map(found -> found.group(1)).toList());
      try (LabProcess check =
          GatewayProcess.command(
              folder.path(),
              Map.of("WHYGATE_ADMIN_TOKEN", "a-token-of-some-length"),
              "check",
              "--config",
              "gateway.conf")) {
        int status = check.awaitExit(Duration.ofSeconds(30));
        assertThat(check.output()).as(text).doesNotContain("warning");
        assertThat(status).as("%s%n%s", check.output(), text).isZero();
      }
    }
  }

  private static void writeCertificates(Folder folder, List<String> files) throws IOException {
    if (files.isEmpty()) {
      return;
    }
    folder.selfSigned("DNS:www.example.com", "made.key", "made.pem");
    for (String file : files) {
      Files.copy(
          folder.path().resolve(file.endsWith(".key") ? "made.key" : "made.pem"),
          folder.path().resolve(file));
    }
  }

  static Stream<String> documents() throws IOException {
    try (Stream<Path> docs = Files.walk(Repository.ROOT.resolve("docs"))) {
      return Stream.concat(
          Stream.of("README.md", "CONTRIBUTING.md", "CHANGELOG.md"),
          docs.filter(file -> file.toString().endsWith(".md"))
              .map(file -> Repository.ROOT.relativize(file).toString()))
          .sorted()
          .toList()
          .stream();
    }
  }

  static Stream<String> configurations() throws IOException {
    return documents()
        .flatMap(document ->
            CONFIGURATION
                .matcher(Repository.read(document))
                .results()
                .map(found -> found.group(1)));
  }

  @ParameterizedTest
  @MethodSource
  @Needs("openssl")
  void configurations(String text) throws IOException {
    assertGood(text);
  }

  /// What stands beside ours on the pages for those who move is what their program takes.
  @Test
  @Needs({"openssl", "nginx", "haproxy", "caddy"})
  void configurationsOfOthersAreTheirs() throws IOException {
    try (Folder folder = Folder.create("others")) {
      writeCertificates(folder, List.of("site.pem", "site.key", "company.pem"));
      String nginx = block("docs/migration/nginx.md", "nginx");
      folder.write("nginx.conf", "events {}\npid nginx.pid;\nhttp {\n" + nginx + "}\n");
      LabProcess.run(
          Place.HERE, folder.path(), "nginx", "-t", "-p", folder.path() + "/", "-c", "nginx.conf");
      folder.write("haproxy.cfg", block("docs/migration/haproxy.md", "haproxy"));
      Files.copy(folder.path().resolve("site.key"), folder.path().resolve("site.pem.key"));
      LabProcess.run(Place.HERE, folder.path(), "haproxy", "-c", "-f", "haproxy.cfg");
      folder.write(
          "Caddyfile",
          block("docs/migration/caddy.md", "caddyfile")
              // The same in words that Debian's Caddy 2.6 has, and those after it still take.
              .replace("tls_trust_pool file", "tls_trusted_ca_certs"));
      LabProcess.run(Place.HERE, folder.path(), "caddy", "validate", "--config", "Caddyfile");
    }
  }

  private static String block(String document, String language) {
    return Pattern.compile("(?s)```" + language + "\n(.*?)```")
        .matcher(Repository.read(document))
        .results()
        .findFirst()
        .orElseThrow()
        .group(1);
  }

  @Test
  void theReadmeHasFiveRecipes() {
    assertThat(CONFIGURATION.matcher(Repository.read("README.md")).results())
        .hasSizeGreaterThanOrEqualTo(5);
  }

  @ParameterizedTest
  @ValueSource(strings = {"config/gateway.conf", "config/compose/gateway.conf"})
  void configurationFilesAreGood(String file) {
    try (LabProcess check =
        GatewayProcess.command(
            Repository.ROOT,
            Map.of("WHYGATE_ADMIN_TOKEN", "a-token-of-some-length"),
            "check",
            "--config",
            file)) {
      int status = check.awaitExit(Duration.ofSeconds(30));
      assertThat(status).as(check.output()).isZero();
    }
  }

  @ParameterizedTest
  @MethodSource("documents")
  void linksLeadSomewhere(String document) {
    Path here = Repository.ROOT.resolve(document);
    List<String> dead =
        LINK.matcher(Repository.read(document))
            .results()
            .filter(link -> !leadsSomewhere(here, link.group(1), link.group(2)))
            .map(MatchResult::group)
            .toList();
    assertThat(dead).isEmpty();
  }

  private static boolean leadsSomewhere(Path here, String file, @Nullable String anchor) {
    Path there = file.isEmpty() ? here : here.resolveSibling(file).normalize();
    return Files.exists(there)
        && (anchor == null
            || !there.toString().endsWith(".md")
            || MarkdownPage.of(there).anchors().contains(anchor.substring(1)));
  }

  @Test
  void thePicturesAreShownAndSmall() throws IOException {
    String all = documents().map(Repository::read).collect(Collectors.joining());
    List<Path> pictures;
    try (Stream<Path> files = Files.list(Repository.ROOT.resolve("docs/images"))) {
      pictures = files.toList();
    }
    long bytes = 0;
    for (Path picture : pictures) {
      bytes += Files.size(picture);
      assertThat(all).contains("images/" + picture.getFileName());
    }
    assertThat(bytes).isLessThan(1_500_000);
  }

  @Test
  void theConfigurationReferenceIsMadeFromTheDefaults() throws IOException {
    String made =
        ConfigurationReference.of(
            Repository.read("gateway-core/src/main/resources/reference.conf"));
    if (Boolean.getBoolean("golden.update")) {
      Files.writeString(Repository.ROOT.resolve("docs/configuration.md"), made);
    }
    assertThat(Repository.read("docs/configuration.md")).isEqualTo(made);
  }

  @Test
  @Needs("promtool")
  void prometheusTakesItsConfigurationAndTheAlerts() {
    LabProcess.run(
        Place.HERE,
        Repository.ROOT,
        "promtool",
        "check",
        "config",
        "--syntax-only",
        "config/compose/prometheus.yml");
    LabProcess.run(
        Place.HERE, Repository.ROOT, "promtool", "check", "rules", "config/compose/alerts.yml");
  }

  @Test
  @Needs("promtool")
  void eachAlertFiresWhenItShouldAndNotBefore() {
    LabProcess.run(
        Place.HERE, Repository.ROOT, "promtool", "test", "rules", "config/compose/alerts_test.yml");
    assertThat(namesIn(Repository.read("config/compose/alerts.yml"), "alert: "))
        .isEqualTo(namesIn(Repository.read("config/compose/alerts_test.yml"), "alertname: "));
  }

  private static Set<String> namesIn(String text, String before) {
    return Pattern.compile(before + "(\\w+)")
        .matcher(text)
        .results()
        .map(found -> found.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void theDashboardIsJsonWithPanels() {
    assertThat(
            JsonParser.parseString(Repository.read("config/compose/grafana/whygate.json"))
                .getAsJsonObject()
                .getAsJsonArray("panels"))
        .hasSizeGreaterThan(15);
  }

  @Test
  @Needs("systemd-analyze")
  void systemdTakesTheUnit() {
    try (Folder folder = Folder.create("unit")) {
      folder.write(
          "whygate.service",
          Repository.read("config/systemd/whygate.service")
              .replace("/opt/whygate/bin/whygate", "/bin/true"));
      assertThat(
              LabProcess.run(
                  Place.HERE, folder.path(), "systemd-analyze", "verify", "./whygate.service"))
          .isEmpty();
    }
  }
}
