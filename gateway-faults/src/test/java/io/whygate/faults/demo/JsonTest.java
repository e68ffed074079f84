package io.whygate.faults.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
  @Test
  void readsEveryKindOfValue() {
    assertThat(
            Json.read(" {\"a\": [1, -2.5e1, true, false, null], \"b\\n\\u00e9\": {}, \"c\":[]} "))
        .isEqualTo(
            Map.of("a", List.of(1.0, -25.0, true, false, ""), "b\né", Map.of(), "c", List.of()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "{", "[1,]", "{\"a\"}", "\"x", "\"\\x\"", "\"\\u00", "tru", "1 2", "{]"})
  void refusesWhatIsNoJson(String text) {
    assertThatThrownBy(() -> Json.read(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void refusesWhatIsTooDeep() {
    String deep = "[".repeat(100) + "]".repeat(100);
    assertThatThrownBy(() -> Json.read(deep)).hasMessageContaining("levels");
  }
}
