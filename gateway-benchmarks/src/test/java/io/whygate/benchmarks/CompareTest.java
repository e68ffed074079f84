package io.whygate.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// That the comparison runs, on one short row: what it measures is no matter here. What is counted
/// is.
class CompareTest {
  @TempDir private Path folder;

  @Test
  void a_short_row_is_measured_without_errors_and_written_down() throws Exception {
    assumeTrue(onPath("nginx"), "nginx: not installed");
    assumeTrue(onPath("wrk"), "wrk: not installed");
    Path json = folder.resolve("compare.json");
    ByteArrayOutputStream output = new ByteArrayOutputStream();

    int status = Compare.run(new PrintStream(output, true, StandardCharsets.UTF_8), options(json));

    String said = output.toString(StandardCharsets.UTF_8);
    assertThat(status).as(said).isZero();
    assertThat(said).contains("| HTTP/1.1, 1 KiB, 64 connections | us |");
    assertThat(Files.readString(json))
        .contains("\"peer\":\"whygate\"", "\"peer\":\"nginx\"")
        .doesNotContain("\"failure\"");
  }

  @Test
  void what_event_loops_write_in_common_is_counted() {
    assumeTrue(onPath("nginx"), "nginx: not installed");
    assumeTrue(onPath("wrk"), "wrk: not installed");
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    List<String> options = new ArrayList<>(List.of("--shared=http1"));
    options.addAll(gateway());

    int status =
        Compare.run(
            new PrintStream(output, true, StandardCharsets.UTF_8), options.toArray(String[]::new));

    String said = output.toString(StandardCharsets.UTF_8);
    assertThat(status).as(said).isZero();
    // One more and one less under way at the endpoint: no other lock or counter is taken by each.
    assertThat(perRequest(said, "AtomicInteger.incrementAndGet")).as(said).isBetween(0.9, 1.5);
    assertThat(perRequest(said, "AtomicInteger.decrementAndGet")).as(said).isBetween(0.9, 1.5);
    assertThat(said).contains(" 0 not recorded", "with access-log");
  }

  private static double perRequest(String said, String place) {
    return said.lines()
        .filter(line -> line.endsWith(" by " + place))
        .mapToDouble(line -> Double.parseDouble(line.strip().split(" ")[0]))
        .max()
        .orElse(0);
  }

  private static String[] options(Path json) {
    List<String> options =
        new ArrayList<>(
            List.of(
                "--rows=http1",
                "--peers=nginx",
                "--rounds=1",
                "--seconds=1",
                "--warm-ups=1",
                "--json=" + json));
    options.addAll(gateway());
    return options.toArray(String[]::new);
  }

  private static List<String> gateway() {
    return Stream.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            "io.whygate.gateway.cli.Main")
        .map(each -> "--gateway=" + each)
        .toList();
  }

  private static boolean onPath(String program) {
    return Stream.concat(
            Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)),
            Stream.of("/usr/sbin"))
        .anyMatch(each -> Files.isExecutable(Path.of(each, program)));
  }
}
