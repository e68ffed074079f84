package io.whygate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import io.whygate.e2e.lab.Chromium;
import io.whygate.e2e.lab.Folder;
import io.whygate.e2e.lab.GatewayProcess;
import io.whygate.e2e.lab.LabProcess;
import io.whygate.e2e.lab.NodeServer;
import io.whygate.e2e.lab.Place;
import io.whygate.faults.tls.Certificates;
import io.whygate.faults.tls.KeyedCertificate;
import io.whygate.faults.tls.Pki;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// Real clients of HTTP/2: they speak it over TLS by ALPN, and on clear text where they know
/// beforehand, and get from a server of HTTP/1.1 what that one sent.
@Needs({"node", "curl", "nghttp", "h2load"})
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class Http2ClientsTest {
  private static final int LARGE = 3_000_000;

  /// Answers with the length of what it got, with a large body, or as a gRPC server does. Keeps
  /// idle connections: a POST that meets the end of one cannot be sent again.
  private static final String SERVER =
      """
      const server = require('http').createServer((req, res) => {
        if (req.url == '/large') { res.end('x'.repeat(3000000)); return; }
        let got = 0;
        req.on('data', piece => got += piece.length);
        req.on('end', () => {
          if (req.headers['content-type'] == 'application/grpc') {
            res.writeHead(200, {'Content-Type': 'application/grpc', 'Trailer': 'grpc-status'});
            res.write(Buffer.from([0, 0, 0, 0, 2, 8, got]));
            res.addTrailers({'grpc-status': '0', 'grpc-message': 'fine'});
            res.end();
            return;
          }
          res.setHeader('Content-Type', 'text/html');
          res.end('<title>got ' + got + '</title>');
        });
      });
      server.keepAliveTimeout = 300000;
      server.listen(process.env.PORT, '127.0.0.1');
      """;

  /// A unary call as gRPC makes it, by Node's own client.
  private static final String CALL =
      """
      const client = require('http2').connect(process.argv[2]);
      const call = client.request({':method': 'POST', ':path': '/echo.Echo/Say',
        'content-type': 'application/grpc', 'te': 'trailers'});
      let size = 0;
      call.on('response', head => console.log('status', head[':status']));
      call.on('data', piece => size += piece.length);
      call.on('trailers', fields => console.log('trailers', fields['grpc-status'], fields['grpc-message']));
      call.on('end', () => { console.log('size', size); client.close(); });
      call.end(Buffer.from([0, 0, 0, 0, 2, 8, 1]));
      """;

  private Folder folder;
  private NodeServer server;
  private GatewayProcess gateway;
  private Pki pki;
  private Path root;
  private URI secure;

  @BeforeAll
  void start() throws Exception {
    folder = Folder.create("http2");
    pki = Pki.of("localhost", "127.0.0.1");
    root = Certificates.writePem(folder.path().resolve("root.pem"), pki.root());
    KeyedCertificate.PemFiles site = pki.server().writeTo(folder.path(), "site");
    server = NodeServer.running(SERVER);
    int port = Place.HERE.freePort();
    secure = URI.create("https://localhost:" + port);
    gateway =
        GatewayProcess.start(
            """
            listeners += { bind = "127.0.0.1:%d", tls { certificates = [
              { certificate = "%s", key = "%s" } ] } }
            upstreams { site { endpoints = ["%s"] } }
            routes = [ { path = "/", upstream = site } ]
            """
                .formatted(port, site.chain(), site.key(), server.uri()));
  }

  @AfterAll
  void stop() {
    gateway.close();
    server.close();
    folder.close();
  }

  private String run(String... command) {
    return LabProcess.run(Place.HERE, folder.path(), command);
  }

  private String curl(String... arguments) {
    List<String> command =
        new ArrayList<>(List.of("curl", "-sS", "--cacert", root.toString(), "-o", "got"));
    command.add("-w");
    command.add("%{http_version} %{http_code} %{size_download}");
    command.addAll(List.of(arguments));
    return run(command.toArray(String[]::new)).strip();
  }

  @Test
  void curl() {
    assertThat(curl("--http2-prior-knowledge", gateway.uri() + "/large"))
        .isEqualTo("2 200 " + LARGE);
    assertThat(curl(secure + "/large")).isEqualTo("2 200 " + LARGE);
    assertThat(curl("--http1.1", secure + "/large")).isEqualTo("1.1 200 " + LARGE);
    assertThat(curl("--data-binary", "@got", secure + "/")).startsWith("2 200 ");
    assertThat(folder.read("got")).isEqualTo("<title>got " + LARGE + "</title>");
    assertThat(curl("-I", secure + "/large")).startsWith("2 200 ");
  }

  @Test
  void javasOwn() throws Exception {
    HttpClient client =
        HttpClient.newBuilder()
            .sslContext(pki.clientContext())
            .version(HttpClient.Version.HTTP_2)
            .build();
    List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      answers.add(
          client.sendAsync(
              HttpRequest.newBuilder(secure.resolve("/"))
                  .POST(HttpRequest.BodyPublishers.ofString("x".repeat(i * 5000)))
                  .build(),
              HttpResponse.BodyHandlers.ofString()));
    }
    for (int i = 0; i < answers.size(); i++) {
      HttpResponse<String> answer = answers.get(i).get();
      assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
      assertThat(answer.body()).isEqualTo("<title>got " + i * 5000 + "</title>");
    }
  }

  @Test
  void nghttpAndH2load() {
    String said = run("nghttp", "-nv", gateway.uri() + "/large");
    assertThat(said).contains(":status: 200", "END_STREAM").doesNotContain("PROTOCOL_ERROR");
    String load = run("h2load", "-n", "4000", "-c", "8", "-m", "20", secure + "/");
    assertThat(load).contains("4000 succeeded, 0 failed, 0 errored, 0 timeout");
    String clear = run("h2load", "-n", "4000", "-c", "8", "-m", "20", gateway.uri() + "/");
    assertThat(clear).contains("4000 succeeded, 0 failed, 0 errored, 0 timeout");
  }

  @Test
  void aUnaryCallOfGrpc() {
    folder.write("call.js", CALL);
    String said = run("node", "call.js", gateway.uri().toString());
    assertThat(said.lines()).containsExactly("status 200", "trailers 0 fine", "size 7");
  }

  @Test
  @Needs("chromium")
  void aBrowser() {
    try (Chromium chromium = Chromium.start();
        var context =
            chromium
                .browser()
                .newContext(new Browser.NewContextOptions().setIgnoreHTTPSErrors(true));
        Page page = context.newPage()) {
      page.navigate(secure + "/");
      assertThat(page.title()).isEqualTo("got 0");
      assertThat(page.evaluate("performance.getEntriesByType('navigation')[0].nextHopProtocol"))
          .isEqualTo("h2");
    }
  }
}
