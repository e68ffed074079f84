package io.whygate.gateway.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.whygate.diagnostics.incident.Incident;
import io.whygate.diagnostics.page.Language;
import io.whygate.diagnostics.verdict.Cause;
import io.whygate.gateway.config.AdminSettings;
import io.whygate.gateway.config.ListenerSettings.KeyPair;
import io.whygate.gateway.telemetry.Metrics;
import io.whygate.gateway.telemetry.SampleExchange;
import io.whygate.gateway.telemetry.SampleIncident;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AdminServerTest {
  private final HttpClient client = HttpClient.newHttpClient();
  private final FakeOperations gateway = new FakeOperations();
  private final Metrics metrics = new Metrics(1);
  private AdminServer server;

  @BeforeEach
  void start() throws IOException {
    server = serve("");
  }

  @AfterEach
  void stop() {
    server.close();
    client.close();
  }

  private AdminServer serve(String token) throws IOException {
    InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    return AdminServer.start(
        settings(anyPort, token, Optional.empty()), "whygate", gateway, metrics);
  }

  private static AdminSettings settings(
      InetSocketAddress bind, String token, Optional<KeyPair> identity) {
    return SampleSettings.at(bind, token, token.isEmpty() ? "" : token + "-reader", 5, identity);
  }

  private void restartWithToken(String token) throws IOException {
    server.close();
    server = serve(token);
  }

  private HttpRequest.Builder to(String path) {
    return HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:" + server.address().getPort() + path))
        .timeout(Duration.ofSeconds(20));
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return client.send(request.build(), BodyHandlers.ofString());
  }

  private HttpResponse<String> get(String path) throws Exception {
    return send(to(path));
  }

  private HttpResponse<String> post(String path, String json) throws Exception {
    return send(
        to(path).header("Content-Type", "application/json").POST(BodyPublishers.ofString(json)));
  }

  /// What comes back on a socket until the server closes it, or until the text is there.
  private String raw(String request, String until) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", server.address().getPort())) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      StringBuilder text = new StringBuilder();
      byte[] buffer = new byte[8192];
      int count = socket.getInputStream().read(buffer);
      while (count > 0) {
        text.append(new String(buffer, 0, count, StandardCharsets.UTF_8));
        if (!until.isEmpty() && text.indexOf(until) >= 0) {
          break;
        }
        count = socket.getInputStream().read(buffer);
      }
      return text.toString();
    }
  }

  @Test
  void showsMetricsInTheFormThatTheScraperAsksFor() throws Exception {
    metrics.finished(SampleExchange.answered(200), 0);

    HttpResponse<String> text = get("/metrics");
    HttpResponse<String> open =
        send(to("/metrics").header("Accept", "application/openmetrics-text; version=1.0.0"));

    assertThat(text.statusCode()).isEqualTo(200);
    assertThat(text.headers().firstValue("Content-Type").orElse(""))
        .startsWith("text/plain; version=0.0.4");
    assertThat(text.body()).contains("# TYPE whygate_requests_total counter");
    assertThat(open.headers().firstValue("Content-Type").orElse(""))
        .startsWith("application/openmetrics-text; version=1.0.0");
    assertThat(open.body()).contains("# TYPE whygate_requests counter").endsWith("# EOF\n");
  }

  @Test
  void givesNativeHistogramsToAScraperThatTakesProtobuf() throws Exception {
    metrics.finished(SampleExchange.answered(200), 0);

    HttpResponse<byte[]> answer =
        client.send(
            to("/metrics")
                .header(
                    "Accept",
                    "application/vnd.google.protobuf;"
                        + "proto=io.prometheus.client.MetricFamily;encoding=delimited")
                .build(),
            BodyHandlers.ofByteArray());

    assertThat(answer.headers().firstValue("Content-Type").orElse(""))
        .startsWith("application/vnd.google.protobuf");
    assertThat(new String(answer.body(), StandardCharsets.ISO_8859_1))
        .contains("whygate_request_duration_seconds", "whygate_requests_total");
  }

  @Test
  void tellsHealthAndReadiness() throws Exception {
    assertThat(get("/healthz").statusCode()).isEqualTo(200);
    assertThat(get("/readyz").statusCode()).isEqualTo(200);

    gateway.ready = false;

    assertThat(get("/healthz").statusCode()).isEqualTo(200);
    assertThat(get("/readyz").statusCode()).isEqualTo(503);
  }

  @Test
  void showsWhatVisitorsWouldSeeOfEachCauseAndLanguage() throws Exception {
    for (Language language : gateway.languages()) {
      HttpResponse<String> list = get("/preview?language=" + language.tag());
      assertThat(list.statusCode()).isEqualTo(200);
      for (Cause cause : Cause.values()) {
        String address = "/preview?cause=" + cause.code() + "&language=" + language.tag();
        assertThat(list.body()).contains("\"" + address.replace("&", "&amp;") + "\"");
      }
    }
    assertThat(get("/preview").body()).contains("whygate.page.template: line 2: &lt;x&gt; (");
    HttpResponse<String> page = get("/preview?cause=dns.drift&language=ar");
    assertThat(page.body())
        .contains("<html lang=\"ar\" dir=\"rtl\" data-cause=\"dns.drift\"", "انتقل الموقع")
        .doesNotContain("<script>", "http-equiv");
    assertThat(page.headers().firstValue("Content-Security-Policy").orElse(""))
        .startsWith("default-src 'none'; style-src 'sha256-");
    assertThat(get("/preview?cause=dns.drift&request=form&processed=received").body())
        .contains("data-repeat=\"no\"", "data-processed=\"received\"");
    HttpResponse<String> problem = get("/preview?cause=tls.self-signed&form=problem&language=vi");
    assertThat(problem.headers().firstValue("Content-Type")).hasValue("application/problem+json");
    assertThat(problem.body()).contains("\"cause\":\"tls.self-signed\"");
  }

  @Test
  void saysWhatIsWrongWithAPreviewThatThereIsNot() throws Exception {
    assertThat(get("/preview?cause=dns.nap").statusCode()).isEqualTo(400);
    assertThat(get("/preview?cause=dns.nap").body()).contains("cause: dns.nap (expected: ");
    assertThat(get("/preview?language=tlh").body())
        .contains("language: tlh (expected: en, vi, es, fr, de, pt, ja, zh-Hans, ar)");
    assertThat(get("/preview?cause=dns.drift&form=pdf").body())
        .contains("form: pdf (expected: html, problem, markdown, text, tiny, grpc, grpc_web)");
    assertThat(get("/preview?cause=dns.drift&processed=eaten").body())
        .contains("processed: eaten (expected: not_sent, unknown, received)");
  }

  @Test
  void listsIncidentsAsTheyAreAskedFor() throws Exception {
    gateway.incidents.add(SampleIncident.of("id3", "shop", Cause.DNS_DRIFT, Incident.State.OPEN));
    gateway.incidents.add(
        SampleIncident.of("id2", "blog", Cause.SERVER_PORT_CLOSED, Incident.State.OPEN));
    gateway.incidents.add(
        SampleIncident.of("id1", "shop", Cause.BLIP_RECOVERED, Incident.State.HEALED));

    assertThat(ids("/api/incidents")).containsExactly("id3", "id2", "id1");
    assertThat(ids("/api/incidents?upstream=shop")).containsExactly("id3", "id1");
    assertThat(ids("/api/incidents?cause=server.port-closed")).containsExactly("id2");
    assertThat(ids("/api/incidents?state=healed")).containsExactly("id1");
    assertThat(ids("/api/incidents?state=open&limit=1")).containsExactly("id3");
    assertThat(ids("/api/incidents?upstream=nobody")).isEmpty();
    assertThat(get("/api/incidents/id2").body()).contains("\"incident\":\"id2\"");
    assertThat(get("/api/incidents/id9").statusCode()).isEqualTo(404);
  }

  private List<String> ids(String path) throws Exception {
    HttpResponse<String> answer = get(path);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).startsWith("{\"incidents\":[").endsWith("]}");
    List<String> ids = new ArrayList<>();
    for (String part : answer.body().split("\"incident\":\"", -1)) {
      if (part.startsWith("id")) {
        ids.add(part.substring(0, part.indexOf('"')));
      }
    }
    return ids;
  }

  @ParameterizedTest
  @ValueSource(strings = {"state=gone", "limit=0", "limit=many", "limit=1001", "limit=-5"})
  void refusesAFilterThatMeansNothing(String query) throws Exception {
    HttpResponse<String> answer = get("/api/incidents?" + query);

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
    assertThat(answer.body()).contains("(expected: ");
  }

  @Test
  void showsUpstreamsWithEndpointsAndAddresses() throws Exception {
    assertThat(get("/api/upstreams").body())
        .isEqualTo(
            """
            {"upstreams":[{"name":"shop","circuit":"closed",\
            "maintenance":{"message":"moving"},\
            "endpoints":[{"url":"http://shop.internal:3000","state":"ejected",\
            "consecutive_failures":5,"outstanding":2,"ejected_for_s":1.5,\
            "pool":{"active":2,"idle":1,"pending":0},\
            "last_check":{"passed":false,"finding":"connect-refused",\
            "at":"2030-01-01T00:00:00Z"},\
            "addresses":[{"address":"10.0.0.5","source":"dns",\
            "valid_until":"2030-01-01T00:00:00Z","failing":true}]}]}]}\
            """);
  }

  @Test
  void reloadsAndSaysWhatChangedOrWhyNot() throws Exception {
    HttpResponse<String> applied = send(to("/api/config/reload").POST(BodyPublishers.noBody()));
    gateway.reload = FakeOperations.rejected();
    HttpResponse<String> rejected = post("/api/config/reload", "");

    assertThat(applied.statusCode()).isEqualTo(200);
    assertThat(applied.body()).contains("\"changes\":[\"upstreams.shop: changed\"]");
    assertThat(rejected.statusCode()).isEqualTo(422);
    assertThat(rejected.body())
        .contains("\"file\":\"gateway.conf\",\"line\":14,\"key\":\"whygate.name\"")
        .contains("gateway.conf:14: whygate.name: \\\"\\\" (expected: a token)");
    assertThat(get("/api/config").body()).isEqualTo("{\"whygate\":{\"name\":\"test\"}}");
  }

  @Test
  void tellsTheReloadsOfLateAndLooksCloserAtAnUpstream() throws Exception {
    assertThat(get("/api/config/reloads").body())
        .contains("\"because\":\"SIGHUP came\",\"result\":\"rejected\",\"problems\":[{\"file\"")
        .contains(
            "\"because\":\"a file changed\",\"result\":\"applied\",\"changes\":[\"dns changed\"]");
    assertThat(get("/api/upstreams/shop").body()).isEqualTo("{\"name\":\"shop\"}");
    assertThat(get("/api/upstreams/nobody").statusCode()).isEqualTo(404);
    assertThat(get("/api/notifications").body())
        .contains("\"failing\":true", "\"why\":\"answered 500\"", "\"waiting\":2");
    assertThat(get("/api/certificates").body()).isEqualTo("{\"certificates\":[]}");
    assertThat(get("/api/traffic").body()).startsWith("{\"interval_s\":5,\"samples\":[");
  }

  @Test
  void drainsAnEndpointByItsEncodedUrl() throws Exception {
    String endpoint = "/api/upstreams/shop/endpoints/http%3A%2F%2Fshop.internal%3A3000/";

    assertThat(post(endpoint + "drain", "").statusCode()).isEqualTo(200);
    assertThat(post(endpoint + "undrain", "").statusCode()).isEqualTo(200);
    assertThat(post(endpoint + "explode", "").statusCode()).isEqualTo(404);
    assertThat(post("/api/upstreams/shop/endpoints/http%3A%2F%2Fx/drain", "").statusCode())
        .isEqualTo(404);
    assertThat(gateway.done)
        .containsExactly("drain http://shop.internal:3000", "undrain http://shop.internal:3000");
  }

  @Test
  void switchesMaintenance() throws Exception {
    HttpResponse<String> answer =
        post(
            "/api/upstreams/shop/maintenance",
            "{\"enabled\": true, \"until\": \"2030-01-01T12:00:00+02:00\", \"message\": \"v\\u1ec1\"}");

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body())
        .contains("\"enabled\":true,\"until\":\"2030-01-01T10:00:00Z\",\"message\":\"về\"");
    assertThat(gateway.done).singleElement().asString().contains("enabled=true", "message=về");
    assertThat(post("/api/upstreams/nobody/maintenance", "{\"enabled\":false}").statusCode())
        .isEqualTo(404);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{\"enabled\":true",
        "{\"enabled\":1}",
        "{\"enabled\":true,\"until\":\"soon\"}",
        "{\"enabled\":true,\"message\":7}",
        "{\"enabled\":true,\"mesage\":\"x\"}",
        "{\"enabled\":true,\"enabled\":false}",
        "{\"enabled\":true} x",
        "{\"enabled\":true,}"
      })
  void refusesAMaintenanceThatCannotBeUnderstood(String body) throws Exception {
    HttpResponse<String> answer = post("/api/upstreams/shop/maintenance", body);

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains("(expected: ");
    assertThat(gateway.done).isEmpty();
  }

  @Test
  void examinesAnUpstreamOnDemand() throws Exception {
    String endpoint = "\"endpoint\":\"http://shop.internal:3000\"";
    assertThat(post("/api/diagnose", "{\"upstream\":\"shop\"}").body())
        .isEqualTo("{\"upstream\":\"shop\"," + endpoint + ",\"healthy\":true}");
    gateway.healthy = false;
    assertThat(post("/api/diagnose", "{\"upstream\":\"shop\"}").body())
        .isEqualTo(
            "{\"upstream\":\"shop\","
                + endpoint
                + ",\"healthy\":false,\"diagnosis\":{\"cause\":\"unknown\"}}");
    assertThat(post("/api/diagnose", "{\"upstream\":\"nobody\"}").statusCode()).isEqualTo(404);
    assertThat(post("/api/diagnose", "{}").statusCode()).isEqualTo(400);
  }

  @ParameterizedTest
  @CsvSource({
    "POST, /metrics, 'GET, HEAD'",
    "DELETE, /api/incidents, 'GET, HEAD'",
    "GET, /api/config/reload, POST",
    "PUT, /api/upstreams/shop/maintenance, POST",
  })
  void namesTheMethodsOfAnAddress(String method, String path, String allowed) throws Exception {
    HttpResponse<String> answer = send(to(path).method(method, BodyPublishers.noBody()));

    assertThat(answer.statusCode()).isEqualTo(405);
    assertThat(answer.headers().firstValue("Allow")).contains(allowed);
    assertThat(gateway.done).isEmpty();
  }

  @Test
  void answersHeadWithoutABody() throws Exception {
    HttpResponse<String> head = send(to("/healthz").method("HEAD", BodyPublishers.noBody()));

    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.headers().firstValue("Content-Length")).contains("3");
    assertThat(head.body()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/nothing", "/metrics/more", "/api", "/api/secret", "/console/../x"})
  void hasNothingElsewhere(String path) throws Exception {
    assertThat(get(path).statusCode()).isEqualTo(404);
  }

  @Test
  void wantsTheTokenWhereOneIsSet() throws Exception {
    restartWithToken("s3cret");

    HttpResponse<String> without = get("/api/incidents");
    assertThat(without.statusCode()).isEqualTo(401);
    assertThat(without.headers().firstValue("WWW-Authenticate"))
        .contains("Bearer realm=\"whygate\"");
    assertThat(get("/metrics").statusCode()).isEqualTo(401);
    assertThat(send(to("/api/config").header("Authorization", "Bearer s3cre")).statusCode())
        .isEqualTo(401);
    assertThat(send(to("/api/config").header("Authorization", "Basic czNjcmV0")).statusCode())
        .isEqualTo(401);
    assertThat(post("/api/config/reload", "{}").statusCode()).isEqualTo(401);
    assertThat(gateway.done).isEmpty();

    assertThat(send(to("/api/config").header("Authorization", "bearer s3cret")).statusCode())
        .isEqualTo(200);
    assertThat(get("/healthz").statusCode()).isEqualTo(200);
    assertThat(get("/readyz").statusCode()).isEqualTo(200);
    assertThat(get("/").body()).as("the console itself holds no data").doesNotContain("s3cret");
  }

  @ParameterizedTest
  @CsvSource({
    "localhost, 200",
    "LOCALHOST:9180, 200",
    "gateway.localhost:9180, 200",
    "127.0.0.1:9180, 200",
    "[::1]:9180, 200",
    "10.0.0.5, 200",
    "OPS.example:9180, 200",
    "evil.example, 421",
    "127.0.0.1.evil.example:9180, 421",
    "localhost.evil.example, 421",
    "[::1, 421",
  })
  void answersOnlyUnderItsOwnNames(String host, int status) throws Exception {
    String answer =
        raw("GET /api/config HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n", "");

    assertThat(answer).startsWith("HTTP/1.1 " + status + " ");
  }

  @Test
  void answersUnderAnyNameToWhoHasTheToken() throws Exception {
    restartWithToken("s3cret");

    assertThat(
            raw(
                "GET /metrics HTTP/1.1\r\nHost: gateway:9180\r\nAuthorization: Bearer s3cret\r\n"
                    + "Connection: close\r\n\r\n",
                ""))
        .startsWith("HTTP/1.1 200 ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Origin: https://evil.example",
        "Origin: null",
        "Origin: http://localhost:1",
        "Sec-Fetch-Site: cross-site",
        "Sec-Fetch-Site: same-site",
      })
  void refusesChangesThatAnotherSiteMadeABrowserSend(String field) throws Exception {
    String answer =
        raw(
            "POST /api/config/reload HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json"
                + "\r\nContent-Length: 2\r\nConnection: close\r\n"
                + field
                + "\r\n\r\n{}",
            "");

    assertThat(answer).startsWith("HTTP/1.1 403 ");
    assertThat(gateway.done).isEmpty();
  }

  @Test
  void refusesTheFormOfABrowser() throws Exception {
    HttpResponse<String> form =
        send(
            to("/api/config/reload")
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString("a=b")));

    assertThat(form.statusCode()).isEqualTo(415);
    assertThat(gateway.done).isEmpty();
  }

  @Test
  void takesChangesOfItsOwnConsole() throws Exception {
    String answer =
        raw(
            "POST /api/config/reload HTTP/1.1\r\nHost: localhost:9180\r\nContent-Length: 0\r\n"
                + "Origin: http://localhost:9180\r\nSec-Fetch-Site: same-origin\r\n"
                + "Connection: close\r\n\r\n",
            "");

    assertThat(answer).startsWith("HTTP/1.1 200 ");
    assertThat(gateway.done).containsExactly("reload");
  }

  @Test
  void refusesWhatCameThroughTheGateway() throws Exception {
    assertThat(send(to("/healthz").header("Via", "1.1 edge, 1.1 whygate")).statusCode())
        .isEqualTo(403);
    assertThat(send(to("/healthz").header("Via", "1.1 nginx")).statusCode()).isEqualTo(200);
  }

  @Test
  void boundsBodies() throws Exception {
    HttpResponse<String> answer =
        post("/api/upstreams/shop/maintenance", "{\"message\":\"" + "x".repeat(100_000) + "\"}");

    assertThat(answer.statusCode()).isEqualTo(413);
  }

  @ParameterizedTest
  @CsvSource({
    "'GET /%zz HTTP/1.1', 400",
    "'GET http://evil.example/healthz HTTP/1.1', 400",
    "'OPTIONS * HTTP/1.1', 400",
    "'GET /healthz', 400",
  })
  void refusesWhatItCannotRead(String line, int status) throws Exception {
    String answer = raw(line + "\r\nHost: localhost\r\nConnection: close\r\n\r\n", "");

    assertThat(answer).startsWith("HTTP/1.1 " + status + " ");
  }

  @Test
  void refusesVeryLongLines() throws Exception {
    String tooLong = "x".repeat(20_000);

    assertThat(raw("GET /" + tooLong + " HTTP/1.1\r\nHost: localhost\r\n\r\n", ""))
        .startsWith("HTTP/1.1 414 ");
    assertThat(raw("GET / HTTP/1.1\r\nHost: localhost\r\nX: " + tooLong + "\r\n\r\n", ""))
        .startsWith("HTTP/1.1 431 ");
  }

  @Test
  void answersPipelinedRequestsInOrder() throws Exception {
    String one = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
    String two = "GET /api/config HTTP/1.1\r\nHost: localhost\r\n\r\n";
    String last = "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

    String answers = raw(one + two + one + last, "");

    assertThat(answers.split("HTTP/1.1 200 OK", -1)).hasSize(5);
    assertThat(answers.indexOf("ok\n")).isLessThan(answers.indexOf("{\"whygate\""));
    assertThat(answers.indexOf("{\"whygate\"")).isLessThan(answers.lastIndexOf("ok\n"));
    assertThat(answers).endsWith("ready\n");
  }

  @Test
  void tellsListenersWhatIsNew() throws Exception {
    try (Socket socket = new Socket("127.0.0.1", server.address().getPort())) {
      socket.setSoTimeout(20_000);
      socket
          .getOutputStream()
          .write("GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes());
      BufferedReader events =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
      assertThat(next(events, "content-type")).contains("text/event-stream");
      assertThat(next(events, "event: overview")).isNotEmpty();
      assertThat(next(events, "data: {\"upstreams\"")).contains("shop.internal");

      gateway.incidents.add(SampleIncident.of("id1", "shop", Cause.DNS_DRIFT, Incident.State.OPEN));

      assertThat(next(events, "event: incident")).isNotEmpty();
      assertThat(next(events, "data: ")).contains("\"incident\":\"id1\"");
    }
  }

  private static String next(BufferedReader lines, String start) throws IOException {
    String line = lines.readLine();
    while (line != null && !line.startsWith(start)) {
      line = lines.readLine();
    }
    assertThat(line).as("a line that starts with %s", start).isNotNull();
    return line;
  }

  @Test
  void servesItsConsoleUnderAStrictPolicy() throws Exception {
    HttpResponse<String> page = get("/");

    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.headers().firstValue("Content-Security-Policy").orElse(""))
        .contains("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'")
        .doesNotContain("unsafe");
    assertThat(page.body()).contains("/console/console.js", "/console/console.css");
    assertThat(get("/console/console.js").headers().firstValue("Content-Type").orElse(""))
        .startsWith("text/javascript");
    assertThat(get("/console/console.css").statusCode()).isEqualTo(200);
  }

  @Test
  void saysWhenItsPortIsTaken() {
    assertThatThrownBy(() ->
            AdminServer.start(
                settings(server.address(), "", Optional.empty()), "whygate", gateway, metrics))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("in use");
  }
}
