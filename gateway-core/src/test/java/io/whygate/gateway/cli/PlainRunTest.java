package io.whygate.gateway.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.whygate.gateway.config.InvalidConfigException;
import io.whygate.gateway.config.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The command line that is read without the library for command lines.
class PlainRunTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "check",
        "run --help",
        "run -V",
        "run --listen 127.0.0.1:0",
        "run --to http://127.0.0.1:1",
        "run --listen 127.0.0.1:0 --to",
        "run --listen 127.0.0.1:0 --to --help",
        "run --listen 127.0.0.1:0 --to http://127.0.0.1:1 --admin off --admin off",
        "run --listen 127.0.0.1:0 --to http://127.0.0.1:1 --config a.conf",
        "run --config",
        "run --config=",
        "run --config --help",
        "run --config a --admin off",
        "run a.conf"
      })
  void leavesWhatIsNotPlainToTheLibrary(String line) {
    assertThat(PlainRun.read(line.split(" "))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"run --config FILE", "run -c FILE", "run --config=FILE"})
  void readsTheFileThatIsNamed(String line) throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("gateway.conf"),
            """
            whygate {
              name = plain
              listeners = [ { bind = "127.0.0.1:0" } ]
              upstreams { site { endpoints = ["http://127.0.0.1:1"] } }
              routes = [ { upstream = site } ]
            }
            """);

    ConfigSource source =
        PlainRun.read(line.replace("FILE", file.toString()).split(" ")).orElseThrow();

    assertThat(source.load().settings().name()).isEqualTo("plain");
  }

  @Test
  void readsAnAddressAndUrls() throws Exception {
    Settings settings =
        PlainRun.read(
                ("run --listen 127.0.0.1:0 --to http://127.0.0.1:1 --to http://127.0.0.1:2"
                        + " --admin off")
                    .split(" "))
            .orElseThrow()
            .load()
            .settings();

    assertThat(settings.listeners()).hasSize(1);
    assertThat(settings.upstreams().values())
        .singleElement()
        .satisfies(upstream -> assertThat(upstream.endpoints()).hasSize(2));
    assertThat(settings.admin().enabled()).isFalse();
  }

  @Test
  void tellsOfAFileThatIsMissing() {
    ConfigSource source = PlainRun.read("run", "--config", "/nowhere.conf").orElseThrow();

    assertThat(catchThrowable(source::load))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining("/nowhere.conf");
  }
}
