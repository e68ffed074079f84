package io.whygate.e2e.matrix;

import io.whygate.e2e.lab.Folder;
import io.whygate.e2e.lab.Gunicorn;
import io.whygate.e2e.lab.Nginx;
import io.whygate.e2e.lab.NodeServer;
import io.whygate.e2e.lab.Place;
import io.whygate.faults.tls.Certificates;
import io.whygate.faults.tls.KeyedCertificate;
import io.whygate.faults.tls.Pki;
import java.time.Duration;
import java.util.List;

/// Node and gunicorn, driven into their real failures.
final class RuntimeRows {
  private static final Duration PATIENT = Duration.ofSeconds(9);

  private static final String NODE =
      """
      require('http').createServer((q, r) => {
        const broken = require('fs').existsSync('broken');
        if (broken && q.url === '/leak') {
          const all = [];
          while (true) all.push({ more: new Array(1000).fill(Math.random()) });
        }
        if (broken && q.url === '/throw') {
          setTimeout(() => { throw new Error('what nobody catches') }, 1);
          return;
        }
        if (broken && q.url === '/order') {
          const reqId = q.headers['x-request-id'];
          console.error(JSON.stringify({ level: 50, reqId, msg: 'TypeError: no cart' }));
          q.socket.destroy();
          return;
        }
        if (broken && q.url === '/header') r.setHeader('X-Big', 'x'.repeat(100000));
        r.end('fine');
      }).listen(process.env.PORT, '127.0.0.1');
      """;

  private static final String WSGI =
      """
      import os, signal, sys, time
      class OperationalError(Exception):
          pass
      def application(environ, start_response):
          path = environ["PATH_INFO"]
          if os.path.exists("broken"):
              if path == "/block":
                  while True:
                      pass
              if path == "/sleep":
                  time.sleep(3)
              if path == "/another":
                  print("ERROR trace_id=0af7651916cd43dd8448eb211c80319c", file=sys.stderr)
                  print("MemoryError", file=sys.stderr, flush=True)
                  os._exit(1)
              if path == "/mine":
                  print("ERROR request_id=" + environ["HTTP_X_REQUEST_ID"], file=sys.stderr)
                  print("MemoryError", file=sys.stderr, flush=True)
                  os._exit(1)
              if path == "/crash":
                  os.kill(os.getpid(), signal.SIGSEGV)
              if path == "/error":
                  raise OperationalError("connection to server at \\"10.0.0.9\\", port 5432 failed: refused")
          start_response("200 OK", [("Content-Type", "text/plain")])
          return [b"fine"]
      """;

  private RuntimeRows() {}

  /// Each row has a server of its own: they do not survive.
  static List<Row> all() {
    return List.of(
        node(
            "Node runs out of its heap",
            "/leak",
            Expected.unsent("application.out-of-memory", 502, "connection_refused")
                .saidByLog()
                .because("heap out of memory")),
        node(
            "Node ends by an error that nobody catches",
            "/throw",
            Expected.unsent("application.crashed", 502, "connection_refused")
                .saidByLog()
                .because("what nobody catches")),
        node(
            "Node sends too large a head",
            "/header",
            Expected.page(
                "application.header-too-large",
                502,
                "http_response_header_section_size",
                "received")),
        node(
            "Node logs an error of this very request, by its id",
            "/order",
            Expected.page("application.crashed", 502, "connection_terminated", "unknown")
                .saidByLog()
                .because("this very request")),
        nginxBeforeNode(),
        gunicorn(
            "a gunicorn worker ends, and its log has this request without memory",
            "/mine",
            Duration.ofMillis(300),
            Expected.page("application.out-of-memory", 502, "connection_terminated", "unknown")
                .saidByLog()
                .because("this very request")),
        gunicorn(
            "a gunicorn worker ends, and its log has another request without memory",
            "/another",
            Duration.ofMillis(300),
            Expected.page("application.path-failure", 502, "connection_terminated", "unknown")),
        gunicorn(
            "gunicorn kills a worker for its time",
            "/block",
            Duration.ofSeconds(3),
            Expected.page("application.timeout", 502, "connection_terminated", "unknown")
                .saidByLog()
                .because("WORKER TIMEOUT")),
        gunicorn(
            "a gunicorn worker dies by SIGSEGV",
            "/crash",
            Duration.ofMillis(300),
            Expected.page("application.crashed", 502, "connection_terminated", "unknown")
                .saidByLog()),
        oneBusyWorker(),
        https(),
        wantsCertificate(),
        gunicorn(
            "an application under gunicorn without its database",
            "/error",
            Duration.ZERO,
            Expected.passed("application.database-unavailable", 500).saidByLog()));
  }

  private static Row node(String name, String path, Expected expected) {
    return Row.of(
        name,
        expected,
        scene -> {
          NodeServer node = NodeServer.running(NODE, "--max-old-space-size=24");
          scene.open(node::close);
          scene
              .settings(
                  PhpRows.upstream(node.uri().toString(), PATIENT, PhpLab.setting(node.logFile())))
              .asks("GET", path)
              .breaks(
                  _ -> {
                    node.folder().write("broken", "");
                    if (path.equals("/leak") || path.equals("/throw")) {
                      node.dieBy(path);
                    }
                  },
                  _ -> {
                    node.folder().delete("broken");
                    node.start();
                  });
        });
  }

  private static Row gunicorn(String name, String path, Duration inherent, Expected expected) {
    return Row.of(
        name,
        expected,
        inherent,
        scene -> {
          Gunicorn gunicorn = Gunicorn.serving(WSGI, 2, Duration.ofSeconds(1));
          scene.open(gunicorn::close);
          scene
              .settings(
                  PhpRows.upstream(
                      gunicorn.uri().toString(), PATIENT, PhpLab.setting(gunicorn.logFile())))
              .asks("GET", path)
              .sparingly()
              .breaks(
                  _ -> gunicorn.folder().write("broken", ""),
                  _ -> gunicorn.folder().delete("broken"));
        });
  }

  /// The worker that is left takes one connection after another: what is asked of it in a language
  /// that it does not know would keep it from answering.
  private static Row oneBusyWorker() {
    return Row.of(
        "one of two gunicorn workers sleeps",
        Expected.page("application.path-failure", 504, "http_response_timeout", "unknown"),
        Scene.RESPONSE,
        scene -> {
          Gunicorn gunicorn = Gunicorn.serving(WSGI, 2, Duration.ofSeconds(60));
          scene.open(gunicorn::close);
          scene
              .settings(PhpRows.upstream(gunicorn.uri().toString(), Scene.RESPONSE, ""))
              .asks("GET", "/sleep")
              .sparingly()
              .breaks(
                  _ -> gunicorn.folder().write("broken", ""),
                  _ -> gunicorn.folder().delete("broken"));
        });
  }

  private static Row https() {
    return Row.of(
        "https to a gunicorn of one worker, which waits for the rest of the greeting",
        Expected.unsent("tls.plaintext-upstream", 504, "connection_timeout"),
        Scene.CONNECT,
        scene -> {
          Gunicorn gunicorn = Gunicorn.serving(WSGI, 1, Duration.ofSeconds(60));
          scene.open(gunicorn::close);
          scene
              .neverWorked()
              .staysBroken()
              .sparingly()
              .upstream("https://" + gunicorn.uri().getAuthority(), "");
        });
  }

  /// nginx completes the handshake without a certificate, and says by a page that it wants one.
  private static Row wantsCertificate() {
    return Row.of(
        "nginx answers 400 for want of a client certificate",
        Expected.passed("tls.client-certificate-required", 400),
        scene -> {
          Pki pki = Pki.of(Sites.NAME, "127.0.0.1");
          Folder folder = Folder.create("wants-certificate");
          KeyedCertificate.PemFiles site = pki.server().writeTo(folder.path(), "site");
          folder.write("clients.pem", Certificates.pem(List.of(pki.clientRoot())));
          int port = Place.HERE.freePort();
          Nginx nginx =
              Nginx.with(
                  Place.HERE,
                  port,
                  """
                  listen 127.0.0.1:%d ssl;
                  ssl_certificate %s;
                  ssl_certificate_key %s;
                  ssl_client_certificate %s/clients.pem;
                  ssl_verify_client on;
                  """
                      .formatted(port, site.chain(), site.key(), folder.path()));
          scene.open(nginx::close);
          scene
              .upstream("https://127.0.0.1:" + port, Sites.trusting(scene, pki))
              .neverWorked()
              .staysBroken();
        });
  }

  /// nginx passes the id on, and answers 502 itself: Node's log says why.
  private static Row nginxBeforeNode() {
    return Row.of(
        "nginx before a Node that logs an error of this very request",
        Expected.passed("application.crashed", 502).saidByLog().because("this very request"),
        scene -> {
          NodeServer node = NodeServer.running(NODE);
          scene.open(node::close);
          int port = Place.HERE.freePort();
          Nginx nginx =
              Nginx.with(
                  Place.HERE,
                  port,
                  "listen 127.0.0.1:%d; location / { proxy_pass %s; }".formatted(port, node.uri()));
          scene.open(nginx::close);
          String logs = PhpLab.setting(node.logFile(), nginx.errorLogFile());
          scene
              .settings(PhpRows.upstream(nginx.uri().toString(), PATIENT, logs))
              .asks("GET", "/order")
              .breaks(_ -> node.folder().write("broken", ""), _ -> node.folder().delete("broken"));
        });
  }
}
