package io.whygate.gateway.connection.http2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.whygate.faults.http2.FramedPeer;
import io.whygate.faults.http2.FramedServer;
import io.whygate.faults.http2.FramedServer.Script;
import io.whygate.faults.tls.Pki;
import io.whygate.gateway.RawClient;
import io.whygate.gateway.RunningGateway;
import io.whygate.gateway.http2.Frames;
import io.whygate.gateway.listener.http2.H2Client;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What passes through a gateway to a server that speaks HTTP/2, and what a server may do that is
/// no failure.
class Http2UpstreamTest {
  private static final String HTTP2 = "protocol = http2";

  @TempDir Path folder;

  /// What a server answers.
  private interface Answering extends Script {
    void reply(FramedPeer peer, FramedPeer.Request request) throws IOException;

    @Override
    default void answer(FramedPeer peer, FramedPeer.Request request, int number)
        throws IOException {
      reply(peer, request);
    }
  }

  private static FramedServer playing(Script script) throws IOException {
    FramedServer server = FramedServer.start();
    server.play(script);
    return server;
  }

  private static FramedServer answering(Answering script) throws IOException {
    return playing(script);
  }

  @Test
  void carriesOneRequestAfterTheOtherOverOneConnection() throws Exception {
    try (FramedServer server = FramedServer.start();
        RunningGateway gateway = RunningGateway.before(HTTP2, server.uri());
        RawClient client = gateway.client()) {
      for (int i = 0; i < 5; i++) {
        RawClient.Answer answer = client.get("/" + i).answer();
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("ok");
        assertThat(answer.field("server")).isEqualTo("framed");
      }
      assertThat(server.accepted()).isEqualTo(1);
      assertThat(gateway.records(5).get(4))
          .contains("\"protocol\":\"h2\",\"reused\":true", "\"status\":200");
    }
  }

  @Test
  void passesContentOfAnyLengthBothWays() throws Exception {
    String large = "0123456789abcdef".repeat(40_000);
    try (FramedServer server =
            answering((peer, request) -> {
              peer.headers(request.stream(), false, ":status: 200", "x-path: " + request.path());
              String content = request.content();
              for (int i = 0; i < content.length(); i += 16_000) {
                int end = Math.min(content.length(), i + 16_000);
                peer.data(request.stream(), end == content.length(), content.substring(i, end));
              }
            });
        RunningGateway gateway = RunningGateway.before(HTTP2, server.uri());
        RawClient client = gateway.client()) {
      client.send("POST /up HTTP/1.1\r\nHost: a\r\nContent-Length: " + large.length() + "\r\n\r\n");
      client.send(large);
      RawClient.Answer answer = client.answer();
      assertThat(answer.body()).isEqualTo(large);
      assertThat(answer.field("x-path")).isEqualTo("/up");
      client.send("POST /chunks HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
      client.send("5\r\nhello\r\n0\r\n\r\n");
      assertThat(client.answer().body()).isEqualTo("hello");
    }
  }

  @Test
  void passesTrailersAndInterimAnswers() throws Exception {
    try (FramedServer server =
            answering((peer, request) -> {
              int stream = request.stream();
              peer.headers(stream, false, ":status: 103", "link: </a.css>; rel=preload");
              peer.headers(stream, false, ":status: 200", "trailer: x-sum");
              peer.data(stream, false, request.content());
              peer.headers(stream, true, "x-sum: 7");
            });
        RunningGateway gateway = RunningGateway.before(HTTP2, server.uri());
        RawClient one = gateway.client();
        H2Client two = H2Client.begun(gateway.address())) {
      RawClient.Answer early = one.get("/").answer();
      assertThat(early.status()).isEqualTo(103);
      assertThat(early.field("link")).contains("preload");
      assertThat(one.answer().field("x-sum")).isEqualTo("7");
      two.post(1, "/", "te: trailers").data(1, false, "hello").headers(1, true, "x-mine: 1");
      H2Client.Answer answer = two.answer(1);
      assertThat(answer.text()).isEqualTo("hello");
      assertThat(answer.trailers()).containsExactly("x-sum: 7");
      assertThat(answer.interim()).hasSize(1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"204", "304", "200"})
  void knowsAnswersWithoutContent(String status) throws Exception {
    try (FramedServer server =
            answering((peer, request) ->
                peer.headers(request.stream(), true, ":status: " + status, "x-a: b"));
        RunningGateway gateway = RunningGateway.before(HTTP2, server.uri());
        RawClient client = gateway.client()) {
      assertThat(client.get("/").answer().status()).isEqualTo(Integer.parseInt(status));
      client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
      assertThat(client.answerToHead().field("x-a")).isEqualTo("b");
      assertThat(client.get("/").answer().status()).isEqualTo(Integer.parseInt(status));
    }
  }

  @Test
  void sendsAnyRequestAgainThatTheServerRefused() throws Exception {
    Script refusing =
        new Script() {
          @Override
          public void answer(FramedPeer peer, FramedPeer.Request request, int number)
              throws IOException {
            if (number == 1) {
              peer.reset(request.stream(), 7);
            } else {
              peer.headers(request.stream(), false, ":status: 200");
              peer.data(request.stream(), true, request.content());
            }
          }
        };
    try (FramedServer server = playing(refusing);
        RunningGateway gateway =
            RunningGateway.before(HTTP2 + ", outlier.consecutive-failures = 1", server.uri());
        RawClient client = gateway.client()) {
      client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello");
      assertThat(client.answer().body()).isEqualTo("hello");
      assertThat(server.accepted()).isEqualTo(2);
      assertThat(gateway.records(1).getFirst()).contains("blip.recovered");
    }
  }

  @Test
  void takesAnOrderlyGoAwayForNoFailure() throws Exception {
    CountDownLatch gone = new CountDownLatch(1);
    Script leaving =
        new Script() {
          private int first;

          @Override
          public void answer(FramedPeer peer, FramedPeer.Request request, int number)
              throws IOException {
            if (number == 1) {
              first = request.stream();
            } else if (number == 2) {
              peer.goAway(first, 0);
              peer.ok(first);
              gone.countDown();
            } else {
              peer.ok(request.stream());
            }
          }
        };
    try (FramedServer server = playing(leaving);
        RunningGateway gateway = RunningGateway.before(HTTP2, server.uri());
        RawClient one = gateway.client();
        RawClient two = gateway.client()) {
      one.get("/one");
      RunningGateway.await(() -> server.requests() == 1);
      two.send("POST /two HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
      assertThat(one.answer().status()).isEqualTo(200);
      assertThat(two.answer().status()).isEqualTo(200);
      await(gone);
      assertThat(one.get("/three").answer().status()).isEqualTo(200);
      assertThat(server.accepted()).isEqualTo(2);
    }
  }

  /// A server that is reloaded again and again: each connection meets a part of it that leaves.
  @Test
  void triesOnWhereOneAfterTheOtherLeaves() throws Exception {
    AtomicInteger connections = new AtomicInteger();
    Script leaving =
        new Script() {
          @Override
          public void answer(FramedPeer peer, FramedPeer.Request request, int number)
              throws IOException {
            if (connections.incrementAndGet() < 5) {
              peer.goAway(0, 0);
            } else {
              peer.ok(request.stream());
            }
          }
        };
    try (FramedServer server = playing(leaving);
        RunningGateway gateway = RunningGateway.before(HTTP2, server.uri());
        RawClient client = gateway.client()) {
      client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
      assertThat(client.answer().status()).isEqualTo(200);
      assertThat(server.accepted()).isEqualTo(5);
    }
  }

  /// An endpoint that only ever leaves, beside one that works.
  @Test
  void goesToAnotherServerFromOneThatLeavesAgain() throws Exception {
    Script leaving =
        new Script() {
          @Override
          public void answer(FramedPeer peer, FramedPeer.Request request, int number)
              throws IOException {
            peer.goAway(0, 0);
          }
        };
    try (FramedServer left = playing(leaving);
        FramedServer well = FramedServer.start();
        RunningGateway gateway = RunningGateway.before(HTTP2, left.uri(), well.uri());
        RawClient client = gateway.client()) {
      for (int i = 0; i < 10; i++) {
        client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
        assertThat(client.answer().status()).isEqualTo(200);
      }
      assertThat(left.accepted()).isPositive();
    }
  }

  /// The server leaves in the middle of a POST, and its GOAWAY names no stream: what came of the
  /// content and what is still to come go to the next connection.
  @Test
  void sendsAPostAgainOfWhichAGoAwayKnowsNothing() throws Exception {
    CountDownLatch gone = new CountDownLatch(1);
    AtomicInteger connections = new AtomicInteger();
    Script leaving =
        new Script() {
          @Override
          public void begin(FramedPeer peer) throws IOException {
            peer.settings();
            if (connections.incrementAndGet() == 1) {
              peer.readHeadsAlone();
            }
          }

          @Override
          public void answer(FramedPeer peer, FramedPeer.Request request, int number)
              throws IOException {
            if (number == 1) {
              peer.goAway(0, 0);
              gone.countDown();
            } else {
              peer.headers(request.stream(), false, ":status: 200");
              peer.data(request.stream(), true, request.content());
            }
          }
        };
    try (FramedServer server = playing(leaving);
        RunningGateway gateway = RunningGateway.before(HTTP2, server.uri());
        RawClient client = gateway.client()) {
      client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello");
      await(gone);
      client.send("again");
      assertThat(client.answer().body()).isEqualTo("helloagain");
      assertThat(server.accepted()).isEqualTo(2);
    }
  }

  @Test
  void opensAnotherConnectionWhereStreamsRunOut() throws Exception {
    CountDownLatch enough = new CountDownLatch(3);
    Script one =
        new Script() {
          @Override
          public void begin(FramedPeer peer) throws IOException {
            peer.settings(3, 1);
          }

          @Override
          public void answer(FramedPeer peer, FramedPeer.Request request, int number)
              throws IOException {
            if (request.path().equals("/together")) {
              enough.countDown();
              Http2UpstreamTest.await(enough);
            }
            peer.ok(request.stream());
          }
        };
    try (FramedServer server = playing(one);
        RunningGateway gateway = RunningGateway.before(HTTP2, server.uri());
        RawClient first = gateway.client();
        RawClient second = gateway.client();
        RawClient third = gateway.client()) {
      assertThat(first.get("/alone").answer().status()).isEqualTo(200);
      for (RawClient each : List.of(first, second, third)) {
        each.get("/together");
      }
      for (RawClient each : List.of(first, second, third)) {
        assertThat(each.answer().status()).isEqualTo(200);
      }
      assertThat(server.accepted()).isEqualTo(3);
    }
  }

  @Test
  void letsRequestsWaitWhereNoFurtherConnectionIsAllowed() throws Exception {
    Script two =
        new Script() {
          @Override
          public void begin(FramedPeer peer) throws IOException {
            peer.settings(3, 2);
          }
        };
    try (FramedServer server = playing(two);
        RunningGateway gateway =
            RunningGateway.before(HTTP2 + ", pool.max-connections = 1", server.uri());
        H2Client client = H2Client.begun(gateway.address())) {
      client.get(1, "/first");
      assertThat(client.answer(1).status()).isEqualTo(200);
      for (int i = 3; i < 40; i += 2) {
        client.get(i, "/" + i);
      }
      for (int answered = 0; answered < 19; answered++) {
        H2Client.Frame frame = client.next(Frames.DATA);
        while (!frame.ends()) {
          frame = client.next(Frames.DATA);
        }
      }
      assertThat(server.requests()).isEqualTo(20);
      assertThat(server.accepted()).isEqualTo(1);
    }
  }

  @Test
  void keepsASlowClientFromHoldingUpOthers() throws Exception {
    String large = "x".repeat(16_000);
    try (FramedServer server =
            answering((peer, request) -> {
              if (request.path().equals("/large")) {
                peer.headers(request.stream(), false, ":status: 200");
                for (int i = 0; i < 16; i++) {
                  peer.data(request.stream(), i == 15, large);
                }
              } else {
                peer.ok(request.stream());
              }
            });
        RunningGateway gateway = RunningGateway.before(HTTP2, server.uri());
        H2Client slow = H2Client.begun(gateway.address(), 4, 0);
        RawClient quick = gateway.client()) {
      slow.get(1, "/large");
      slow.next(1);
      for (int i = 0; i < 20; i++) {
        assertThat(quick.get("/" + i).answer().body()).isEqualTo("ok");
      }
      assertThat(server.accepted()).isEqualTo(1);
      slow.widen(1, 1_000_000);
      int bytes = 0;
      H2Client.Frame frame = slow.next(0);
      while (!frame.ends()) {
        bytes += frame.payload().length;
        slow.widen(0, Math.max(1, frame.payload().length));
        frame = slow.next(0);
      }
      assertThat(bytes + frame.payload().length).isEqualTo(256_000);
    }
  }

  @Test
  void abortsWhereAnAnswerIsResetInTheMiddle() throws Exception {
    try (FramedServer server =
            answering((peer, request) -> {
              peer.headers(request.stream(), false, ":status: 200", "content-length: 100");
              peer.data(request.stream(), false, "half");
              peer.reset(request.stream(), 2);
            });
        RunningGateway gateway = RunningGateway.before(HTTP2, server.uri());
        RawClient client = gateway.client()) {
      client.get("/");
      assertThatThrownBy(client::answer).isInstanceOf(EOFException.class);
      assertThat(gateway.records(1).getFirst()).contains("application.http2-error");
    }
  }

  @Test
  void leavesOtherExchangesAloneWhereOneIsNotAnswered() throws Exception {
    try (FramedServer server =
            answering((peer, request) -> {
              if (!request.path().equals("/silent")) {
                peer.ok(request.stream());
              }
            });
        RunningGateway gateway =
            RunningGateway.before(HTTP2 + ", response-timeout = 1500ms", server.uri());
        RawClient one = gateway.client();
        RawClient two = gateway.client()) {
      one.get("/silent");
      assertThat(two.get("/").answer().status()).isEqualTo(200);
      assertThat(one.answer().status()).isEqualTo(504);
      assertThat(two.get("/").answer().status()).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"auto", "http2", "http1"})
  void agreesOnAProtocolByTls(String protocol) throws Exception {
    Pki pki = Pki.of("127.0.0.1");
    Path root = folder.resolve("root.pem");
    Files.writeString(root, pem(pki));
    String settings =
        "protocol = " + protocol + ", tls { trusted-certificates = [\"" + root + "\"] }";
    boolean http2 = !protocol.equals("http1");
    try (FramedServer server = FramedServer.startTls(pki, "h2");
        RunningGateway gateway = RunningGateway.before(settings, server.uri());
        RawClient client = gateway.client()) {
      RawClient.Answer answer = client.get("/").answer();
      assertThat(answer.status()).isEqualTo(http2 ? 200 : 502);
      if (http2) {
        assertThat(client.get("/").answer().body()).isEqualTo("ok");
        assertThat(server.accepted()).isEqualTo(1);
      } else {
        assertThat(answer.field("Whygate-Cause")).isEqualTo("application.protocol-mismatch");
      }
    }
  }

  private static String pem(Pki pki) throws Exception {
    return "-----BEGIN CERTIFICATE-----\n"
        + java.util.Base64.getMimeEncoder().encodeToString(pki.root().getEncoded())
        + "\n-----END CERTIFICATE-----\n";
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void carriesWebSocketsWhereTheServerAllowsIt(boolean allowed) throws Exception {
    Script sockets =
        new Script() {
          @Override
          public void begin(FramedPeer peer) throws IOException {
            peer.readHeadsAlone();
            peer.settings(8, allowed ? 1 : 0);
          }

          @Override
          public void answer(FramedPeer peer, FramedPeer.Request request, int number)
              throws IOException {
            peer.headers(request.stream(), false, ":status: 200");
            FramedPeer.Frame frame = peer.next();
            while (frame.type() != FramedPeer.DATA) {
              frame = peer.next();
            }
            peer.send(FramedPeer.DATA, 0, request.stream(), frame.payload());
          }
        };
    try (FramedServer server = playing(sockets);
        RunningGateway gateway = RunningGateway.before(HTTP2, server.uri());
        RawClient client = gateway.client()) {
      client.send(
          "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
              + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
      RawClient.Answer answer = client.answer();
      if (allowed) {
        assertThat(answer.status()).isEqualTo(101);
        assertThat(answer.field("Sec-WebSocket-Accept")).isEqualTo("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        client.send("frames");
        assertThat(client.bytes(6)).isEqualTo("frames");
      } else {
        assertThat(answer.status()).isEqualTo(502);
        assertThat(answer.field("Whygate-Cause")).isEqualTo("application.protocol-mismatch");
      }
    }
  }

  @Test
  void endsItsConnectionsOnceTheirServerIsNoLongerConfigured() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch applied = new CountDownLatch(1);
    CountDownLatch left = new CountDownLatch(1);
    Answering lasting =
        (peer, request) -> {
          peer.headers(request.stream(), false, ":status: 200");
          peer.data(request.stream(), false, "first ");
          begun.countDown();
          await(applied);
          peer.data(request.stream(), true, "last");
          while (peer.next().type() != FramedPeer.GOAWAY) {
            // Windows and acknowledgements.
          }
          left.countDown();
        };
    try (FramedServer before = answering(lasting);
        FramedServer after = FramedServer.start();
        RunningGateway gateway = RunningGateway.before(HTTP2, before.uri());
        RawClient client = gateway.client()) {
      client.get("/one");
      await(begun);
      gateway.apply("", HTTP2, after.uri());
      applied.countDown();
      RawClient.Answer answer = client.answer();
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.body()).isEqualTo("first last");
      await(left);
      assertThat(client.get("/two").answer().body()).isEqualTo("ok");
      assertThat(after.requests()).isEqualTo(1);
    }
  }

  private static void await(CountDownLatch latch) throws IOException {
    try {
      if (!latch.await(60, TimeUnit.SECONDS)) {
        throw new IOException("it did not come about in time");
      }
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  @Test
  void checksTheHealthOfAServerThatSpeaksHttp2() throws Exception {
    try (FramedServer server = FramedServer.start();
        RunningGateway gateway =
            RunningGateway.before(
                HTTP2
                    + ", health { enabled = true, interval = 100ms, healthy-after = 1,"
                    + " unhealthy-after = 1 }",
                server.uri());
        RawClient client = gateway.client()) {
      RunningGateway.await(() -> server.requests() >= 2);
      assertThat(client.get("/").answer().status()).isEqualTo(200);
      server.play(
          (Answering) (peer, request) -> peer.headers(request.stream(), true, ":status: 500"));
      RunningGateway.await(() -> gateway.unhealthy() == 1);
      server.mend();
      RunningGateway.await(() -> gateway.unhealthy() == 0);
    }
  }
}
