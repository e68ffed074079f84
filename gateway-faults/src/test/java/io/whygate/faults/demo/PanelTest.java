package io.whygate.faults.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.faults.FaultyServer;
import io.whygate.faults.http.RequestHead;
import io.whygate.faults.http.Response;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PanelTest {
  private static final String INCIDENT =
      """
      {"incidents":[{"incident":"abc123","title":"The <site> is \\u00e0 terre","cause":"server.port-closed",
      "state":"open","since":"2026-11-23T12:00:00Z","confidence":0.95,"steps":[],"x":null,"y":true}]}
      """;

  private final HttpClient client = HttpClient.newHttpClient();
  private FaultyServer gateway;
  private FaultyServer admin;
  private DemoSite demo;

  @BeforeEach
  void start() throws IOException {
    gateway = FaultyServer.start();
    admin =
        FaultyServer.builder()
            .site(_ ->
                Response.of(200, "application/json", INCIDENT.getBytes(StandardCharsets.UTF_8)))
            .start();
    demo = DemoSite.start(new DemoPorts(gateway.port(), 0, admin.port()));
  }

  @AfterEach
  void stop() {
    client.close();
    demo.close();
    admin.close();
    gateway.close();
  }

  @Test
  void showsAButtonForEachBreakageAndTheWayToItsPage() throws Exception {
    String page = get("/").body();

    for (Breakage breakage : Breakage.values()) {
      assertThat(page).contains("value=\"" + breakage.id() + "\"", breakage.causes().getFirst());
    }
    assertThat(page)
        .contains("All is well", "http://127.0.0.1:" + gateway.port() + "/checkout")
        .doesNotContain("{{")
        .doesNotContainPattern("\\son[a-z]+=")
        .doesNotContain("<script>", "style=");
  }

  @Test
  void breaksAndMendsByForm() throws Exception {
    HttpResponse<String> pressed = post("/break", "breakage=closed-port", "");
    assertThat(pressed.statusCode()).isEqualTo(303);
    assertThat(demo.broken()).contains(Breakage.CLOSED_PORT);
    assertThat(get("/").body())
        .contains("data-broken=\"closed-port\"", "data-breakage=\"closed-port\" data-current");

    assertThat(post("/mend", "", "").statusCode()).isEqualTo(303);
    assertThat(demo.broken()).isEmpty();
    assertThat(get("/live").body()).contains("All is well");
  }

  @Test
  void letsTheGatewaySeeThePageBeforeItBreaks() throws Exception {
    post("/break", "breakage=moved", "");

    assertThat(gateway.traffic().heads())
        .extracting(RequestHead::target)
        .containsExactly("/journal");
  }

  @Test
  void listsIncidentsWithTheirTextEscaped() throws Exception {
    assertThat(get("/live").body())
        .contains("The &lt;site&gt; is à terre", "server.port-closed", "2026-11-23T12:00:00Z");
    assertThat(admin.traffic().heads().getLast().target()).startsWith("/api/incidents");
  }

  @Test
  void saysSoWhereTheAdminInterfaceIsSilentOrSpeaksNonsense() throws Exception {
    admin.site(_ -> Response.text(200, "{\"incidents\":[{]}"));
    assertThat(get("/live").body()).contains("does not answer");

    admin.stopListening();
    assertThat(get("/live").body()).contains("does not answer");
  }

  @Test
  void refusesFormsOfOtherPagesAndOtherNames() throws Exception {
    assertThat(post("/break", "breakage=closed-port", "https://evil.example").statusCode())
        .isEqualTo(403);
    assertThat(post("/break", "breakage=nothing", "").statusCode()).isEqualTo(400);
    assertThat(demo.broken()).isEmpty();
    URI rebound = URI.create(demo.panel().toString().replace("127.0.0.1", "127.0.0.1.nip.io"));
    assertThat(rebound.getHost()).isNotEqualTo("127.0.0.1");
    try (var socket = new java.net.Socket("127.0.0.1", demo.panel().getPort())) {
      socket
          .getOutputStream()
          .write(
              ("GET / HTTP/1.1\r\nHost: "
                      + rebound.getAuthority()
                      + "\r\nConnection: close\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
          .startsWith("HTTP/1.1 421 ");
    }
  }

  @Test
  void servesItsOwnFilesAndTheIntermediate() throws Exception {
    assertThat(get("/panel.css").headers().firstValue("Content-Type"))
        .hasValue("text/css; charset=utf-8");
    assertThat(get("/panel.js").statusCode()).isEqualTo(200);
    HttpResponse<String> issuer = get(PanelSite.ISSUER_PATH);
    assertThat(issuer.headers().firstValue("Content-Type")).hasValue("application/pkix-cert");
    assertThat(get("/").headers().firstValue("Content-Security-Policy")).isPresent();
  }

  private HttpResponse<String> get(String path) throws Exception {
    return client.send(
        HttpRequest.newBuilder(demo.panel().resolve(path)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private HttpResponse<String> post(String path, String form, String origin) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(demo.panel().resolve(path))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString(form));
    if (!origin.isEmpty()) {
      request.header("Origin", origin);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }
}
