package io.whygate.gateway.exchange;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.faults.http2.FramedPeer;
import io.whygate.faults.http2.FramedServer;
import io.whygate.gateway.RawClient;
import io.whygate.gateway.RunningGateway;
import io.whygate.gateway.ScriptedServer;
import io.whygate.gateway.grpc.GrpcTimeout;
import io.whygate.gateway.http.Heads;
import io.whygate.gateway.http2.ErrorCode;
import io.whygate.gateway.listener.http2.H2Client;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The deadline of a gRPC call bounds all that the gateway does for it, and is told to servers as
/// what is left of it.
class GrpcDeadlinesTest {
  private static final String GRPC = "content-type: application/grpc";
  private static final String HELLO = "\0\0\0\0\5hello";
  private static final String WEB = "route-defaults { grpc-web { enabled = true } }";

  /// A server that begins to answer, or not, and then waits for the reset of the stream.
  private static final class Silent implements FramedServer.Script {
    private final BlockingQueue<Integer> resets = new LinkedBlockingQueue<>();
    private final String[] pieces;

    Silent(String... pieces) {
      this.pieces = pieces;
    }

    @Override
    public void answer(FramedPeer peer, FramedPeer.Request request, int number) throws IOException {
      if (!request.path().startsWith("/lab")) {
        peer.ok(request.stream());
        return;
      }
      if (pieces.length > 0) {
        peer.headers(request.stream(), false, ":status: 200", GRPC);
      }
      for (String each : pieces) {
        peer.data(request.stream(), false, each);
      }
      FramedPeer.Frame frame = peer.next();
      while (frame.type() != FramedPeer.RST_STREAM || frame.stream() != request.stream()) {
        frame = peer.next();
      }
      resets.add((int) frame.payload()[3]);
    }

    Integer reset() throws InterruptedException {
      return resets.poll(30, TimeUnit.SECONDS);
    }
  }

  private interface Visit {
    void make(RunningGateway gateway) throws Exception;
  }

  private static Silent before(String upstream, Silent silent, Visit visit) throws Exception {
    try (FramedServer server = FramedServer.start();
        RunningGateway gateway =
            RunningGateway.with(
                WEB,
                "protocol = http2, circuit-breaker.consecutive-failures = 1, " + upstream,
                server.uri())) {
      server.play(silent);
      visit.make(gateway);
    }
    return silent;
  }

  private static H2Client.Answer call(RunningGateway gateway, String timeout) throws Exception {
    try (H2Client client = H2Client.begun(gateway.address())) {
      return call(client, timeout);
    }
  }

  private static H2Client.Answer call(H2Client client, String timeout) throws Exception {
    client.post(1, "/lab.Echo/Unary", GRPC, "te: trailers", "grpc-timeout: " + timeout);
    return client.data(1, true, HELLO).answer(1);
  }

  private static String details(String field) {
    return new String(Base64.getDecoder().decode(field), ISO_8859_1);
  }

  /// That the end of a call is held against nobody.
  private static void blamesNobody(RunningGateway gateway) {
    assertThat(gateway.records(1).getFirst())
        .contains("\"outcome\":\"expired\"")
        .doesNotContain("\"failure\"", "\"incident\"");
    assertThat(gateway.incidents()).isEmpty();
    assertThat(gateway.counted("whygate_upstream_attempts", "outcome", "expired")).isEqualTo(1);
    assertThat(gateway.counted("whygate_upstream_attempts", "outcome", "failure")).isZero();
    assertThat(gateway.outstanding()).isZero();
    assertThat(gateway.circuit().isOpen()).isFalse();
  }

  @Test
  void aServerThatIsSilentIsLeftAndTheClientTold() throws Exception {
    Silent silent =
        before(
            "response-timeout = 30s",
            new Silent(),
            gateway -> {
              long began = System.nanoTime();
              H2Client.Answer answer = call(gateway, "200m");
              long millis = (System.nanoTime() - began) / 1_000_000;
              assertThat(millis).isBetween(200L, 5000L);
              assertThat(answer.status()).isEqualTo(200);
              assertThat(answer.field("content-type")).isEqualTo("application/grpc");
              assertThat(answer.field("grpc-status")).isEqualTo("4");
              assertThat(answer.field("grpc-message"))
                  .isEqualTo(
                      "the deadline of the call (200 ms) is over: the server did not answer in time"
                          + " [deadline exceeded, unknown]");
              assertThat(answer.field("proxy-status"))
                  .isEqualTo("whygate;error=http_response_timeout");
              assertThat(details(answer.field("grpc-status-details-bin")))
                  .contains("google.rpc.ErrorInfo", "DEADLINE_EXCEEDED", "whygate")
                  .contains("await_response", "request_processed", "unknown");
              blamesNobody(gateway);
            });
    assertThat(silent.reset()).isEqualTo(ErrorCode.CANCEL.number());
  }

  @Test
  void anAnswerEndsByTrailersWhereItsMessagesDo() throws Exception {
    Silent silent =
        before(
            "response-timeout = 30s",
            new Silent(HELLO, HELLO.substring(0, 3), HELLO.substring(3)),
            gateway -> {
              H2Client.Answer answer = call(gateway, "300m");
              assertThat(answer.text()).isEqualTo(HELLO + HELLO);
              assertThat(answer.reset()).isEqualTo(-1);
              assertThat(answer.trailers()).contains("grpc-status: 4");
              assertThat(answer.trailers().toString())
                  .contains("the answer was not whole in time [deadline exceeded, received]");
              blamesNobody(gateway);
            });
    assertThat(silent.reset()).isEqualTo(ErrorCode.CANCEL.number());
  }

  @Test
  void anAnswerThatEndsWithinAMessageIsBrokenOff() throws Exception {
    Silent silent =
        before(
            "response-timeout = 30s",
            new Silent(HELLO, HELLO.substring(0, 7)),
            gateway -> {
              H2Client.Answer answer = call(gateway, "300m");
              assertThat(answer.reset()).isEqualTo(ErrorCode.INTERNAL_ERROR.number());
              blamesNobody(gateway);
            });
    assertThat(silent.reset()).isEqualTo(ErrorCode.CANCEL.number());
  }

  @Test
  void callsOfGrpcWebAreToldInTheirLastMessage() throws Exception {
    before(
        "response-timeout = 30s",
        new Silent(HELLO),
        gateway -> {
          try (RawClient client = gateway.client()) {
            client.send(
                "POST /lab.Echo/Unary HTTP/1.1\r\nHost: a\r\nContent-Type: application/grpc-web\r\n"
                    + "grpc-timeout: 300m\r\nContent-Length: 10\r\n\r\n"
                    + HELLO);
            assertThat(client.answer().body())
                .startsWith(HELLO + "\u0080")
                .contains("grpc-status:4\r\n", "the answer was not whole in time");
            blamesNobody(gateway);
          }
        });
    before(
        "response-timeout = 30s",
        new Silent(),
        gateway -> {
          try (RawClient client = gateway.client()) {
            client.send(
                "POST /lab.Echo/Unary HTTP/1.1\r\nHost: a\r\nContent-Type: application/grpc-web-text"
                    + "\r\ngrpc-timeout: 300m\r\nContent-Length: 8\r\n\r\nAAAAAAA=");
            RawClient.Answer answer = client.answer();
            assertThat(answer.field("content-type")).isEqualTo("application/grpc-web-text+proto");
            assertThat(details(answer.body())).contains("grpc-status:4\r\n", "did not answer");
          }
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"0m", "1n", "1u"})
  void aDeadlineThatIsOverAtOnceTroublesNoServer(String timeout) throws Exception {
    try (FramedServer server = FramedServer.start();
        RunningGateway gateway = RunningGateway.before("protocol = http2", server.uri())) {
      H2Client.Answer answer = call(gateway, timeout);
      assertThat(answer.field("grpc-status")).isEqualTo("4");
      assertThat(answer.field("grpc-message")).contains("no connection", "not_sent");
      assertThat(server.requests()).isZero();
      assertThat(gateway.incidents()).isEmpty();
    }
  }

  @Test
  void aConnectionIsGoodForTheNextCallWhereOneCameTooLateToBeSent() throws Exception {
    try (FramedServer server = FramedServer.start();
        RunningGateway gateway = RunningGateway.before("protocol = http2", server.uri());
        H2Client client = H2Client.begun(gateway.address())) {
      for (int stream = 1; stream < 200; stream += 2) {
        client.post(stream, "/lab.Echo/Unary", GRPC, "grpc-timeout: " + (stream * 5) + "u");
        client.data(stream, true, HELLO).answer(stream);
      }
      client.post(201, "/lab.Echo/Unary", GRPC, "grpc-timeout: 20S");
      assertThat(client.data(201, true, HELLO).answer(201).text()).isEqualTo("ok");
      assertThat(server.accepted()).isEqualTo(1);
      assertThat(gateway.outstanding()).isZero();
    }
  }

  @Test
  void theWaitForAConnectionIsBoundedToo() throws Exception {
    CountDownLatch free = new CountDownLatch(1);
    try (ScriptedServer server =
            new ScriptedServer((peer, _) -> {
              peer.head();
              free.await();
              peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
              peer.serve();
            });
        RunningGateway gateway =
            RunningGateway.before(
                "pool { max-connections = 1, pending-timeout = 30s }", server.uri());
        RawClient first = gateway.client()) {
      first.get("/");
      RunningGateway.await(() -> !server.heads().isEmpty());
      H2Client.Answer answer = call(gateway, "200m");
      assertThat(answer.field("grpc-status")).isEqualTo("4");
      assertThat(answer.field("grpc-message")).contains("no connection", "not_sent");
      assertThat(answer.field("proxy-status")).contains("connection_timeout");
      assertThat(server.heads()).hasSize(1);
      free.countDown();
      assertThat(first.answer().status()).isEqualTo(200);
      assertThat(gateway.outstanding()).isZero();
    }
  }

  private static long told(String head) {
    String lines = head.strip().replace("\r\n", "|");
    return GrpcTimeout.of(Heads.request(lines).fields()) / 1_000_000;
  }

  private static ScriptedServer failingOnce() throws IOException {
    return new ScriptedServer((peer, number) -> {
      peer.head();
      if (number == 1) {
        Thread.sleep(300);
        return;
      }
      peer.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
      peer.serve();
    });
  }

  @Test
  void eachTryIsToldWhatIsLeft() throws Exception {
    try (ScriptedServer one = failingOnce();
        RunningGateway gateway = RunningGateway.before("", one.uri());
        H2Client client = H2Client.begun(gateway.address())) {
      client.headers(
          1,
          true,
          H2Client.request(
              "POST", "/lab.Echo/Unary", GRPC, "idempotency-key: a", "grpc-timeout: 20S"));
      assertThat(client.answer(1).status()).isEqualTo(200);
      List<String> heads = one.heads();
      assertThat(heads).hasSize(2);
      assertThat(told(heads.get(0))).isBetween(15_000L, 20_000L);
      assertThat(told(heads.get(1))).isBetween(10_000L, told(heads.get(0)) - 299);
    }
  }

  @Test
  void aTryThatFailedBeforeIsTold() throws Exception {
    try (ScriptedServer server =
            new ScriptedServer((peer, number) -> {
              peer.head();
              if (number > 1) {
                peer.in().readAllBytes();
              }
            });
        RunningGateway gateway = RunningGateway.before("", server.uri());
        H2Client client = H2Client.begun(gateway.address())) {
      client.headers(
          1,
          true,
          H2Client.request(
              "POST", "/lab.Echo/Unary", GRPC, "idempotency-key: a", "grpc-timeout: 400m"));
      H2Client.Answer answer = client.answer(1);
      assertThat(answer.field("grpc-status")).isEqualTo("4");
      assertThat(answer.field("grpc-message"))
          .endsWith(", after a try that failed (closed) [deadline exceeded, unknown]");
      RunningGateway.await(() -> server.open() == 0);
    }
  }

  @Test
  void aLongDeadlineIsCutToTheLongestThatIsAllowed() throws Exception {
    try (ScriptedServer server =
            new ScriptedServer((peer, _) -> {
              peer.head();
              peer.in().readAllBytes();
            });
        RunningGateway gateway =
            RunningGateway.before("grpc { max-deadline = 300ms }", server.uri())) {
      H2Client.Answer answer = call(gateway, "99999999H");
      assertThat(answer.field("grpc-status")).isEqualTo("4");
      assertThat(answer.field("grpc-message")).contains("(300 ms)");
      assertThat(told(server.heads().getFirst())).isBetween(1L, 300L);
    }
  }

  @Test
  void whatIsNoDeadlinePassesAsItIs() throws Exception {
    try (ScriptedServer server = new ScriptedServer((peer, _) -> peer.serve());
        RunningGateway gateway =
            RunningGateway.before("grpc { max-deadline = 100ms }", server.uri());
        RawClient client = gateway.client()) {
      String post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n";
      client.send(post + "Content-Type: application/grpc\r\ngrpc-timeout: soon\r\n\r\n");
      assertThat(client.answer().status()).isEqualTo(200);
      client.send(post + "Content-Type: application/json\r\ngrpc-timeout: 0n\r\n\r\n");
      assertThat(client.answer().status()).isEqualTo(200);
      client.send("GET / HTTP/1.1\r\nHost: a\r\ngrpc-timeout: 0n\r\n\r\n");
      assertThat(client.answer().status()).isEqualTo(200);
      assertThat(server.heads().get(0)).contains("grpc-timeout: soon\r\n");
      assertThat(server.heads().get(1)).contains("grpc-timeout: 0n\r\n");
      assertThat(server.heads().get(2)).contains("grpc-timeout: 0n\r\n");
    }
  }

  @Test
  void aFailureThatIsKnownIsToldThoughTheDeadlinePassesWhileItIsExamined() throws Exception {
    URI uri = closedPort();
    int told = 0;
    for (int millis = 10; millis <= 200; millis += 10) {
      try (RunningGateway gateway =
          RunningGateway.before("protocol = http2, retry.attempts = 1", uri)) {
        H2Client.Answer answer = call(gateway, millis + "m");
        if ("14".equals(answer.field("grpc-status"))) {
          told++;
          assertThat(answer.field("grpc-message")).contains("[cause server.port-closed, incident");
          assertThat(gateway.incidents()).hasSize(1);
        } else {
          assertThat(answer.field("grpc-message")).doesNotContain("after a try that failed");
        }
      }
    }
    assertThat(told).isGreaterThan(10);
  }

  private static URI closedPort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return URI.create("http://127.0.0.1:" + socket.getLocalPort());
    }
  }

  @Test
  void aServerThatIsSilentToAClientWhoMaySayMoreDidNotAnswer() throws Exception {
    try (FramedServer server = FramedServer.start();
        RunningGateway gateway = RunningGateway.before("protocol = http2", server.uri());
        H2Client client = H2Client.begun(gateway.address())) {
      client.post(1, "/lab.Echo/Chat", GRPC, "te: trailers", "grpc-timeout: 200m");
      H2Client.Answer answer = client.data(1, false, HELLO).answer(1);
      assertThat(answer.field("grpc-message")).contains("the server did not answer in time");
    }
    try (ScriptedServer server = new ScriptedServer((peer, _) -> peer.in().readAllBytes());
        RunningGateway gateway = RunningGateway.before("", server.uri());
        H2Client client = H2Client.begun(gateway.address())) {
      client.post(1, "/lab.Echo/Chat", GRPC, "te: trailers", "grpc-timeout: 200m");
      H2Client.Answer answer = client.data(1, false, HELLO).answer(1);
      assertThat(answer.field("grpc-message")).contains("the server did not answer in time");
    }
  }

  @Test
  void aServerThatDoesNotTakeTheRequestIsToldOfAsThat() throws Exception {
    FramedServer.Script shut =
        new FramedServer.Script() {
          @Override
          public void begin(FramedPeer peer) throws IOException {
            peer.keepWindowsShut();
            peer.settings(4, 2);
          }
        };
    try (FramedServer server = FramedServer.start()) {
      server.play(shut);
      try (RunningGateway gateway = RunningGateway.before("protocol = http2", server.uri())) {
        call(gateway, "100m");
        assertThat(call(gateway, "200m").field("grpc-message"))
            .contains("the request was not sent whole in time");
      }
    }
  }

  private static void isFoundOutInTheEnd(String settings, URI server) throws Exception {
    try (RunningGateway gateway =
        RunningGateway.before("circuit-breaker.consecutive-failures = 1, " + settings, server)) {
      RunningGateway.await(() -> {
        try {
          assertThat(call(gateway, "50m").field("grpc-status")).isIn("4", "14");
        } catch (Exception e) {
          throw new AssertionError(e);
        }
        return gateway.circuit().isOpen();
      });
      assertThat(gateway.records(3).get(0)).contains("\"outcome\":\"expired\"");
    }
  }

  @Test
  void aConnectionOverWhichNothingComesIsFoundOutThoughEachDeadlineIsShort() throws Exception {
    FramedServer.Script dead =
        new FramedServer.Script() {
          @Override
          public void begin(FramedPeer peer) throws IOException {
            peer.settings();
            while (true) {
              peer.next();
            }
          }
        };
    try (FramedServer server = FramedServer.start()) {
      server.play(dead);
      isFoundOutInTheEnd(
          "protocol = http2, response-timeout = 500ms, connect-timeout = 300ms", server.uri());
    }
  }

  @Test
  void aServerToWhomNoConnectionCanBeMadeIsFoundOutThoughEachDeadlineIsShort() throws Exception {
    try (ScriptedServer mute = new ScriptedServer((peer, _) -> peer.in().readAllBytes())) {
      isFoundOutInTheEnd(
          "connect-timeout = 300ms, tls { verify = false }",
          URI.create("https://127.0.0.1:" + mute.uri().getPort()));
    }
  }

  @Test
  void aSlowServerIsAskedSeldomAndIsNotDoubted() throws Exception {
    AtomicInteger pings = new AtomicInteger();
    FramedServer.Script slow =
        new FramedServer.Script() {
          @Override
          public void begin(FramedPeer peer) throws IOException {
            peer.settings();
            while (true) {
              FramedPeer.Frame frame = peer.next();
              if (frame.type() == FramedPeer.PING) {
                pings.incrementAndGet();
                peer.send(FramedPeer.PING, FramedPeer.ACK, 0, frame.payload());
              }
            }
          }
        };
    try (FramedServer server = FramedServer.start()) {
      server.play(slow);
      try (RunningGateway gateway =
          RunningGateway.before(
              "protocol = http2, response-timeout = 300ms,"
                  + " circuit-breaker.consecutive-failures = 1",
              server.uri())) {
        long began = System.nanoTime();
        while (pings.get() < 2) {
          assertThat(call(gateway, "20m").field("grpc-status")).isEqualTo("4");
        }
        assertThat(System.nanoTime() - began).isGreaterThan(600_000_000L);
        assertThat(gateway.circuit().isOpen()).isFalse();
        assertThat(gateway.incidents()).isEmpty();
      }
    }
  }

  @Test
  void aTrialOfTheCircuitThatEndsSoLeavesItToTheNextRequest() throws Exception {
    before(
        "response-timeout = 30s, circuit-breaker.open-for = 2s",
        new Silent(),
        gateway -> {
          gateway.circuit().failed();
          try (RawClient client = gateway.client()) {
            RunningGateway.await(() -> gateway.circuit().nanosToTrial() == 0);
            assertThat(call(gateway, "100m").field("grpc-status")).isEqualTo("4");
            assertThat(gateway.circuit().isOpen()).isTrue();
            assertThat(client.get("/").answer().status()).isEqualTo(200);
            assertThat(gateway.circuit().isOpen()).isFalse();
          }
        });
  }

  @Test
  void aServerThatFailsBetweenMessagesIsToldOfInTrailers() throws Exception {
    try (FramedServer server = FramedServer.start();
        RunningGateway gateway = RunningGateway.before("protocol = http2", server.uri())) {
      server.play(
          new FramedServer.Script() {
            @Override
            public void answer(FramedPeer peer, FramedPeer.Request request, int number)
                throws IOException {
              peer.headers(request.stream(), false, ":status: 200", GRPC);
              peer.data(request.stream(), false, HELLO);
              peer.reset(request.stream(), 2);
            }
          });
      H2Client.Answer answer = call(gateway, "20S");
      assertThat(answer.text()).isEqualTo(HELLO);
      assertThat(answer.trailers()).contains("grpc-status: 14");
      assertThat(answer.trailers().toString())
          .contains("[cause application.http2-error, incident ");
      assertThat(gateway.records(1).getFirst()).contains("\"outcome\":\"truncated\"");
    }
  }

  @Test
  void aConnectionThatIsBeingMadeIsWaitedForNoLonger() throws Exception {
    try (ScriptedServer mute = new ScriptedServer((peer, _) -> peer.in().readAllBytes());
        RunningGateway gateway =
            RunningGateway.before(
                "connect-timeout = 20s, tls { verify = false },"
                    + " circuit-breaker.consecutive-failures = 1",
                URI.create("https://127.0.0.1:" + mute.uri().getPort()))) {
      H2Client.Answer answer = call(gateway, "250m");
      assertThat(answer.field("grpc-status")).isEqualTo("4");
      assertThat(answer.field("grpc-message")).contains("no connection", "not_sent");
      blamesNobody(gateway);
    }
  }
}
