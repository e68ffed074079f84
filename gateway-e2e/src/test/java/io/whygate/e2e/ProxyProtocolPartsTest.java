package io.whygate.e2e;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.e2e.lab.Await;
import io.whygate.e2e.lab.Folder;
import io.whygate.e2e.lab.GatewayProcess;
import io.whygate.e2e.lab.HaProxy;
import io.whygate.e2e.lab.Nginx;
import io.whygate.e2e.lab.Place;
import io.whygate.e2e.matrix.Answer;
import io.whygate.e2e.matrix.Client;
import io.whygate.e2e.matrix.HeldGateway;
import io.whygate.faults.tls.Certificates;
import io.whygate.faults.tls.KeyedCertificate;
import io.whygate.faults.tls.Pki;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The PROXY protocol with HAProxy and nginx on its other side: before the gateway, behind it, and
/// where the two do not agree on it.
class ProxyProtocolPartsTest {
  /// The client's address, which is not that of the parts between.
  private static final String CLIENT = "127.0.0.9";

  private static final String MISMATCH = "application.protocol-mismatch";

  /// A site that says whom it was told of.
  private static final String FORWARDED =
      "location / { return 200 \"$http_x_forwarded_for $http_x_forwarded_proto\"; }";

  /// A site that says what a header told it.
  private static final String TOLD =
      "location / { return 200 \"$proxy_protocol_addr:$proxy_protocol_port\"; }";

  private static final String TIMES = "timeout client 20s";

  private final List<AutoCloseable> parts = new ArrayList<>();
  private Folder folder;
  private HeldGateway gateway;

  @BeforeEach
  void start() {
    folder = Folder.create("proxy-protocol");
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

  private Nginx site(String listen, String location) {
    int port = Place.HERE.freePort();
    String server = "listen 127.0.0.1:%d %s;\n%s".formatted(port, listen, location);
    return with(Nginx.with(Place.HERE, port, server));
  }

  /// A gateway that believes fronts of this machine, at the port that is given back.
  private int behindFronts(String more) throws Exception {
    int port = Place.HERE.freePort();
    gateway = with(HeldGateway.start(believing(port, more)));
    return port;
  }

  private String believing(int port, String more) {
    return """
    listeners += { bind = "127.0.0.1:%d", proxy-protocol { from = ["127.0.0.1"] } %s }
    """
            .formatted(port, more)
        + GatewayProcess.oneSite(site("", FORWARDED).uri(), "");
  }

  /// What a client with an address of its own gets, on a connection that is closed after it.
  private static String get(URI at) throws IOException {
    try (Socket socket = socket(at)) {
      return ask(socket);
    }
  }

  private static String getByTls(URI at, Pki pki) throws Exception {
    try (Socket plain = socket(at);
        Socket secured =
            pki.clientContext().getSocketFactory().createSocket(plain, "localhost", 443, true)) {
      return ask(secured);
    }
  }

  private static Socket socket(URI at) throws IOException {
    return new Socket(
        InetAddress.getByName(at.getHost()), at.getPort(), InetAddress.ofLiteral(CLIENT), 0);
  }

  private static String ask(Socket socket) throws IOException {
    socket.setSoTimeout(60_000);
    socket
        .getOutputStream()
        .write("GET / HTTP/1.1\r\nHost: site\r\nConnection: close\r\n\r\n".getBytes(ISO_8859_1));
    return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
  }

  private long refused() throws Exception {
    return refused(gateway.admin("GET", "/metrics", "").text());
  }

  private static long refused(String metrics) {
    return metrics
        .lines()
        .filter(line ->
            line.startsWith("whygate_downstream_abuses_total{kind=\"proxy-headers\"")
                && !line.endsWith(" 0.0"))
        .count();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "send-proxy",
        "send-proxy-v2",
        "send-proxy-v2 proxy-v2-options crc32c,unique-id,authority,ssl",
        "send-proxy-v2-ssl",
        "send-proxy check inter 200ms",
        "send-proxy-v2 proxy-v2-options crc32c check inter 200ms",
      })
  @Needs({"haproxy", "nginx"})
  void haproxyBefore(String options) throws Exception {
    int port = behindFronts("");
    HaProxy front =
        with(
            HaProxy.with(
                TIMES, "", "unique-id-format %rt\nserver gate 127.0.0.1:" + port + " " + options));
    assertThat(get(front.uri())).startsWith("HTTP/1.1 200").endsWith(CLIENT + " http");
    assertThat(get(front.uri())).endsWith(CLIENT + " http");
    assertThat(refused()).isZero();
  }

  @Test
  @Needs({"haproxy", "nginx"})
  void haproxyBeforeThatTakesTls() throws Exception {
    Pki pki = Pki.of("localhost");
    KeyedCertificate.PemFiles files = pki.server().writeTo(folder.path(), "front");
    String both =
        folder.read(files.chain().getFileName().toString())
            + folder.read(files.key().getFileName().toString());
    Path pair = folder.write("front-both.pem", both);
    int port = behindFronts("");
    HaProxy front =
        with(
            HaProxy.with(
                TIMES,
                "ssl crt " + pair,
                "server gate 127.0.0.1:" + port + " send-proxy-v2-ssl-cn"));
    assertThat(getByTls(front.uri(), pki)).endsWith(CLIENT + " https");
  }

  @Test
  @Needs({"haproxy", "nginx"})
  void haproxyBeforeThatPassesTlsOn() throws Exception {
    Pki pki = Pki.of("localhost");
    KeyedCertificate.PemFiles files = pki.server().writeTo(folder.path(), "site");
    int port =
        behindFronts(
            ", tls.certificates = [ { certificate = \"%s\", key = \"%s\" } ]"
                .formatted(files.chain(), files.key()));
    HaProxy front =
        with(
            HaProxy.with(
                TIMES + "\nmode tcp", "", "server gate 127.0.0.1:" + port + " send-proxy-v2"));
    assertThat(getByTls(front.uri(), pki)).endsWith(CLIENT + " https");
    assertThat(refused()).isZero();
  }

  @Test
  @Needs({"nginx", "nginx-stream"})
  void nginxBefore() throws Exception {
    int port = behindFronts("");
    int at = Place.HERE.freePort();
    Nginx front =
        with(
            Nginx.passing(
                Place.HERE,
                at,
                "listen 127.0.0.1:%d;\nproxy_protocol on;\nproxy_pass 127.0.0.1:%d;"
                    .formatted(at, port)));
    assertThat(get(front.uri())).startsWith("HTTP/1.1 200").endsWith(CLIENT + " http");
    assertThat(refused()).isZero();
  }

  @Test
  @Needs({"haproxy", "nginx"})
  void aFrontThatForgotItIsRefused() throws Exception {
    int port = Place.HERE.freePort();
    GatewayProcess logging = with(GatewayProcess.start(believing(port, "")));
    HaProxy front = with(HaProxy.before(URI.create("http://127.0.0.1:" + port), TIMES));
    assertThat(get(front.uri())).startsWith("HTTP/1.1 502");
    assertThat(refused(logging.admin("/metrics").body())).isPositive();
    assertThat(logging.warnings()).contains("without a valid header of the PROXY protocol");
  }

  /// The gateway before a server, asked by the client; what the server says.
  private String behind(URI server, String settings) throws Exception {
    gateway =
        with(
            HeldGateway.start(
                GatewayProcess.oneSite(
                    server, settings + "\nhealth { enabled = true\n interval = 200ms }")));
    String answer = get(gateway.uri());
    // Its checks of health are taken too.
    Await.until(
        "checks that pass",
        Duration.ofSeconds(30),
        () -> gateway.admin("GET", "/api/upstreams", "").text().contains("\"200\""));
    return answer;
  }

  @ParameterizedTest
  @ValueSource(strings = {"v1", "v2"})
  @Needs("haproxy")
  void haproxyBehind(String version) throws Exception {
    HaProxy server =
        with(
            HaProxy.with(
                TIMES,
                "accept-proxy",
                "http-request return content-type text/plain lf-string \"told %[src]\""));
    assertThat(behind(server.uri(), "proxy-protocol = " + version)).endsWith("told " + CLIENT);
  }

  @Test
  @Needs("haproxy")
  void haproxyBehindIsToldTheNameAndTheId() throws Exception {
    HaProxy server =
        with(
            HaProxy.with(
                TIMES,
                "accept-proxy",
                "http-request return content-type text/plain lf-string \"%[src] %[fc_pp_authority] %[fc_pp_unique_id] %[req.hdr(x-request-id)]\""));
    Pki pki = Pki.of("site.example");
    KeyedCertificate.PemFiles files = pki.server().writeTo(folder.path(), "told");
    int port = Place.HERE.freePort();
    with(
        HeldGateway.start(
            """
            listeners += { bind = "127.0.0.1:%d", tls.certificates = [ { certificate = "%s", key = "%s" } ] }
            """
                    .formatted(port, files.chain(), files.key())
                + GatewayProcess.oneSite(
                    server.uri(),
                    "proxy-protocol = v2\nproxy-protocol-fields = [alpn, authority, ssl, unique-id, crc32c]")));
    try (Socket plain = socket(URI.create("https://127.0.0.1:" + port));
        Socket secured =
            pki.clientContext().getSocketFactory().createSocket(plain, "site.example", 443, true)) {
      String answer = ask(secured);
      String told = answer.substring(answer.indexOf("\r\n\r\n") + 4);
      String[] words = told.split(" ");
      assertThat(words).hasSize(4);
      assertThat(words[0]).isEqualTo(CLIENT);
      assertThat(words[1]).isEqualTo("site.example");
      assertThat(words[2]).hasSize(32).isEqualTo(words[3]);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"v1", "v2"})
  @Needs("nginx")
  void nginxBehind(String version) throws Exception {
    URI server = site("proxy_protocol", TOLD).uri();
    assertThat(behind(server, "proxy-protocol = " + version)).contains("\r\n\r\n" + CLIENT + ":");
  }

  @ParameterizedTest
  @CsvSource({"v1, http1", "v2, http1", "v1, auto", "v2, auto"})
  @Needs("nginx")
  void nginxBehindByTls(String version, String protocol) throws Exception {
    Secured server = secured("ssl http2 proxy_protocol", TOLD);
    String settings = "proxy-protocol = %s\nprotocol = %s\n".formatted(version, protocol);
    assertThat(behind(server.uri(), settings + server.trust())).contains("\r\n\r\n" + CLIENT + ":");
  }

  private record Secured(URI uri, String trust) {}

  private Secured secured(String listen, String location) throws IOException {
    Pki pki = Pki.of("localhost", "127.0.0.1");
    KeyedCertificate.PemFiles files = pki.server().writeTo(folder.path(), "secured");
    Path root = folder.path().resolve("root.pem");
    Certificates.writePem(root, pki.root());
    Nginx nginx =
        site(
            listen,
            "ssl_certificate %s;\nssl_certificate_key %s;\n%s"
                .formatted(files.chain(), files.key(), location));
    return new Secured(
        URI.create("https://127.0.0.1:" + nginx.port()),
        "tls.trusted-certificates = \"" + root + "\"");
  }

  private void assertMismatch(URI server, String settings, int status) throws Exception {
    String patient = "diagnostics.budget = 10s\n";
    gateway = with(HeldGateway.start(patient + GatewayProcess.oneSite(server, settings)));
    Answer answer = Client.get(gateway.uri(), "/");
    assertThat(answer.cause()).as("%s\n%s", answer.fields(), answer.text()).isEqualTo(MISMATCH);
    assertThat(answer.status()).isEqualTo(status);
    String id = answer.field("whygate-incident").orElseThrow();
    assertThat(gateway.admin("GET", "/api/incidents/" + id, "").text())
        .contains("header of the PROXY protocol", "proxy-protocol of the upstream");
  }

  @Test
  @Needs("haproxy")
  void aServerThatWantsItIsTold() throws Exception {
    HaProxy server = with(HaProxy.with(TIMES, "accept-proxy", "http-request return status 200"));
    assertMismatch(server.uri(), "", 502);
  }

  @Test
  @Needs("nginx")
  void nginxThatWantsItIsTold() throws Exception {
    assertMismatch(site("proxy_protocol", TOLD).uri(), "", 502);
  }

  @Test
  @Needs("nginx")
  void nginxThatWantsItBeforeTlsIsTold() throws Exception {
    Secured server = secured("ssl proxy_protocol", TOLD);
    assertMismatch(server.uri(), server.trust(), 502);
  }

  @ParameterizedTest
  @ValueSource(strings = {"v1", "v2"})
  @Needs("nginx")
  void aServerThatDoesNotWantItIsTold(String version) throws Exception {
    assertMismatch(site("", FORWARDED).uri(), "proxy-protocol = " + version, 400);
  }

  @ParameterizedTest
  @ValueSource(strings = {"v1", "v2"})
  @Needs("nginx")
  void aServerThatDoesNotWantItBeforeTlsIsTold(String version) throws Exception {
    Secured server = secured("ssl", FORWARDED);
    assertMismatch(server.uri(), "proxy-protocol = " + version + "\n" + server.trust(), 502);
  }

  /// A 400 of the site's own is nobody's mistake but the client's.
  @Test
  @Needs("nginx")
  void aBadRequestIsTheClientsAffair() throws Exception {
    URI server = site("proxy_protocol", "location / { return 400; }").uri();
    gateway = with(HeldGateway.start(GatewayProcess.oneSite(server, "proxy-protocol = v1")));
    Answer answer = Client.get(gateway.uri(), "/");
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.cause()).isEmpty();
  }
}
