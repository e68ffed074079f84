package io.whygate.gateway.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.diagnostics.incident.Incident;
import io.whygate.faults.http2.FramedPeer;
import io.whygate.faults.http2.FramedServer;
import io.whygate.faults.http2.FramedServer.Script;
import io.whygate.gateway.RawClient;
import io.whygate.gateway.RunningGateway;
import io.whygate.gateway.ScriptedServer;
import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// How many fields, and how many interim answers, a server may send: what its upstream says.
class AnswerLimitsTest {
  private static final String SETTINGS =
      "max-response-header-count = 8, max-interim-responses = 3, retry.attempts = 1";

  @ParameterizedTest
  @CsvSource({"7, 0, 200", "8, 0, 502", "0, 3, 200", "0, 4, 502"})
  void holdForHttp1(int fields, int interim, int status) throws Exception {
    String answer =
        "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(interim)
            + "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"
            + "x: y\r\n".repeat(fields)
            + "\r\n";
    try (ScriptedServer server =
            new ScriptedServer((peer, _) -> {
              peer.head();
              peer.send(answer);
              peer.in().readAllBytes();
            });
        RunningGateway gateway = RunningGateway.before(SETTINGS, server.uri())) {
      assertThat(statusThrough(gateway)).isEqualTo(status);
    }
  }

  @ParameterizedTest
  @CsvSource({"8, 0, 200", "9, 0, 502", "0, 3, 200", "0, 4, 502"})
  void holdForHttp2(int fields, int interim, int status) throws Exception {
    Script script =
        new Script() {
          @Override
          public void answer(FramedPeer peer, FramedPeer.Request request, int number)
              throws IOException {
            for (int i = 0; i < interim; i++) {
              peer.headers(request.stream(), false, ":status: 103");
            }
            String[] all = new String[1 + fields];
            all[0] = ":status: 200";
            for (int i = 1; i < all.length; i++) {
              all[i] = "x: y";
            }
            peer.headers(request.stream(), true, all);
          }
        };
    try (FramedServer server = FramedServer.start();
        RunningGateway gateway =
            RunningGateway.before("protocol = http2, " + SETTINGS, server.uri())) {
      server.play(script);
      assertThat(statusThrough(gateway)).isEqualTo(status);
    }
  }

  /// What a probe takes for an answer is what the gateway would pass on now.
  @ParameterizedTest
  @CsvSource({"9, 0", "0, 4"})
  void anIncidentEndsOnceTheLimitIsRaised(int fields, int interim) throws Exception {
    String answer =
        "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(interim)
            + "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"
            + "x: y\r\n".repeat(fields)
            + "\r\n";
    try (ScriptedServer server =
            new ScriptedServer((peer, _) -> {
              peer.head();
              peer.send(answer);
              peer.in().readAllBytes();
            });
        RunningGateway gateway = RunningGateway.before(SETTINGS, server.uri())) {
      assertThat(statusThrough(gateway)).isEqualTo(502);
      int asked = server.accepted();
      RunningGateway.await(() -> server.accepted() > asked + 1);
      assertThat(gateway.incidents().getFirst().state()).isEqualTo(Incident.State.OPEN);
      gateway.apply("", "", server.uri());
      RunningGateway.await(
          () -> gateway.incidents().getFirst().state() == Incident.State.RECOVERED);
    }
  }

  private static int statusThrough(RunningGateway gateway) throws IOException {
    try (RawClient client = gateway.client()) {
      RawClient.Answer answer = client.get("/").answer();
      while (answer.status() < 200) {
        answer = client.answer();
      }
      if (answer.status() == 502) {
        assertThat(answer.field("Whygate-Cause")).isEqualTo("application.header-too-large");
      }
      return answer.status();
    }
  }
}
