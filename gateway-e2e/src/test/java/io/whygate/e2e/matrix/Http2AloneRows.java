package io.whygate.e2e.matrix;

import io.whygate.e2e.lab.NodeServer;
import io.whygate.faults.tls.Pki;
import java.net.URI;
import java.util.List;

/// Node as a server that knows HTTP/2 and nothing else.
final class Http2AloneRows {
  private static final String MISMATCH = "application.protocol-mismatch";

  private static final String CLEAR =
      """
      require('http2').createServer((q, r) => r.end('fine')).listen(process.env.PORT, '127.0.0.1');
      """;

  /// With TLS; while a file is there, one path ends its connection.
  private static final String SECURE =
      """
      const all = new Map();
      const server = require('http2').createSecureServer({ cert: `%s`, key: `%s` }, (q, r) => {
        if (q.url === '/sick' && require('fs').existsSync('broken')) {
          all.get(q.stream.session.socket.remotePort).destroy();
          return;
        }
        r.end('fine');
      });
      server.on('connection', s => all.set(s.remotePort, s));
      server.listen(process.env.PORT, '127.0.0.1');
      """;

  private Http2AloneRows() {}

  static List<Row> all() {
    return List.of(
        Row.of(
            "Node knows HTTP/2 alone, HTTP/1 is spoken",
            Expected.page(MISMATCH, 502, "http_protocol_error", "received"),
            scene -> {
              NodeServer node = NodeServer.running(CLEAR);
              scene.open(node::close);
              scene.upstream(node.uri(), "").neverWorked().staysBroken();
            }),
        Row.of(
            "Node knows HTTP/2 alone by TLS, HTTP/1 is offered",
            Expected.unsent(MISMATCH, 502, "tls_alert_received"),
            scene -> {
              Pki pki = Pki.of(Sites.NAME, "127.0.0.1");
              scene
                  .upstream(
                      secured(server(scene, pki)),
                      "protocol = http1, " + Sites.trusting(scene, pki))
                  .neverWorked()
                  .staysBroken();
            }),
        Row.of(
            "Node knows HTTP/2 alone by TLS, one path closes",
            Expected.page("application.path-failure", 502, "connection_terminated", "unknown"),
            Http2AloneRows::closedPath));
  }

  private static NodeServer server(Scene scene, Pki pki) {
    NodeServer node =
        NodeServer.running(SECURE.formatted(pki.server().chainPem(), pki.server().keyPem()));
    scene.open(node::close);
    return node;
  }

  private static URI secured(NodeServer node) {
    return URI.create("https://127.0.0.1:" + node.uri().getPort());
  }

  private static void closedPath(Scene scene) throws Exception {
    Pki pki = Pki.of(Sites.NAME, "127.0.0.1");
    NodeServer node = server(scene, pki);
    scene
        .upstream(secured(node), Sites.trusting(scene, pki))
        .asks("GET", Sites.SICK)
        .breaks(_ -> node.folder().write("broken", ""), _ -> node.folder().delete("broken"));
  }
}
