package io.whygate.gateway.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.diagnostics.incident.Incident;
import io.whygate.diagnostics.verdict.Cause;
import io.whygate.gateway.ScriptedServer;
import io.whygate.gateway.telemetry.Metrics;
import io.whygate.gateway.telemetry.SampleIncident;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A recorded request sent once more at an operator's wish, to a real server.
class ReplayApiTest {
  private static final String ID = "abc123def456";

  private final HttpClient client = HttpClient.newHttpClient();
  private final FakeOperations gateway = new FakeOperations();
  private AdminServer server;

  @BeforeEach
  void start() throws IOException {
    server =
        AdminServer.start(
            SampleSettings.of("s3cret", "look", 5, Optional.empty()),
            "whygate",
            gateway,
            new Metrics(1));
    gateway.incidents.add(
        SampleIncident.of(ID, "shop", Cause.SERVER_PORT_CLOSED, Incident.State.OPEN));
  }

  @AfterEach
  void stop() {
    server.close();
    client.close();
  }

  private HttpResponse<String> replay(String token, String body) throws Exception {
    return client.send(
        HttpRequest.newBuilder(
                URI.create(
                    "http://127.0.0.1:"
                        + server.address().getPort()
                        + "/api/incidents/"
                        + ID
                        + "/replay"))
            .timeout(Duration.ofMinutes(1))
            .header("Authorization", "Bearer " + token)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofString());
  }

  private void recorded(String method, URI endpoint, long bodyBytes) {
    gateway.archive =
        """
        {"log": {"entries": [ {
          "pageref": "last", "startedDateTime": "2030-01-02T03:04:05Z", "serverIPAddress": "127.0.0.1",
          "request": { "method": "%s", "url": "http://shop.example/cart?item=1",
            "headers": [ {"name": "Host", "value": "shop.example"}, {"name": "Cookie", "value": "[redacted]"} ] },
          "response": { "_error": "the connection was refused" },
          "_whygate": { "endpoint": "%s", "symptom": "connect-refused", "redacted": ["Cookie"],
            "target_redacted": false, "cut": false, "body_bytes": %d, "body_kept": false } } ] } }
        """
            .formatted(method, endpoint, bodyBytes);
  }

  private static URI closedPort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      return URI.create("http://127.0.0.1:" + socket.getLocalPort());
    }
  }

  @Test
  void tellsEachPhaseOfARequestThatWorksNow() throws Exception {
    try (ScriptedServer site = new ScriptedServer((peer, _) -> peer.serve())) {
      recorded("GET", site.uri(), 0);
      HttpResponse<String> answer = replay("s3cret", "{}");
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body())
          .containsSubsequence(
              "\"missing\":[\"Cookie\"]",
              "\"phase\":\"connect\"",
              "\"phase\":\"send_request\"",
              "\"phase\":\"await_response\"",
              "\"phase\":\"read_response\"",
              "\"works\":true",
              "\"status\":200");
      assertThat(site.heads().getFirst())
          .startsWith("GET /cart?item=1 HTTP/1.1\r\n")
          .contains("Host: shop.example\r\n")
          .doesNotContain("Cookie");
    }
  }

  @Test
  void tellsTheMomentAtWhichItGoesWrong() throws Exception {
    recorded("GET", closedPort(), 0);
    assertThat(replay("s3cret", "").body())
        .contains(
            "\"works\":false",
            "\"same\":true",
            "\"phase\":\"connect\"",
            "\"symptom\":\"connect-refused\"");

    try (ScriptedServer site =
        new ScriptedServer((peer, _) -> {
          peer.head();
          peer.send("HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nok");
        })) {
      recorded("GET", site.uri(), 0);
      assertThat(replay("s3cret", "{}").body())
          .contains("\"works\":false", "\"same\":false", "\"offending\":{", "\"byte\":\"0x43\"");
    }
  }

  @Test
  void sendsNothingThatMayDoHarmUnlessTold() throws Exception {
    try (ScriptedServer site = new ScriptedServer((peer, _) -> peer.serve())) {
      recorded("POST", site.uri(), 0);
      HttpResponse<String> refused = replay("s3cret", "{}");
      assertThat(refused.statusCode()).isEqualTo(409);
      assertThat(refused.body()).contains("POST may change something");
      recorded("POST", site.uri(), 12);
      assertThat(replay("s3cret", "{\"force\": true}").body()).contains("body was not recorded");
      assertThat(site.heads()).isEmpty();

      recorded("POST", site.uri(), 0);
      assertThat(replay("s3cret", "{\"force\": true}").body()).contains("\"works\":true");
      assertThat(site.heads()).hasSize(1);
    }
  }

  @Test
  void isForThoseWhoMayChangeThings() throws Exception {
    try (ScriptedServer site = new ScriptedServer((peer, _) -> peer.serve())) {
      recorded("GET", site.uri(), 0);
      assertThat(replay("look", "{}").statusCode()).isEqualTo(403);
      assertThat(replay("guess", "{}").statusCode()).isEqualTo(401);
      assertThat(replay("s3cret", "{\"to\": \"http://elsewhere\"}").statusCode()).isEqualTo(400);
      gateway.incidents.clear();
      assertThat(replay("s3cret", "{}").statusCode()).isEqualTo(404);
      assertThat(site.heads()).isEmpty();
    }
  }
}
