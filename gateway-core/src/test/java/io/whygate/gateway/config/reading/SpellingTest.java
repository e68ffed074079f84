package io.whygate.gateway.config.reading;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SpellingTest {
  private static final List<String> KNOWN =
      List.of("connect-timeout", "response-timeout", "idle-timeout", "tls", "logs", "balance");

  @ParameterizedTest
  @CsvSource({
    "conect-timeout, connect-timeout",
    "connectTimeout, connect-timeout",
    "timeout-response, ",
    "respones-timeout, response-timeout",
    "tsl, tls",
    "log, logs",
    "balancing, balance",
    "quic, ",
    "x, "
  })
  void findsTheWordThatWasMeant(String word, String expected) {
    assertThat(Spelling.nearest(word, KNOWN).orElse(null)).isEqualTo(expected);
  }
}
