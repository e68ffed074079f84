package io.whygate.e2e.matrix;

import io.whygate.faults.Fault;
import io.whygate.faults.FaultyServer;
import io.whygate.faults.http.Response;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.URLEncoder;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// Faults of the server: its port, its socket, and whether it is meant to serve; and those that
/// nobody sees.
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
            "its own 503 until a date",
            Expected.passed("server.maintenance", 503),
            Sites.plain(
                new Fault.Answers(
                    Response.text(503, "Tidying up.\n")
                        .with("Retry-After", "Fri, 31 Dec 2100 23:59:59 GMT")))),
        Row.of(
            "its own 503 on one path",
            Expected.passed("application.path-failure", 503),
            Sites.onePath(new Fault.Overloaded503())),
        Row.of(
            "the queue of the socket is full",
            Expected.unsent("server.overloaded", 502, "connection_refused"),
            ServerRows::fullSocket),
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

  /// A socket whose server takes no connection any more: its queue has room for one.
  private static void fullSocket(Scene scene) throws Exception {
    Path folder = Files.createTempDirectory("whygate-matrix");
    Path socket = folder.resolve("site.sock");
    scene.open(() -> Files.deleteIfExists(folder));
    scene.open(() -> Files.deleteIfExists(socket));
    scene
        .open(ServerSocketChannel.open(StandardProtocolFamily.UNIX))
        .bind(UnixDomainSocketAddress.of(socket), 1);
    scene
        .neverWorked()
        .staysBroken()
        .upstream("unix:" + socket, "")
        .breaks(
            _ -> {
              while (queued(scene, socket)) {
                continue;
              }
            },
            _ -> {});
  }

  /// Puts one more connection into the queue; false where it is full.
  private static boolean queued(Scene scene, Path socket) throws IOException {
    SocketChannel waiting = scene.open(SocketChannel.open(StandardProtocolFamily.UNIX));
    waiting.configureBlocking(false);
    try {
      return waiting.connect(UnixDomainSocketAddress.of(socket));
    } catch (IOException full) {
      return false;
    }
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
