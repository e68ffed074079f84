package io.whygate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.e2e.lab.Folder;
import io.whygate.e2e.lab.GatewayProcess;
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
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// Real servers of HTTP/2: nginx over TLS, agreed on by ALPN, and Node with prior knowledge, before
/// clients of either protocol.
@Needs({"nginx", "node", "curl", "h2load"})
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class Http2ServersTest {
  private static final String SERVER =
      """
      require('http2').createServer((req, res) => {
        let got = 0;
        req.on('data', piece => got += piece.length);
        req.on('end', () => {
          if (req.url == '/large') { res.end('x'.repeat(3000000)); return; }
          res.end(req.httpVersion + ' ' + req.method + ' ' + got + ' ' + req.headers['x-forwarded-proto']);
        });
      }).listen(process.env.PORT, '127.0.0.1');
      """;

  private Folder folder;
  private Nginx nginx;
  private NodeServer node;
  private GatewayProcess gateway;

  @BeforeAll
  void start() throws Exception {
    folder = Folder.create("http2-servers");
    folder.write("index.html", "<title>over h2</title>");
    Pki pki = Pki.of("127.0.0.1");
    Path root = Certificates.writePem(folder.path().resolve("root.pem"), pki.root());
    KeyedCertificate.PemFiles site = pki.server().writeTo(folder.path(), "site");
    int port = Place.HERE.freePort();
    nginx =
        Nginx.with(
            Place.HERE,
            port,
            """
            listen 127.0.0.1:%d ssl http2;
            ssl_certificate %s;
            ssl_certificate_key %s;
            root %s;
            """
                .formatted(port, site.chain(), site.key(), folder.path()));
    node = NodeServer.running(SERVER);
    gateway =
        GatewayProcess.start(
            """
            upstreams {
              nginx { endpoints = ["https://127.0.0.1:%d"], tls.trusted-certificates = "%s" }
              node { endpoints = ["%s"], protocol = http2 }
            }
            routes = [ { path = "/", upstream = nginx }, { path = "/node", upstream = node }
              { path = "/large", upstream = node } ]
            """
                .formatted(port, root, node.uri()));
  }

  @AfterAll
  void stop() {
    gateway.close();
    node.close();
    nginx.close();
    folder.close();
  }

  private String run(String... command) {
    return LabProcess.run(Place.HERE, folder.path(), command);
  }

  private String curl(String path, String... more) {
    List<String> command = new ArrayList<>(List.of("curl", "-sS", gateway.uri() + path));
    command.addAll(List.of(more));
    return run(command.toArray(String[]::new)).strip();
  }

  private String load(String... more) {
    List<String> command = new ArrayList<>(List.of("h2load", "-c", "4"));
    command.addAll(List.of(more));
    command.add(gateway.uri() + "/index.html");
    return run(command.toArray(String[]::new));
  }

  @Test
  void agreesOnHttp2WithNginx() {
    assertThat(curl("/index.html")).contains("over h2");
    assertThat(curl("/index.html", "--http2-prior-knowledge")).contains("over h2");
    assertThat(curl("/nothing", "-o", "/dev/null", "-w", "%{http_code}")).isEqualTo("404");
    assertThat(curl("/index.html", "-I")).contains("200 OK", "text/html");
    nginx.awaitAccess("GET /index.html HTTP/2.0");
    nginx.awaitAccess("HEAD /index.html HTTP/2.0");
  }

  @Test
  void speaksHttp2ToNodeWithPriorKnowledge() {
    assertThat(curl("/node")).isEqualTo("2.0 GET 0 http");
    folder.write("body", "y".repeat(2_000_000));
    assertThat(curl("/node", "--data-binary", "@body")).isEqualTo("2.0 POST 2000000 http");
    assertThat(curl("/node", "--http2-prior-knowledge", "--data-binary", "@body"))
        .isEqualTo("2.0 POST 2000000 http");
    assertThat(curl("/large", "-o", "/dev/null", "-w", "%{size_download}")).isEqualTo("3000000");
  }

  /// nginx ends each connection after 1,000 requests, and all of its old ones after a reload, by an
  /// orderly GOAWAY.
  @Test
  void losesNoRequestWhereNginxEndsItsConnections() {
    CompletableFuture<Void> reload =
        CompletableFuture.runAsync(() -> {
          for (int i = 0; i < 3; i++) {
            nginx.reload();
          }
        });
    assertThat(load("-n", "6000", "-m", "20"))
        .as(this::failures)
        .contains("6000 succeeded, 0 failed", "6000 2xx");
    reload.join();
    assertThat(load("-n", "2000", "--h1"))
        .as(this::failures)
        .contains("2000 succeeded, 0 failed", "2000 2xx");
  }

  /// What the gateway says of requests that failed, for the case that one did.
  private String failures() {
    return gateway
            .output()
            .lines()
            .filter(line -> line.contains("\"status\":5"))
            .limit(10)
            .collect(Collectors.joining("\n"))
        + gateway.incidentsNow();
  }
}
