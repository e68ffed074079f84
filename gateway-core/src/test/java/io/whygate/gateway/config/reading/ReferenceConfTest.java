package io.whygate.gateway.config.reading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import io.whygate.gateway.config.InvalidConfigException;
import io.whygate.gateway.config.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every key of `reference.conf` has a comment, is read, and is refused where it is of a wrong
/// type.
final class ReferenceConfTest {
  private static final String GOOD =
      """
      whygate.listeners = [ { bind = "127.0.0.1:8080" } ]
      whygate.upstreams { shop { endpoints = [] } }
      whygate.routes = [ { upstream = shop } ]
      """;

  @TempDir private Path folder;

  private record Key(String path, ConfigValue value) {
    @Override
    public String toString() {
      return path;
    }
  }

  static Stream<Key> keys() {
    List<Key> keys = new ArrayList<>();
    collect("whygate", file().get("whygate"), keys);
    return keys.stream();
  }

  static Stream<Key> leaves() {
    return keys().filter(key -> !(key.value instanceof ConfigObject o && !o.isEmpty()));
  }

  private static void collect(String path, ConfigValue value, List<Key> keys) {
    if (value instanceof ConfigObject object) {
      object.forEach((key, below) -> {
        keys.add(new Key(path + "." + key, below));
        collect(path + "." + key, below, keys);
      });
    }
  }

  /// With its comments.
  private static ConfigObject file() {
    return ConfigFactory.parseResources("reference.conf").root();
  }

  @Test
  void isReadWhole() {
    assertThat(HoconSource.defaults()).isEqualTo(file());
  }

  @ParameterizedTest
  @MethodSource("keys")
  void isExplained(Key key) {
    assertThat(String.join("", key.value.origin().comments())).endsWith(".");
  }

  @ParameterizedTest
  @MethodSource("leaves")
  void isRefusedWhereItIsOfAWrongType(Key key) throws IOException {
    String wrong = key.value instanceof ConfigObject ? "5" : "{ x = 1 }";
    Path file = folder.resolve("gateway.conf");
    // A default is used where the element itself says nothing.
    String other =
        key.path.matches(".*-defaults\\.(bind|endpoints|upstream)") ? withoutOwn() : GOOD;
    Files.writeString(file, other + key.path + " = " + wrong);
    InvalidConfigException failure =
        catchThrowableOfType(InvalidConfigException.class, () -> new ConfigReader().read(file));
    assertThat(failure.problems()).extracting(Problem::key).contains(key.path);
  }

  private static String withoutOwn() {
    return """
    whygate.listeners = [ {} ]
    whygate.upstreams { shop {} }
    whygate.routes = [ {} ]
    """;
  }
}
