package io.whygate.gateway.config.reading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.whygate.gateway.config.InvalidConfigException;
import io.whygate.gateway.config.LoadedConfig;
import io.whygate.gateway.config.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class ConfigReaderTest {
  private static final Path SHIPPED = Path.of("../config");

  private static final String WANTED = "${WHYGATE_ADMIN_TOKEN}";

  @TempDir private Path folder;

  private Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  /// Whygate's own files among those that are shipped.
  static Stream<Path> shipped() throws IOException {
    try (Stream<Path> files = Files.walk(SHIPPED)) {
      return files
          .filter(file -> file.toString().endsWith(".conf"))
          .filter(ConfigReaderTest::isOurs)
          .toList()
          .stream();
    }
  }

  private static boolean isOurs(Path file) {
    try {
      return Files.readString(file).lines().anyMatch(line -> line.startsWith("whygate"));
    } catch (IOException failure) {
      throw new AssertionError(file + " cannot be read", failure);
    }
  }

  @ParameterizedTest
  @MethodSource("shipped")
  void acceptsEveryFileThatIsShipped(Path file) throws Exception {
    try {
      assertThat(new ConfigReader().read(file).warnings()).isEmpty();
    } catch (InvalidConfigException failure) {
      // A value that has to come from the environment is not there in a test.
      assertThat(failure.problems()).extracting(Problem::found).allMatch(WANTED::equals);
    }
  }

  @Test
  void dependsOnEveryFileThatItReadOrWanted() throws Exception {
    Path main =
        write(
            "gateway.conf",
            """
            include "more.conf"
            whygate.listeners = [ { bind = "127.0.0.1:8443",
              tls { certificates = [ { certificate = site.pem, key = site.key } ] } } ]
            whygate.dns.servers = ["127.0.0.1"]
            """);
    write(
        "more.conf",
        "whygate { upstreams { a { endpoints = [] } }, routes = [ { upstream = a } ] }");
    assertThatThrownBy(() -> new ConfigReader().read(main))
        .isInstanceOfSatisfying(
            InvalidConfigException.class,
            failure ->
                assertThat(failure.files())
                    .containsExactlyInAnyOrder(
                        main,
                        folder.resolve("more.conf"),
                        folder.resolve("site.pem"),
                        folder.resolve("site.key")));
  }

  @Test
  void dependsOnTheSystemsResolversWhereItNamesNone() throws Exception {
    LoadedConfig loaded =
        new ConfigReader().ofOptions(List.of("127.0.0.1:0"), List.of("http://127.0.0.1:1"), "");
    assertThat(loaded.files()).containsExactly(ResolvConf.SYSTEM);
    assertThat(loaded.settings().dns().servers()).isNotEmpty();
  }

  @Test
  void makesOneUpstreamOfOptions() throws Exception {
    LoadedConfig loaded =
        new ConfigReader()
            .ofOptions(
                List.of("127.0.0.1:8080", "[::1]:8080"),
                List.of("http://127.0.0.1:1", "unix:/run/x"),
                "off");
    assertThat(loaded.settings().listeners()).hasSize(2);
    assertThat(loaded.settings().upstreams().get("site").endpoints()).hasSize(2);
    assertThat(loaded.settings().routes().getFirst().path()).isEqualTo("/");
    assertThat(loaded.settings().admin().enabled()).isFalse();
  }

  @Test
  void namesTheOptionsThatAreWrong() {
    assertThatThrownBy(
            () -> new ConfigReader().ofOptions(List.of("8080"), List.of("shop:80"), "0.0.0.0:9180"))
        .hasMessageContaining("--listen: \"8080\" (expected: ADDRESS:PORT")
        .hasMessageContaining("--to: \"shop:80\" (expected: http://HOST:PORT")
        .hasMessageContaining("--admin: missing (expected: a token");
  }

  @Test
  void showsItselfWithOriginsAndWithoutSecrets() throws Exception {
    Path file =
        write(
            "gateway.conf",
            """
            whygate {
              listeners = [ { bind = "127.0.0.1:8080" } ]
              admin { token = sesame }
              upstream-defaults { connect-timeout = 2s }
              upstreams { shop { endpoints = ["http://127.0.0.1:1"] } }
              routes = [ { upstream = shop } ]
              tracing.otlp.headers { Authorization = "Bearer simsalabim", X-Team = web }
            }
            """);
    String rendering = new ConfigReader().read(file).rendering().get();
    assertThat(rendering)
        .doesNotContain("sesame", "simsalabim")
        .contains("\"Authorization\":\"***\"")
        .contains("\"token\":\"***\"")
        .contains("\"connect-timeout\":\"2s\"")
        .contains("\"response-timeout\":\"60s\"")
        .contains("\"whygate.upstreams.shop.connect-timeout\":\"" + file + ":4\"")
        .contains("\"whygate.admin.token\":\"" + file + ":3\"")
        .doesNotContain("response-timeout\":\"" + file);
    assertThat(Json.parse(rendering).text("config.whygate.upstreams.shop.retry.budget"))
        .isEqualTo("20%");
  }
}
