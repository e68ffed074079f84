package io.whygate.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.whygate.e2e.lab.Folder;
import io.whygate.e2e.lab.GatewayProcess;
import io.whygate.e2e.lab.LabProcess;
import io.whygate.e2e.lab.Place;
import io.whygate.faults.FaultyServer;
import io.whygate.faults.http.RequestHead;
import io.whygate.faults.tls.KeyedCertificate;
import io.whygate.faults.tls.Pki;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Certificates that clients show, what servers are told of them (RFC 9440), and sites that are
/// served over TLS alone (RFC 6797).
@Needs("openssl")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ClientCertificatesTest {
  private Folder folder;
  private FaultyServer server;
  private GatewayProcess gateway;
  private Pki pki;
  private URI required;
  private URI optional;
  private URI moved;

  @BeforeAll
  void start() throws Exception {
    folder = Folder.create("client-certificates");
    server = FaultyServer.start();
    pki = Pki.of("localhost", "127.0.0.1");
    KeyedCertificate.PemFiles site = pki.server().writeTo(folder.path(), "site");
    String pair = "{ certificate = \"%s\", key = \"%s\" }".formatted(site.chain(), site.key());
    Path authority = folder.path().resolve("clients.pem");
    Files.writeString(authority, pem(pki.clientRoot()));
    int requiredPort = Place.HERE.freePort();
    int optionalPort = Place.HERE.freePort();
    int clearPort = Place.HERE.freePort();
    required = URI.create("https://127.0.0.1:" + requiredPort);
    optional = URI.create("https://127.0.0.1:" + optionalPort);
    moved = URI.create("http://127.0.0.1:" + clearPort);
    gateway =
        GatewayProcess.start(
            """
            listener-defaults.tls.client-certificates.trusted-certificates = "%s"
            listeners += { bind = "127.0.0.1:%d", tls { certificates = [ %s ]
              client-certificates.verify = required } }
            listeners += { bind = "127.0.0.1:%d", tls { certificates = [ %s ]
              client-certificates.verify = optional
              strict-transport-security { max-age = 365d, include-subdomains = true } } }
            listeners += { bind = "127.0.0.1:%d", redirect-to-https = %d }
            """
                    .formatted(
                        authority, requiredPort, pair, optionalPort, pair, clearPort, optionalPort)
                + GatewayProcess.oneSite(server.uri(), ""));
  }

  private static String pem(X509Certificate certificate) throws Exception {
    return "-----BEGIN CERTIFICATE-----\n"
        + Base64.getMimeEncoder().encodeToString(certificate.getEncoded())
        + "\n-----END CERTIFICATE-----\n";
  }

  @AfterAll
  void stop() throws Exception {
    gateway.close();
    server.close();
    folder.close();
  }

  private static HttpClient client(SSLContext context, HttpClient.Version version) {
    return HttpClient.newBuilder().sslContext(context).version(version).build();
  }

  private static HttpResponse<String> get(HttpClient client, URI target, String... fields)
      throws IOException, InterruptedException {
    HttpRequest.Builder request = HttpRequest.newBuilder(target);
    if (fields.length > 0) {
      request.headers(fields);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  /// What the server read of the latest request.
  private Optional<String> told(String name) {
    List<RequestHead> heads = server.traffic().heads();
    return heads.getLast().headers().stream()
        .filter(each -> each.name().equalsIgnoreCase(name))
        .map(each -> each.value())
        .reduce((one, other) -> one + " and " + other);
  }

  private static String item(X509Certificate certificate) throws Exception {
    return ":" + Base64.getEncoder().encodeToString(certificate.getEncoded()) + ":";
  }

  @ParameterizedTest
  @EnumSource(HttpClient.Version.class)
  void theServerIsToldOfACertificate(HttpClient.Version version) throws Exception {
    KeyedCertificate identity = pki.newClient("alice");
    HttpClient client = client(identity.context(pki.root()), version);
    for (URI listener : List.of(required, optional)) {
      HttpResponse<String> answer =
          get(client, listener.resolve("/"), "Client-Cert", ":AAAA:", "Client-Cert-Chain", ":AA:");
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.version()).isEqualTo(version);
      assertThat(told("Client-Cert")).hasValue(item(identity.certificate()));
      assertThat(told("Client-Cert-Chain"))
          .isEqualTo(
              identity.chain().size() > 1
                  ? Optional.of(item(identity.chain().get(1)))
                  : Optional.empty());
    }
  }

  @ParameterizedTest
  @EnumSource(HttpClient.Version.class)
  void aClientWithoutACertificate(HttpClient.Version version) throws Exception {
    HttpClient client = client(pki.clientContext(), version);
    assertThat(get(client, optional.resolve("/"), "Client-Cert", ":AAAA:").statusCode())
        .isEqualTo(200);
    assertThat(told("Client-Cert")).isEmpty();
    assertThatThrownBy(() -> get(client, required.resolve("/"))).isInstanceOf(IOException.class);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aCertificateOfAnotherAuthorityIsRefused(boolean always) {
    KeyedCertificate stranger = Pki.of("other").newClient("mallory");
    HttpClient client = client(stranger.context(pki.root()), HttpClient.Version.HTTP_2);
    assertThatThrownBy(() -> get(client, (always ? required : optional).resolve("/")))
        .isInstanceOf(IOException.class);
  }

  /// A certificate for servers does not make a client of its owner.
  @Test
  void aServersCertificateIsNone() {
    HttpClient client = client(pki.server().context(pki.root()), HttpClient.Version.HTTP_1_1);
    assertThatThrownBy(() -> get(client, required.resolve("/"))).isInstanceOf(IOException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"-tls1_2", "-tls1_3"})
  void aSessionThatIsResumedKeepsTheCertificate(String version) throws Exception {
    KeyedCertificate identity = pki.newClient("bob");
    KeyedCertificate.PemFiles files = identity.writeTo(folder.path(), "bob" + version);
    String shows = " -cert %s -key %s".formatted(files.chain(), files.key());
    openssl(version, shows + " -sess_out session" + version);
    assertThat(told("Client-Cert")).hasValue(item(identity.certificate()));
    assertThat(openssl(version, " -sess_in session" + version)).contains("Reused, ");
    assertThat(told("Client-Cert")).hasValue(item(identity.certificate()));
  }

  private String openssl(String version, String options) {
    String command =
        "printf 'GET / HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n'"
            + " | openssl s_client -ign_eof -connect 127.0.0.1:%d %s%s"
                .formatted(required.getPort(), version, options);
    try (LabProcess client = LabProcess.start(Place.HERE, folder.path(), "sh", "-c", command)) {
      client.awaitExit(Duration.ofSeconds(20));
      return client.output();
    }
  }

  @ParameterizedTest
  @EnumSource(HttpClient.Version.class)
  void browsersAreToldToComeOverTls(HttpClient.Version version) throws Exception {
    HttpClient client = client(pki.clientContext(), version);
    String said = "max-age=31536000; includeSubDomains";
    assertThat(get(client, optional.resolve("/")).headers().allValues("strict-transport-security"))
        .containsExactly(said);
    assertThat(
            get(client, optional.resolve("/.well-known/whygate/incidents/none"))
                .headers()
                .allValues("strict-transport-security"))
        .containsExactly(said);
    assertThat(gateway.get("/").headers().allValues("strict-transport-security")).isEmpty();
  }

  @Test
  void clearTextIsSentToTls() throws Exception {
    HttpClient client = client(pki.clientContext(), HttpClient.Version.HTTP_1_1);
    long before = server.traffic().requests();
    HttpResponse<String> answer = get(client, moved.resolve("/a/b?c=d"));
    assertThat(answer.statusCode()).isEqualTo(308);
    assertThat(answer.headers().firstValue("location"))
        .hasValue(optional.resolve("/a/b?c=d").toString());
    assertThat(answer.headers().allValues("strict-transport-security")).isEmpty();
    assertThat(server.traffic().requests()).isEqualTo(before);
    assertThat(get(client, moved.resolve("/.well-known/whygate/incidents/none")).statusCode())
        .isEqualTo(404);
  }
}
