package io.whygate.e2e;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.e2e.matrix.Answer;
import io.whygate.e2e.matrix.Client;
import io.whygate.e2e.matrix.HeldGateway;
import io.whygate.faults.Fault;
import io.whygate.faults.FaultyServer;
import io.whygate.faults.http.Response;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What an upstream answers validly is its own affair: it is passed on as it is, whatever it says,
/// and nobody is told of a failure.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class UntouchedAnswersTest {
  private FaultyServer server;
  private HeldGateway gateway;

  @BeforeAll
  void open() throws Exception {
    server = FaultyServer.start();
    gateway =
        HeldGateway.start(
            "upstreams { site { endpoints = [\"%s\"] } }\nroutes = [ { upstream = site } ]\n"
                .formatted(server.uri()));
  }

  @AfterAll
  void close() throws Exception {
    gateway.close();
    server.close();
  }

  private void assertUntold(Answer answer) throws Exception {
    assertThat(answer.whole()).isTrue();
    assertThat(answer.fields())
        .doesNotContainKeys("whygate-cause", "whygate-incident", "proxy-status");
    assertThat(gateway.incidents("")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 401, 403, 404, 405, 410, 418, 421, 429, 451, 500, 501, 505, 599})
  void theServersOwnRefusals(int status) throws Exception {
    server.fault(
        new Fault.Answers(
            Response.text(status, "Our own words.\n")
                .with("Retry-After", "7")
                .with("X-Own", "as it is")));
    Answer answer = Client.get(gateway.uri(), "/");
    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.text()).isEqualTo("Our own words.\n");
    assertThat(answer.field("retry-after")).hasValue("7");
    assertThat(answer.field("x-own")).hasValue("as it is");
    assertUntold(answer);
  }

  /// A gateway does not open what is packed: a body that is not what it claims is the client's to
  /// refuse.
  @ParameterizedTest
  @ValueSource(strings = {"gzip", "br", "gzip, gzip", "deflate", "zstd"})
  void contentCodingsThatAreNotTrue(String coding) throws Exception {
    server.fault(
        new Fault.Answers(
            Response.text(200, "this was never packed").with("Content-Encoding", coding)));
    Answer answer = Client.get(gateway.uri(), "/");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.field("content-encoding")).hasValue(coding);
    assertThat(answer.text()).isEqualTo("this was never packed");
    assertUntold(answer);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\nX-Long: a\r\n b\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok",
        "\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.0 200 OK\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: CHUNKED\r\n\r\n2;name=value\r\nok\r\n0\r\n\r\n"
      })
  void whatRecipientsHaveToBearWith(String bytes) throws Exception {
    server.fault(new Fault.RawBytes(bytes));
    Answer answer = Client.get(gateway.uri(), "/");
    assertThat(answer.status()).as(new String(answer.body(), ISO_8859_1)).isEqualTo(200);
    assertThat(answer.text()).isEqualTo("ok");
    assertUntold(answer);
  }

  /// What the server sends after an answer without content is dropped with the connection.
  @Test
  void contentAfterAnAnswerThatHasNone() throws Exception {
    server.fault(new Fault.RawBytes("HTTP/1.1 204 No Content\r\n\r\nbut there is some"));
    Answer answer = Client.get(gateway.uri(), "/");
    assertThat(answer.status()).isEqualTo(204);
    assertThat(answer.body()).isEmpty();
    assertUntold(answer);
    server.mend();
    assertThat(Client.get(gateway.uri(), "/").status()).isEqualTo(200);
  }
}
