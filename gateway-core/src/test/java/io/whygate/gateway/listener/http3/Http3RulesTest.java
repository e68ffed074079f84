package io.whygate.gateway.listener.http3;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http3.Http3ErrorCode;
import io.whygate.gateway.RunningGateway;
import io.whygate.gateway.ScriptedServer;
import io.whygate.gateway.listener.client.Abuse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// What a client of HTTP/3 may not send, and what it gets for it (RFC 9114), and how often it may
/// make work that is no request.
class Http3RulesTest {
  private static TestSite site;

  private ScriptedServer server;
  private RunningGateway gateway;
  private H3Client client;

  @BeforeAll
  static void makeCertificates() throws Exception {
    site = TestSite.make();
  }

  @BeforeEach
  void start() throws Exception {
    server = new ScriptedServer((peer, _) -> peer.serve());
    gateway =
        RunningGateway.before(
            site.listener(
                "limits { header-size = 1KiB, small-pieces { count = 50, window = 10m } }, http3 { max-streams = 20 },"
                    + " http2 { floods { resets = 20, empty-frames = 20, header-lists = 3, window = 10m } }"),
            "",
            server.uri());
    client = site.client().connect(gateway.address());
  }

  @AfterEach
  void stop() throws Exception {
    client.close();
    gateway.close();
    server.close();
  }

  private static String[] with(String... more) {
    List<String> fields = new ArrayList<>(List.of(H3Client.pseudo("GET", "/")));
    fields.addAll(List.of(more));
    return fields.toArray(String[]::new);
  }

  private DynamicTest malformed(String what, String... fields) {
    return DynamicTest.dynamicTest(
        what,
        () -> {
          H3Client.Call call = client.begin(true, fields).answer();
          assertThat(call.reset()).isEqualTo(Http3ErrorCode.H3_MESSAGE_ERROR.code());
          assertThat(client.get("/").answer().status()).isEqualTo(200);
        });
  }

  @TestFactory
  List<DynamicTest> aMalformedRequestIsAnErrorOfItsStream() {
    return List.of(
        malformed("no method", ":scheme: https", ":authority: a", ":path: /"),
        malformed("no scheme", ":method: GET", ":authority: a", ":path: /"),
        malformed("no path", ":method: GET", ":scheme: https", ":authority: a"),
        malformed("no authority", ":method: GET", ":scheme: https", ":path: /"),
        malformed(
            "a scheme of another kind",
            ":method: GET",
            ":scheme: ftp",
            ":authority: a",
            ":path: /"),
        malformed(
            "an authority with userinfo",
            ":method: GET",
            ":scheme: https",
            ":authority: a@b",
            ":path: /"),
        malformed(
            "a path without a slash",
            ":method: GET",
            ":scheme: https",
            ":authority: a",
            ":path: a"),
        malformed(
            "a path with a space",
            ":method: GET",
            ":scheme: https",
            ":authority: a",
            ":path: /a b"),
        malformed("another Host", with("host: other")),
        malformed("a field of one hop", with("connection: close")),
        malformed("a field of HTTP/1", with("transfer-encoding: chunked")),
        malformed("Upgrade", with("upgrade: websocket")),
        malformed("TE with more than trailers", with("te: gzip")),
        malformed("CR LF in a value", with("x-a: b\r\nx-c: d")),
        malformed("NUL in a value", with("x-a: b\0c")),
        malformed("a space in a name", with("x a: b")),
        malformed("a capital letter in a name", with("X-A: b")),
        malformed("an answer's pseudo-header field", with(":status: 200")),
        malformed("content that was not announced so", with("content-length: 3")));
  }

  @Test
  void contentBeyondItsLengthIsAnErrorOfItsStream() throws Exception {
    AtomicInteger read = new AtomicInteger(-1);
    try (ScriptedServer patient =
        new ScriptedServer((peer, _) -> {
          if (peer.head().startsWith("POST")) {
            read.set(peer.in().readAllBytes().length);
          } else {
            peer.send("HTTP/1.1 204 No Content\r\n\r\n");
          }
        })) {
      gateway.apply(site.listener(""), "", patient.uri());
      try (H3Client later = site.client().connect(gateway.address())) {
        H3Client.Call more = later.post("/", "content-length: 2");
        RunningGateway.await(() -> patient.heads().size() == 1);
        more.send(new byte[3]);
        assertThat(more.answer().reset()).isEqualTo(Http3ErrorCode.H3_MESSAGE_ERROR.code());
        RunningGateway.await(() -> read.get() >= 0);
        assertThat(read).hasValueLessThanOrEqualTo(2);
        assertThat(later.get("/").answer().status()).isEqualTo(204);
      }
    }
  }

  @Test
  void trailersAreCheckedToo() {
    H3Client.Call call = client.post("/").send(new byte[3]).trailers("x-a: b\r\nc: d");
    assertThat(call.answer().reset()).isEqualTo(Http3ErrorCode.H3_MESSAGE_ERROR.code());
    H3Client.Call pseudo = client.post("/").send(new byte[3]).trailers(":path: /");
    assertThat(pseudo.answer().reset()).isEqualTo(Http3ErrorCode.H3_MESSAGE_ERROR.code());
  }

  @Test
  void connectWithoutAProtocolIsNotSpoken() {
    assertThat(client.begin(true, ":method: CONNECT", ":authority: a:1").answer().status())
        .isEqualTo(501);
    assertThat(client.connect("h2c", "/").answer().status()).isEqualTo(501);
    assertThat(server.heads()).isEmpty();
    H3Client.Call nothing = client.begin(false, ":method: CONNECT", ":protocol: websocket");
    assertThat(nothing.answer().reset()).isEqualTo(Http3ErrorCode.H3_MESSAGE_ERROR.code());
  }

  @Test
  void contentBeforeAHeadIsAnErrorOfTheConnection() throws Exception {
    client.raw(new byte[] {0, 1, 'x'});
    assertThat(client.awaitClosed()).isEqualTo(Http3ErrorCode.H3_FRAME_UNEXPECTED.code());
  }

  @Test
  void framesOfTheControlStreamAreNotForRequests() throws Exception {
    client.raw(new byte[] {4, 0});
    assertThat(client.awaitClosed()).isEqualTo(Http3ErrorCode.H3_FRAME_UNEXPECTED.code());
  }

  @Test
  void fieldsThatCannotBeDecompressedEndTheConnection() throws Exception {
    client.raw(new byte[] {1, 3, 0, 0, (byte) 0x80});
    assertThat(client.awaitClosed()).isEqualTo(Http3ErrorCode.QPACK_DECOMPRESSION_FAILED.code());
  }

  @Test
  void aSecondControlStreamEndsTheConnection() throws Exception {
    assertThat(client.get("/").answer().status()).isEqualTo(200);
    client.unidirectional(new byte[] {0, 4, 0});
    assertThat(client.awaitClosed()).isEqualTo(Http3ErrorCode.H3_STREAM_CREATION_ERROR.code());
  }

  @Test
  void whatIsUnknownIsIgnored() throws Exception {
    client.unidirectional(new byte[] {0x21, 1, 2, 3});
    byte[] meaningless = {0x21, 2, 9, 9};
    byte[] request = new byte[meaningless.length + H3Client.GET.length];
    System.arraycopy(meaningless, 0, request, 0, meaningless.length);
    System.arraycopy(H3Client.GET, 0, request, meaningless.length, H3Client.GET.length);
    assertThat(client.raw(request).endRaw().answer().text()).endsWith("ok");
    assertThat(server.heads()).hasSize(1);
  }

  @Test
  void resetsAreLimited() {
    try {
      for (int i = 0; i < 100 && gateway.abuses(Abuse.RESETS) == 0; i++) {
        client.post("/").reset(Http3ErrorCode.H3_REQUEST_CANCELLED.code());
      }
    } catch (AssertionError e) {
      // The connection was closed by then.
    }
    assertThat(client.awaitClosed()).isEqualTo(Http3ErrorCode.H3_EXCESSIVE_LOAD.code());
    assertThat(gateway.abuses(Abuse.RESETS)).isEqualTo(1);
  }

  @Test
  void malformedRequestsAreLimited() {
    try {
      for (int i = 0; i < 100 && gateway.abuses(Abuse.RESETS) == 0; i++) {
        client.begin(true, with("x a: b")).answer();
      }
    } catch (AssertionError e) {
      // The connection was closed by then.
    }
    assertThat(client.awaitClosed()).isEqualTo(Http3ErrorCode.H3_EXCESSIVE_LOAD.code());
    assertThat(gateway.abuses(Abuse.RESETS)).isEqualTo(1);
  }

  @Test
  void framesWithoutContentAreLimited() throws Exception {
    byte[] empty = new byte[100];
    H3Client.Call call = client.raw(H3Client.GET);
    call.sendRaw(empty);
    assertThat(client.awaitClosed()).isEqualTo(Http3ErrorCode.H3_EXCESSIVE_LOAD.code());
    assertThat(gateway.abuses(Abuse.EMPTY_FRAMES)).isEqualTo(1);
  }

  @Test
  void framesOfAByteAreLimited() throws Exception {
    byte[] frames = new byte[3 * 100];
    for (int i = 1; i < frames.length; i += 3) {
      frames[i] = 1;
    }
    H3Client.Call call = client.raw(H3Client.GET);
    call.sendRaw(frames);
    assertThat(client.awaitClosed()).isEqualTo(Http3ErrorCode.H3_EXCESSIVE_LOAD.code());
    assertThat(gateway.abuses(Abuse.SMALL_PIECES)).isEqualTo(1);
  }

  @Test
  void listsBeyondTheLimitAreLimited() {
    for (int i = 0; i < 3; i++) {
      assertThat(client.get("/", "x-long: " + "x".repeat(9400)).answer().status()).isEqualTo(431);
    }
    client.get("/", "x-long: " + "x".repeat(9400));
    assertThat(client.awaitClosed()).isEqualTo(Http3ErrorCode.H3_EXCESSIVE_LOAD.code());
    assertThat(gateway.abuses(Abuse.HEADER_LISTS)).isEqualTo(1);
  }

  @Test
  void aConnectionOfManyBrokenRequestsIsLetGo() throws Exception {
    gateway.apply(site.listener("http3 { unfinished = 5 }"), "", server.uri());
    try (H3Client other = site.client().connect(gateway.address())) {
      for (int i = 0; i < 5; i++) {
        assertThat(other.begin(false, with("x a: b", "content-length: 9")).answer().reset())
            .isEqualTo(Http3ErrorCode.H3_MESSAGE_ERROR.code());
      }
      RunningGateway.await(() -> other.goAways().size() == 2);
      assertThat(other.awaitClosed()).isEqualTo(Http3ErrorCode.H3_NO_ERROR.code());
    }
  }

  @Test
  void aRequestInTwoPartsIsTaken() throws Exception {
    H3Client.Call call = client.raw(Arrays.copyOf(H3Client.GET, 5));
    call.sendRaw(Arrays.copyOfRange(H3Client.GET, 5, H3Client.GET.length));
    call.endRaw().answer();
    assertThat(server.heads()).hasSize(1);
    assertThat(call.text()).endsWith("ok");
  }
}
