package io.whygate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.gateway.connection.http2.ServerFramesFuzz;
import io.whygate.gateway.exchange.RequestFuzz;
import io.whygate.gateway.grpcweb.GrpcWebAnswerFuzz;
import io.whygate.gateway.grpcweb.GrpcWebFuzz;
import io.whygate.gateway.listener.GreetingFuzz;
import io.whygate.gateway.listener.ResponseFuzz;
import io.whygate.gateway.listener.http2.FramesFuzz;
import io.whygate.gateway.listener.http3.PacketFuzz;
import io.whygate.gateway.listener.passthrough.NameReaderFuzz;
import io.whygate.gateway.proxyprotocol.ProxyHeaderFuzz;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// What reads bytes from others is tried with any bytes: by Jazzer, which looks for ways that it
/// has not seen, for ten seconds each (`-Dfuzz.seconds=600` for longer). What it finds stays in
/// `src/test/resources/fuzz`, and is tried again with every build.
class FuzzingTest {
  private static final long SECONDS = Long.getLong("fuzz.seconds", 10);
  private static final Path INPUTS = Path.of("src/test/resources/fuzz").toAbsolutePath();

  /// What is tried.
  private record Target(String name, Class<?> type, Consumer<byte[]> once) {}

  private static final List<Target> TARGETS =
      List.of(
          new Target("requests", RequestFuzz.class, RequestFuzz::fuzzerTestOneInput),
          new Target("answers", ResponseFuzz.class, ResponseFuzz::fuzzerTestOneInput),
          new Target("frames", FramesFuzz.class, FramesFuzz::fuzzerTestOneInput),
          new Target("answers-http2", ServerFramesFuzz.class, ServerFramesFuzz::fuzzerTestOneInput),
          new Target("greetings", GreetingFuzz.class, GreetingFuzz::fuzzerTestOneInput),
          new Target("packets", PacketFuzz.class, PacketFuzz::fuzzerTestOneInput),
          new Target("proxy-headers", ProxyHeaderFuzz.class, ProxyHeaderFuzz::fuzzerTestOneInput),
          new Target("names", NameReaderFuzz.class, NameReaderFuzz::fuzzerTestOneInput),
          new Target("calls", GrpcWebFuzz.class, GrpcWebFuzz::fuzzerTestOneInput),
          new Target(
              "calls-answered", GrpcWebAnswerFuzz.class, GrpcWebAnswerFuzz::fuzzerTestOneInput));

  @TestFactory
  Stream<DynamicTest> whatWasFoundOnceHolds() throws IOException {
    return TARGETS.stream().flatMap(FuzzingTest::known);
  }

  private static Stream<DynamicTest> known(Target target) {
    try (Stream<Path> files = Files.list(INPUTS.resolve(target.name))) {
      return files
          .sorted()
          .map(file ->
              DynamicTest.dynamicTest(
                  target.name + "/" + file.getFileName(),
                  () -> target.once.accept(Files.readAllBytes(file))))
          .toList()
          .stream();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /// Two at a time: one keeps one processor busy.
  @TestFactory
  Stream<DynamicTest> nothingIsFound() {
    ExecutorService two = Executors.newFixedThreadPool(2);
    List<DynamicTest> tests = TARGETS.stream().map(each -> begun(each, two)).toList();
    two.shutdown();
    return tests.stream();
  }

  private static DynamicTest begun(Target target, ExecutorService executor) {
    Future<?> fuzzing =
        executor.submit(() -> {
          fuzz(target);
          return null;
        });
    return DynamicTest.dynamicTest(
        target.name,
        () -> {
          try {
            fuzzing.get();
          } catch (ExecutionException e) {
            throw e.getCause();
          }
        });
  }

  private static void fuzz(Target target) throws IOException, InterruptedException {
    Path log = Path.of("target/fuzz-" + target.name + ".log");
    Path corpus = Files.createDirectories(Path.of("target/fuzz-" + target.name));
    Path known = INPUTS.resolve(target.name);
    Process jazzer =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-Dio.netty.noUnsafe=true",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-XX:+EnableDynamicAgentLoading",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                "com.code_intelligence.jazzer.Jazzer",
                "--target_class=" + target.type.getName(),
                "--instrumentation_includes=io.whygate.gateway.**",
                "--custom_hook_includes=io.whygate.gateway.**",
                "--reproducer_path=target",
                "-max_total_time=" + SECONDS,
                "-max_len=3000",
                "-use_value_profile=1",
                "-dict=" + INPUTS.resolve(target.name + ".dict"),
                "-artifact_prefix=" + known + File.separator,
                corpus.toString(),
                known.toString())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      assertThat(jazzer.waitFor(SECONDS + 120, TimeUnit.SECONDS)).as("it ends").isTrue();
      List<String> said = Files.readAllLines(log);
      assertThat(jazzer.exitValue())
          .as(() -> String.join("\n", said.subList(Math.max(0, said.size() - 60), said.size())))
          .isZero();
      assertThat(said).anyMatch(line -> line.matches("Done [0-9]{3,} runs in .*"));
    } finally {
      jazzer.destroyForcibly();
    }
  }
}
