package io.whygate.diagnostics;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.diagnostics.facts.AttemptFailure.ConnectRefused;
import io.whygate.diagnostics.facts.AttemptFailure.ConnectionLost;
import io.whygate.diagnostics.facts.AttemptFailure.TimedOut;
import io.whygate.diagnostics.facts.AttemptFailure.TlsRejected;
import io.whygate.diagnostics.facts.AttemptFailure.UpstreamStatus;
import io.whygate.diagnostics.facts.Closing;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.ExchangeFailure.NoEndpoint;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.facts.RequestProcessed;
import io.whygate.diagnostics.facts.TlsProblem;
import io.whygate.diagnostics.memory.Memory;
import io.whygate.diagnostics.verdict.Cause;
import io.whygate.diagnostics.verdict.Diagnosis;
import io.whygate.diagnostics.verdict.Step;
import io.whygate.diagnostics.verdict.StepState;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DiagnosticianTest {
  private final Diagnostician diagnostician =
      new Diagnostician(Failures.UNHURRIED, new Memory(InstantSource.system()));
  private final List<AutoCloseable> opened = new ArrayList<>(List.of(diagnostician));

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable closeable : opened) {
      closeable.close();
    }
  }

  @Test
  void anOpenCircuitKeepsItsCauseUntilTheUpstreamWorks() throws Exception {
    try (var own = new Diagnostician(Failures.UNHURRIED, new Memory(InstantSource.system()))) {
      Failures closed = Failures.at("http://127.0.0.1:9");
      FailedExchange failed = closed.failing(new ConnectRefused());
      var open =
          new FailedExchange(
              failed.upstream(),
              failed.request(),
              new NoEndpoint(NoEndpoint.Reason.CIRCUIT_OPEN),
              List.of(),
              RequestProcessed.NOT_SENT,
              failed.at(),
              10);
      Cause opened = own.diagnose(failed, closed.facts()).toCompletableFuture().get().cause();
      assertThat(opened).isNotEqualTo(Cause.GATEWAY_CIRCUIT_OPEN);

      own.refresh(failed.upstream());
      assertThat(own.diagnose(open, closed.facts()).toCompletableFuture().get().cause())
          .isEqualTo(opened);
      own.forget(failed.upstream());
      assertThat(own.diagnose(open, closed.facts()).toCompletableFuture().get().cause())
          .isEqualTo(Cause.GATEWAY_CIRCUIT_OPEN);
    }
  }

  @Test
  void namesAClosedPortAndAsksItAgain() throws Exception {
    int port = closedPort();
    Failures failures = Failures.at("http://127.0.0.1:" + port);

    Diagnosis diagnosis = diagnose(failures, failures.failing(new ConnectRefused()));

    assertThat(diagnosis.cause()).isEqualTo(Cause.SERVER_PORT_CLOSED);
    assertThat(diagnosis.verdict().confidence()).isGreaterThanOrEqualTo(0.9);
    assertThat(diagnosis.evidence())
        .anyMatch(e -> e.probe().equals("connect") && e.of().equals("127.0.0.1:" + port));
    assertThat(failedSteps(diagnosis)).containsExactly(Step.SERVER);
    assertThat(diagnosis.retryAfterSeconds()).isPresent();
  }

  @Test
  void namesOnePathWhereOthersAnswer() throws Exception {
    int port = serve(path -> path.equals("/order") ? "" : "HTTP/1.1 200 OK\r\n\r\nhello");
    Failures failures = Failures.at("http://127.0.0.1:" + port);

    Diagnosis diagnosis =
        diagnose(failures, failures.failing(new ConnectionLost(Phase.AWAIT_RESPONSE, Closing.FIN)));

    assertThat(diagnosis.cause()).isEqualTo(Cause.APPLICATION_PATH_FAILURE);
    assertThat(failedSteps(diagnosis)).containsExactly(Step.CODE);
  }

  @Test
  void namesTheServerOnceAPathThatWasAnsweredFailsToo() throws Exception {
    var all = new AtomicBoolean();
    int port =
        serve(path -> all.get() || path.equals("/order") ? "" : "HTTP/1.1 200 OK\r\n\r\nhello");
    Failures failures = Failures.at("http://127.0.0.1:" + port);
    var closed = new ConnectionLost(Phase.AWAIT_RESPONSE, Closing.FIN);
    assertThat(diagnose(failures, failures.failing(closed)).cause())
        .isEqualTo(Cause.APPLICATION_PATH_FAILURE);

    all.set(true);

    for (String path : List.of("/", "/another")) {
      failures.path(path);
      // What is told next began after what was found before.
      Thread.sleep(Duration.ofMillis(5));
      assertThat(diagnose(failures, failures.failing(closed)).cause())
          .isEqualTo(Cause.APPLICATION_CLOSED_BEFORE_RESPONSE);
    }
  }

  @Test
  void namesTheServerWhereEveryPathIsClosed() throws Exception {
    int port = serve(_ -> "");
    Failures failures = Failures.at("http://127.0.0.1:" + port);

    Diagnosis diagnosis =
        diagnose(failures, failures.failing(new ConnectionLost(Phase.AWAIT_RESPONSE, Closing.FIN)));

    assertThat(diagnosis.cause()).isEqualTo(Cause.APPLICATION_CLOSED_BEFORE_RESPONSE);
  }

  @Test
  void namesExhaustedWorkersWhereNobodyIsAnsweredAndKeepsTheBudget() throws Exception {
    Duration most = DiagnosticsSettings.STANDARD.budget().plusMillis(100);
    Duration took = most;
    var usual = new Diagnostician(DiagnosticsSettings.STANDARD, new Memory(InstantSource.system()));
    opened.add(usual);
    // On a machine that others use too, the fastest of a few counts; each server is examined once.
    for (int round = 0; round < 5 && took.compareTo(most) >= 0; round++) {
      var silent = listen();
      Failures failures = Failures.at("http://127.0.0.1:" + silent.getLocalPort());
      FailedExchange exchange =
          failures.failing(new TimedOut(Phase.AWAIT_RESPONSE, Duration.ofSeconds(2)));

      long began = System.nanoTime();
      Diagnosis diagnosis =
          usual
              .diagnose(exchange, failures.facts())
              .toCompletableFuture()
              .get(20, TimeUnit.SECONDS);
      took = Duration.ofNanos(System.nanoTime() - began);

      if (took.compareTo(most) < 0) {
        assertThat(diagnosis.cause()).isEqualTo(Cause.APPLICATION_WORKERS_EXHAUSTED);
      }
    }
    assertThat(took).isLessThan(most);
  }

  @Test
  void examinesOnceForAllWhoWaitAndAnswersFromMemoryAfterwards() throws Exception {
    int port = closedPort();
    Failures failures = Failures.at("http://127.0.0.1:" + port);
    FailedExchange exchange = failures.failing(new ConnectRefused());
    var examinations = new AtomicInteger();
    diagnostician.onDiagnosed(_ -> examinations.incrementAndGet());

    assertThat(diagnostician.recent(exchange)).isEmpty();
    List<CompletionStage<Diagnosis>> waiting = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      waiting.add(diagnostician.diagnose(exchange, failures.facts()));
    }
    for (CompletionStage<Diagnosis> stage : waiting) {
      stage.toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    assertThat(examinations).hasValue(1);
    assertThat(diagnostician.recent(exchange)).isPresent();
    diagnostician.forget(Failures.UPSTREAM);
    assertThat(diagnostician.recent(exchange)).isEmpty();
  }

  @Test
  void asksOnceForAllPathsAndJudgesEachByItself() throws Exception {
    var seen = new CopyOnWriteArrayList<String>();
    int port =
        serve(path -> {
          seen.add(path);
          return path.startsWith("/order") ? "" : "HTTP/1.1 200 OK\r\n\r\nhello";
        });
    List<CompletionStage<Diagnosis>> waiting = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      Failures failures = Failures.at("http://127.0.0.1:" + port).path("/order/" + i);
      waiting.add(
          diagnostician.diagnose(
              failures.failing(new ConnectionLost(Phase.AWAIT_RESPONSE, Closing.FIN)),
              failures.facts()));
    }

    for (int i = 0; i < waiting.size(); i++) {
      Diagnosis diagnosis = waiting.get(i).toCompletableFuture().get(20, TimeUnit.SECONDS);
      assertThat(diagnosis.cause()).isEqualTo(Cause.APPLICATION_PATH_FAILURE);
      assertThat(diagnosis.exchange().request().path()).isEqualTo("/order/" + i);
    }
    assertThat(seen).containsOnlyOnce("/").containsOnlyOnce("/robots.txt");
    assertThat(diagnostician.probesSent()).isLessThan(10);
  }

  @Test
  void examinesAnewOnceThePathThatFailedHasWorked() throws Exception {
    var sick = new AtomicBoolean(false);
    int port =
        serve(path -> sick.get() || path.equals("/order") ? "" : "HTTP/1.1 200 OK\r\n\r\nhello");
    Failures failures = Failures.at("http://127.0.0.1:" + port);
    FailedExchange exchange =
        failures.failing(new ConnectionLost(Phase.AWAIT_RESPONSE, Closing.FIN));
    Endpoint endpoint = exchange.attempts().getLast().endpoint();
    assertThat(diagnose(failures, exchange).cause()).isEqualTo(Cause.APPLICATION_PATH_FAILURE);
    sick.set(true);

    diagnostician.worked(Failures.UPSTREAM, endpoint, "/basket", true, System.nanoTime());
    assertThat(diagnostician.recent(exchange).orElseThrow().cause())
        .as("another path works")
        .isEqualTo(Cause.APPLICATION_PATH_FAILURE);

    diagnostician.worked(Failures.UPSTREAM, endpoint, "/order", false, System.nanoTime());
    assertThat(diagnostician.recent(exchange)).as("the same path worked").isEmpty();
    assertThat(diagnose(failures, exchange).cause())
        .isEqualTo(Cause.APPLICATION_CLOSED_BEFORE_RESPONSE);
    assertThat(diagnostician.recent(exchange).orElseThrow().cause())
        .isEqualTo(Cause.APPLICATION_CLOSED_BEFORE_RESPONSE);
  }

  @Test
  void aPathThatFailsLaterAsksAnewOnceOneThatFailedHasWorked() throws Exception {
    var sick = new AtomicBoolean(false);
    int port =
        serve(path -> sick.get() || path.equals("/order") ? "" : "HTTP/1.1 200 OK\r\n\r\nhello");
    Failures failures = Failures.at("http://127.0.0.1:" + port);
    var lost = new ConnectionLost(Phase.AWAIT_RESPONSE, Closing.FIN);
    FailedExchange order = failures.failing(lost);
    diagnose(failures, order);
    Endpoint endpoint = order.attempts().getLast().endpoint();
    diagnostician.worked(Failures.UPSTREAM, endpoint, "/order", true, System.nanoTime());
    sick.set(true);

    Failures everywhere = failures.path("/");
    assertThat(diagnose(everywhere, everywhere.failing(lost)).cause())
        .isEqualTo(Cause.APPLICATION_CLOSED_BEFORE_RESPONSE);
  }

  @Test
  void aConnectionThatWorksEndsWhatWasFoundOfConnectingAndAnOldOneDoesNot() throws Exception {
    Failures failures = Failures.at("http://127.0.0.1:" + closedPort());
    FailedExchange exchange = failures.failing(new ConnectRefused());
    Endpoint endpoint = exchange.attempts().getLast().endpoint();
    long before = System.nanoTime();
    diagnose(failures, exchange);

    diagnostician.worked(Failures.UPSTREAM, endpoint, "/", true, before);
    assertThat(diagnostician.recent(exchange)).as("tried before it failed").isPresent();
    diagnostician.worked(Failures.UPSTREAM, endpoint, "/", false, System.nanoTime());
    assertThat(diagnostician.recent(exchange)).as("on a kept connection").isPresent();
    diagnostician.worked(Failures.UPSTREAM, endpoint, "/", true, System.nanoTime());
    assertThat(diagnostician.recent(exchange)).as("on a new connection").isEmpty();
  }

  @Test
  void whatWorksAndFailsInTurnsIsExaminedAFewTimesAlone() throws Exception {
    Failures failures = Failures.at("http://127.0.0.1:" + closedPort());
    FailedExchange exchange = failures.failing(new ConnectRefused());
    Endpoint endpoint = exchange.attempts().getLast().endpoint();
    var examinations = new AtomicInteger();
    diagnostician.onDiagnosed(_ -> examinations.incrementAndGet());

    for (int i = 0; i < 50; i++) {
      diagnose(failures, exchange);
      diagnostician.worked(Failures.UPSTREAM, endpoint, "/", true, System.nanoTime());
    }

    assertThat(examinations.get()).isBetween(3, 15);
  }

  @Test
  void tellsAnswersAndCertificatesApartWithoutASuccessBetweenThem() {
    Failures failures = Failures.at("http://127.0.0.1:9");
    assertThat(FailureKey.of(failures.failing(new UpstreamStatus(503, 120, ""))))
        .isEqualTo(FailureKey.of(failures.failing(new UpstreamStatus(503, 119, ""))))
        .isNotEqualTo(FailureKey.of(failures.failing(new UpstreamStatus(503, -1, ""))));
    assertThat(FailureKey.of(failures.failing(rejected(1))))
        .isEqualTo(FailureKey.of(failures.failing(rejected(1))))
        .isNotEqualTo(FailureKey.of(failures.failing(rejected(2))));
  }

  private static TlsRejected rejected(int certificate) {
    return new TlsRejected(
        TlsProblem.CERTIFICATE_REJECTED, -1, List.of(new byte[] {(byte) certificate}), "");
  }

  @Test
  void answersFromTheFactsWhereTheLimitOnProbesIsReached() throws Exception {
    var tight =
        new Diagnostician(
            new DiagnosticsSettings(
                Duration.ofMillis(300), Duration.ofSeconds(3), Duration.ofSeconds(2), 1, 1),
            new Memory(InstantSource.system()));
    opened.add(tight);
    Failures failures = Failures.at("http://127.0.0.1:" + closedPort());

    Diagnosis diagnosis =
        tight
            .diagnose(failures.failing(new ConnectRefused()), failures.facts())
            .toCompletableFuture()
            .get(20, TimeUnit.SECONDS);

    assertThat(diagnosis.cause()).isEqualTo(Cause.SERVER_PORT_CLOSED);
    assertThat(diagnosis.evidence()).anyMatch(e -> e.probe().equals("limit"));
    assertThat(tight.probesSent()).isLessThanOrEqualTo(2);
  }

  private Diagnosis diagnose(Failures failures, FailedExchange exchange) throws Exception {
    return diagnostician
        .diagnose(exchange, failures.facts())
        .toCompletableFuture()
        .get(20, TimeUnit.SECONDS);
  }

  private static List<Step> failedSteps(Diagnosis diagnosis) {
    return diagnosis.steps().stream()
        .filter(step -> step.state() == StepState.FAILED)
        .map(step -> step.step())
        .toList();
  }

  private static int closedPort() throws IOException {
    try (var socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress("127.0.0.1", 0));
      return socket.getLocalPort();
    }
  }

  private ServerSocket listen() throws IOException {
    var server = new ServerSocket();
    server.bind(new InetSocketAddress("127.0.0.1", 0));
    opened.add(server);
    return server;
  }

  /// Answers each request with what `answer` gives for its path; closes without a byte for "".
  private int serve(Function<String, String> answer) throws IOException {
    ServerSocket server = listen();
    Thread.ofVirtual()
        .start(() -> {
          while (!server.isClosed()) {
            try (Socket socket = server.accept()) {
              byte[] head = new byte[4_096];
              int length = socket.getInputStream().read(head);
              if (length > 0) {
                String[] words =
                    new String(head, 0, length, StandardCharsets.ISO_8859_1).split(" ");
                socket
                    .getOutputStream()
                    .write(
                        answer
                            .apply(words.length > 1 ? words[1] : "")
                            .getBytes(StandardCharsets.ISO_8859_1));
              }
            } catch (IOException e) {
              // The client left, or the server was closed.
              continue;
            }
          }
        });
    return server.getLocalPort();
  }
}
