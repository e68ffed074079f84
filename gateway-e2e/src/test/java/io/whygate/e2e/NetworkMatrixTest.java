package io.whygate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.e2e.matrix.Network;
import io.whygate.e2e.matrix.Report;
import io.whygate.e2e.matrix.Row;
import io.whygate.e2e.matrix.Trial;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Each cause that lies between the gateway and the server, by a real fault in a network of the
/// test's own before the built gateway.
///
/// The table is in `target/network-matrix.md` afterwards.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Needs({"namespaces", "nft", "curl", "conntrack"})
class NetworkMatrixTest {
  private final Report report = new Report();
  private Network network;
  private Network alone;

  @BeforeAll
  void build() throws Exception {
    network = Network.start();
    alone = Network.startAlone();
  }

  @AfterAll
  void end() throws Exception {
    report.write(Path.of("target", "network-matrix.md"));
    alone.close();
    network.close();
  }

  List<Row> rows() {
    return wanted(network);
  }

  List<Row> rowsAlone() {
    return wanted(alone);
  }

  private static List<Row> wanted(Network from) {
    String wanted = System.getProperty("matrix.rows", "");
    return from.rows().stream()
        .filter(row -> Pattern.compile(wanted).matcher(row.toString()).find())
        .toList();
  }

  @ParameterizedTest(name = "{0}", allowZeroInvocations = true)
  @MethodSource("rows")
  @Execution(ExecutionMode.CONCURRENT)
  void isNamed(Row row) throws Exception {
    judge(network, row);
  }

  @ParameterizedTest(name = "{0}", allowZeroInvocations = true)
  @MethodSource("rowsAlone")
  @Execution(ExecutionMode.SAME_THREAD)
  void isNamedOnAHostOfItsOwn(Row row) throws Exception {
    judge(alone, row);
  }

  private void judge(Network within, Row row) throws Exception {
    Trial.Result result = within.run(row);
    report.add(result);
    assertThat(result.wrong()).as(row.expected() + "\nfound: " + result.found()).isEmpty();
  }
}
