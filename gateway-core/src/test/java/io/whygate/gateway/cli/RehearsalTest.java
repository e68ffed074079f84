package io.whygate.gateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The start that is played through for Java's cache: a cache of half of it would be made too, and
/// nobody would see.
class RehearsalTest {
  @TempDir private Path natives;

  @Test
  void goesThroughEverythingThatIsToBeKept() throws Exception {
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    Process rehearsal =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "--enable-native-access=ALL-UNNAMED",
                    "--sun-misc-unsafe-memory-access=allow",
                    "-Dio.netty.leakDetection.level=paranoid",
                    "-Dwhygate.natives=" + natives,
                    "-Djava.library.path=" + natives,
                    "-cp",
                    classPath,
                    "io.whygate.gateway.cli.Rehearsal"))
            .redirectErrorStream(true)
            .start();

    String said = new String(rehearsal.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(rehearsal.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(rehearsal.exitValue()).as(said).isZero();
    assertThat(said).doesNotContain("LEAK:", "Exception");
    assertThat(natives.toFile().list())
        .hasSize(3)
        .allMatch(name -> name.startsWith("libnetty_") && name.endsWith(".so"));
  }
}
