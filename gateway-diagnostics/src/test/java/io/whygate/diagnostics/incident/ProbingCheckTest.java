package io.whygate.diagnostics.incident;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.diagnostics.Failures;
import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.AttemptFailure.ConnectionLost;
import io.whygate.diagnostics.facts.AttemptFailure.MalformedResponse;
import io.whygate.diagnostics.facts.AttemptFailure.TimedOut;
import io.whygate.diagnostics.facts.AttemptFailure.TlsRejected;
import io.whygate.diagnostics.facts.Closing;
import io.whygate.diagnostics.facts.ExchangeFailure.NoEndpoint;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.facts.ResponseProblem;
import io.whygate.diagnostics.facts.TlsProblem;
import io.whygate.diagnostics.memory.Recollection;
import io.whygate.diagnostics.probe.Deadline;
import io.whygate.diagnostics.verdict.CaseFile;
import io.whygate.diagnostics.verdict.Cause;
import io.whygate.diagnostics.verdict.Diagnoser;
import io.whygate.diagnostics.verdict.Diagnosis;
import io.whygate.diagnostics.verdict.Judge;
import io.whygate.diagnostics.verdict.Verdict;
import io.whygate.faults.FaultyServer;
import io.whygate.faults.tls.Pki;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// What ends the incidents of servers to which connections are passed on.
class ProbingCheckTest {
  private static final Duration LIMIT = Duration.ofSeconds(1);
  private static final IncidentSettings SETTINGS =
      new IncidentSettings(100, Duration.ofHours(1), LIMIT, LIMIT);

  /// What fails of a greeting alone.
  static List<AttemptFailure> greeted() {
    return List.of(
        new TimedOut(Phase.AWAIT_RESPONSE, LIMIT),
        new ConnectionLost(Phase.AWAIT_RESPONSE, Closing.FIN),
        new TlsRejected(TlsProblem.ALERT_RECEIVED, 80, List.of(), "an alert in clear"));
  }

  private static ServerSocket silent() throws IOException {
    // The system accepts, and nobody says anything.
    return new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"));
  }

  private static Failures at(int port) {
    return Failures.at("tcp://127.0.0.1:" + port).path("/");
  }

  private static boolean works(int port, String method, AttemptFailure failure) {
    Failures failures = at(port).method(method);
    return PassedOn.works(
        new InetSocketAddress("127.0.0.1", port),
        failures.facts(),
        failures.failing(failure),
        Deadline.in(Duration.ofSeconds(2)));
  }

  @ParameterizedTest
  @MethodSource("greeted")
  void aServerOfTlsHasToAnswerAGreetingAlsoWhereNoNamesAreLookedFor(AttemptFailure failure)
      throws Exception {
    try (ServerSocket hung = silent();
        FaultyServer sound = FaultyServer.startTls(Pki.of("a.example"))) {
      assertThat(works(hung.getLocalPort(), "TCP", failure)).isFalse();
      assertThat(works(hung.getLocalPort(), "TLS", failure)).isFalse();
      assertThat(works(sound.port(), "TCP", failure)).isTrue();
      assertThat(works(sound.port(), "TLS", failure)).isTrue();
    }
  }

  @Test
  void anyOtherServerMayWaitForItsClient() throws Exception {
    try (ServerSocket waiting = silent()) {
      AttemptFailure reset = new ConnectionLost(Phase.AWAIT_RESPONSE, Closing.RESET);
      assertThat(works(waiting.getLocalPort(), "TCP", reset)).isTrue();
    }
  }

  /// A scanner's name may have met an open circuit: the server says nothing to it for good.
  @Test
  void clientsThatAreServedEndWhatNoServerIsToBlameFor() throws Exception {
    var check = new ProbingCheck();
    Failures failures;
    Incident incident;
    Thread accepting;
    try (ServerSocket picky = silent()) {
      accepting = Thread.ofVirtual().start(() -> closeEach(picky));
      failures = at(picky.getLocalPort()).method("TLS");
      incident =
          incident(
              failures,
              Cause.SERVER_OVERLOADED,
              failures.ending(new NoEndpoint(NoEndpoint.Reason.CIRCUIT_OPEN)));
      assertThat(check.works(incident, failures.facts(), false)).isFalse();
      assertThat(check.works(incident, failures.facts(), true)).isTrue();
    }
    // The port is closed once nobody waits at it.
    accepting.join();
    assertThat(check.works(incident, failures.facts(), true)).isFalse();
  }

  /// 12 bytes of fields, and 2 of the empty line, behind a status line of 17.
  @ParameterizedTest
  @CsvSource({"31, 2, 1, true", "30, 2, 1, false", "31, 1, 1, false", "31, 2, 0, false"})
  void anAnswerKeepsToTheLimits(int head, int fields, int interim, boolean isSound)
      throws Exception {
    String answer = "HTTP/1.1 103 Ok\r\n\r\nHTTP/1.1 200 Ok\r\nx: y\r\nx: y\r\n\r\n";
    try (ServerSocket server = silent()) {
      Thread.ofVirtual().start(() -> answerEach(server, answer));
      Failures failures =
          Failures.at("http://127.0.0.1:" + server.getLocalPort())
              .path("/")
              .answersWithin(head, fields, interim);
      FailedExchange exchange =
          failures.failing(
              new MalformedResponse(
                  Phase.AWAIT_RESPONSE, ResponseProblem.HEADER_TOO_LARGE, "too many", -1, 20));
      Incident incident = incident(failures, Cause.APPLICATION_HEADER_TOO_LARGE, exchange);
      Thread.sleep(Proof.Calm.MOMENT.since());
      assertThat(new ProbingCheck().works(incident, failures.facts(), false)).isEqualTo(isSound);
    }
  }

  private static void answerEach(ServerSocket server, String answer) {
    while (!server.isClosed()) {
      try (Socket peer = server.accept()) {
        int _ = peer.getInputStream().read(new byte[4096]);
        peer.getOutputStream().write(answer.getBytes(StandardCharsets.ISO_8859_1));
      } catch (IOException _) {
        // The probe left, or the test is over.
      }
    }
  }

  private static void closeEach(ServerSocket server) {
    while (!server.isClosed()) {
      try (Socket peer = server.accept()) {
        int _ = peer.getInputStream().read();
      } catch (IOException _) {
        // The probe left, or the test is over.
      }
    }
  }

  private static Incident incident(Failures failures, Cause cause, FailedExchange exchange) {
    CaseFile file = new CaseFile(exchange, failures.facts(), List.of(), Recollection.NOTHING);
    Diagnosis diagnosis =
        new Diagnoser(new Judge(List.of()), (_, _) -> Optional.empty())
            .explain(
                file, new Verdict(cause, 0.9, "It is so.", Map.of()), List.of(), Instant.EPOCH, 0);
    return new IncidentBook(SETTINGS, InstantSource.system())
        .failed(diagnosis, failures.facts(), true);
  }
}
