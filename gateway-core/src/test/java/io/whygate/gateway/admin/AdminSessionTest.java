package io.whygate.gateway.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.whygate.faults.tls.Certificates;
import io.whygate.faults.tls.KeyedCertificate;
import io.whygate.gateway.config.ListenerSettings.KeyPair;
import io.whygate.gateway.telemetry.Metrics;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What a browser gets for a token, and what keeps others from using it.
class AdminSessionTest {
  private static final String RELOAD = "/api/config/reload";

  private final FakeOperations gateway = new FakeOperations();
  private HttpClient client = HttpClient.newHttpClient();
  private AdminServer server;
  private String scheme = "http";

  private void start(Optional<KeyPair> identity) throws Exception {
    server =
        AdminServer.start(
            SampleSettings.of("s3cret", "look", 3, identity), "whygate", gateway, new Metrics(1));
  }

  @AfterEach
  void stop() {
    server.close();
    client.close();
  }

  private HttpRequest.Builder to(String path) {
    return HttpRequest.newBuilder(
            URI.create(scheme + "://localhost:" + server.address().getPort() + path))
        .timeout(Duration.ofSeconds(20))
        .header("Content-Type", "application/json");
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return client.send(request.build(), BodyHandlers.ofString());
  }

  private HttpResponse<String> login(String token) throws Exception {
    return send(to("/api/session").POST(BodyPublishers.ofString("{\"token\":\"" + token + "\"}")));
  }

  private static String cookie(HttpResponse<String> login) {
    String field = login.headers().firstValue("Set-Cookie").orElse("");
    return field.substring(0, field.indexOf(';'));
  }

  private static String csrf(HttpResponse<String> login) {
    Matcher found = Pattern.compile("\"csrf\":\"([^\"]+)\"").matcher(login.body());
    return found.find() ? found.group(1) : "";
  }

  @Test
  void givesASessionThatScriptsCannotReadAndOtherSitesCannotUse() throws Exception {
    start(Optional.empty());
    HttpResponse<String> login = login("s3cret");

    assertThat(login.statusCode()).isEqualTo(200);
    assertThat(login.headers().firstValue("Set-Cookie").orElse(""))
        .startsWith("whygate-session-" + server.address().getPort() + "=")
        .contains("HTTPOnly", "SameSite=Strict", "Path=/", "Max-Age=3600")
        .doesNotContain("Secure");
    assertThat(send(to("/api/incidents")).statusCode()).isEqualTo(401);
    assertThat(send(to("/api/incidents").header("Cookie", cookie(login))).statusCode())
        .isEqualTo(200);
    assertThat(send(to("/api/session").header("Cookie", cookie(login))).body())
        .contains("\"role\":\"full\"", csrf(login));
    assertThat(send(to("/api/session")).body()).isEqualTo("{\"guarded\":true}");
  }

  @Test
  void wantsTheSessionsSecretForAChange() throws Exception {
    start(Optional.empty());
    HttpResponse<String> login = login("s3cret");
    HttpRequest.Builder change =
        to(RELOAD).header("Cookie", cookie(login)).POST(BodyPublishers.ofString("{}"));

    assertThat(send(change.copy()).statusCode()).isEqualTo(403);
    assertThat(send(change.copy().header("X-Whygate-Csrf", "guess")).statusCode()).isEqualTo(403);
    assertThat(
            send(change
                    .copy()
                    .header("X-Whygate-Csrf", csrf(login))
                    .header("Origin", "http://evil.example"))
                .statusCode())
        .isEqualTo(403);
    assertThat(gateway.done).isEmpty();
    assertThat(send(change.copy().header("X-Whygate-Csrf", csrf(login))).statusCode())
        .isEqualTo(200);
    assertThat(gateway.done).containsExactly("reload");
  }

  @Test
  void letsTheReadOnlyTokenLookAndChangeNothing() throws Exception {
    start(Optional.empty());
    HttpResponse<String> login = login("look");

    assertThat(login.body()).contains("\"role\":\"read-only\"");
    assertThat(send(to("/api/upstreams").header("Cookie", cookie(login))).statusCode())
        .isEqualTo(200);
    for (String path :
        List.of(
            RELOAD,
            "/api/diagnose",
            "/api/upstreams/shop/maintenance",
            "/api/upstreams/shop/endpoints/http%3A%2F%2Fshop.internal%3A3000/drain")) {
      HttpResponse<String> bySession =
          send(
              to(path)
                  .header("Cookie", cookie(login))
                  .header("X-Whygate-Csrf", csrf(login))
                  .POST(BodyPublishers.ofString("{}")));
      HttpResponse<String> byToken =
          send(to(path).header("Authorization", "Bearer look").POST(BodyPublishers.ofString("{}")));
      assertThat(bySession.statusCode()).as(path).isEqualTo(403);
      assertThat(byToken.statusCode()).as(path).isEqualTo(403);
    }
    assertThat(gateway.done).isEmpty();
    assertThat(send(to("/metrics").header("Authorization", "Bearer look")).statusCode())
        .isEqualTo(200);
  }

  @Test
  void looksAtNoTokenAfterTooManyWrongOnesAndKeepsOpenSessions() throws Exception {
    start(Optional.empty());
    HttpResponse<String> login = login("s3cret");

    assertThat(login("wrong").statusCode()).isEqualTo(401);
    assertThat(login("").statusCode()).isEqualTo(401);
    assertThat(send(to("/metrics").header("Authorization", "Bearer wrong")).statusCode())
        .isEqualTo(401);
    HttpResponse<String> refused = login("s3cret");

    assertThat(refused.statusCode()).isEqualTo(429);
    assertThat(refused.headers().firstValue("Retry-After")).contains("60");
    assertThat(send(to("/metrics").header("Authorization", "Bearer s3cret")).statusCode())
        .isEqualTo(429);
    assertThat(send(to("/api/incidents").header("Cookie", cookie(login))).statusCode())
        .isEqualTo(200);
    assertThat(send(to("/healthz")).statusCode()).isEqualTo(200);
  }

  @Test
  void holdsUnderNoOtherNameThanTheOneItWasOpenedAt() throws Exception {
    start(Optional.empty());
    HttpResponse<String> login = login("s3cret");
    int port = server.address().getPort();
    HttpRequest elsewhere =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/api/incidents"))
            .header("Cookie", cookie(login))
            .build();

    assertThat(client.send(elsewhere, BodyHandlers.ofString()).statusCode()).isEqualTo(401);
  }

  @Test
  void endsASessionWhenToldToAndTheOldestWhenThereAreTooMany() throws Exception {
    start(Optional.empty());
    HttpResponse<String> first = login("s3cret");
    HttpResponse<String> left =
        send(
            to("/api/session")
                .header("Cookie", cookie(first))
                .header("X-Whygate-Csrf", csrf(first))
                .DELETE());

    assertThat(left.statusCode()).isEqualTo(204);
    assertThat(left.headers().firstValue("Set-Cookie").orElse("")).contains("Max-Age=0");
    assertThat(isOpen(first)).isFalse();

    List<HttpResponse<String>> more =
        List.of(login("s3cret"), login("s3cret"), login("s3cret"), login("s3cret"));
    int open = 0;
    for (HttpResponse<String> each : more) {
      open += isOpen(each) ? 1 : 0;
    }
    assertThat(open).isLessThanOrEqualTo(2);
  }

  @Test
  void endsTheStreamOfEventsWithTheSession() throws Exception {
    start(Optional.empty());
    HttpResponse<String> login = login("s3cret");
    try (InputStream events =
        client
            .send(
                to("/api/events").header("Cookie", cookie(login)).build(),
                BodyHandlers.ofInputStream())
            .body()) {
      assertThat(events.read()).as("something is told").isPositive();
      send(
          to("/api/session")
              .header("Cookie", cookie(login))
              .header("X-Whygate-Csrf", csrf(login))
              .DELETE());
      // It is broken off in the middle of its chunks: whoever listens is not told that it is whole.
      assertThatIOException().isThrownBy(events::readAllBytes);
    }
  }

  private boolean isOpen(HttpResponse<String> login) throws Exception {
    return send(to("/api/incidents").header("Cookie", cookie(login))).statusCode() == 200;
  }

  @Test
  void showsItsCertificateAndGivesASecureCookie() throws Exception {
    KeyedCertificate own = Certificates.leaf("localhost").dns("localhost").selfSigned();
    start(Optional.of(new KeyPair(own.chain(), own.key())));
    scheme = "https";
    client.close();
    client =
        HttpClient.newBuilder().sslContext(Certificates.trusting(own.chain().getFirst())).build();

    HttpResponse<String> login = login("s3cret");

    assertThat(login.headers().firstValue("Set-Cookie").orElse(""))
        .startsWith("__Host-whygate-session-")
        .contains("Secure");
    assertThat(isOpen(login)).isTrue();
  }
}
