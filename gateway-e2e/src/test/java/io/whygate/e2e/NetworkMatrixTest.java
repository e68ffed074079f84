package io.whygate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.diagnostics.page.ProxyErrorType;
import io.whygate.diagnostics.verdict.Cause;
import io.whygate.e2e.matrix.Expected;
import io.whygate.e2e.matrix.Network;
import io.whygate.e2e.matrix.Report;
import io.whygate.e2e.matrix.Row;
import io.whygate.e2e.matrix.Rows;
import io.whygate.e2e.matrix.Trial;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
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
  /// What takes a process, or a user, of its own.
  private static final Map<String, Class<?>> ELSEWHERE =
      Map.of(
          "gateway.descriptors-exhausted",
          OwnHostTest.class,
          "gateway.ports-exhausted",
          OwnHostTest.class,
          "server.socket-denied",
          SocketDeniedTest.class,
          "gateway.certificate-not-issued",
          AcmeTest.class,
          "gateway.certificate-revoked",
          OcspStaplingTest.class,
          "gateway.certificate-expiring",
          OcspStaplingTest.class);

  private final Report report = new Report();
  private Network network;
  private Network alone;
  private Network crowded;

  @BeforeAll
  void build() throws Exception {
    network = Network.start();
    alone = Network.startAlone();
    crowded = Network.startCrowded();
  }

  @AfterAll
  void end() throws Exception {
    report.write(Path.of("target", "network-matrix.md"));
    crowded.close();
    alone.close();
    network.close();
  }

  List<Row> rows() {
    return wanted(network);
  }

  List<Row> rowsAlone() {
    return wanted(alone);
  }

  List<Row> rowsCrowded() {
    return wanted(crowded);
  }

  private static List<Row> wanted(Network from) {
    String wanted = System.getProperty("matrix.rows", "");
    return from.rows().stream()
        .filter(row -> Pattern.compile(wanted).matcher(row.toString()).find())
        .toList();
  }

  /// Each cause is a row of the tables, or the one thing that a test is about; a page has a status
  /// and a type that RFC 9209 knows.
  @Test
  void everyCauseIsShownOnARealFault() {
    Map<String, List<Expected>> shown =
        Stream.of(Rows.all(), network.rows(), alone.rows())
            .flatMap(List::stream)
            .map(Row::expected)
            .collect(Collectors.groupingBy(Expected::cause));
    List<String> codes = Arrays.stream(Cause.values()).map(Cause::code).toList();
    assertThat(codes).containsAll(shown.keySet());
    assertThat(codes)
        .allMatch(code -> shown.containsKey(code) || ELSEWHERE.containsKey(code))
        .hasSizeGreaterThan(ELSEWHERE.size());
    List<String> registered =
        Arrays.stream(ProxyErrorType.values()).map(ProxyErrorType::code).toList();
    assertThat(shown.values().stream().flatMap(List::stream))
        .filteredOn(each -> each.seen() == Expected.Seen.PAGE)
        .allSatisfy(each -> {
          assertThat(each.status()).isIn(502, 503, 504);
          assertThat(registered).contains(each.error());
        });
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

  @ParameterizedTest(name = "{0}", allowZeroInvocations = true)
  @MethodSource("rowsCrowded")
  @Execution(ExecutionMode.CONCURRENT)
  void isNamedToEachOfMany(Row row) throws Exception {
    assertThat(crowded.crowd(row)).as(row.expected().toString()).isEmpty();
  }

  private void judge(Network within, Row row) throws Exception {
    Trial.Result result = within.run(row);
    report.add(result);
    assertThat(result.wrong()).as(row.expected() + "\nfound: " + result.found()).isEmpty();
  }
}
