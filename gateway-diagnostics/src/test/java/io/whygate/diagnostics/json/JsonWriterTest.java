package io.whygate.diagnostics.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class JsonWriterTest {
  @Test
  void writesMembersInOrder() {
    JsonWriter json = new JsonWriter().object();
    json.member("a", "x").name("b").array().value(1).value(2L).object().end().end();
    json.member("c", true).member("d", 0.956).member("e", 1.0);
    json.member("f", Instant.parse("2026-11-23T14:03:07.123456Z")).name("g").array().end();
    assertThat(json.end().toString())
        .isEqualTo(
            "{\"a\":\"x\",\"b\":[1,2,{}],\"c\":true,\"d\":0.96,\"e\":1,"
                + "\"f\":\"2026-11-23T14:03:07.123Z\",\"g\":[]}");
  }

  @Test
  void escapesWhatJsonCannotHold() {
    String hostile = "\"\\\n\r\t\u0000\u001f\u007f\u2028é😀" + '\ud800';
    assertThat(new JsonWriter().value(hostile).toString())
        .isEqualTo("\"\\\"\\\\\\n\\r\\t\\u0000\\u001f\\u007f\\u2028é😀\ufffd\"");
  }

  @Test
  void refusesWhatBreaksTheGrammar() {
    assertThatThrownBy(() -> new JsonWriter().object().value(1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("JSON: a value without a name");
    assertThatThrownBy(() -> new JsonWriter().array().name("x"))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> new JsonWriter().object().name("x").end())
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> new JsonWriter().value(1).value(2))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> new JsonWriter().object().toString())
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> new JsonWriter().value(Double.NaN))
        .isInstanceOf(IllegalStateException.class);
  }
}
