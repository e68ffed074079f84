package io.whygate.gateway.listener.http2;

import static io.whygate.gateway.http2.ErrorCode.COMPRESSION_ERROR;
import static io.whygate.gateway.http2.ErrorCode.FLOW_CONTROL_ERROR;
import static io.whygate.gateway.http2.ErrorCode.FRAME_SIZE_ERROR;
import static io.whygate.gateway.http2.ErrorCode.PROTOCOL_ERROR;
import static io.whygate.gateway.http2.ErrorCode.STREAM_CLOSED;
import static io.whygate.gateway.listener.http2.H2Client.block;
import static io.whygate.gateway.listener.http2.H2Client.number;
import static io.whygate.gateway.listener.http2.H2Client.request;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.whygate.gateway.RunningGateway;
import io.whygate.gateway.ScriptedServer;
import io.whygate.gateway.http2.ErrorCode;
import io.whygate.gateway.http2.Frames;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/// What breaks the rules of RFC 9113 sections 3 to 8, and how each is answered: by an error of the
/// stream, after which the connection goes on, or of the connection.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class Http2RulesTest {
  private static final int OPEN = Frames.END_HEADERS;
  private static final int WHOLE = Frames.END_HEADERS | Frames.END_STREAM;
  private static final byte[] GET = block(request("GET", "/"));
  private static final byte[] WAIT = block(request("GET", "/wait"));
  private static final byte[] POST = block(request("POST", "/wait"));

  private ScriptedServer server;
  private RunningGateway gateway;

  private interface Script {
    void play(H2Client client) throws IOException;
  }

  private record Violation(String section, String what, ErrorCode error, Script script) {}

  @BeforeAll
  void start() throws Exception {
    server =
        new ScriptedServer((peer, _) -> {
          for (String head = peer.head(); !head.isEmpty(); head = peer.head()) {
            if (head.contains("/wait")) {
              peer.in().read();
              return;
            }
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
          }
        });
    gateway = RunningGateway.before("http2.floods.resets = 1000000", "", server.uri());
  }

  @AfterAll
  void stop() throws Exception {
    gateway.close();
    server.close();
  }

  private H2Client client() throws IOException {
    return H2Client.begun(gateway.address());
  }

  private static byte[] padded(int padding, byte[] payload, int zeros) {
    return Unpooled.wrappedBuffer(new byte[] {(byte) padding}, payload, new byte[zeros])
        .copy()
        .array();
  }

  private static byte[] setting(int number, long value) {
    return Unpooled.buffer(6).writeShort(number).writeInt((int) value).array();
  }

  private static Violation field(String section, String what, String... fields) {
    return new Violation(
        section, what, PROTOCOL_ERROR, c -> c.headers(1, true, request("GET", "/", fields)));
  }

  private static Violation list(String section, String what, String... fields) {
    return new Violation(section, what, PROTOCOL_ERROR, c -> c.headers(1, true, fields));
  }

  private static Violation frame(
      String section, String what, ErrorCode error, int type, int flags, int id, byte... payload) {
    return new Violation(section, what, error, c -> c.frame(type, flags, id, payload));
  }

  /// Each is an error of stream 1.
  private static List<Violation> ofStreams() {
    return List.of(
        new Violation(
            "5.1",
            "DATA behind a reset of the client's",
            STREAM_CLOSED,
            c -> c.post(1, "/wait").reset(1, 8).data(1, true, "late")),
        new Violation(
            "6.9.1",
            "a window that overflows by small steps",
            FLOW_CONTROL_ERROR,
            c -> c.get(1, "/wait").widen(1, 1 << 30).widen(1, 1 << 30)),
        field("8.2.1", "an upper-case name", "X-Up: 1"),
        field("8.2.1", "an empty name", ": x"),
        field("8.2.1", "a space in a name", "x y: 1"),
        field("8.2.1", "a colon in a name", "x:y: 1"),
        field("8.2.1", "a line feed in a value", "x: a\nb"),
        field("8.2.1", "a carriage return in a value", "x: a\rb"),
        field("8.2.1", "NUL in a value", "x: a\0b"),
        field("8.2.1", "a value that begins with a space", "x:  a"),
        field("8.2.1", "a value that ends in a tab", "x: a\t"),
        field("8.2.2", "Connection", "connection: close"),
        field("8.2.2", "Keep-Alive", "keep-alive: 5"),
        field("8.2.2", "Proxy-Connection", "proxy-connection: close"),
        field("8.2.2", "Transfer-Encoding", "transfer-encoding: chunked"),
        field("8.2.2", "Upgrade", "upgrade: websocket"),
        field("8.2.2", "TE other than trailers", "te: gzip"),
        field("8.3", "a pseudo-header behind a field", "x: 1", ":path: /"),
        field("8.3", "a pseudo-header twice", ":path: /two"),
        field("8.3", "an unknown pseudo-header", ":what: 1"),
        field("8.3", "a response's pseudo-header", ":status: 200"),
        field("8.3.1", "a Host other than :authority", "host: other"),
        list("8.3.1", "no method", ":scheme: http", ":path: /", ":authority: a"),
        list("8.3.1", "no scheme", ":method: GET", ":path: /", ":authority: a"),
        list("8.3.1", "no path", ":method: GET", ":scheme: http", ":authority: a"),
        list("8.3.1", "neither authority nor Host", ":method: GET", ":scheme: http", ":path: /"),
        list("8.3.1", "an empty path", ":method: GET", ":scheme: http", ":authority: a", ":path: "),
        list("8.3.1", "a path that is a URL", request("GET", "http://x/")),
        list("8.3.1", "a space in a path", request("GET", "/a b")),
        list("8.3.1", "a line break in a path", request("GET", "/a\r\nx: y")),
        list("8.3.1", "a line break in a method", request("GET /\r\n", "/")),
        list(
            "8.3.1",
            "user information in the authority",
            ":method: GET",
            ":scheme: http",
            ":authority: u@a",
            ":path: /"),
        list(
            "8.3.1",
            "a scheme that smuggles",
            ":method: GET",
            ":scheme: http://x/?",
            ":authority: a",
            ":path: /"),
        list("8.5", "CONNECT with a path", request("CONNECT", "/")),
        field("8.1.1", "a length without content", "content-length: 5"),
        new Violation(
            "8.1.1",
            "less content than the length",
            PROTOCOL_ERROR,
            c -> c.post(1, "/wait", "content-length: 5").data(1, true, "abc")),
        new Violation(
            "8.1.1",
            "more content than the length",
            PROTOCOL_ERROR,
            c -> c.post(1, "/wait", "content-length: 2").data(1, false, "abc")),
        new Violation(
            "8.1",
            "trailers that do not end the stream",
            PROTOCOL_ERROR,
            c -> c.post(1, "/wait").data(1, false, "a").headers(1, false, "x: 1")),
        new Violation(
            "8.1",
            "a pseudo-header in trailers",
            PROTOCOL_ERROR,
            c -> c.post(1, "/wait").headers(1, true, ":path: /")),
        new Violation(
            "5.1",
            "DATA behind END_STREAM",
            STREAM_CLOSED,
            c -> c.get(1, "/wait").data(1, true, "late")),
        new Violation(
            "5.1",
            "HEADERS behind END_STREAM",
            STREAM_CLOSED,
            c -> c.get(1, "/wait").headers(1, true, "x: 1")),
        new Violation(
            "6.9",
            "a window that opens by nothing",
            PROTOCOL_ERROR,
            c -> c.get(1, "/wait").widen(1, 0)),
        new Violation(
            "6.9.1",
            "a window that overflows",
            FLOW_CONTROL_ERROR,
            c -> c.get(1, "/wait").widen(1, Integer.MAX_VALUE)),
        new Violation(
            "6.3",
            "PRIORITY of a wrong size",
            FRAME_SIZE_ERROR,
            c -> c.get(1, "/wait").frame(Frames.PRIORITY, 0, 1, new byte[4])));
  }

  /// Each is an error of the connection.
  private static List<Violation> ofConnections() {
    return List.of(
        frame("4.2", "a frame too large", FRAME_SIZE_ERROR, Frames.DATA, 0, 1, new byte[16_385]),
        frame(
            "4.3",
            "a block that is none",
            COMPRESSION_ERROR,
            Frames.HEADERS,
            WHOLE,
            1,
            (byte) 0x80),
        new Violation(
            "4.3",
            "another frame within a block",
            PROTOCOL_ERROR,
            c -> c.frame(Frames.HEADERS, 0, 1, GET).frame(Frames.PING, 0, 0, new byte[8])),
        new Violation(
            "4.3",
            "an unknown frame within a block",
            PROTOCOL_ERROR,
            c -> c.frame(Frames.HEADERS, 0, 1, GET).frame(99, 0, 0)),
        new Violation(
            "5.1",
            "HEADERS for a stream that was closed",
            STREAM_CLOSED,
            c -> {
              c.get(1, "/");
              c.answer(1);
              c.get(1, "/");
            }),
        new Violation(
            "5.1",
            "DATA for a stream that was closed",
            STREAM_CLOSED,
            c -> {
              c.get(1, "/");
              c.answer(1);
              c.data(1, true, "late");
            }),
        frame("5.1", "DATA for an idle stream", PROTOCOL_ERROR, Frames.DATA, 0, 1, (byte) 1),
        frame(
            "5.1", "a reset of an idle stream", PROTOCOL_ERROR, Frames.RST_STREAM, 0, 1, number(8)),
        frame(
            "5.1",
            "a window of an idle stream",
            PROTOCOL_ERROR,
            Frames.WINDOW_UPDATE,
            0,
            1,
            number(8)),
        frame(
            "5.1",
            "CONTINUATION of an idle stream",
            PROTOCOL_ERROR,
            Frames.CONTINUATION,
            OPEN,
            1,
            GET),
        new Violation(
            "5.1",
            "CONTINUATION behind END_STREAM",
            PROTOCOL_ERROR,
            c -> c.get(1, "/wait").frame(Frames.CONTINUATION, OPEN, 1, GET)),
        new Violation(
            "5.1",
            "HEADERS behind a reset of the client's",
            STREAM_CLOSED,
            c -> c.get(1, "/wait").reset(1, 8).get(1, "/wait")),
        new Violation(
            "5.1",
            "CONTINUATION behind a reset of the client's",
            PROTOCOL_ERROR,
            c -> c.get(1, "/wait").reset(1, 8).frame(Frames.CONTINUATION, OPEN, 1, GET)),
        frame(
            "5.1",
            "trailers of a stream that the client cannot open",
            PROTOCOL_ERROR,
            Frames.HEADERS,
            WHOLE,
            4,
            GET),
        frame("6.1", "padding in an empty frame", PROTOCOL_ERROR, Frames.DATA, Frames.PADDED, 1),
        new Violation(
            "6.2",
            "PRIORITY within a block",
            PROTOCOL_ERROR,
            c -> c.frame(Frames.HEADERS, 0, 1, GET).frame(Frames.PRIORITY, 0, 1, new byte[5])),
        new Violation(
            "6.2",
            "HEADERS of another stream within a block",
            PROTOCOL_ERROR,
            c -> c.frame(Frames.HEADERS, 0, 1, GET).frame(Frames.HEADERS, WHOLE, 3, GET)),
        frame(
            "6.2",
            "HEADERS too short for the priority that it says it has",
            PROTOCOL_ERROR,
            Frames.HEADERS,
            WHOLE | Frames.PRIORITIZED,
            1,
            new byte[4]),
        new Violation(
            "6.4",
            "RST_STREAM too long",
            FRAME_SIZE_ERROR,
            c -> c.get(1, "/wait").frame(Frames.RST_STREAM, 0, 1, new byte[5])),
        frame("6.7", "PING too long", FRAME_SIZE_ERROR, Frames.PING, 0, 0, new byte[9]),
        new Violation(
            "6.9",
            "WINDOW_UPDATE of a wrong size for a stream",
            FRAME_SIZE_ERROR,
            c -> c.get(1, "/wait").frame(Frames.WINDOW_UPDATE, 0, 1, new byte[5])),
        frame(
            "6.10", "CONTINUATION for stream 0", PROTOCOL_ERROR, Frames.CONTINUATION, OPEN, 0, GET),
        new Violation(
            "6.10",
            "CONTINUATION behind the end of a block",
            PROTOCOL_ERROR,
            c -> c.post(1, "/wait").frame(Frames.CONTINUATION, OPEN, 1, GET)),
        new Violation(
            "6.10",
            "CONTINUATION behind DATA",
            PROTOCOL_ERROR,
            c -> c.post(1, "/wait").data(1, false, "x").frame(Frames.CONTINUATION, OPEN, 1, GET)),
        frame(
            "7541 2.3.3",
            "an index beyond the tables",
            COMPRESSION_ERROR,
            Frames.HEADERS,
            WHOLE,
            1,
            (byte) 0xff,
            (byte) 0x7f),
        frame(
            "7541 4.2",
            "a table larger than allowed",
            COMPRESSION_ERROR,
            Frames.HEADERS,
            WHOLE,
            1,
            (byte) 0x3f,
            (byte) 0xff,
            (byte) 0x7f),
        frame(
            "7541 4.2",
            "a table that is resized behind a field",
            COMPRESSION_ERROR,
            Frames.HEADERS,
            WHOLE,
            1,
            (byte) 0x82,
            (byte) 0x20),
        frame(
            "7541 5.2",
            "padding of a Huffman code that is not of ones",
            COMPRESSION_ERROR,
            Frames.HEADERS,
            WHOLE,
            1,
            (byte) 0,
            (byte) 0x81,
            (byte) 0x00,
            (byte) 0),
        frame(
            "7541 5.2",
            "a Huffman code with EOS",
            COMPRESSION_ERROR,
            Frames.HEADERS,
            WHOLE,
            1,
            (byte) 0,
            (byte) 0x84,
            (byte) 0xff,
            (byte) 0xff,
            (byte) 0xff,
            (byte) 0xff,
            (byte) 0),
        frame(
            "7541 5.1",
            "an integer without end",
            COMPRESSION_ERROR,
            Frames.HEADERS,
            WHOLE,
            1,
            (byte) 0xff,
            (byte) 0xff,
            (byte) 0xff,
            (byte) 0xff,
            (byte) 0xff,
            (byte) 0xff,
            (byte) 0xff,
            (byte) 0xff),
        frame(
            "7541 5.2",
            "a string longer than its block",
            COMPRESSION_ERROR,
            Frames.HEADERS,
            WHOLE,
            1,
            (byte) 0,
            (byte) 9,
            (byte) 'x'),
        frame("5.1.1", "an even stream", PROTOCOL_ERROR, Frames.HEADERS, WHOLE, 2, GET),
        new Violation(
            "5.1.1",
            "a number below the last one",
            PROTOCOL_ERROR,
            c -> c.get(5, "/wait").get(3, "/wait")),
        frame("6.1", "DATA for stream 0", PROTOCOL_ERROR, Frames.DATA, 0, 0, (byte) 1),
        new Violation(
            "6.1",
            "padding as long as DATA",
            PROTOCOL_ERROR,
            c ->
                c.frame(Frames.HEADERS, OPEN, 1, POST)
                    .frame(Frames.DATA, Frames.PADDED, 1, padded(5, new byte[0], 4))),
        frame("6.2", "HEADERS for stream 0", PROTOCOL_ERROR, Frames.HEADERS, WHOLE, 0, GET),
        frame(
            "6.2",
            "padding longer than HEADERS",
            PROTOCOL_ERROR,
            Frames.HEADERS,
            WHOLE | Frames.PADDED,
            1,
            padded(255, GET, 0)),
        frame("6.3", "PRIORITY for stream 0", PROTOCOL_ERROR, Frames.PRIORITY, 0, 0, new byte[5]),
        frame("6.4", "RST_STREAM for stream 0", PROTOCOL_ERROR, Frames.RST_STREAM, 0, 0, number(8)),
        new Violation(
            "6.4",
            "RST_STREAM of a wrong size",
            FRAME_SIZE_ERROR,
            c -> c.get(1, "/wait").frame(Frames.RST_STREAM, 0, 1, new byte[3])),
        frame("6.5", "SETTINGS for a stream", PROTOCOL_ERROR, Frames.SETTINGS, 0, 1),
        frame(
            "6.5",
            "SETTINGS of a wrong size",
            FRAME_SIZE_ERROR,
            Frames.SETTINGS,
            0,
            0,
            new byte[5]),
        frame(
            "6.5",
            "an acknowledgement with content",
            FRAME_SIZE_ERROR,
            Frames.SETTINGS,
            Frames.ACK,
            0,
            setting(1, 1)),
        frame("6.5.2", "ENABLE_PUSH of 2", PROTOCOL_ERROR, Frames.SETTINGS, 0, 0, setting(2, 2)),
        frame(
            "6.5.2",
            "a window too large",
            FLOW_CONTROL_ERROR,
            Frames.SETTINGS,
            0,
            0,
            setting(4, 1L << 31)),
        frame(
            "6.5.2", "frames too small", PROTOCOL_ERROR, Frames.SETTINGS, 0, 0, setting(5, 16_383)),
        frame(
            "6.5.2",
            "frames too large",
            PROTOCOL_ERROR,
            Frames.SETTINGS,
            0,
            0,
            setting(5, 1 << 24)),
        frame("8441", "an invalid setting", PROTOCOL_ERROR, Frames.SETTINGS, 0, 0, setting(8, 2)),
        frame("6.6", "PUSH_PROMISE", PROTOCOL_ERROR, Frames.PUSH_PROMISE, WHOLE, 1, number(2)),
        frame("6.7", "PING for a stream", PROTOCOL_ERROR, Frames.PING, 0, 1, new byte[8]),
        frame("6.7", "PING of a wrong size", FRAME_SIZE_ERROR, Frames.PING, 0, 0, new byte[7]),
        frame("6.8", "GOAWAY for a stream", PROTOCOL_ERROR, Frames.GOAWAY, 0, 1, new byte[8]),
        frame("6.8", "GOAWAY of a wrong size", FRAME_SIZE_ERROR, Frames.GOAWAY, 0, 0, new byte[7]),
        frame(
            "6.9",
            "a window that opens by nothing",
            PROTOCOL_ERROR,
            Frames.WINDOW_UPDATE,
            0,
            0,
            number(0)),
        frame(
            "6.9",
            "WINDOW_UPDATE of a wrong size",
            FRAME_SIZE_ERROR,
            Frames.WINDOW_UPDATE,
            0,
            0,
            new byte[3]),
        frame(
            "6.9.1",
            "a window that overflows",
            FLOW_CONTROL_ERROR,
            Frames.WINDOW_UPDATE,
            0,
            0,
            number(Integer.MAX_VALUE)),
        new Violation(
            "6.9.2",
            "a setting by which a window overflows",
            FLOW_CONTROL_ERROR,
            c -> c.get(1, "/wait").widen(1, 1_000_000).settings(4, Integer.MAX_VALUE)),
        frame("6.10", "CONTINUATION of nothing", PROTOCOL_ERROR, Frames.CONTINUATION, OPEN, 1, GET),
        new Violation(
            "6.10",
            "CONTINUATION of another stream",
            PROTOCOL_ERROR,
            c -> c.frame(Frames.HEADERS, 0, 1, GET).frame(Frames.CONTINUATION, OPEN, 3)),
        frame(
            "9218",
            "PRIORITY_UPDATE for stream 0",
            PROTOCOL_ERROR,
            Frames.PRIORITY_UPDATE,
            0,
            0,
            number(0)));
  }

  @TestFactory
  Stream<DynamicTest> errorsOfAStreamLeaveTheConnection() {
    return ofStreams().stream()
        .map(each ->
            DynamicTest.dynamicTest(
                each.section + ": " + each.what,
                () -> {
                  try (H2Client client = client()) {
                    each.script.play(client);
                    H2Client.Frame end = client.next(Frames.RST_STREAM, Frames.GOAWAY);
                    assertThat(end.type()).as("the frame that ends").isEqualTo(Frames.RST_STREAM);
                    assertThat(end.stream()).isEqualTo(1);
                    assertThat(end.error()).isEqualTo(each.error.number());
                    client.get(3, "/");
                    assertThat(client.answer(3).text()).isEqualTo("ok");
                  }
                }));
  }

  @TestFactory
  Stream<DynamicTest> errorsOfTheConnectionEndIt() {
    return ofConnections().stream()
        .map(each ->
            DynamicTest.dynamicTest(
                each.section + ": " + each.what,
                () -> {
                  try (H2Client client = client()) {
                    each.script.play(client);
                    H2Client.Frame end = client.next(Frames.RST_STREAM, Frames.GOAWAY);
                    assertThat(end.type()).as("the frame that ends").isEqualTo(Frames.GOAWAY);
                    assertThat(end.error()).isEqualTo(each.error.number());
                    assertThat(client.isEnded()).isTrue();
                  }
                }));
  }

  @Test
  void aFirstFrameHasToBeSettings() throws Exception {
    try (H2Client client = new H2Client(gateway.address())) {
      client.preface().frame(Frames.PING, 0, 0, new byte[8]);
      assertThat(client.next(Frames.GOAWAY).error()).isEqualTo(PROTOCOL_ERROR.number());
      assertThat(client.isEnded()).isTrue();
    }
  }

  @Test
  void moreContentThanTheStreamsWindowIsAnErrorOfTheStream() throws Exception {
    try (H2Client client = H2Client.begun(gateway.address())) {
      client.post(1, "/wait");
      H2Client.Frame settings = client.next(Frames.SETTINGS);
      assertThat(settings.payload()).isNotEmpty();
      byte[] piece = new byte[16_384];
      Arrays.fill(piece, (byte) 'x');
      ErrorCode error = null;
      for (int sent = 0; sent < 64 && error == null; sent++) {
        client.frame(Frames.DATA, 0, 1, piece);
      }
      H2Client.Frame end = client.next(Frames.RST_STREAM, Frames.GOAWAY);
      assertThat(end.type()).isEqualTo(Frames.RST_STREAM);
      assertThat(end.error()).isEqualTo(FLOW_CONTROL_ERROR.number());
    }
  }

  @Test
  void whatIsUnknownIsIgnored() throws Exception {
    try (H2Client client = client()) {
      client.frame(200, 255, 0, new byte[7]).frame(200, 255, 77, new byte[7]);
      client.settings(0x7777, 12345).frame(Frames.PRIORITY, 0, 9, new byte[5]);
      client.frame(Frames.PRIORITY_UPDATE, 0, 0, new byte[] {0, 0, 0, 1, 'u', '=', '9'});
      client.frame(Frames.HEADERS, WHOLE | 0x40, 1, GET);
      assertThat(client.answer(1).text()).isEqualTo("ok");
    }
  }

  @Test
  void paddingAndFragmentsAreTaken() throws Exception {
    try (H2Client client = client()) {
      client.frame(Frames.HEADERS, WHOLE | Frames.PADDED, 1, padded(9, GET, 9));
      assertThat(client.answer(1).text()).isEqualTo("ok");
      byte[] start = Arrays.copyOf(GET, 5);
      byte[] rest = Arrays.copyOfRange(GET, 5, GET.length);
      client.frame(Frames.HEADERS, Frames.END_STREAM, 3, start);
      client.frame(Frames.CONTINUATION, 0, 3).frame(Frames.CONTINUATION, OPEN, 3, rest);
      assertThat(client.answer(3).text()).isEqualTo("ok");
    }
  }

  @Test
  void framesInFlightForAStreamThatWasResetHereAreIgnored() throws Exception {
    try (H2Client client = client()) {
      client.post(1, "/wait", "X-Up: 1").data(1, false, "late").headers(1, true, "x: 1");
      assertThat(client.next(Frames.RST_STREAM).error()).isEqualTo(PROTOCOL_ERROR.number());
      client.widen(1, 7).reset(1, 8).get(3, "/");
      assertThat(client.answer(3).text()).isEqualTo("ok");
    }
  }

  @Test
  void aStreamThatIsCancelledLeavesItsUpstream() throws Exception {
    try (H2Client client = client()) {
      client.frame(Frames.HEADERS, WHOLE, 1, WAIT);
      RunningGateway.await(() -> gateway.outstanding() > 0);
      client.reset(1, ErrorCode.CANCEL.number());
      client.roundTrip();
      RunningGateway.await(() -> gateway.outstanding() == 0);
      client.get(3, "/");
      assertThat(client.answer(3).text()).isEqualTo("ok");
    }
  }
}
