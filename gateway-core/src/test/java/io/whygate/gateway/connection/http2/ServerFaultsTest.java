package io.whygate.gateway.connection.http2;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.faults.FaultyServer;
import io.whygate.faults.http2.FieldBlock;
import io.whygate.faults.http2.FramedPeer;
import io.whygate.faults.http2.FramedServer;
import io.whygate.faults.http2.FramedServer.Script;
import io.whygate.gateway.RawClient;
import io.whygate.gateway.RunningGateway;
import io.whygate.gateway.ScriptedServer;
import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What a server does against the rules of HTTP/2, and what it is called.
class ServerFaultsTest {
  private static final String HTTP2_ERROR = "application.http2-error";
  private static final String MALFORMED = "application.malformed-response";
  private static final String PROTOCOL = "http_protocol_error";

  /// What a server does with a request.
  private interface Reply {
    void send(FramedPeer peer, int stream) throws IOException;
  }

  /// What it is called: the cause, and the error type of RFC 9209.
  private record Violation(String name, String cause, String error, Reply reply) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Violation http2(String name, Reply reply) {
    return new Violation(name, HTTP2_ERROR, PROTOCOL, reply);
  }

  private static Violation malformed(String name, String... fields) {
    return new Violation(
        name, MALFORMED, PROTOCOL, (peer, stream) -> peer.headers(stream, true, fields));
  }

  static Stream<Violation> violations() {
    return Stream.of(
        http2("RST_STREAM with INTERNAL_ERROR", (peer, s) -> peer.reset(s, 2)),
        http2("RST_STREAM with a code without a name", (peer, s) -> peer.reset(s, 0x1234)),
        http2("GOAWAY with PROTOCOL_ERROR", (peer, s) -> peer.goAway(s, 1)),
        new Violation(
            "RST_STREAM with REFUSED_STREAM, always",
            HTTP2_ERROR,
            "connection_terminated",
            (peer, s) -> peer.reset(s, 7)),
        http2("GOAWAY that took nothing, always", (peer, s) -> peer.goAway(0, 11)),
        http2("PUSH_PROMISE", (peer, s) -> peer.send(5, 4, s, FramedPeer.number(2))),
        http2("DATA on stream 0", (peer, s) -> peer.send(0, 0, 0, (byte) 1)),
        http2("DATA before a head", (peer, s) -> peer.data(s, true, "early")),
        http2("DATA for a stream never opened", (peer, s) -> peer.data(s + 10, true, "x")),
        http2(
            "HEADERS for a stream never opened",
            (peer, s) -> peer.headers(s + 10, true, ":status: 200")),
        http2("a frame that is too large", (peer, s) -> peer.send(0, 0, s, new byte[20_000])),
        http2("WINDOW_UPDATE by nothing", (peer, s) -> peer.widen(0, 0)),
        http2("a window that overflows", (peer, s) -> peer.widen(0, Integer.MAX_VALUE)),
        http2("a stream's window that overflows", (peer, s) -> peer.widen(s, Integer.MAX_VALUE)),
        http2("an invalid setting", (peer, s) -> peer.settings(5, 1)),
        http2("a push that is enabled", (peer, s) -> peer.settings(2, 1)),
        http2("SETTINGS of a wrong size", (peer, s) -> peer.send(4, 0, 0, new byte[5])),
        http2("PING of a wrong size", (peer, s) -> peer.send(6, 0, 0, new byte[7])),
        http2(
            "a block that cannot be decompressed",
            (peer, s) -> peer.send(1, 5, s, (byte) 0xff, (byte) 0xff, (byte) 0xff)),
        http2(
            "a frame within a field block",
            (peer, s) -> peer.send(1, 0, s, FieldBlock.of(":status: 200")).data(s, true, "x")),
        http2("CONTINUATION of nothing", (peer, s) -> peer.send(9, 4, s, new byte[0])),
        http2(
            "padding longer than its frame",
            (peer, s) -> peer.headers(s, false, ":status: 200").send(0, 8, s, (byte) 9, (byte) 1)),
        http2("PING without an end", (peer, s) -> flood(peer, 6, 0, 8)),
        http2("SETTINGS without an end", (peer, s) -> flood(peer, 4, 0, 0)),
        http2(
            "DATA without content, without an end",
            (peer, s) -> {
              peer.headers(s, false, ":status: 200");
              flood(peer, 0, s, 0);
            }),
        new Violation(
            "DATA of a byte, without an end",
            MALFORMED,
            PROTOCOL,
            (peer, s) -> {
              peer.headers(s, false, ":status: 200");
              flood(peer, 0, s, 1);
            }),
        http2("unknown frames without an end", (peer, s) -> flood(peer, 77, 0, 4)),
        malformed("no status", "x-a: b"),
        malformed("a status of letters", ":status: abc"),
        malformed("two statuses", ":status: 200", ":status: 200"),
        malformed("a status after a field", "x-a: b", ":status: 200"),
        malformed("a pseudo-header of requests", ":status: 200", ":path: /"),
        malformed("an upper-case name", ":status: 200", "X-A: b"),
        malformed("a space in a name", ":status: 200", "x a: b"),
        malformed("a line break in a value", ":status: 200", "x-a: b\r\nset-cookie: c=d"),
        malformed("NUL in a value", ":status: 200", "x-a: b\0"),
        malformed("white space around a value", ":status: 200", "x-a:  b"),
        malformed("Connection", ":status: 200", "connection: close"),
        malformed("Transfer-Encoding", ":status: 200", "transfer-encoding: chunked"),
        malformed("101", ":status: 101"),
        malformed("an interim answer that ends", ":status: 103"),
        new Violation(
            "two lengths",
            "application.ambiguous-framing",
            PROTOCOL,
            (peer, s) ->
                peer.headers(s, true, ":status: 200", "content-length: 0", "content-length: 0")),
        new Violation(
            "a length, and an end",
            "application.closed-mid-response",
            "http_response_incomplete",
            (peer, s) -> peer.headers(s, true, ":status: 200", "content-length: 5")),
        new Violation(
            "a head that is too large",
            "application.header-too-large",
            "http_response_header_section_size",
            (peer, s) -> {
              String[] fields = new String[60];
              fields[0] = ":status: 200";
              for (int i = 1; i < fields.length; i++) {
                fields[i] = "x-" + i + ": " + "v".repeat(200);
              }
              peer.headers(s, true, fields);
            }),
        new Violation(
            "CONTINUATION without an end",
            "application.header-too-large",
            "http_response_header_section_size",
            (peer, s) -> {
              peer.send(1, 0, s, FieldBlock.of(":status: 200"));
              for (int i = 0; i < 200; i++) {
                peer.send(9, 0, s, FieldBlock.of("x-a: b"));
              }
            }),
        new Violation(
            "interim answers without an end",
            "application.header-too-large",
            "http_response_header_section_size",
            (peer, s) -> {
              for (int i = 0; i < 100; i++) {
                peer.headers(s, false, ":status: 103");
              }
            }),
        new Violation(
            "closes without an answer",
            "application.path-failure",
            "connection_terminated",
            (peer, s) -> peer.close()));
  }

  private static void flood(FramedPeer peer, int type, int stream, int size) throws IOException {
    for (int i = 0; i < 3_000; i++) {
      peer.send(type, 0, stream, new byte[size]);
    }
  }

  @ParameterizedTest
  @MethodSource("violations")
  void isNamed(Violation violation) throws Exception {
    Script breaking =
        new Script() {
          @Override
          public void answer(FramedPeer peer, FramedPeer.Request request, int number)
              throws IOException {
            if (request.path().equals("/broken")) {
              violation.reply.send(peer, request.stream());
            } else {
              peer.ok(request.stream());
            }
          }
        };
    try (FramedServer server = FramedServer.start();
        RunningGateway gateway =
            RunningGateway.before(
                "protocol = http2, max-response-header = 8KiB, small-pieces.count = 1000",
                server.uri())) {
      server.play(breaking);
      try (RawClient client = gateway.client()) {
        RawClient.Answer answer;
        try {
          answer = client.get("/broken").answer();
          while (answer.status() < 200) {
            answer = client.answer();
          }
        } catch (IOException e) {
          // The head was good, so that the client sees the answer break off.
          assertThat(gateway.records(1).getFirst()).contains(violation.cause);
          return;
        }
        assertThat(answer.field("Whygate-Cause")).isEqualTo(violation.cause);
        assertThat(answer.field("Proxy-Status")).contains("error=" + violation.error);
      }
      try (RawClient bystander = gateway.client()) {
        assertThat(bystander.get("/").answer().status()).isEqualTo(200);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("others")
  void knowsWhatElseSpeaksThere(List<String> other) throws Exception {
    try (ScriptedServer server =
            new ScriptedServer((peer, _) -> {
              peer.in().readNBytes(24);
              peer.send(other.get(0));
              peer.in().readAllBytes();
            });
        RunningGateway gateway = RunningGateway.before("protocol = http2", server.uri());
        RawClient client = gateway.client()) {
      RawClient.Answer answer = client.get("/").answer();
      assertThat(answer.status()).isEqualTo(502);
      assertThat(answer.field("Whygate-Cause")).isEqualTo(other.get(1));
    }
  }

  static Stream<List<String>> others() {
    return Stream.of(
        List.of(
            "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n",
            "application.protocol-mismatch"),
        List.of("SSH-2.0-OpenSSH_9.6\r\n", "application.not-http"),
        List.of("\u0015\u0003\u0001\0\u0002\u0002\u0046", "tls.required"),
        List.of("\0\0\4\10\0\0\0\0\0\0\0\0\1", HTTP2_ERROR));
  }

  @Test
  void saysThatAServerSpeaksHttp1Alone() throws Exception {
    try (FaultyServer server = FaultyServer.start();
        RunningGateway gateway = RunningGateway.before("protocol = http2", server.uri());
        RawClient client = gateway.client()) {
      assertThat(client.get("/").answer().field("Whygate-Cause"))
          .isEqualTo("application.protocol-mismatch");
    }
  }

  @Test
  void givesUpABodyThatTheServerNeverTakes() throws Exception {
    Script shut =
        new Script() {
          @Override
          public void begin(FramedPeer peer) throws IOException {
            peer.keepWindowsShut();
            peer.settings(4, 0);
          }
        };
    try (FramedServer server = FramedServer.start();
        RunningGateway gateway =
            RunningGateway.before("protocol = http2, idle-timeout = 300ms", server.uri());
        RawClient client = gateway.client()) {
      server.play(shut);
      client.send(
          "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n" + "x".repeat(100_000));
      RawClient.Answer answer = client.answer();
      assertThat(answer.status()).isEqualTo(504);
      assertThat(answer.field("Proxy-Status")).contains("connection_write_timeout");
    }
  }

  @Test
  void bearsThingsThatAreAllowed() throws Exception {
    Script odd =
        new Script() {
          @Override
          public void answer(FramedPeer peer, FramedPeer.Request request, int number)
              throws IOException {
            int stream = request.stream();
            peer.send(77, 3, stream, new byte[10]);
            peer.send(2, 0, stream, new byte[5]);
            peer.settings(99, 1, 3, 50);
            peer.send(6, 0, 0, new byte[8]);
            peer.headers(stream, false, ":status: 200");
            peer.send(0, 8, stream, (byte) 3, (byte) 'o', (byte) 'k', (byte) 0, (byte) 0, (byte) 0);
            peer.data(stream, true, "");
            peer.reset(stream, 0);
            peer.widen(stream, 100);
          }
        };
    try (FramedServer server = FramedServer.start();
        RunningGateway gateway = RunningGateway.before("protocol = http2", server.uri());
        RawClient client = gateway.client()) {
      server.play(odd);
      for (int i : IntStream.range(0, 5).toArray()) {
        assertThat(client.get("/" + i).answer().body()).isEqualTo("ok");
      }
      assertThat(server.accepted()).isEqualTo(1);
    }
  }
}
