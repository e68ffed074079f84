package io.whygate.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.whygate.e2e.lab.ApacheServer;
import io.whygate.e2e.lab.Folder;
import io.whygate.e2e.lab.GatewayProcess;
import io.whygate.e2e.lab.Gunicorn;
import io.whygate.e2e.lab.Nginx;
import io.whygate.e2e.lab.NodeServer;
import io.whygate.e2e.lab.PhpFpm;
import io.whygate.e2e.lab.Place;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// Servers people run, in their real ways to answer and to fail.
class RealServersTest {

  private static void assertCause(HttpResponse<String> answer, int status, String cause) {
    assertThat(answer.headers().firstValue("whygate-cause"))
        .as("%s\n%s", answer.headers().map(), answer.body())
        .hasValue(cause);
    assertThat(answer.statusCode()).isEqualTo(status);
  }

  @Test
  @Needs({"apache2", "php-fpm"})
  void apacheWithPhpAnswersThroughTheGateway() throws Exception {
    try (Folder root = Folder.create("root");
        PhpFpm php = PhpFpm.start(2, "")) {
      root.write(
          "index.php", "<?php echo $_SERVER['HTTP_X_FORWARDED_FOR'], ' ', $_SERVER['HTTP_HOST'];");
      String handler =
          "<FilesMatch \\.php$>\nSetHandler \"proxy:unix:%s|fcgi://localhost\"\n</FilesMatch>"
              .formatted(php.socket());
      try (ApacheServer apache = ApacheServer.serving(root.path(), handler);
          GatewayProcess gateway = GatewayProcess.before(apache.uri(), "")) {
        assertThat(gateway.get("/index.php").body())
            .isEqualTo("127.0.0.1 " + gateway.uri().getAuthority());
      }
    }
  }

  @Test
  @Needs("gunicorn")
  void gunicornThatKillsItsWorkerClosesWithoutAnAnswerOnOnePath() throws Exception {
    String program =
        """
        import os
        def application(environ, start_response):
            if environ["PATH_INFO"] == "/crash":
                os._exit(1)
            start_response("200 OK", [("Content-Type", "text/plain")])
            return [b"fine"]
        """;
    try (Gunicorn gunicorn = Gunicorn.serving(program, 2, Duration.ofSeconds(30));
        GatewayProcess gateway = GatewayProcess.before(gunicorn.uri(), "")) {
      assertThat(gateway.get("/").body()).isEqualTo("fine");
      assertCause(gateway.get("/crash"), 502, "application.path-failure");
      assertThat(gateway.get("/").body()).isEqualTo("fine");
    }
  }

  @Test
  @Needs("node")
  void nodeThatNeverAnswersAnyoneHasNoFreeWorker() throws Exception {
    String program =
        """
        require('http').createServer((q, r) => {
          if (q.url === '/block') while (true) {}
          r.end('fine');
        }).listen(process.env.PORT, '127.0.0.1');
        """;
    try (NodeServer node = NodeServer.running(program);
        GatewayProcess gateway = GatewayProcess.before(node.uri(), "response-timeout = 1s")) {
      assertThat(gateway.get("/").body()).isEqualTo("fine");
      assertCause(gateway.get("/block"), 504, "application.workers-exhausted");
    }
  }

  @Test
  @Needs("node")
  void nodeThatStopsMidwayNeverLooksWhole() throws Exception {
    String program =
        """
        require('http').createServer((q, r) => {
          r.writeHead(200, { 'Content-Length': '1000' });
          r.write('x'.repeat(400), () => setTimeout(() => q.socket.destroy(), 50));
        }).listen(process.env.PORT, '127.0.0.1');
        """;
    try (NodeServer node = NodeServer.running(program);
        GatewayProcess gateway = GatewayProcess.before(node.uri(), "")) {
      assertThat(catchThrowable(() -> gateway.get("/"))).isInstanceOf(IOException.class);
      assertThat(gateway.incident("application.closed-mid-response").get("symptom").getAsString())
          .isEqualTo("truncated");
    }
  }

  @Test
  @Needs("nginx")
  void aSlowReaderOfTenGibibytesCostsLittleMemory() throws Exception {
    try (Folder root = Folder.create("root")) {
      try (RandomAccessFile file =
          new RandomAccessFile(root.path().resolve("huge.bin").toFile(), "rw")) {
        file.setLength(10L << 30);
      }
      try (Nginx nginx = Nginx.serving(Place.HERE, root.path(), "");
          GatewayProcess gateway = GatewayProcess.before(nginx.uri(), "");
          Socket reader = new Socket(gateway.uri().getHost(), gateway.uri().getPort())) {
        assertThat(gateway.get("/missing").statusCode()).isEqualTo(404);
        long before = gateway.residentBytes();
        reader
            .getOutputStream()
            .write("GET /huge.bin HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        InputStream in = reader.getInputStream();
        byte[] piece = new byte[65_536];
        for (long read = 0; read < 300L << 20; read += in.read(piece)) {
          if (read % (64L << 20) < piece.length) {
            // Other requests pass while this one is slow.
            assertThat(gateway.get("/missing").statusCode()).isEqualTo(404);
          }
        }
        assertThat(gateway.residentBytes() - before).isLessThan(128L << 20);
      }
    }
  }
}
