package io.whygate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.e2e.matrix.Answer;
import io.whygate.e2e.matrix.Client;
import io.whygate.e2e.matrix.HeldGateway;
import io.whygate.e2e.matrix.RealRows;
import io.whygate.e2e.matrix.Report;
import io.whygate.e2e.matrix.Row;
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

/// Servers that people run, driven into their real failures before a real gateway, which reads what
/// they log.
///
/// The table is in `target/real-faults.md` afterwards. The servers are started once for all rows.
@Needs({
  "root",
  "nginx",
  "apache2",
  "php-fpm",
  "gunicorn",
  "node",
  "mariadbd",
  "wordpress",
  "openssl"
})
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RealFaultsTest {
  private final Report report = new Report();
  private RealRows rows;

  @BeforeAll
  void start() {
    rows = RealRows.start();
  }

  @AfterAll
  void write() throws IOException {
    report.write(Path.of("target", "real-faults.md"));
    rows.close();
  }

  List<Row> shared() {
    return wanted(rows.shared());
  }

  static List<Row> alone() {
    return wanted(RealRows.alone());
  }

  private static List<Row> wanted(List<Row> from) {
    String wanted = System.getProperty("matrix.rows", "");
    return from.stream()
        .filter(row -> Pattern.compile(wanted).matcher(row.toString()).find())
        .toList();
  }

  @ParameterizedTest(name = "{0}", allowZeroInvocations = true)
  @MethodSource("shared")
  void isNamed(Row row) throws Exception {
    judge(row);
  }

  @ParameterizedTest(name = "{0}", allowZeroInvocations = true)
  @MethodSource("alone")
  @Execution(ExecutionMode.CONCURRENT)
  void isNamedWithAServerOfItsOwn(Row row) throws Exception {
    judge(row);
  }

  private void judge(Row row) throws Exception {
    Trial.Result result = Trial.run(row);
    report.add(result);
    assertThat(result.wrong()).as(row.expected() + "\nfound: " + result.found()).isEmpty();
  }

  /// What the server refuses is the visitor's affair, not a failure of the site's.
  @Test
  void anUploadThatNginxRefusesPassesThroughAndIsNoIncident() throws Exception {
    try (HeldGateway gateway = HeldGateway.start(rows.beforeNginx())) {
      Answer answer = Client.send(gateway.uri(), "POST", "/upload/", "x".repeat(5_000));

      assertThat(answer.status()).isEqualTo(413);
      assertThat(answer.text()).contains("nginx");
      assertThat(answer.cause()).isEmpty();
      assertThat(gateway.incidents("")).isEmpty();
    }
  }
}
