package io.whygate.gateway.compression;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.gateway.config.CompressionSettings.Coding;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AcceptedCodingsTest {
  private static final List<Coding> ALL = List.of(Coding.ZSTD, Coding.BR, Coding.GZIP);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "''                                    | -",
        "gzip                                  | GZIP",
        "GZip                                  | GZIP",
        "x-gzip                                | GZIP",
        "gzip, deflate, br, zstd               | ZSTD",
        "gzip, deflate, br                     | BR",
        "deflate                               | -",
        "*                                     | ZSTD",
        "*;q=0                                 | -",
        "zstd;q=0, *                           | BR",
        "gzip;q=1.0, br;q=0.5                  | GZIP",
        "gzip;q=0.5, br;q=0.5                  | BR",
        "gzip ; Q=0.001                        | GZIP",
        "gzip;q=0                              | -",
        "gzip;q=0.000                          | -",
        "identity                              | -",
        "identity, gzip;q=0.9                  | -",
        "identity;q=0.5, gzip;q=1.0            | GZIP",
        "identity, gzip                        | GZIP",
        "identity;q=0, gzip;q=0.1              | GZIP",
        "gzip;q=nonsense                       | -",
        "gzip;q=2                              | -",
        "gzip;q=-1, br                         | BR",
        "gzip;level=9;q=0.4                    | GZIP",
        "' , ,gzip'                            | GZIP",
        "gzipped, brx                          | -",
      })
  void theClientsPreferenceGoesFirst(String field, Coding expected) {
    assertThat(AcceptedCodings.best(field, ALL)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({"'gzip, br, zstd', GZIP", "'br;q=0.9, gzip;q=0.8', BR", "'zstd', "})
  void amongEqualsTheOneThatIsOfferedFirst(String field, Coding expected) {
    assertThat(AcceptedCodings.best(field, List.of(Coding.GZIP, Coding.BR))).isEqualTo(expected);
  }
}
