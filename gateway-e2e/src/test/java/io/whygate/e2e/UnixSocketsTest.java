package io.whygate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.e2e.lab.Folder;
import io.whygate.e2e.lab.GatewayProcess;
import io.whygate.e2e.lab.HaProxy;
import io.whygate.e2e.lab.LabProcess;
import io.whygate.e2e.lab.Nginx;
import io.whygate.e2e.lab.NodeServer;
import io.whygate.e2e.lab.Place;
import io.whygate.faults.tls.Certificates;
import io.whygate.faults.tls.KeyedCertificate;
import io.whygate.faults.tls.Pki;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// Unix sockets on both sides, with real parts: curl and HAProxy come by them, nginx and Node are
/// reached by them.
@Needs({"curl", "haproxy", "nginx", "node"})
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class UnixSocketsTest {
  /// Speaks HTTP/2 alone, on a Unix socket; its port is for those who wait until it runs.
  private static final String SERVER =
      """
      const http2 = require('http2');
      const server = http2.createServer((request, response) =>
        response.end(request.httpVersion + ' ' + request.headers['x-forwarded-for']));
      server.listen(process.cwd() + '/http2.sock', () =>
        require('net').createServer().listen(process.env.PORT, '127.0.0.1'));
      """;

  private Folder folder;
  private Path root;
  private Nginx nginx;
  private NodeServer node;
  private GatewayProcess gateway;

  @BeforeAll
  void start() throws Exception {
    folder = Folder.create("unix");
    Pki pki = Pki.of("localhost");
    root = Certificates.writePem(folder.path().resolve("root.pem"), pki.root());
    KeyedCertificate.PemFiles site = pki.server().writeTo(folder.path(), "site");
    int port = Place.HERE.freePort();
    nginx =
        Nginx.with(
            Place.HERE,
            port,
            """
            listen 127.0.0.1:%d;
            listen unix:%s/nginx.sock;
            location / { return 200 "$http_x_forwarded_for $http_x_forwarded_proto"; }
            """
                .formatted(port, folder.path()));
    node = NodeServer.running(SERVER);
    gateway =
        GatewayProcess.start(
            """
            listeners += { bind = "unix:%1$s/plain.sock" }
            listeners += { bind = "unix:%1$s/secure.sock", tls { certificates = [
              { certificate = "%2$s", key = "%3$s" } ] } }
            listeners += { bind = "unix:%1$s/front.sock", socket-mode = "0666", proxy-protocol.from = ["unix:"] }
            upstreams {
              nginx { endpoints = ["unix:%1$s/nginx.sock"] }
              node { endpoints = ["unix:%4$s/http2.sock"], protocol = http2 }
            }
            routes = [ { path = "/", upstream = nginx }, { path = "/http2", upstream = node } ]
            """
                .formatted(folder.path(), site.chain(), site.key(), node.folder().path()));
  }

  @AfterAll
  void stop() {
    gateway.close();
    node.close();
    nginx.close();
    folder.close();
  }

  private String curl(String socket, String... arguments) {
    List<String> command =
        new ArrayList<>(List.of("curl", "-sS", "--cacert", root.toString(), "--unix-socket"));
    command.add(folder.path().resolve(socket).toString());
    command.add("-w");
    command.add(" by %{http_version}");
    command.addAll(List.of(arguments));
    return LabProcess.run(Place.HERE, folder.path(), command.toArray(String[]::new)).strip();
  }

  @Test
  void curlComesByEachVersionOfHttp() {
    assertThat(curl("plain.sock", "http://a/")).isEqualTo("unknown http by 1.1");
    assertThat(curl("plain.sock", "--http2-prior-knowledge", "http://a/"))
        .isEqualTo("unknown http by 2");
    assertThat(curl("secure.sock", "https://localhost/")).isEqualTo("unknown https by 2");
    assertThat(curl("secure.sock", "--http1.1", "https://localhost/"))
        .isEqualTo("unknown https by 1.1");
  }

  @Test
  void aServerSpeaksHttp2OverItsSocket() {
    assertThat(curl("plain.sock", "http://a/http2")).isEqualTo("2.0 unknown by 1.1");
    assertThat(curl("plain.sock", "--http2-prior-knowledge", "http://a/http2"))
        .isEqualTo("2.0 unknown by 2");
  }

  @Test
  void haproxySaysWhoseConnectionsItPassesOn() {
    String server = "server gate unix@" + folder.path() + "/front.sock send-proxy-v2";
    try (HaProxy front = HaProxy.with("", "", server)) {
      String got =
          LabProcess.run(Place.HERE, folder.path(), "curl", "-sS", front.uri() + "/").strip();
      assertThat(got).isEqualTo("127.0.0.1 http");
    }
  }
}
