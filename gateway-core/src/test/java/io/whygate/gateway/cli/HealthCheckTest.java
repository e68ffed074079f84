package io.whygate.gateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.whygate.faults.tls.Certificates;
import io.whygate.faults.tls.KeyedCertificate;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HealthCheckTest {
  private HttpServer server;
  private URI uri;

  @BeforeEach
  void startServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(
              exchange.getRequestURI().getPath().equals("/healthz") ? 200 : 503, -1);
          exchange.close();
        });
    server.start();
    uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  @AfterEach
  void stopServer() {
    server.stop(0);
  }

  @Test
  void isGoodWhenTheGatewaySaysSo() {
    assertThat(HealthCheck.isHealthy(uri.resolve("/healthz"))).isTrue();
  }

  @Test
  void isBadWhenTheGatewaySaysAnythingElse() {
    assertThat(HealthCheck.isHealthy(uri.resolve("/readyz"))).isFalse();
  }

  @Test
  void asksByTlsWhateverTheCertificateIsMadeOutTo() throws Exception {
    KeyedCertificate own = Certificates.leaf("gateway.example").dns("gateway.example").selfSigned();
    HttpsServer secure =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    secure.setHttpsConfigurator(new HttpsConfigurator(own.context()));
    secure.createContext(
        "/healthz",
        exchange -> {
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    secure.start();
    try {
      String place = "://127.0.0.1:" + secure.getAddress().getPort() + "/healthz";
      assertThat(HealthCheck.isHealthy(URI.create("https" + place))).isTrue();
      assertThat(HealthCheck.isHealthy(URI.create("http" + place))).isFalse();
    } finally {
      secure.stop(0);
    }
  }

  @Test
  void isBadWhenNobodyListens() {
    server.stop(0);
    assertThat(HealthCheck.isHealthy(uri.resolve("/healthz"))).isFalse();
  }
}
