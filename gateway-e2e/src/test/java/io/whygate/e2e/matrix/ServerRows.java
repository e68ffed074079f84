package io.whygate.e2e.matrix;

import io.whygate.e2e.lab.Await;
import io.whygate.e2e.lab.Place;
import io.whygate.faults.Fault;
import io.whygate.faults.FaultyServer;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// Faults of the server: its port, its socket, and whether it is meant to serve; those of the
/// gateway's own side; and those that nobody sees.
final class ServerRows {
  private ServerRows() {}

  static List<Row> all() {
    return List.of(
        Row.of(
            "nothing listens on the port",
            Expected.unsent("server.port-closed", 502, "connection_refused"),
            Sites.plain(new Fault.NothingListens())),
        Row.of(
            "nothing listens on the port, a form",
            Expected.unsent("server.port-closed", 502, "connection_refused"),
            scene -> {
              Sites.plain(new Fault.NothingListens()).stage(scene);
              scene.asks("POST", "/");
            }),
        Row.of(
            "a socket's file without a listener",
            Expected.unsent("server.port-closed", 502, "connection_refused"),
            unix(false)),
        Row.of(
            "the socket's file is gone",
            Expected.unsent("server.socket-missing", 502, "connection_refused"),
            unix(true)),
        Row.of(
            "a declared maintenance",
            Expected.unsent("server.maintenance", 503, "destination_unavailable"),
            ServerRows::maintenance),
        Row.of(
            "its own 503 with Retry-After",
            Expected.passed("server.maintenance", 503),
            Sites.plain(new Fault.Maintenance503(Duration.ofSeconds(120)))),
        Row.of(
            "its own 503 on every path",
            Expected.passed("server.overloaded", 503),
            Sites.plain(new Fault.Overloaded503())),
        Row.of(
            "no connection is taken any more",
            Expected.unsent("firewall.dropped", 504, "connection_timeout"),
            Scene.CONNECT,
            Sites.plain(new Fault.BacklogFull())),
        Row.of(
            "every endpoint is drained",
            Expected.unsent("server.no-endpoint", 503, "destination_unavailable"),
            ServerRows::drained),
        Row.of(
            "one connection, and it is in use",
            Expected.unsent("gateway.pool-exhausted", 503, "connection_limit_reached"),
            ServerRows::oneConnection),
        Row.of(
            "the circuit is open, after a closed port",
            Expected.unsent("server.port-closed", 503, "destination_unavailable"),
            circuit(new Fault.NothingListens())),
        Row.of(
            "the upstream is the gateway itself",
            Expected.page("gateway.loop", 502, "proxy_loop_detected", ""),
            ServerRows::loop),
        Row.of(
            "the kept connection was closed by the server",
            Expected.served("blip.stale-connection"),
            ServerRows::stale),
        Row.of(
            "one answer fails",
            Expected.served("blip.recovered"),
            scene -> {
              FaultyServer server = scene.open(FaultyServer.start());
              server.fault(new Fault.FirstOnly(1, new Fault.CloseBeforeResponse()));
              scene.neverWorked().upstream(server.uri(), "");
            }));
  }

  private static Row.Staging unix(boolean vanishes) {
    return scene -> {
      Path folder = Files.createTempDirectory("whygate-matrix");
      Path socket = folder.resolve("site.sock");
      var now = new UnixSite[] {UnixSite.at(socket)};
      scene.open(() -> {
        now[0].vanish();
        Files.deleteIfExists(folder);
      });
      scene
          .upstream("unix:" + socket, "")
          .breaks(
              _ -> {
                if (vanishes) {
                  now[0].vanish();
                } else {
                  now[0].close();
                }
              },
              _ -> now[0] = UnixSite.at(socket));
    };
  }

  private static void maintenance(Scene scene) throws Exception {
    FaultyServer server = scene.open(FaultyServer.start());
    scene
        .upstream(server.uri(), "")
        .breaks(
            gateway ->
                gateway.admin(
                    "POST",
                    "/api/upstreams/site/maintenance",
                    "{\"enabled\": true, \"message\": \"New shelves.\"}"),
            gateway ->
                gateway.admin("POST", "/api/upstreams/site/maintenance", "{\"enabled\": false}"));
  }

  private static void drained(Scene scene) throws Exception {
    FaultyServer server = scene.open(FaultyServer.start());
    String endpoint =
        "/api/upstreams/site/endpoints/"
            + URLEncoder.encode(server.uri().toString(), StandardCharsets.UTF_8);
    scene
        .upstream(server.uri(), "")
        .breaks(
            gateway -> gateway.admin("POST", endpoint + "/drain", ""),
            gateway -> gateway.admin("POST", endpoint + "/undrain", ""));
  }

  /// The only connection that the gateway may have waits for an answer.
  private static void oneConnection(Scene scene) throws Exception {
    FaultyServer server = scene.open(FaultyServer.start());
    scene
        .upstream(
            server.uri(), "response-timeout = 20s, pool { max-connections = 1, max-pending = 0 }")
        .breaks(
            gateway -> {
              server.fault(new Fault.PathFailure("/slow", new Fault.AcceptThenSilence()));
              server.closeConnections();
              long before = server.traffic().requests();
              Thread.ofVirtual().start(() -> askAndForget(gateway));
              Await.until(
                  "the slow request is there",
                  Duration.ofSeconds(5),
                  () -> server.traffic().requests() > before);
            },
            _ -> server.mend());
  }

  private static void askAndForget(HeldGateway gateway) {
    try {
      Client.get(gateway.uri(), "/slow");
    } catch (IOException e) {
      // Nobody waits for it.
      Thread.currentThread().interrupt();
    }
  }

  /// Fails until the circuit opens.
  private static Row.Staging circuit(Fault fault) {
    return scene -> {
      FaultyServer server = scene.open(FaultyServer.start());
      scene
          .upstream(server.uri(), "circuit-breaker { consecutive-failures = 3, open-for = 2s }")
          .breaks(
              gateway -> {
                server.fault(fault);
                for (int i = 0; i < 4; i++) {
                  Client.get(gateway.uri(), "/");
                }
              },
              _ -> server.mend());
    };
  }

  /// The gateway's own listener as its upstream: known only after it listens, so by way of a port
  /// that was free.
  private static void loop(Scene scene) throws Exception {
    int port = Place.HERE.freePort();
    scene
        .neverWorked()
        .staysBroken()
        .upstream("http://127.0.0.1:" + port, "")
        .settings("listeners = [ { bind = \"127.0.0.1:" + port + "\" } ]\n");
  }

  private static void stale(Scene scene) throws Exception {
    FaultyServer server = scene.open(FaultyServer.start());
    scene
        .settings("event-loops = 1\n")
        .upstream(server.uri(), "")
        .breaks(
            _ -> server.fault(new Fault.StaleKeepAlive(Duration.ofMillis(200))), _ -> server.mend())
        .settles(Duration.ofMillis(400));
  }
}
