package io.whygate.e2e.matrix;

import io.whygate.e2e.lab.Await;
import io.whygate.e2e.lab.Place;
import io.whygate.faults.Fault;
import io.whygate.faults.FaultyServer;
import io.whygate.faults.tls.Pki;
import io.whygate.faults.tls.TlsFault;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/// Where it is the gateway's own side.
final class GatewayRows {
  private static final Duration PENDING = Duration.ofMillis(300);

  private GatewayRows() {}

  static List<Row> all() {
    return List.of(
        Row.of(
            "one connection, and it is in use",
            Expected.unsent("gateway.pool-exhausted", 503, "connection_limit_reached"),
            oneConnection("pool { max-connections = 1, max-pending = 0 }")),
        Row.of(
            "a place in the queue for a connection, and none comes free",
            Expected.unsent("gateway.pool-exhausted", 503, "connection_limit_reached"),
            PENDING,
            oneConnection(
                "pool { max-connections = 1, max-pending = 5, pending-timeout = %dms }"
                    .formatted(PENDING.toMillis()))),
        Row.of(
            "the circuit is open, after a failure that nobody understands",
            Expected.unsent("gateway.circuit-open", 503, "destination_unavailable"),
            GatewayRows::circuitAfterUnknown),
        Row.of(
            "the circuit is open, after a closed port",
            Expected.unsent("server.port-closed", 503, "destination_unavailable"),
            circuit(new Fault.NothingListens())),
        Row.of(
            "the upstream is the gateway itself",
            Expected.page("gateway.loop", 502, "proxy_loop_detected", ""),
            GatewayRows::loop));
  }

  /// The only connection that the gateway may have waits for an answer.
  private static Row.Staging oneConnection(String pool) {
    return scene -> oneConnection(scene, pool);
  }

  private static void oneConnection(Scene scene, String pool) throws Exception {
    FaultyServer server = scene.open(FaultyServer.start());
    scene
        .upstream(server.uri(), "response-timeout = 20s, " + pool)
        .breaks(
            gateway -> {
              server.fault(new Fault.PathFailure("/slow", new Fault.AcceptThenSilence()));
              server.closeConnections();
              long before = server.traffic().requests();
              Thread.ofVirtual().start(() -> askAndForget(gateway));
              Await.until(
                  "the slow request is there",
                  Duration.ofSeconds(30),
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

  private static void circuitAfterUnknown(Scene scene) throws Exception {
    Pki pki = Pki.of(Sites.NAME, "127.0.0.1");
    FaultyServer server = scene.open(FaultyServer.startTls(pki));
    scene
        .upstream(
            server.uri(),
            Sites.trusting(scene, pki)
                + "\ncircuit-breaker { consecutive-failures = 3, open-for = 2s }")
        .breaks(
            gateway -> {
              server.tlsFault(new TlsFault.Alert(50));
              for (int i = 0; i < 4; i++) {
                Client.get(gateway.uri(), "/");
              }
            },
            _ -> server.mend());
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
}
