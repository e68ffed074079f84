package io.whygate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.e2e.matrix.Pair;
import io.whygate.e2e.matrix.Report;
import io.whygate.e2e.matrix.Row;
import io.whygate.e2e.matrix.Rows;
import io.whygate.e2e.matrix.Trial;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Each cause of the contract, by a real fault before a real gateway, and what the client saw.
///
/// The table is in `target/fault-matrix.md` afterwards.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FaultMatrixTest {
  private final Report report = new Report();

  static List<Row> rows() {
    String wanted = System.getProperty("matrix.rows", "");
    return Rows.all().stream()
        .filter(row -> Pattern.compile(wanted).matcher(row.toString()).find())
        .toList();
  }

  /// Loads what a first failure has to load: a gateway that has run for a while has it.
  @BeforeAll
  void warmUp() throws Exception {
    for (Row row : Rows.warmUp()) {
      Trial.run(row);
    }
  }

  @AfterAll
  void write() throws IOException {
    report.write(Path.of("target", "fault-matrix.md"));
  }

  @Test
  void pairsAreRowsThatNameDifferentCauses() {
    List<String> names = Rows.all().stream().map(Row::toString).toList();
    assertThat(Pair.all())
        .hasSize(12)
        .allSatisfy(pair -> {
          assertThat(names).contains(pair.one(), pair.other());
          assertThat(pair.one().split(": ")[0]).isNotEqualTo(pair.other().split(": ")[0]);
        });
    assertThat(names).hasSizeGreaterThanOrEqualTo(110).doesNotHaveDuplicates();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rows")
  @Execution(ExecutionMode.CONCURRENT)
  void isNamed(Row row) throws Exception {
    Trial.Result result = Trial.run(row);
    report.add(result);
    assertThat(result.wrong()).as(row.expected() + "\nfound: " + result.found()).isEmpty();
  }
}
