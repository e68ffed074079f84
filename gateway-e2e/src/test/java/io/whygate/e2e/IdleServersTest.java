package io.whygate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.e2e.lab.ApacheServer;
import io.whygate.e2e.lab.Folder;
import io.whygate.e2e.lab.Gunicorn;
import io.whygate.e2e.lab.NodeServer;
import io.whygate.e2e.matrix.Answer;
import io.whygate.e2e.matrix.Client;
import io.whygate.e2e.matrix.HeldGateway;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/// Servers that close connections which lie idle, asked by POST around that moment: nobody sees a
/// page, though a POST is not sent twice without a proof.
@Needs({"node", "gunicorn", "apache2"})
class IdleServersTest {
  private static final Duration KEPT = Duration.ofSeconds(1);
  private static final int ROUNDS = 5;

  /// Milliseconds by which half a round is later than the one before; more than what a server waits
  /// for a processor before it comes to close.
  private static final int APART = 60;

  private static final String NODE =
      """
      const server = require('http').createServer((q, r) => q.resume().on('end', () => r.end('fine')));
      server.keepAliveTimeout = 1000;
      server.listen(process.env.PORT, '127.0.0.1');
      """;

  private static final String WSGI =
      """
      def application(environ, start_response):
          environ["wsgi.input"].read()
          start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "4")])
          return [b"fine"]
      """;

  /// Asks ever later, from a little before the close to a little after. Not in the same moment: a
  /// server that resets what it had no time to read proves nothing of a POST.
  private static List<Integer> statuses(HeldGateway gateway, String path) throws Exception {
    List<Integer> found = new ArrayList<>();
    for (int i = 0; i <= ROUNDS; i++) {
      Answer answer = Client.send(gateway.uri(), "POST", path, "order=1");
      found.add(answer.status());
      LockSupport.parkNanos(KEPT.plusMillis((2 * i - ROUNDS) * APART).toNanos());
    }
    return found;
  }

  private static String upstream(String name, URI uri) {
    return "%s { endpoints = [\"%s\"] }\n".formatted(name, uri);
  }

  @Test
  void nobodySeesAPageWhenAServerClosesAnIdleConnection() throws Exception {
    try (Folder root = Folder.create("root");
        NodeServer node = NodeServer.running(NODE);
        Gunicorn gunicorn =
            Gunicorn.serving(WSGI, "--worker-class=gthread", "--threads=2", "--keep-alive=1");
        ApacheServer apache =
            ApacheServer.serving(root.path(), "KeepAliveTimeout 1\nFallbackResource /index.html")) {
      root.write("index.html", "fine");
      String settings =
          "upstreams {\n"
              + upstream("node", node.uri())
              + upstream("gunicorn", gunicorn.uri())
              + upstream("apache", apache.uri())
              + "}\nroutes = [ { path = \"/node\", upstream = node }, { path = \"/gunicorn\", upstream ="
              + " gunicorn }, { path = \"/apache\", upstream = apache } ]\n";
      try (HeldGateway gateway = HeldGateway.start(settings);
          var threads = Executors.newCachedThreadPool()) {
        List<Callable<List<Integer>>> visitors =
            List.of(
                () -> statuses(gateway, "/node"),
                () -> statuses(gateway, "/gunicorn"),
                () -> statuses(gateway, "/apache"));
        for (Future<List<Integer>> each : threads.invokeAll(visitors)) {
          assertThat(each.get()).hasSize(ROUNDS + 1).containsOnly(200);
        }
      }
    }
  }
}
