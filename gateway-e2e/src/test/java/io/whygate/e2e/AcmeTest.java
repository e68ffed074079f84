package io.whygate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.whygate.e2e.lab.Await;
import io.whygate.e2e.lab.Folder;
import io.whygate.e2e.lab.GatewayProcess;
import io.whygate.e2e.lab.LabProcess;
import io.whygate.e2e.lab.Pebble;
import io.whygate.e2e.lab.Place;
import io.whygate.e2e.matrix.Answer;
import io.whygate.e2e.matrix.Client;
import io.whygate.faults.tls.Certificates;
import io.whygate.faults.tls.KeyKind;
import io.whygate.faults.tls.KeyedCertificate;
import io.whygate.faults.tls.Pki;
import io.whygate.gateway.Gateway;
import io.whygate.gateway.admin.Operations;
import io.whygate.gateway.config.reading.ConfigReader;
import io.whygate.gateway.trust.Trust;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// Certificates by ACME (RFC 8555) from Pebble: names proved in both ways, certificates kept and
/// renewed, failures that are shown and leave other names alone.
@Needs("pebble")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AcmeTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String TOKENS = "/.well-known/acme-challenge/";

  private Pebble pebble;
  private int httpPort;
  private int tlsPort;
  private Folder folder;

  @BeforeAll
  void startPebble() throws Exception {
    httpPort = Place.HERE.freePort();
    tlsPort = Place.HERE.freePort();
    pebble = Pebble.start(httpPort, tlsPort, ", \"domainBlocklist\": [\"blocked.test\"]");
  }

  @AfterAll
  void stopPebble() {
    pebble.close();
  }

  @BeforeEach
  void makeFolder() {
    folder = Folder.create("acme");
  }

  @AfterEach
  void removeFolder() {
    folder.close();
  }

  /// A gateway with these listeners that asks an authority, with more settings of `acme`.
  private Gateway start(URI directory, Path trusted, String listeners, String acme)
      throws Exception {
    Path file =
        folder.write(
            "gateway.conf",
            """
            whygate {
              event-loops = 1
              listeners = [ %s ]
              acme { directory = "%s", trusted-certificates = "%s", agree-to-terms = true, storage = "kept"
                back-off = 10m
                %s }
              admin { bind = "127.0.0.1:0" }
              access-log { enabled = false }
              upstreams { site { endpoints = ["http://127.0.0.1:1"] } }
              routes = [ { path = "/", upstream = site } ]
            }
            """
                .formatted(listeners, directory, trusted, acme));
    return Gateway.start(new ConfigReader().read(file), () -> new Operations.Applied(List.of()));
  }

  private Gateway start(String listeners, String acme) throws Exception {
    return start(pebble.directory(), pebble.trusted(), listeners, acme);
  }

  private String clearText() {
    return "{ bind = \"127.0.0.1:%d\", redirect-to-https = %d }".formatted(httpPort, tlsPort);
  }

  private String secure(String names) {
    return "{ bind = \"127.0.0.1:%d\", tls { acme { names = %s } } }".formatted(tlsPort, names);
  }

  /// The certificate that is shown for a name.
  private X509Certificate shown(String name) throws Exception {
    SSLContext context = Trust.usual().unverified();
    try (Socket plain = new Socket(InetAddress.getLoopbackAddress(), tlsPort);
        SSLSocket socket =
            (SSLSocket) context.getSocketFactory().createSocket(plain, name, tlsPort, true)) {
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setServerNames(List.of(new SNIHostName(name)));
      socket.setSSLParameters(parameters);
      socket.startHandshake();
      return (X509Certificate) socket.getSession().getPeerCertificates()[0];
    }
  }

  private X509Certificate awaitIssued(Gateway gateway, String name) throws Exception {
    Await.until(
        "a certificate of the authority for " + name,
        PATIENCE,
        () -> isIssued(shown(name)) && names(shown(name)).contains(name),
        () -> said(gateway) + pebble.output());
    return shown(name);
  }

  private static boolean isIssued(X509Certificate certificate) {
    return certificate.getIssuerX500Principal().getName().contains("Pebble");
  }

  private static List<String> names(X509Certificate certificate) throws Exception {
    Collection<List<?>> all = certificate.getSubjectAlternativeNames();
    return all.stream().map(each -> String.valueOf(each.get(1))).sorted().toList();
  }

  private static String admin(Gateway gateway, String path) throws IOException {
    InetSocketAddress at = gateway.adminAddress().orElseThrow();
    URI uri = URI.create("http://127.0.0.1:" + at.getPort());
    return Client.send(uri, "GET", path, "", "Host: " + uri.getAuthority()).text();
  }

  private static String said(Gateway gateway) {
    try {
      return admin(gateway, "/api/certificates");
    } catch (IOException e) {
      return e.toString();
    }
  }

  /// How it stands with a certificate, by the admin interface.
  private static JsonObject status(Gateway gateway, String name) throws IOException {
    return JsonParser.parseString(admin(gateway, "/api/certificates"))
        .getAsJsonObject()
        .getAsJsonArray("acme")
        .asList()
        .stream()
        .map(each -> each.getAsJsonObject())
        .filter(each -> each.get("name").getAsString().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void namesAreProvedOverHttpAndCertificatesAreKept() throws Exception {
    String listeners = clearText() + ", " + secure("[\"shop.test\", [\"one.test\", \"two.test\"]]");
    String acme = "challenges = [http-01], email = \"ops@example.com\"";
    X509Certificate first;
    try (Gateway gateway = start(listeners, acme)) {
      first = awaitIssued(gateway, "shop.test");
      assertThat(names(first)).containsExactly("shop.test");
      assertThat(names(awaitIssued(gateway, "two.test"))).containsExactly("one.test", "two.test");
      assertThat(shown("one.test")).isEqualTo(shown("two.test"));
      assertThat(status(gateway, "shop.test").get("state").getAsString()).isEqualTo("valid");
      assertThat(admin(gateway, "/metrics"))
          .contains("whygate_acme_orders_total{result=\"issued\"} 2.0")
          .contains("whygate_acme_consecutive_failures{name=\"shop.test\"} 0.0")
          .contains(
              "whygate_tls_certificate_expiry_seconds{name=\"127.0.0.1:%d/1\"}".formatted(tlsPort));
      Answer unknown = Client.get(URI.create("http://127.0.0.1:" + httpPort), TOKENS + "unknown");
      assertThat(unknown.status()).isEqualTo(308);
    }
    assertKeptPrivately();
    String account = account();
    assertThat(account).contains("ops@example.com").contains("BEGIN PRIVATE KEY");
    try (Gateway gateway = start(listeners, acme)) {
      assertThat(shown("shop.test")).isEqualTo(first);
      assertThat(admin(gateway, "/metrics")).doesNotContain("whygate_acme_orders_total{");
    }
    Files.delete(kept("shop.test"));
    try (Gateway gateway = start(listeners, acme)) {
      assertThat(awaitIssued(gateway, "shop.test")).isNotEqualTo(first);
      assertThat(account()).isEqualTo(account);
    }
  }

  private Path kept(String name) throws IOException {
    try (Stream<Path> files = Files.walk(folder.path().resolve("kept"))) {
      return files.filter(each -> each.endsWith(name + ".pem")).findFirst().orElseThrow();
    }
  }

  private String account() throws IOException {
    return Files.readString(kept("account"));
  }

  private void assertKeptPrivately() throws IOException {
    try (Stream<Path> files = Files.walk(folder.path().resolve("kept"))) {
      assertThat(files.toList())
          .hasSizeGreaterThan(4)
          .allSatisfy(each ->
              assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(each)))
                  .isEqualTo(Files.isDirectory(each) ? "rwx------" : "rw-------"));
    }
  }

  @Test
  void namesAreProvedInHandshakesWhereThereIsNoClearText() throws Exception {
    try (Gateway gateway = start(secure("[\"alpn.test\"]"), "key = rsa-2048")) {
      X509Certificate issued = awaitIssued(gateway, "alpn.test");
      assertThat(issued.getPublicKey().getAlgorithm()).isEqualTo("RSA");
    }
  }

  @Test
  void aHandshakeForAProofThatIsNotPendingIsRefused() throws Exception {
    try (Gateway gateway = start(secure("[\"quiet.test\"]"), "")) {
      awaitIssued(gateway, "quiet.test");
      try (LabProcess client =
          LabProcess.start(
              Place.HERE,
              folder.path(),
              "openssl",
              "s_client",
              "-connect",
              "127.0.0.1:" + tlsPort,
              "-servername",
              "quiet.test",
              "-alpn",
              "acme-tls/1")) {
        client.awaitExit(PATIENCE);
        assertThat(client.output()).contains("no application protocol");
      }
    }
  }

  @Test
  void theOtherWayIsTriedWhereOneDoesNotProve() throws Exception {
    String unreachable = "{ bind = \"127.0.0.1:%d\" }".formatted(Place.HERE.freePort());
    try (Gateway gateway = start(unreachable + ", " + secure("[\"other.test\"]"), "")) {
      awaitIssued(gateway, "other.test");
    }
  }

  @Test
  void aRefusedNameIsShownToOperatorsAndLeavesOthersAlone() throws Exception {
    String names = "[\"good.test\", \"blocked.test\"]";
    try (Gateway gateway = start(clearText() + ", " + secure(names), "")) {
      awaitIssued(gateway, "good.test");
      Await.until(
          "a failure",
          PATIENCE,
          () -> status(gateway, "blocked.test").get("failures").getAsInt() == 1);
      JsonObject status = status(gateway, "blocked.test");
      assertThat(status.get("state").getAsString()).isEqualTo("failing");
      assertThat(status.getAsJsonObject("last_failure").get("why").getAsString())
          .contains("blocked.test");
      Await.until("a next try", PATIENCE, () -> status(gateway, "blocked.test").has("next"));
      assertThat(Instant.parse(status(gateway, "blocked.test").get("next").getAsString()))
          .isAfter(Instant.now().plus(Duration.ofMinutes(8)));
      assertThat(admin(gateway, "/metrics"))
          .contains("whygate_acme_orders_total{result=\"failed\"} 1.0")
          .contains("whygate_acme_consecutive_failures{name=\"blocked.test\"} 1.0");
      assertThat(names(shown("blocked.test"))).containsExactly("good.test");
    }
  }

  @Test
  void clientsAreServedBeforeThereIsACertificate() throws Exception {
    URI nobody = URI.create("https://localhost:" + Place.HERE.freePort() + "/dir");
    try (Gateway gateway = start(nobody, pebble.trusted(), secure("[\"early.test\"]"), "")) {
      X509Certificate placeholder = shown("early.test");
      assertThat(names(placeholder)).containsExactly("early.test");
      assertThat(isIssued(placeholder)).isFalse();
      Await.until(
          "a failure",
          PATIENCE,
          () -> status(gateway, "early.test").get("failures").getAsInt() == 1);
      assertThat(said(gateway)).contains("cannot be reached").contains("\"placeholder\":true");
      assertThat(admin(gateway, "/metrics"))
          .doesNotContain("whygate_tls_certificate_expiry_seconds{");
    }
    Pki own = Pki.of(KeyKind.EC_P256, "standard.test");
    KeyedCertificate.PemFiles files = own.server().writeTo(folder.path(), "standard");
    String fallback =
        "{ bind = \"127.0.0.1:%d\", tls { certificates = [ { certificate = \"%s\", key = \"%s\" } ], acme { names = [\"early.test\"] } } }"
            .formatted(tlsPort, files.chain(), files.key());
    try (Gateway gateway = start(nobody, pebble.trusted(), fallback, "")) {
      assertThat(gateway.listenerUrls()).hasSize(1);
      assertThat(names(shown("early.test"))).containsExactly("standard.test");
    }
  }

  @Test
  void anAccountOfAnotherKindIsBound() throws Exception {
    String key = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W";
    try (Pebble strict =
        Pebble.start(
            httpPort,
            tlsPort,
            ", \"externalAccountBindingRequired\": true, \"externalAccountMACKeys\": { \"kid-1\": \"%s\" }"
                .formatted(key))) {
      try (Gateway gateway =
          start(strict.directory(), strict.trusted(), secure("[\"bound.test\"]"), "")) {
        Await.until(
            "a failure",
            PATIENCE,
            () -> status(gateway, "bound.test").get("failures").getAsInt() == 1);
        assertThat(said(gateway)).contains("externalAccountRequired");
      }
      String external = "external-account { key-id = \"kid-1\", mac-key = \"%s\" }".formatted(key);
      try (Gateway gateway =
          start(strict.directory(), strict.trusted(), secure("[\"bound.test\"]"), external)) {
        awaitIssued(gateway, "bound.test");
        assertThat(admin(gateway, "/api/config")).doesNotContain(key);
      }
    }
  }

  /// Pebble's directory with some URLs of our own: what Pebble itself does not have.
  private final class Directory implements AutoCloseable {
    final Map<String, String> own = new ConcurrentHashMap<>();
    final Map<String, String> answers = new ConcurrentHashMap<>();
    final HttpsServer server;
    final Path trusted;
    volatile int status = 200;
    volatile boolean isDown;

    Directory() throws Exception {
      Pki pki = Pki.of("localhost", "127.0.0.1");
      trusted = folder.path().resolve("both.pem");
      Files.writeString(
          trusted, Certificates.pem(List.of(pki.root())) + Files.readString(pebble.trusted()));
      server = HttpsServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
      server.setHttpsConfigurator(new HttpsConfigurator(pki.server().context()));
      server.createContext(
          "/",
          exchange -> {
            String path = exchange.getRequestURI().getPath();
            byte[] body;
            if (isDown) {
              exchange.sendResponseHeaders(503, -1);
              exchange.close();
              return;
            }
            if (path.equals("/dir")) {
              body = directory().getBytes(java.nio.charset.StandardCharsets.UTF_8);
              exchange.getResponseHeaders().add("Content-Type", "application/json");
              exchange.sendResponseHeaders(200, body.length);
            } else {
              String kind = path.split("/")[1];
              body =
                  answers
                      .getOrDefault(kind, "{}")
                      .getBytes(java.nio.charset.StandardCharsets.UTF_8);
              exchange.getRequestBody().readAllBytes();
              exchange.getResponseHeaders().add("Retry-After", "3600");
              exchange
                  .getResponseHeaders()
                  .add(
                      "Content-Type",
                      status < 400 ? "application/json" : "application/problem+json");
              exchange.sendResponseHeaders(status, body.length);
            }
            exchange.getResponseBody().write(body);
            exchange.close();
          });
      server.start();
    }

    URI uri(String path) {
      return URI.create("https://localhost:" + server.getAddress().getPort() + path);
    }

    private String directory() {
      String pebbles =
          LabProcess.run(
              Place.HERE,
              folder.path(),
              "curl",
              "-fsS",
              "--cacert",
              pebble.trusted().toString(),
              pebble.directory().toString());
      JsonObject directory = JsonParser.parseString(pebbles).getAsJsonObject();
      own.forEach(directory::addProperty);
      return directory.toString();
    }

    @Override
    public void close() {
      server.stop(0);
    }
  }

  @Test
  void aCertificateIsRenewedWhenTheAuthoritySaysSo() throws Exception {
    try (Directory directory = new Directory()) {
      directory.own.put("renewalInfo", directory.uri("/renewal").toString());
      window(directory, Duration.ofDays(30), Duration.ofDays(31));
      String listeners = secure("[\"renewed.test\"]");
      X509Certificate first;
      try (Gateway gateway =
          start(directory.uri("/dir"), directory.trusted, listeners, "back-off = 50ms")) {
        first = awaitIssued(gateway, "renewed.test");
        Await.until(
            "the time of the renewal",
            PATIENCE,
            () ->
                status(gateway, "renewed.test").has("next")
                    && Instant.parse(status(gateway, "renewed.test").get("next").getAsString())
                        .isAfter(Instant.now().plus(Duration.ofMinutes(50))));
      }
      window(directory, Duration.ofHours(-1), Duration.ofSeconds(1));
      try (Gateway gateway =
          start(directory.uri("/dir"), directory.trusted, listeners, "back-off = 10m")) {
        Await.until("another certificate", PATIENCE, () -> !shown("renewed.test").equals(first));
        assertThat(isIssued(shown("renewed.test"))).isTrue();
        assertThat(admin(gateway, "/metrics"))
            .contains("whygate_acme_orders_total{result=\"issued\"} 1.0");
      }
    }
  }

  private static void window(Directory directory, Duration from, Duration to) {
    directory.answers.put(
        "renewal",
        "{\"suggestedWindow\": {\"start\": \"%s\", \"end\": \"%s\"}}"
            .formatted(Instant.now().plus(from), Instant.now().plus(to)));
  }

  @Test
  void anAuthorityThatLimitsIsAskedAgainWhenItSays() throws Exception {
    try (Directory directory = new Directory()) {
      directory.own.put("newOrder", directory.uri("/order").toString());
      directory.status = 429;
      directory.answers.put(
          "order",
          "{\"type\": \"urn:ietf:params:acme:error:rateLimited\", \"detail\": \"too many certificates\"}");
      try (Gateway gateway =
          start(directory.uri("/dir"), directory.trusted, secure("[\"many.test\"]"), "")) {
        Await.until(
            "a next try",
            PATIENCE,
            () ->
                status(gateway, "many.test").get("failures").getAsInt() == 1
                    && status(gateway, "many.test").has("next"));
        JsonObject status = status(gateway, "many.test");
        assertThat(status.toString()).contains("too many certificates");
        assertThat(Instant.parse(status.get("next").getAsString()))
            .isAfter(Instant.now().plus(Duration.ofMinutes(55)));
        assertThat(admin(gateway, "/metrics"))
            .contains("whygate_acme_orders_total{result=\"rate-limited\"} 1.0");
      }
    }
  }

  /// The incidents of the gateway, newest first.
  private static List<JsonObject> incidents(Gateway gateway) throws IOException {
    return JsonParser.parseString(admin(gateway, "/api/incidents"))
        .getAsJsonObject()
        .getAsJsonArray("incidents")
        .asList()
        .stream()
        .map(each -> each.getAsJsonObject())
        .toList();
  }

  @Test
  void ordersThatFailAreOneIncidentUntilOneWorks() throws Exception {
    String gauge = "whygate_incidents_open{upstream=\"certificate:mended.test\"}";
    try (Directory directory = new Directory()) {
      directory.isDown = true;
      try (Gateway gateway =
          start(
              directory.uri("/dir"),
              directory.trusted,
              secure("[\"mended.test\"]"),
              "back-off = 100ms, longest-back-off = 500ms")) {
        Await.until(
            "an incident of several failures",
            PATIENCE,
            () ->
                incidents(gateway).size() == 1
                    && !incidents(gateway).toString().contains("Asked 1 times"));
        JsonObject open = incidents(gateway).getFirst();
        assertThat(open.get("state").getAsString()).isEqualTo("open");
        assertThat(open.get("cause").getAsString()).isEqualTo("gateway.certificate-not-issued");
        assertThat(open.get("upstream").getAsString()).isEqualTo("certificate:mended.test");
        assertThat(open.get("requests").getAsInt()).isZero();
        assertThat(open.get("because").getAsString()).contains("503").contains("nobody signed");
        assertThat(open.get("explanation").getAsString())
            .startsWith("The authority localhost did not sign a certificate for mended.test");
        assertThat(open.getAsJsonArray("fix")).hasSize(4);
        assertThat(open.getAsJsonArray("evidence")).hasSize(1);
        assertThat(admin(gateway, "/metrics")).contains(gauge + " 1.0");
        directory.isDown = false;
        awaitIssued(gateway, "mended.test");
        Await.until("its end", PATIENCE, () -> !admin(gateway, "/metrics").contains(gauge));
        assertThat(incidents(gateway)).hasSize(1);
        JsonObject ended = incidents(gateway).getFirst();
        assertThat(ended.get("incident")).isEqualTo(open.get("incident"));
        assertThat(ended.get("state").getAsString()).isEqualTo("recovered");
      }
    }
  }

  @Test
  void aReloadTakesNewNamesAndLetsOldOnesGo() throws Exception {
    try (Gateway gateway = start(secure("[\"old.test\"]"), "")) {
      awaitIssued(gateway, "old.test");
      Path file = folder.path().resolve("gateway.conf");
      Files.writeString(file, Files.readString(file).replace("[\"old.test\"]", "[\"new.test\"]"));
      gateway.apply(new ConfigReader().read(file));
      awaitIssued(gateway, "new.test");
      assertThat(names(shown("old.test"))).containsExactly("new.test");
    }
  }

  /// Who has no certificates by ACME pays nothing for it.
  @Test
  void nothingOfItIsLoadedWhereItIsNotUsed() {
    int port = Place.HERE.freePort();
    List<String> command = new java.util.ArrayList<>(GatewayProcess.commandLine());
    command.add(1, "-Xlog:class+load:file=classes.log");
    command.addAll(List.of("run", "--listen", "127.0.0.1:" + port, "--to", "http://127.0.0.1:1"));
    try (LabProcess gateway = LabProcess.start(Place.HERE, folder.path(), Map.of(), command)) {
      gateway.awaitPort(Place.HERE, port);
      gateway.signal("TERM");
      gateway.awaitExit(PATIENCE);
    }
    assertThat(folder.read("classes.log"))
        .contains("io.whygate.gateway.Gateway ")
        .doesNotContain("org.shredzone")
        .doesNotContain("org.bouncycastle")
        .doesNotContain("org.jose4j");
  }
}
