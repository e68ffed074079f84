package io.whygate.gateway.config.reading;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.gateway.config.InvalidConfigException;
import io.whygate.gateway.config.LoadedConfig;
import io.whygate.gateway.config.Problem;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Each file of `config/` is a configuration, a line of dashes, and what is expected of it: its
/// problems, all of them in order; or `PATH = VALUE` for settings, and `warning: ...`.
final class GoldenConfigTest {
  private static final Path CASES = Path.of("src/test/resources/config");
  private static final String RULE = "----------\n";
  private static final Pattern STEP = Pattern.compile("(\\w+)((?:\\[[^]]*])*)");

  @TempDir private Path folder;

  static Stream<String> cases() throws IOException {
    try (Stream<Path> files = Files.list(CASES)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(n -> n.endsWith(".golden"))
          .sorted()
          .toList()
          .stream();
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void readsAsExpected(String name) throws Exception {
    String golden = Files.readString(CASES.resolve(name));
    int rule = golden.indexOf(RULE);
    Path file = folder.resolve("gateway.conf");
    Files.writeString(file, golden.substring(0, rule));
    try (Stream<Path> fixtures = Files.list(CASES.resolve("files"))) {
      for (Path fixture : fixtures.toList()) {
        Files.copy(fixture, folder.resolve(fixture.getFileName()));
      }
    }
    List<String> expected = golden.substring(rule + RULE.length()).lines().toList();
    boolean updates = Boolean.getBoolean("golden.update");
    List<String> actual = read(file, expected);
    if (updates) {
      Files.writeString(
          CASES.resolve(name), golden.substring(0, rule) + RULE + String.join("\n", actual) + "\n");
    }
    assertThat(actual).isEqualTo(updates ? actual : expected);
  }

  /// Problems as they are printed; else the settings that the expectation asks for.
  private List<String> read(Path file, List<String> expected) throws Exception {
    try {
      LoadedConfig loaded = new ConfigReader().read(file);
      List<String> lines = new ArrayList<>();
      for (String line : expected) {
        if (line.contains(" = ") && !line.startsWith("warning: ")) {
          String path = line.substring(0, line.indexOf(" = "));
          lines.add(path + " = " + shown(follow(loaded.settings(), path)));
        }
      }
      loaded.warnings().forEach(warning -> lines.add("warning: " + local(warning)));
      return lines.isEmpty() ? List.of("good") : lines;
    } catch (InvalidConfigException failure) {
      return failure.problems().stream().map(this::local).toList();
    }
  }

  private String local(Problem problem) {
    return problem.toString().replace(folder + "/", "");
  }

  private String shown(Object value) {
    Object simple =
        switch (value) {
          case PrivateKey key -> key.getAlgorithm();
          case X509Certificate certificate -> certificate.getSubjectX500Principal();
          default -> value;
        };
    return simple.toString().replace(folder + "/", "");
  }

  private static Object follow(Object start, String path) throws ReflectiveOperationException {
    Object value = start;
    for (String step : path.split("\\.", -1)) {
      Matcher matcher = STEP.matcher(step);
      assertThat(matcher.matches()).as(step).isTrue();
      Method accessor = value.getClass().getMethod(matcher.group(1));
      accessor.setAccessible(true);
      value = accessor.invoke(value);
      for (String index : matcher.group(2).split("[\\[\\]]+", -1)) {
        value = index.isEmpty() ? value : element(value, index);
      }
      value =
          value instanceof Optional<?> optional && optional.isPresent() ? optional.get() : value;
    }
    return value;
  }

  private static Object element(Object value, String index) {
    return value instanceof List<?> list
        ? list.get(Integer.parseInt(index))
        : ((Map<?, ?>) value).get(index);
  }
}
