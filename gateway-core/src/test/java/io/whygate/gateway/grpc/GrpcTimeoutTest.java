package io.whygate.gateway.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.gateway.http.Heads;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GrpcTimeoutTest {
  private static long read(String lines) {
    return GrpcTimeout.of(Heads.request("POST / HTTP/1.1|Host: h|" + lines).fields());
  }

  @ParameterizedTest
  @CsvSource({
    "0n, 0",
    "7n, 7",
    "250u, 250000",
    "99999999m, 99999999000000",
    "00000001S, 1000000000",
    "2M, 120000000000",
    "1H, 3600000000000",
    "99999999H, 9223372036854775807",
  })
  void readsWhatGrpcWrites(String value, long nanos) {
    assertThat(read("grpc-timeout: " + value)).isEqualTo(nanos);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "S",
        "1",
        "100000000m",
        "-1S",
        "+1S",
        "1.5S",
        "1 S",
        "1s",
        "1h",
        "1Sm",
        "0x1S"
      })
  void whatIsNoTimeoutBoundsNothing(String value) {
    assertThat(read("grpc-timeout: " + value)).isNegative();
  }

  @ParameterizedTest
  @ValueSource(strings = {"grpc-timeout: 1S|grpc-timeout: 2S", "X: 1S", "grpc_timeout: 1S"})
  void onlyOneFieldOfThatNameCounts(String lines) {
    assertThat(read(lines)).isNegative();
  }

  @ParameterizedTest
  @CsvSource({
    "0, 1n",
    "7, 7n",
    "99999999, 99999999n",
    "100000000, 100000u",
    "249600123, 249600u",
    "99999999999, 99999999u",
    "100000000000, 100000m",
    "100000000000000, 100000S",
    "100000000000000000, 1666666M",
    "9223372036854775807, 2562047H",
  })
  void writesNoMoreThanIsLeft(long nanos, String text) {
    assertThat(GrpcTimeout.text(nanos)).isEqualTo(text);
    assertThat(read("grpc-timeout: " + text)).isLessThanOrEqualTo(Math.max(1, nanos));
  }
}
