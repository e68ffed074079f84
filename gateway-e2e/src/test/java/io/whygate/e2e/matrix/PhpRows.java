package io.whygate.e2e.matrix;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.whygate.e2e.lab.ApacheServer;
import io.whygate.e2e.lab.Folder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// PHP behind nginx and Apache, driven into its real failures.
final class PhpRows {
  private final PhpLab lab;

  PhpRows(PhpLab lab) {
    this.lab = lab;
  }

  List<Row> all() {
    return List.of(
        broken("a script that wants too much memory", "memory", "application.out-of-memory", 500),
        broken("a script with a fatal error", "fatal", "application.crashed", 500),
        broken("a php-fpm child that is killed", "kill", "application.crashed", 502),
        broken("a php-fpm child that dies by SIGSEGV", "segv", "application.crashed", 502),
        Row.of(
            "a script that cannot write, its disk full",
            Expected.passed("application.disk-full", 500).saidByLog(),
            scene -> {
              before(scene, "/disk.php", Duration.ofSeconds(3));
              scene.breaks(
                  _ -> {
                    lab.breakPage("disk");
                    lab.disk().fill();
                  },
                  _ -> {
                    lab.disk().empty();
                    lab.mendPage("disk");
                  });
            }),
        Row.of(
            "php-fpm with every child busy",
            Expected.page("application.workers-exhausted", 504, "http_response_timeout", "unknown")
                .saidByLog()
                .because("max_children"),
            Scene.RESPONSE,
            scene -> {
              before(scene, "/index.php", Scene.RESPONSE);
              scene.breaks(_ -> lab.occupy(scene), _ -> lab.restart());
            }),
        Row.of(
            "Apache with every worker busy",
            Expected.page("application.workers-exhausted", 504, "http_response_timeout", "unknown")
                .saidByLog()
                .because("MaxRequestWorkers"),
            Scene.RESPONSE,
            PhpRows::busyApache),
        Row.of(
            "nginx before a php-fpm that is gone",
            Expected.passed("application.gateway-error", 502)
                .because("while connecting to upstream"),
            scene -> {
              before(scene, "/index.php", Duration.ofSeconds(3));
              scene.breaks(_ -> lab.php().stop(), _ -> lab.php().start());
            }),
        Row.of(
            "nginx before a script with too large a head",
            Expected.passed("application.gateway-error", 502).because("too big header"),
            scene -> {
              before(scene, "/header.php", Duration.ofSeconds(3));
              scene.breaks(_ -> lab.breakPage("header"), _ -> lab.mendPage("header"));
            }),
        Row.of(
            "Apache before a php-fpm that is gone",
            Expected.passed("application.gateway-error", 503)
                .saidByLog()
                .because("attempt to connect to Unix domain socket"),
            scene -> {
              scene
                  .settings(
                      upstream(lab.apache().toString(), Duration.ofSeconds(3), lab.apacheLogs()))
                  .asks("GET", "/index.php")
                  .breaks(_ -> lab.php().stop(), _ -> lab.php().start());
            }));
  }

  private Row broken(String name, String page, String cause, int status) {
    return Row.of(
        name,
        Expected.passed(cause, status).saidByLog(),
        scene -> {
          before(scene, "/" + page + ".php", Duration.ofSeconds(3));
          scene.breaks(_ -> lab.breakPage(page), _ -> lab.mendPage(page));
        });
  }

  private void before(Scene scene, String path, Duration responseTimeout) {
    scene.settings(upstream(lab.nginx().toString(), responseTimeout, lab.logs())).asks("GET", path);
  }

  /// One upstream for everything, and no second try, which a server of two workers would feel.
  static String upstream(String endpoint, Duration responseTimeout, String more) {
    return """
    upstreams { site {
      endpoints = ["%s"]
      connect-timeout = 3s, response-timeout = %dms, idle-timeout = 5s
      circuit-breaker.consecutive-failures = 0, outlier.consecutive-failures = 0
      retry.attempts = 1
      %s
    } }
    routes = [ { upstream = site } ]
    """
        .formatted(endpoint, responseTimeout.toMillis(), more);
  }

  /// An Apache of two workers, and a server behind it that takes connections and says nothing.
  private static void busyApache(Scene scene) throws IOException {
    ServerSocket silent = scene.open(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
    Folder root = Folder.create("apache-root");
    scene.open(root::close);
    root.write("index.html", "fine");
    ApacheServer apache =
        ApacheServer.serving(
            root.path(),
            """
            ServerLimit 1
            StartServers 1
            ThreadsPerChild 2
            MaxRequestWorkers 2
            MinSpareThreads 1
            MaxSpareThreads 2
            ProxyPass /slow http://127.0.0.1:%d/
            """
                .formatted(silent.getLocalPort()));
    scene.open(apache::close);
    List<Socket> waiting = new ArrayList<>();
    scene
        .settings(
            upstream(
                apache.uri().toString(), Scene.RESPONSE, PhpLab.setting(apache.errorLogFile())))
        .asks("GET", "/index.html")
        .settles(Duration.ofSeconds(2))
        .breaks(
            _ -> {
              for (int i = 0; i < 2; i++) {
                Socket socket = new Socket("127.0.0.1", apache.uri().getPort());
                socket
                    .getOutputStream()
                    .write("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(US_ASCII));
                waiting.add(scene.open(socket));
              }
            },
            _ -> {
              silent.close();
              for (Socket each : waiting) {
                each.close();
              }
            });
  }
}
