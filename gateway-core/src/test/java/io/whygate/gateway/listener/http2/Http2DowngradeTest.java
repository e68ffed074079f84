package io.whygate.gateway.listener.http2;

import static io.whygate.gateway.listener.http2.H2Client.request;
import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.gateway.RunningGateway;
import io.whygate.gateway.ScriptedServer;
import io.whygate.gateway.http2.ErrorCode;
import io.whygate.gateway.http2.Frames;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/// Requests of HTTP/2 that would become something else in HTTP/1.1: each is refused before a byte
/// of it reaches the server, and the connection goes on.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class Http2DowngradeTest {
  private ScriptedServer server;
  private RunningGateway gateway;

  /// @param fields of the request, as `name: value`
  /// @param content behind them; empty for none
  /// @param trailers behind it
  /// @param begins whether its head is good, and may have gone on before what is wrong comes
  private record Shape(
      String what, List<String> fields, String content, List<String> trailers, boolean begins) {}

  @BeforeAll
  void start() throws Exception {
    server = new ScriptedServer((peer, _) -> peer.serve());
    gateway = RunningGateway.before("http2.floods.resets = 1000000", "", server.uri());
  }

  @AfterAll
  void stop() throws Exception {
    gateway.close();
    server.close();
  }

  private static Shape get(String what, String... more) {
    return new Shape(what, List.of(request("GET", "/evil", more)), "", List.of(), false);
  }

  private static Shape list(String what, String... fields) {
    return new Shape(what, List.of(fields), "", List.of(), false);
  }

  private static Shape post(String what, String content, boolean begins, String... more) {
    return new Shape(what, List.of(request("POST", "/evil", more)), content, List.of(), begins);
  }

  private static Shape trailer(String what, String... trailers) {
    return new Shape(what, List.of(request("POST", "/evil")), "x", List.of(trailers), true);
  }

  private static String[] pseudo(String method, String scheme, String authority, String path) {
    return new String[] {
      ":method: " + method, ":scheme: " + scheme, ":authority: " + authority, ":path: " + path
    };
  }

  private static List<Shape> shapes() {
    return List.of(
        get("a field by CR LF in a value", "x: y\r\ntransfer-encoding: chunked"),
        get("a request by CR LF in a value", "x: y\r\n\r\nGET /evil HTTP/1.1\r\nhost: a"),
        get("CR LF in a name", "x: y\r\nz: 1"),
        get("a coding by CR LF in a name", "x\r\ntransfer-encoding: chunked"),
        get("LF alone in a name", "x\ny: 1"),
        get("CR alone in a name", "x\ry: 1"),
        get("NUL in a name", "x\0y: 1"),
        get("DEL in a name", "x\u007fy: 1"),
        get("a byte beyond ASCII in a name", "x\u00e9: 1"),
        get("a tab in a name", "x\ty: 1"),
        get("a space behind a name", "x : 1"),
        get("a space before a name", " x: 1"),
        get("a name of a space", " : 1"),
        get("a name of a colon", ":: 1"),
        get("a slash in a name", "x/y: 1"),
        get("DEL in a value", "x: a\u007f"),
        get("a vertical tab in a value", "x: a\u000bb"),
        get("LF at the end of a value", "x: a\n"),
        get("a folded value", "x: a\r\n b"),
        get("an upper-case letter in the middle", "xY: 1"),
        get("an upper-case Transfer-Encoding", "Transfer-Encoding: chunked"),
        get("a coding with a space before", "transfer-encoding:  chunked"),
        get("a coding with other letters", "transfer-encoding: chunKed"),
        get("a coding that is identity", "transfer-encoding: identity"),
        get("Connection that names a field", "connection: host"),
        get("Connection that is empty", "connection: "),
        get("an upgrade to h2c", "upgrade: h2c"),
        get("TE with more than trailers", "te: trailers, gzip"),
        get("TE that is empty", "te: "),
        get("an authority twice", ":authority: other"),
        get("a method twice", ":method: POST"),
        get("a scheme twice", ":scheme: https"),
        get("a pseudo-header with an upper-case letter", ":Path: /other"),
        get("a pseudo-header without a name", ":: /other"),
        get("a protocol without CONNECT", ":protocol: websocket"),
        get("two Hosts", "host: test", "host: test"),
        get("Host with another port", "host: test:81"),
        get("an authority behind a field", "x: 1", ":authority: evil"),
        get("a method behind a cookie", "cookie: a=b", ":method: POST"),
        get("CR LF in a cookie", "cookie: a=b\r\nx: y"),
        get("CR LF in a Host", "host: test\r\nx: y"),
        get("a length of minus one", "content-length: -1"),
        get("a length beyond 64 bits", "content-length: 18446744073709551616"),
        get("two lengths", "content-length: 0", "content-length: 5"),
        get("a list of lengths", "content-length: 0, 0"),
        get("a length in hex", "content-length: 0x0"),
        list("a space in a method", pseudo("GET /evil HTTP/1.1", "http", "a", "/")),
        list("CR LF in a method", pseudo("GET / HTTP/1.1\r\nx: y\r\n\r\nGET", "http", "a", "/")),
        list("an empty method", pseudo("", "http", "a", "/")),
        list("a slash in an authority", pseudo("GET", "http", "a/evil", "/")),
        list("a space in an authority", pseudo("GET", "http", "a b", "/")),
        list("CR LF in an authority", pseudo("GET", "http", "a\r\nx: y", "/")),
        list("a port that is none in an authority", pseudo("GET", "http", "a:b", "/")),
        list("a port alone as the authority", pseudo("GET", "http", ":80", "/")),
        list("an empty authority", pseudo("GET", "http", "", "/")),
        list("a fragment in a path", pseudo("GET", "http", "a", "/#evil")),
        list("a path without a slash", pseudo("GET", "http", "a", "evil")),
        list("a query without a path", pseudo("GET", "http", "a", "?evil")),
        list("NUL in a path", pseudo("GET", "http", "a", "/\0")),
        list("a tab in a path", pseudo("GET", "http", "a", "/\t")),
        list("DEL in a path", pseudo("GET", "http", "a", "/\u007f")),
        list("a byte beyond ASCII in a path", pseudo("GET", "http", "a", "/\u00e9")),
        list("a version in a path", pseudo("GET", "http", "a", "/ HTTP/1.1\r\nx: y")),
        list("an asterisk for GET", pseudo("GET", "http", "a", "*")),
        list("a scheme of another protocol", pseudo("GET", "ftp", "a", "/")),
        list("CR LF in a scheme", pseudo("GET", "http\r\nx: y", "a", "/")),
        list("an empty scheme", pseudo("GET", "", "a", "/")),
        list("a plain CONNECT", ":method: CONNECT", ":authority: a:443"),
        list("CONNECT without an authority", ":method: CONNECT"),
        list(
            "CONNECT for a protocol without a path",
            ":method: CONNECT",
            ":protocol: websocket",
            ":scheme: http",
            ":authority: a"),
        list(
            "CR LF in a protocol",
            ":method: CONNECT",
            ":protocol: websocket\r\nx: y",
            ":scheme: http",
            ":authority: a",
            ":path: /"),
        list(
            "CONNECT for a protocol that is h2c",
            ":method: CONNECT",
            ":protocol: h2c",
            ":scheme: http",
            ":authority: a",
            ":path: /"),
        list("no pseudo-header at all", "x: y"),
        post("a coding beside content", "0\r\n\r\n", false, "transfer-encoding: chunked"),
        // From here on heads may begin: those before see every head of the server's.
        post("content and a length of nothing", "abc", true, "content-length: 0"),
        trailer("a pseudo-header in trailers", ":status: 200"),
        trailer("CR LF in a trailer", "x: y\r\nz: 1"),
        trailer("an upper-case trailer", "X: y"),
        trailer("a coding in trailers", "transfer-encoding: chunked"),
        trailer("Connection in trailers", "connection: close"));
  }

  @TestFactory
  Stream<DynamicTest> isRefusedBeforeItReachesTheServer() {
    return shapes().stream().map(each -> DynamicTest.dynamicTest(each.what, () -> refuse(each)));
  }

  /// Refused by a reset, or by an answer that says so (RFC 9113 section 8.1.1).
  private void refuse(Shape shape) throws IOException {
    try (H2Client client = H2Client.begun(gateway.address())) {
      client.headers(1, shape.content.isEmpty(), shape.fields.toArray(String[]::new));
      if (!shape.content.isEmpty()) {
        client.data(1, shape.trailers.isEmpty(), shape.content);
      }
      if (!shape.trailers.isEmpty()) {
        client.headers(1, true, shape.trailers.toArray(String[]::new));
      }
      H2Client.Frame end = client.next(Frames.RST_STREAM, Frames.HEADERS, Frames.GOAWAY);
      assertThat(end.stream()).isEqualTo(1);
      if (end.type() == Frames.HEADERS) {
        assertThat(client.decode(end).getFirst()).isIn(":status: 400", ":status: 501");
      } else {
        assertThat(end.error()).isEqualTo(ErrorCode.PROTOCOL_ERROR.number());
      }
      client.get(3, "/fine");
      assertThat(client.answer(3).text()).isEqualTo("ok");
    }
    assertThat(server.heads())
        .as("what reached the server")
        .allMatch(each ->
            each.startsWith("GET /fine HTTP/1.1\r\n")
                || (shape.begins && each.startsWith("POST /evil HTTP/1.1\r\n")));
  }
}
