package io.whygate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.whygate.e2e.lab.Await;
import io.whygate.e2e.lab.Folder;
import io.whygate.e2e.lab.GatewayProcess;
import io.whygate.e2e.lab.LabProcess;
import io.whygate.e2e.lab.Namespaces;
import io.whygate.e2e.lab.Nginx;
import io.whygate.e2e.lab.Place;
import io.whygate.e2e.matrix.Answer;
import io.whygate.e2e.matrix.Client;
import io.whygate.faults.FaultyServer;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Where it is the gateway's own host that cannot go on, the gateway says that it is.
class OwnHostTest {

  private static String settings(String endpoint) {
    return """
    upstreams { site {
      endpoints = ["%s"], pool { max-connections = 500, idle-timeout = 1s }
      circuit-breaker.consecutive-failures = 0, outlier.consecutive-failures = 0
    } }
    routes = [ { upstream = site } ]
    access-log { enabled = false }
    """
        .formatted(endpoint);
  }

  private static JsonObject incident(Place place, GatewayProcess gateway, String id) {
    String document =
        LabProcess.run(
            place, Path.of("/"), "curl", "-fsS", gateway.adminUri() + "/api/incidents/" + id);
    return JsonParser.parseString(document).getAsJsonObject();
  }

  private static long openDescriptors(GatewayProcess gateway) throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc/" + gateway.process().pid() + "/fd"))) {
      return open.count();
    }
  }

  /// Clients that say nothing take all descriptors but one; that one takes the request, and none is
  /// left for the server.
  @Test
  @Needs({"root", "prlimit"})
  void descriptorsThatRunOutAreTheGatewaysOwnFault() throws Exception {
    Place limited = new Place("127.0.0.1", List.of("prlimit", "--nofile=400:400"));
    Deque<Socket> idle = new ArrayDeque<>();
    try (FaultyServer server = FaultyServer.start();
        GatewayProcess gateway =
            GatewayProcess.startPacked(limited, settings(server.uri().toString()))) {
      assertThat(Client.get(gateway.uri(), "/").status()).isEqualTo(200);
      server.closeConnections();
      Await.until(
          "all descriptors are taken",
          Duration.ofSeconds(60),
          () -> {
            if (openDescriptors(gateway) < 400) {
              idle.add(new Socket(gateway.uri().getHost(), gateway.uri().getPort()));
            }
            return openDescriptors(gateway) >= 400;
          });
      // The first of them asks now: it is accepted already.
      Answer answer = Client.onOpen(idle.getFirst(), "/");

      assertThat(answer.cause())
          .as(answer.text() + gateway.warnings())
          .isEqualTo("gateway.descriptors-exhausted");
      assertThat(answer.status()).isEqualTo(503);
      assertThat(answer.error()).isEqualTo("proxy_internal_error");
      assertThat(answer.json().get("request_processed").getAsString()).isEqualTo("not_sent");
      for (Socket each : idle) {
        each.close();
      }
      Await.until(
          "it serves again",
          Duration.ofSeconds(30),
          () -> Client.get(gateway.uri(), "/").status() == 200);
      JsonObject incident =
          incident(Place.HERE, gateway, answer.field("whygate-incident").orElseThrow());
      assertThat(incident.get("cause").getAsString()).isEqualTo("gateway.descriptors-exhausted");
      assertThat(incident.getAsJsonArray("fix").toString()).contains("LimitNOFILE");
    } finally {
      for (Socket each : idle) {
        each.close();
      }
    }
  }

  /// Five ports for outgoing connections, and a server that never answers: the sixth request finds
  /// none.
  @Test
  @Needs({"namespaces", "nginx", "curl"})
  void portsThatRunOutAreTheGatewaysOwnFault() throws Exception {
    try (Namespaces network = new Namespaces();
        Folder root = Folder.create("ports")) {
      Place host = network.host("gateway", "10.77.0.2");
      Place far = network.host("server", "10.77.0.3");
      LabProcess.run(host, root.path(), "sysctl", "-w", "net.ipv4.ip_local_port_range=61000 61004");
      try (Nginx nginx = Nginx.serving(far, root.path(), "");
          GatewayProcess gateway = GatewayProcess.start(host, settings(nginx.uri().toString()))) {
        // What waits for an answer keeps its port: the server is stopped in its tracks.
        nginx.signal("STOP");
        for (int i = 0; i < 5; i++) {
          LabProcess.start(far, root.path(), "curl", "-s", "-m", "60", gateway.uri() + "/");
        }
        Await.until(
            "all ports are taken",
            Duration.ofSeconds(30),
            () ->
                LabProcess.run(host, root.path(), "ss", "-Htn", "dport", "=", ":" + nginx.port())
                        .lines()
                        .count()
                    == 5,
            () -> LabProcess.run(host, root.path(), "ss", "-tan") + gateway.warnings());
        String answer =
            LabProcess.run(
                far,
                root.path(),
                "curl",
                "-sS",
                "-D-",
                "-H",
                "Accept: application/problem+json",
                gateway.uri() + "/");

        assertThat(answer).contains("Whygate-Cause: gateway.ports-exhausted");
        assertThat(answer).contains("HTTP/1.1 503").contains("error=connection_limit_reached");
        assertThat(answer).doesNotContain("10.77.0.3").contains("\"not_sent\"");
        String id = answer.split("Whygate-Incident: ", -1)[1].lines().findFirst().orElseThrow();
        JsonObject incident = incident(host, gateway, id.strip());
        assertThat(incident.get("because").getAsString()).contains("5 of 5");
        assertThat(incident.getAsJsonArray("fix").toString()).contains("ip_local_port_range");
        nginx.signal("CONT");
      }
    }
  }
}
