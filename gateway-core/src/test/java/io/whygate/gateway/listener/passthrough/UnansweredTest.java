package io.whygate.gateway.listener.passthrough;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.whygate.diagnostics.incident.Incident;
import io.whygate.diagnostics.verdict.Cause;
import io.whygate.faults.FaultyServer;
import io.whygate.faults.tls.Pki;
import io.whygate.gateway.RawClient;
import io.whygate.gateway.RunningGateway;
import io.whygate.gateway.ScriptedServer;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Servers that accept a connection which is passed on, and never say what they owe: examined, with
/// the cause in the log; and those that owe nothing.
final class UnansweredTest {
  private static final Pki A = Pki.of("a.example");
  private static final String BY_NAME =
      "pass-through.routes = [ { sni = \"*.example\", upstream = one } ]";

  /// One failure that is held against a server keeps clients from it.
  private static final String STRICT =
      "outlier { consecutive-failures = 1, base-ejection = 60s }, circuit-breaker { consecutive-failures = 1 }";

  private static final String PLAIN = "pass-through.upstream = one";

  private static RunningGateway to(String listener, String upstream, int... ports)
      throws Exception {
    StringBuilder endpoints = new StringBuilder();
    for (int port : ports) {
      endpoints.append("\"tcp://127.0.0.1:").append(port).append("\",");
    }
    return RunningGateway.of(
        """
        listeners = [ { bind = "127.0.0.1:0", %s } ]
        upstreams { one { endpoints = [%s], %s } }
        """
            .formatted(listener, endpoints, upstream));
  }

  private static void greet(RunningGateway gateway) throws IOException {
    try (Socket plain = new Socket(gateway.address().getAddress(), gateway.address().getPort())) {
      plain.setSoTimeout(60_000);
      try (SSLSocket tls =
          (SSLSocket)
              A.clientContext().getSocketFactory().createSocket(plain, "a.example", 443, true)) {
        tls.startHandshake();
      }
    }
  }

  private static String one(RunningGateway gateway) {
    return gateway.records(1).getFirst();
  }

  private static long failures(RunningGateway gateway, String symptom) {
    return gateway.counted("whygate_upstream_failures", "symptom", symptom);
  }

  /// Greetings that came to a server; what connects without one is a probe.
  private final AtomicInteger greetings = new AtomicInteger();

  private boolean isGreeted(ScriptedServer.Peer peer) throws IOException {
    boolean greeted = peer.in().read() == 22;
    if (greeted) {
      greetings.incrementAndGet();
    }
    return greeted;
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aServerThatDropsClientsIsExaminedAndKept(boolean resets) throws Exception {
    try (ScriptedServer server =
            new ScriptedServer((peer, _) -> {
              boolean greeted = isGreeted(peer);
              if (resets) {
                peer.socket().setSoLinger(greeted, 0);
              }
            });
        RunningGateway gateway = to(BY_NAME, STRICT, server.uri().getPort())) {
      for (int i = 1; i <= 3; i++) {
        assertThatThrownBy(() -> greet(gateway)).isInstanceOf(IOException.class);
        assertThat(gateway.records(i))
            .allSatisfy(line ->
                assertThat(line)
                    .contains("\"outcome\":\"truncated\"", "\"host\":\"a.example\"")
                    .contains("\"status\":502", resets ? "reset" : "closed"));
        assertThat(gateway.incidents()).hasSize(i / 3);
      }
      // Those whose names it does not serve may be dropped so: nothing is held against it.
      assertThat(greetings).hasValue(3);
      assertThat(failures(gateway, resets ? "reset" : "closed")).isEqualTo(3);
      assertThat(gateway.incidents().getFirst().cause())
          .isEqualTo(Cause.APPLICATION_CLOSED_BEFORE_RESPONSE);
    }
  }

  @Test
  void theIncidentOfAServerThatClosesEndsOnceItAnswers() throws Exception {
    CountDownLatch mended = new CountDownLatch(1);
    try (FaultyServer behind = FaultyServer.startTls(A);
        ScriptedServer server =
            new ScriptedServer((peer, _) -> {
              if (mended.getCount() > 0) {
                boolean _ = isGreeted(peer);
                return;
              }
              try (Socket to = new Socket("127.0.0.1", behind.port())) {
                Thread back =
                    Thread.ofVirtual()
                        .start(() -> {
                          try {
                            to.getInputStream().transferTo(peer.socket().getOutputStream());
                          } catch (IOException _) {
                            // The client left.
                          }
                        });
                peer.in().transferTo(to.getOutputStream());
                back.join();
              } catch (IOException | InterruptedException _) {
                // A probe that connects and leaves.
              }
            });
        RunningGateway gateway = to(BY_NAME, "", server.uri().getPort())) {
      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(() -> greet(gateway)).isInstanceOf(IOException.class);
      }
      assertThat(gateway.records(3).getLast())
          .contains("\"cause\":\"application.closed-before-response\"", "\"status\":502");
      Incident open = gateway.incidents().getFirst();
      assertThat(open.state()).isEqualTo(Incident.State.OPEN);
      assertThat(gateway.document(open.id())).contains("an orderly close");
      mended.countDown();
      RunningGateway.await(() -> {
        try {
          greet(gateway);
        } catch (IOException e) {
          throw new AssertionError(e);
        }
        return gateway.incidents().getFirst().state() == Incident.State.RECOVERED;
      });
    }
  }

  /// Servers in Go say `internal_error` of a name that they do not serve.
  @ParameterizedTest
  @CsvSource({
    "112, unrecognized_name, tls.unrecognized-name",
    "80, internal_error, unknown",
    "70, protocol_version, unknown"
  })
  void anAlertIsPassedOnAndNamesTheCauseWhereNobodyElseIsAnswered(
      byte number, String name, String cause) throws Exception {
    byte[] alert = {21, 3, 3, 0, 2, 2, number};
    try (ScriptedServer server =
            new ScriptedServer((peer, _) -> {
              if (isGreeted(peer)) {
                peer.socket().getOutputStream().write(alert);
                peer.in().readAllBytes();
              }
            });
        RunningGateway gateway = to(BY_NAME, STRICT, server.uri().getPort())) {
      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(() -> greet(gateway))
            .isInstanceOf(SSLException.class)
            .hasMessageContaining(name);
      }
      List<String> lines = gateway.records(3);
      assertThat(lines)
          .allSatisfy(line -> assertThat(line).contains("\"status\":502", "tls-failed"));
      // One that is refused may be a scanner, three in a row are not.
      assertThat(lines).filteredOn(line -> line.contains("\"cause\":\"" + cause + "\"")).hasSize(1);
      // It is the client's name that it does not know: nothing is held against it.
      assertThat(greetings).hasValue(3);
    }
  }

  @Test
  void aScannerThatIsRefusedAmongOthersIsNoIncident() throws Exception {
    byte[] tooShort = {22, 3, 1, 0, 5, 1, 0, 0, 1, 3};
    try (FaultyServer server = FaultyServer.startTls(A);
        RunningGateway gateway = to(PLAIN, "", server.port())) {
      for (int i = 0; i < 4; i++) {
        try (RawClient client = gateway.client()) {
          client.socket().getOutputStream().write(tooShort);
          assertThat(client.in().read()).as("an alert").isEqualTo(21);
        }
        greet(gateway);
      }
      assertThat(gateway.records(8)).filteredOn(line -> line.contains("tls-failed")).hasSize(4);
      assertThat(gateway.incidents()).isEmpty();
    }
  }

  @Test
  void aServerThatIsSilentToAGreetingIsGivenUpAfterTheTimeOfAnAnswer() throws Exception {
    try (ScriptedServer server = new ScriptedServer((peer, _) -> peer.in().readAllBytes());
        RunningGateway gateway =
            to(BY_NAME, "response-timeout = 300ms, " + STRICT, server.uri().getPort())) {
      assertThatThrownBy(() -> greet(gateway)).isInstanceOf(IOException.class);
      assertThat(one(gateway)).contains("\"cause\":\"application.timeout\"", "\"status\":504");
      assertThat(failures(gateway, "response-timeout")).isEqualTo(1);
      // No client is the reason of that: it is held against the server.
      assertThatThrownBy(() -> greet(gateway)).isInstanceOf(IOException.class);
      assertThat(gateway.records(2).getLast()).contains("\"status\":503");
    }
  }

  @Test
  void aServerThatResetsWhoSaidNothingIsExamined() throws Exception {
    try (ScriptedServer server =
            new ScriptedServer((peer, _) -> peer.socket().setSoLinger(peer.in().read() > 0, 0));
        RunningGateway gateway =
            to(PLAIN, "proxy-protocol = v1, " + STRICT, server.uri().getPort())) {
      for (int i = 0; i < 3; i++) {
        try (RawClient client = gateway.client()) {
          assertThatThrownBy(() -> client.in().read()).isInstanceOf(SocketException.class);
        }
      }
      List<String> lines = gateway.records(3);
      assertThat(lines)
          .allSatisfy(line -> assertThat(line).contains("\"status\":502", "\"reset\""));
      assertThat(lines)
          .filteredOn(line -> line.contains("\"application.closed-before-response\""))
          .hasSize(1);
    }
  }

  @Test
  void whatAClientDoesIsNoFailureOfItsServer() throws Exception {
    CountDownLatch ended = new CountDownLatch(3);
    try (ScriptedServer server =
            new ScriptedServer((peer, _) -> {
              peer.in().readAllBytes();
              ended.countDown();
            });
        RunningGateway gateway = to(PLAIN, "", server.uri().getPort())) {
      // One that looks whether the port is open.
      gateway.client().close();
      // One that says something and wants no answer.
      try (RawClient client = gateway.client()) {
        client.send("<13>a line of a log\n").endOutput();
        assertThat(client.in().read()).isEqualTo(-1);
      }
      // One that begins a handshake and leaves.
      try (RawClient client = gateway.client()) {
        client.socket().getOutputStream().write(new byte[] {22, 3, 1, 0, 5, 1});
        client.endOutput();
        assertThat(client.in().read()).isEqualTo(-1);
      }
      assertThat(ended.await(20, TimeUnit.SECONDS)).isTrue();
      assertThat(gateway.records(3)).noneSatisfy(line -> assertThat(line).contains("\"cause\""));
      assertThat(gateway.incidents()).isEmpty();
    }
  }

  @Test
  void aServerThatWantsNoMoreOfSomethingThatIsNotTlsHasNotFailed() throws Exception {
    try (ScriptedServer server =
            new ScriptedServer((peer, _) -> {
              peer.socket().shutdownOutput();
              peer.in().readAllBytes();
            });
        RunningGateway gateway = to(PLAIN, "", server.uri().getPort());
        RawClient client = gateway.client()) {
      client.send("one way");
      assertThat(client.in().read()).isEqualTo(-1);
      client.send(" only").endOutput();
      assertThat(one(gateway)).contains("\"request_bytes\":12", "\"outcome\":\"completed\"");
      assertThat(gateway.incidents()).isEmpty();
    }
  }
}
