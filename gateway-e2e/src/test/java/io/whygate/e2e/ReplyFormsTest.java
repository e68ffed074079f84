package io.whygate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.whygate.e2e.matrix.Answer;
import io.whygate.e2e.matrix.Client;
import io.whygate.e2e.matrix.HeldGateway;
import io.whygate.e2e.matrix.Wanted;
import io.whygate.faults.Fault;
import io.whygate.faults.FaultyServer;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What each kind of client is given when the site behind a real gateway fails.
///
/// Each request tries the server, so that none is answered by the failure of the one before.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ReplyFormsTest {
  private FaultyServer server;
  private HeldGateway gateway;

  @BeforeAll
  void open() throws Exception {
    server = FaultyServer.start();
    gateway =
        HeldGateway.start(
            """
            upstreams { site {
              endpoints = ["%s"], response-timeout = 300ms
              circuit-breaker.consecutive-failures = 0, outlier.consecutive-failures = 0
              pool.max-redials-per-second = 0
            } }
            routes = [ { upstream = site } ]
            """
                .formatted(server.uri()));
  }

  @AfterAll
  void close() throws Exception {
    gateway.close();
    server.close();
  }

  @BeforeEach
  void closePort() {
    server.fault(new Fault.NothingListens());
  }

  private Answer ask(Wanted form, String... more) throws Exception {
    String method = form.method().isEmpty() ? "GET" : form.method();
    return Client.send(gateway.uri(), method, "/", "", form.with(more));
  }

  private static void assertHeaders(Answer answer) {
    assertThat(answer.cause()).isEqualTo("server.port-closed");
    assertThat(answer.field("whygate-incident").orElse("")).isNotEmpty();
    assertThat(answer.field("proxy-status").orElse(""))
        .isEqualTo("whygate;error=connection_refused");
    assertThat(Integer.parseInt(answer.field("retry-after").orElse(""))).isPositive();
    assertThat(answer.field("cache-control")).hasValue("no-store");
    assertThat(answer.field("vary")).hasValue("Accept, Accept-Language");
    assertThat(answer.field("server-timing").orElse("")).contains("total;dur=");
    assertThat(answer.field("set-cookie")).isEmpty();
  }

  @Test
  void browsersGetADocumentOfItsOwn() throws Exception {
    Answer answer = ask(Wanted.HTML);
    assertThat(answer.status()).isEqualTo(502);
    assertHeaders(answer);
    assertThat(answer.field("content-type")).hasValue("text/html; charset=utf-8");
    String page = answer.text();
    assertThat(page.length()).isLessThan(20 * 1024);
    assertThat(page)
        .startsWith("<!doctype html>")
        .contains("data-cause=\"server.port-closed\"", "lang=\"en\"")
        .contains("data-incident=\"" + answer.field("whygate-incident").orElse("") + "\"");
    for (String step :
        new String[] {"reload", "server", "dns", "logs", "firewall", "code", "host"}) {
      assertThat(page).contains("data-step=\"" + step + "\"");
    }
    assertThat(page).doesNotContainPattern("(?:src|href)=\"(?:https?:)?//");
  }

  @ParameterizedTest
  @ValueSource(strings = {"application/problem+json", "application/json"})
  void programsGetAProblemDocument(String type) throws Exception {
    Answer answer = Client.send(gateway.uri(), "GET", "/", "", "Accept: " + type);
    assertHeaders(answer);
    assertThat(answer.field("content-type")).hasValue("application/problem+json");
    JsonObject document = answer.json();
    assertThat(document.get("status").getAsInt()).isEqualTo(502);
    assertThat(document.get("type").getAsString())
        .isEqualTo("urn:whygate:cause:server.port-closed");
    assertThat(document.get("symptom").getAsString()).isEqualTo("connect-refused");
    assertThat(document.get("request_processed").getAsString()).isEqualTo("not_sent");
    assertThat(document.get("retry_after_s").getAsString())
        .isEqualTo(answer.field("retry-after").orElse(""));
    assertThat(document.getAsJsonArray("steps")).hasSize(7);
  }

  @Test
  void readersOfProseGetMarkdown() throws Exception {
    Answer answer = ask(Wanted.MARKDOWN);
    assertHeaders(answer);
    assertThat(answer.text()).startsWith("# ").contains("\n1. **", "`server.port-closed`");
  }

  @Test
  void terminalsGetPlainText() throws Exception {
    Answer answer = ask(Wanted.TEXT);
    assertHeaders(answer);
    assertThat(answer.text()).startsWith("502  ").contains("  [!!] ", "server.port-closed");
    assertThat(timeless(ask(Wanted.NOTHING_SAID).text())).isEqualTo(timeless(answer.text()));
  }

  /// Without how long ago something was tried, and when it may work again.
  private static String timeless(String text) {
    return text.replaceAll("[0-9]+ (ms|seconds?)", "N $1");
  }

  @Test
  void vietnameseIsSpokenWhereItIsLikedBest() throws Exception {
    Answer answer = ask(Wanted.HTML, "Accept-Language: vi-VN,vi;q=0.9,en;q=0.5");
    assertHeaders(answer);
    assertThat(answer.field("content-language")).hasValue("vi");
    assertThat(answer.text()).contains("lang=\"vi\"");
    JsonObject vietnamese = ask(Wanted.PROBLEM, "Accept-Language: vi").json();
    JsonObject english = ask(Wanted.PROBLEM, "Accept-Language: fr, en;q=0.1").json();
    assertThat(vietnamese.get("title")).isNotEqualTo(english.get("title"));
    assertThat(vietnamese.get("cause")).isEqualTo(english.get("cause"));
  }

  /// Trailers alone (gRPC over HTTP/2, "Responses"): the status is 200, the explanation is a field.
  @Test
  void grpcGetsUnavailableInTrailersAlone() throws Exception {
    Answer answer = ask(Wanted.GRPC);
    assertThat(answer.status()).isEqualTo(200);
    assertHeaders(answer);
    assertThat(answer.field("content-type")).hasValue("application/grpc");
    assertThat(answer.field("grpc-status")).hasValue("14");
    assertThat(answer.body()).isEmpty();
    String message = answer.field("grpc-message").orElse("");
    assertThat(message).matches("[ -~]+");
    assertThat(URLDecoder.decode(message.replace("+", "%2B"), StandardCharsets.UTF_8))
        .contains("cause server.port-closed", "not_sent");
  }

  @Test
  void grpcGetsDeadlineExceededWhereTimeRanOut() throws Exception {
    server.fault(new Fault.AcceptThenSilence());
    Answer answer = ask(Wanted.GRPC);
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.field("grpc-status")).hasValue("4");
    assertThat(answer.error()).isEqualTo("http_response_timeout");
  }

  /// The length is that of the body which a GET would have had, and the connection serves on.
  @Test
  void headGetsTheFieldsAlone() throws Exception {
    Optional<String> before = Optional.of("none");
    Optional<String> after = Optional.empty();
    // The page tells times: its length is that of the moment, and compared where it stays.
    for (int i = 0; i < 20 && !before.equals(after); i++) {
      before = ask(Wanted.HTML).field("content-length");
      Answer head = ask(Wanted.HEAD);
      assertThat(head.status()).isEqualTo(502);
      assertHeaders(head);
      after = ask(Wanted.HTML).field("content-length");
      if (before.equals(after)) {
        assertThat(head.field("content-length")).isPresent().isEqualTo(before);
      }
    }
    assertThat(before).isEqualTo(after);
    try (Socket socket = new Socket(gateway.uri().getHost(), gateway.uri().getPort())) {
      socket.setSoTimeout(10_000);
      String both = "%s / HTTP/1.1\r\nHost: x\r\n%s\r\n";
      socket
          .getOutputStream()
          .write(
              (both.formatted("HEAD", "") + both.formatted("GET", "Connection: close\r\n"))
                  .getBytes(StandardCharsets.US_ASCII));
      var in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
      assertThat(in.readLine()).startsWith("HTTP/1.1 502");
      while (!in.readLine().isEmpty()) {
        continue;
      }
      assertThat(in.readLine()).as("what follows the head at once").startsWith("HTTP/1.1 502");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"image", "script", "style", "font", "video"})
  void partsOfAPageGetATinyBody(String destination) throws Exception {
    Answer answer =
        Client.send(
            gateway.uri(), "GET", "/a", "", "Accept: */*", "Sec-Fetch-Dest: " + destination);
    assertThat(answer.status()).isEqualTo(502);
    assertHeaders(answer);
    assertThat(answer.body().length).isLessThan(100);
    assertThat(answer.text()).contains("server.port-closed");
  }

  /// A front that would put a page of its own in the place of ours passes a 503 on.
  @ParameterizedTest
  @CsvSource({
    "CF-Ray: 8f1a2b3c4d5e6f70-HAN, 503",
    "CDN-Loop: cloudflare; subreqs=1, 503",
    "CDN-Loop: another.example, 502"
  })
  void theStatusSurvivesFronts(String field, int status) throws Exception {
    for (Wanted form : new Wanted[] {Wanted.HTML, Wanted.PROBLEM, Wanted.IMAGE, Wanted.HEAD}) {
      Answer answer = ask(form, field);
      assertThat(answer.status()).as(form.name()).isEqualTo(status);
      assertHeaders(answer);
    }
    server.fault(new Fault.AcceptThenSilence());
    assertThat(ask(Wanted.PROBLEM, field).status()).isEqualTo(status == 503 ? 503 : 504);
  }

  @Test
  void thePublicDocumentOfTheIncidentTellsTheSame() throws Exception {
    Answer page = ask(Wanted.PROBLEM);
    String path = "/.well-known/whygate/incidents/" + page.field("whygate-incident").orElse("");
    Answer answer = Client.send(gateway.uri(), "GET", path, "");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.field("cache-control")).hasValue("no-store");
    JsonObject document = answer.json();
    assertThat(document.get("state").getAsString()).isEqualTo("open");
    for (String member : new String[] {"type", "title", "detail", "cause", "instance", "since"}) {
      assertThat(document.get(member)).as(member).isEqualTo(page.json().get(member));
    }
    Answer head = Client.send(gateway.uri(), "HEAD", path, "");
    assertThat(head.field("content-length")).isEqualTo(answer.field("content-length"));
    assertThat(Client.send(gateway.uri(), "GET", path + "x", "").status()).isEqualTo(404);
    assertThat(Client.send(gateway.uri(), "POST", path, "x=1").status()).isEqualTo(405);
  }

  /// The stream tells that the incident is open, then that it has recovered, then when the visitor
  /// may come, and ends.
  @Test
  void theEventsOfTheIncidentTellOfItsEnd() throws Exception {
    String path =
        "/.well-known/whygate/incidents/"
            + ask(Wanted.PROBLEM).field("whygate-incident").orElse("")
            + "/events";
    try (Socket socket = new Socket(gateway.uri().getHost(), gateway.uri().getPort())) {
      socket.setSoTimeout(15_000);
      socket
          .getOutputStream()
          .write(
              ("GET " + path + " HTTP/1.0\r\nHost: x\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
      var in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
      assertThat(event(in).get("state").getAsString()).isEqualTo("open");
      server.mend();
      JsonObject last = event(in);
      while (last.get("state").getAsString().equals("open")) {
        last = event(in);
      }
      assertThat(last.get("state").getAsString()).isEqualTo("recovered");
      assertThat(last.has("ended")).isTrue();
      assertThat(in.lines().filter(line -> line.startsWith("data: ")))
          .as("after the end, when the visitor may come")
          .allMatch(line -> line.contains("admit_after_ms"));
    }
  }

  private static JsonObject event(BufferedReader in) throws Exception {
    while (true) {
      String line = in.readLine();
      assertThat(line).as("the stream goes on").isNotNull();
      if (line.startsWith("data: ")) {
        return JsonParser.parseString(line.substring("data: ".length())).getAsJsonObject();
      }
    }
  }
}
