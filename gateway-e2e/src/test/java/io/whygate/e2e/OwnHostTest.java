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
import io.whygate.faults.Fault;
import io.whygate.faults.FaultyServer;
import io.whygate.faults.tls.Certificates;
import io.whygate.faults.tls.Pki;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/// Where it is the gateway's own host that cannot go on, the gateway says that it is.
class OwnHostTest {
  private static final int FILES = 400;
  private static final String SLOW = "GET /slow HTTP/1.1\r\nHost: www.lab.test\r\n\r\n";

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

  private static GatewayProcess limited(FaultyServer server) {
    Place limited = new Place("127.0.0.1", List.of("prlimit", "--nofile=" + FILES + ":" + FILES));
    return GatewayProcess.startPacked(limited, settings(server.uri().toString()));
  }

  /// Clients that say nothing take all descriptors: some are let go for those who ask something.
  @Test
  @Needs({"root", "prlimit"})
  void idleClientsAreLetGoForOthersWhenDescriptorsRunOut() throws Exception {
    Deque<Socket> idle = new ArrayDeque<>();
    try (FaultyServer server = FaultyServer.start();
        GatewayProcess gateway = limited(server)) {
      assertThat(Client.get(gateway.uri(), "/").status()).isEqualTo(200);
      for (int i = 0; i < FILES; i++) {
        idle.add(new Socket(gateway.uri().getHost(), gateway.uri().getPort()));
      }
      // Until those that were let go are there again, nothing new is dialled.
      Await.until(
          "whoever asks is served",
          Duration.ofSeconds(30),
          () -> {
            Answer answer = Client.get(gateway.uri(), "/");
            assertThat(answer.status() == 200 ? "" : answer.cause())
                .isIn("", "gateway.descriptors-exhausted");
            return answer.status() == 200;
          },
          gateway::warnings);
      gateway.process().awaitOutput("No descriptor is left");
    } finally {
      for (Socket each : idle) {
        each.close();
      }
    }
  }

  /// Requests that the server never answers take two descriptors each, until none is left.
  @Test
  @Needs({"root", "prlimit"})
  void descriptorsThatRunOutAreTheGatewaysOwnFault() throws Exception {
    Deque<Socket> waiting = new ArrayDeque<>();
    try (FaultyServer server = FaultyServer.start();
        GatewayProcess gateway = limited(server)) {
      assertThat(Client.get(gateway.uri(), "/").status()).isEqualTo(200);
      server.fault(new Fault.PathFailure("/slow", new Fault.AcceptThenSilence()));
      List<Answer> answers = new ArrayList<>();
      // Those that were kept back serve somebody, too, once they are let go.
      Await.until(
          "all descriptors are taken, and somebody is told so",
          Duration.ofSeconds(60),
          () -> {
            Socket visitor = new Socket(gateway.uri().getHost(), gateway.uri().getPort());
            waiting.add(visitor);
            visitor.getOutputStream().write(SLOW.getBytes(StandardCharsets.US_ASCII));
            if (!gateway.warnings().contains("No descriptor is left")) {
              return false;
            }
            answers.add(Client.get(gateway.uri(), "/other"));
            return answers.getLast().status() != 200;
          },
          gateway::warnings);
      Answer answer = answers.getLast();

      assertThat(answer.cause())
          .as(answer.text() + gateway.warnings())
          .isEqualTo("gateway.descriptors-exhausted");
      assertThat(answer.status()).isEqualTo(503);
      assertThat(answer.error()).isEqualTo("proxy_internal_error");
      assertThat(answer.json().get("request_processed").getAsString()).isEqualTo("not_sent");
      // Operators are let in and told meanwhile, and the server was probed.
      JsonObject incident =
          incident(Place.HERE, gateway, answer.field("whygate-incident").orElseThrow());
      assertThat(incident.get("cause").getAsString()).isEqualTo("gateway.descriptors-exhausted");
      assertThat(incident.get("because").getAsString()).contains("EMFILE");
      assertThat(incident.getAsJsonArray("fix").toString()).contains("LimitNOFILE");
      assertThat(incident.getAsJsonArray("evidence").toString()).contains("accepted");
      for (Socket each : waiting) {
        each.close();
      }
      Await.until(
          "it serves again",
          Duration.ofSeconds(30),
          () -> Client.get(gateway.uri(), "/").status() == 200);
    } finally {
      for (Socket each : waiting) {
        each.close();
      }
    }
  }

  /// The gateway stands still within a handshake, and goes on when the time for it is over: the
  /// server was in time, and the gateway was not.
  @Test
  void aGatewayThatStandsStillIsItsOwnFault() throws Exception {
    String because = standingStill();
    for (int again = 0; again < 2 && !because.startsWith("gateway.overloaded"); again++) {
      // On a busy machine the probe may find no processor in time, and then nobody is accused.
      because = standingStill();
    }
    assertThat(because).startsWith("gateway.overloaded").contains("ms late meanwhile");
  }

  /// The cause that is named, and why.
  private static String standingStill() throws Exception {
    Pki pki = Pki.of("www.lab.test");
    Path trusted = Files.createTempFile("whygate-own", ".pem");
    Certificates.writePem(trusted, pki.root());
    try (FaultyServer server = FaultyServer.startTls(pki);
        ServerSocket door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        GatewayProcess gateway =
            GatewayProcess.start(
                settings("https://127.0.0.1:" + door.getLocalPort())
                    .replace("access-log", "diagnostics { budget = 2s }, access-log")
                    .replace(
                        "pool {",
                        """
                        connect-timeout = 900ms, retry.attempts = 1
                        tls { trusted-certificates = "%s", server-name = "www.lab.test" }
                        pool {\
                        """
                            .formatted(trusted)))) {
      FutureTask<Answer> asked = new FutureTask<>(() -> Client.get(gateway.uri(), "/"));
      Thread.ofVirtual().start(asked);
      Socket first = door.accept();
      first.getInputStream().read();
      gateway.process().signal("STOP");
      // What was read is the first byte of a handshake record (RFC 8446 section 5.1).
      relay(first, server, new byte[] {22});
      Thread.ofVirtual().start(() -> relayAll(door, server));
      LockSupport.parkNanos(Duration.ofMillis(1_500).toNanos());
      gateway.process().signal("CONT");
      Answer answer = asked.get();

      JsonObject incident =
          incident(Place.HERE, gateway, answer.field("whygate-incident").orElseThrow());
      return answer.cause() + ": " + incident.get("because").getAsString();
    } finally {
      Files.delete(trusted);
    }
  }

  private static void relayAll(ServerSocket door, FaultyServer server) {
    try {
      while (true) {
        relay(door.accept(), server, new byte[0]);
      }
    } catch (IOException e) {
      // Closed: the test is over.
      Thread.currentThread().interrupt();
    }
  }

  /// Passes bytes both ways between a client and the server, after those that were read already.
  private static void relay(Socket client, FaultyServer server, byte[] before) throws IOException {
    Socket behind = new Socket(server.uri().getHost(), server.port());
    behind.getOutputStream().write(before);
    Thread.ofVirtual().start(() -> pass(client, behind));
    Thread.ofVirtual().start(() -> pass(behind, client));
  }

  private static void pass(Socket from, Socket to) {
    try (from;
        to) {
      from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException e) {
      // One of them ended the connection.
      Thread.currentThread().interrupt();
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
