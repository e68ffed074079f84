package io.whygate.e2e;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import io.whygate.e2e.lab.Await;
import io.whygate.e2e.lab.Folder;
import io.whygate.e2e.lab.MariaDb;
import io.whygate.e2e.lab.Nginx;
import io.whygate.e2e.lab.OpenSslServer;
import io.whygate.e2e.lab.Place;
import io.whygate.e2e.matrix.HeldGateway;
import io.whygate.faults.tls.KeyedCertificate;
import io.whygate.faults.tls.Pki;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Connections passed on to nginx and to OpenSSL's server, from OpenSSL's client and curl.
class PassThroughPartsTest {
  private final List<AutoCloseable> parts = new ArrayList<>();
  private Folder folder;

  @BeforeEach
  void start() {
    folder = Folder.create("pass-through");
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable each : parts.reversed()) {
      each.close();
    }
    folder.close();
  }

  private <P extends AutoCloseable> P with(P part) {
    parts.add(part);
    return part;
  }

  /// An nginx that speaks TLS for a name.
  private int nginx(Pki pki, String name, String listen, String answer) throws IOException {
    int port = Place.HERE.freePort();
    KeyedCertificate.PemFiles files = pki.server().writeTo(folder.path(), name);
    with(
        Nginx.with(
            Place.HERE,
            port,
            """
            listen 127.0.0.1:%d ssl http2 %s;
            ssl_certificate %s;
            ssl_certificate_key %s;
            location / { return 200 "%s"; }
            """
                .formatted(port, listen, files.chain(), files.key(), answer)));
    return port;
  }

  private static String upstream(String name, int port, String more) {
    return "upstreams.%s { endpoints = [\"tcp://127.0.0.1:%d\"], %s }\n"
        .formatted(name, port, more);
  }

  private String run(String... command) throws Exception {
    Process process =
        new ProcessBuilder(command)
            .directory(folder.path().toFile())
            .redirectErrorStream(true)
            .start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return output;
  }

  private String curl(HeldGateway gateway, String name, String... options) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of("curl", "-sk", "--max-time", "30", "-w", " %{http_version}", "--resolve"));
    command.add(name + ":" + gateway.uri().getPort() + ":127.0.0.1");
    command.addAll(List.of(options));
    command.add("https://" + name + ":" + gateway.uri().getPort() + "/");
    return run(command.toArray(String[]::new));
  }

  private String handshake(HeldGateway gateway, String name) throws Exception {
    return run(
        "openssl",
        "s_client",
        "-connect",
        "127.0.0.1:" + gateway.uri().getPort(),
        "-servername",
        name,
        "-alpn",
        "h2");
  }

  @Test
  @Needs({"nginx", "curl", "openssl"})
  void sitesOfSeveralServersAtOnePort() throws Exception {
    int a = nginx(Pki.of("a.example"), "a.example", "", "a");
    int b = nginx(Pki.of("x.b.example"), "b.example", "proxy_protocol", "b $proxy_protocol_addr");
    HeldGateway gateway =
        with(
            HeldGateway.start(
                upstream("a", a, "") + upstream("b", b, "proxy-protocol = v2"),
                "pass-through.routes = [ { sni = a.example, upstream = a }"
                    + ", { sni = \"*.b.example\", upstream = b } ]"));
    assertThat(curl(gateway, "a.example")).isEqualTo("a 2");
    assertThat(curl(gateway, "a.example", "--http1.1")).isEqualTo("a 1.1");
    assertThat(curl(gateway, "x.b.example")).isEqualTo("b 127.0.0.1 2");
    assertThat(handshake(gateway, "a.example")).contains("ALPN protocol: h2", "CN = a.example");
    assertThat(handshake(gateway, "c.example")).contains("SSL alert number 112");
    assertThat(gateway.admin("GET", "/metrics", "").text())
        .containsPattern("whygate_downstream_connections\\{[^}]*protocol=\"tls\"[^}]*}")
        .doesNotContain("protocol=\"http1\"");
  }

  @Test
  @Needs({"openssl", "curl"})
  void aServerThatStopsIsAnIncidentUntilItAcceptsAgain() throws Exception {
    KeyedCertificate shown = Pki.of("a.example").server();
    OpenSslServer server = with(OpenSslServer.showing(shown));
    HeldGateway gateway =
        with(
            HeldGateway.start(
                upstream("a", server.uri().getPort(), ""),
                "pass-through { upstream = a, routes = [ { sni = a.example, upstream = a } ] }"));
    assertThat(curl(gateway, "a.example")).contains("s_server");
    server.stop();
    assertThat(handshake(gateway, "a.example")).contains("SSL alert number 80");
    JsonObject incident = gateway.incidents("server.port-closed").getFirst();
    assertThat(incident.get("state").getAsString()).isEqualTo("open");
    String told = gateway.incident(incident.get("incident").getAsString()).toString();
    assertThat(told).contains("a.example", "tcp://127.0.0.1:" + server.uri().getPort());
    server.restart(shown);
    Await.until(
        "the incident is over",
        Duration.ofSeconds(60),
        () ->
            gateway
                .incidents("server.port-closed")
                .getFirst()
                .get("state")
                .getAsString()
                .equals("recovered"));
    assertThat(curl(gateway, "a.example")).contains("s_server");
  }

  /// A server that speaks first, by a protocol that is none of the web.
  @Test
  @Needs("mariadbd")
  void aDatabase() throws Exception {
    MariaDb database = with(MariaDb.create());
    HeldGateway gateway =
        with(HeldGateway.start(upstream("db", database.port(), ""), "pass-through.upstream = db"));
    try (Socket socket = new Socket("127.0.0.1", gateway.uri().getPort())) {
      socket.setSoTimeout(30_000);
      byte[] greeting = socket.getInputStream().readNBytes(60);
      assertThat(new String(greeting, ISO_8859_1)).contains("MariaDB");
    }
  }
}
