package io.whygate.diagnostics.probe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The forms in which servers write `:status` (RFC 7541).
class Http2StatusTest {
  @ParameterizedTest
  @CsvSource({
    "88, 200",
    "8e, 500",
    "20 88 76 01 61, 200",
    "3f e1 1f 8d, 404",
    "48 82 64 02, 302",
    "08 03 33 30 37, 307",
    "18 03 35 30 32, 502",
    "00 07 3a 73 74 61 74 75 73 03 34 32 39, 429",
    "0f 00 03 33 30 37, -1",
    "82, -1",
    "48 03 32 30, -1",
    "48 82 ff ff, -1",
    "3f ff ff ff, -1",
    "00 07 3a 73, -1",
  })
  void readsTheStatus(String block, int status) {
    assertThat(Http2Status.in(HexFormat.of().parseHex(block.replace(" ", "")))).isEqualTo(status);
  }
}
