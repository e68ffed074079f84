package io.whygate.gateway.listener.http3;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http3.Http3ErrorCode;
import io.whygate.gateway.RunningGateway;
import io.whygate.gateway.ScriptedServer;
import io.whygate.gateway.listener.client.Abuse;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// Clients of HTTP/3 that feed each time-out byte by byte are given up; those that are only slow,
/// or kept waiting, are not.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class Http3RatesTest {
  private static final Duration STEP = Duration.ofMillis(40);

  /// Twice as long as a client may be slower at first.
  private static final Duration LONG = Duration.ofMillis(1200);

  private static final int LARGE = 4_000_000;

  /// Until when the server takes no content at `/hold`.
  private final CountDownLatch released = new CountDownLatch(1);

  private TestSite site;
  private ScriptedServer server;
  private RunningGateway gateway;

  @BeforeAll
  void start() throws Exception {
    site = TestSite.make();
    server = new ScriptedServer((peer, _) -> serve(peer));
    gateway =
        RunningGateway.before(
            site.listener("limits.rates { body = 1000B, send = 1000B, grace = 600ms }"),
            "",
            server.uri());
  }

  @AfterAll
  void stop() throws Exception {
    released.countDown();
    gateway.close();
    server.close();
  }

  private void serve(ScriptedServer.Peer peer) throws IOException, InterruptedException {
    for (String head = peer.head(); !head.isEmpty(); head = peer.head()) {
      if (head.contains("/large")) {
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + LARGE + "\r\n\r\n");
        peer.send("x".repeat(LARGE));
      } else if (head.contains("/hold")) {
        released.await();
      } else if (head.contains("/slow")) {
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no");
        pause(LONG);
        peer.send("k");
      } else {
        int at = head.indexOf("ength: ");
        int length =
            at < 0 ? 0 : Integer.parseInt(head.substring(at + 7).lines().findFirst().get());
        peer.in().readNBytes(length);
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
      }
    }
  }

  private static void pause(Duration time) {
    LockSupport.parkNanos(time.toNanos());
  }

  /// Does something over and over until the gateway has counted it.
  private static void untilCounted(RunningGateway gateway, Abuse kind, Runnable step) {
    long before = gateway.abuses(kind);
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (gateway.abuses(kind) == before) {
      assertThat(System.nanoTime() - end).as("counted in time").isNegative();
      step.run();
      pause(STEP);
    }
  }

  @Test
  void contentThatDripsIsRefusedWhileOthersOfItsConnectionAreServed() throws Exception {
    try (H3Client client = site.client().connect(gateway.address())) {
      H3Client.Call drips = client.post("/", "content-length: 100000");
      untilCounted(gateway, Abuse.BODY_RATE, () -> drips.send(new byte[1]));
      assertThat(drips.answer().status()).isEqualTo(408);
      assertThat(client.get("/").answer().text()).isEqualTo("ok");
    }
  }

  @Test
  void requestsOfOneConnectionAreFastEnoughTogether() throws Exception {
    long before = gateway.abuses(Abuse.BODY_RATE);
    try (H3Client client = site.client().connect(gateway.address())) {
      H3Client.Call waits = client.post("/", "content-length: 1");
      H3Client.Call goes = client.post("/", "content-length: 120000");
      for (int i = 0; i < 30; i++) {
        goes.send(new byte[4000]);
        pause(STEP);
      }
      assertThat(goes.answer().status()).isEqualTo(200);
      assertThat(waits.send(new byte[1]).answer().status()).isEqualTo(200);
      assertThat(gateway.abuses(Abuse.BODY_RATE)).isEqualTo(before);
    }
  }

  /// A request whose content the server does not take, as much as there is room for: until none is
  /// taken any more for a while.
  private static H3Client.Call held(H3Client client) {
    H3Client.Call held = client.post("/hold", "content-length: 1000000000");
    for (int refused = 0; refused < 4; ) {
      refused = held.sends(new byte[65_536], 200) ? 0 : refused + 1;
    }
    return held;
  }

  /// One whose connections have room where some of their requests have none: it does not know.
  private RunningGateway roomy() throws Exception {
    return RunningGateway.before(
        site.listener(
            "limits.rates { body = 1000B, grace = 600ms }, http3 { connection-window = 256MiB }"),
        "",
        server.uri());
  }

  @Test
  void aServerThatTakesNothingOfAnotherRequestIsNoExcuse() throws Exception {
    try (H3Client client = site.client().connect(gateway.address())) {
      H3Client.Call held = held(client);
      H3Client.Call drips = client.post("/", "content-length: 100000");
      untilCounted(gateway, Abuse.BODY_RATE, () -> drips.send(new byte[1]));
      assertThat(drips.answer().status()).isEqualTo(408);
      assertThat(held.reset()).isEqualTo(-1);
    }
  }

  @Test
  void severalThatTakeNothingAreNoneForWhatDrips() throws Exception {
    try (RunningGateway roomy = roomy();
        H3Client client = site.client().connect(roomy.address())) {
      held(client);
      held(client);
      H3Client.Call drips = client.post("/", "content-length: 100000");
      untilCounted(roomy, Abuse.BODY_RATE, () -> drips.send(new byte[1]));
      assertThat(drips.answer().status()).isEqualTo(408);
    }
  }

  @Test
  void whoMayHaveNoRoomToSendIsNotTooSlow() throws Exception {
    try (RunningGateway roomy = roomy();
        H3Client client = site.client().connect(roomy.address())) {
      held(client);
      held(client);
      H3Client.Call waits = client.post("/", "content-length: 1");
      pause(LONG);
      assertThat(waits.send(new byte[1]).answer().status()).isEqualTo(200);
      assertThat(roomy.abuses(Abuse.BODY_RATE)).isZero();
    }
  }

  @Test
  void messagesOfGrpcComeWhenThereIsSomethingToSay() throws Exception {
    long before = gateway.abuses(Abuse.BODY_RATE);
    try (H3Client client = site.client().connect(gateway.address())) {
      H3Client.Call call = client.post("/", "content-type: application/grpc", "content-length: 2");
      call.send(new byte[1]);
      pause(LONG);
      assertThat(call.send(new byte[1]).answer().text()).isEqualTo("ok");
      assertThat(gateway.abuses(Abuse.BODY_RATE)).isEqualTo(before);
    }
  }

  @Test
  void whoTakesAnAnswerTooSlowlyIsGivenUp() throws Exception {
    try (RunningGateway strict =
            RunningGateway.before(
                site.listener("limits.rates { send = 1MiB, grace = 300ms }"), "", server.uri());
        H3Client client = site.client().streamWindow(4096).connect(strict.address())) {
      H3Client.Call call = client.get("/large").awaitHead().takes(false);
      untilCounted(strict, Abuse.SEND_RATE, call::takesSome);
      assertThat(call.takes(true).answer().reset())
          .isEqualTo(Http3ErrorCode.H3_REQUEST_CANCELLED.code());
      RunningGateway.await(() -> strict.outstanding() == 0);
    }
  }

  @Test
  void whoTakesALittleAtATimeButFastEnoughGetsAll() throws Exception {
    long before = gateway.abuses(Abuse.SEND_RATE);
    try (H3Client client = site.client().streamWindow(4096).connect(gateway.address())) {
      H3Client.Call call = client.get("/large").awaitHead().takes(false);
      for (int i = 0; i < LONG.dividedBy(STEP); i++) {
        call.takesSome();
        pause(STEP);
      }
      assertThat(call.takes(true).answer().received()).isEqualTo(LARGE);
      assertThat(gateway.abuses(Abuse.SEND_RATE)).isEqualTo(before);
    }
  }

  @Test
  void aServerThatIsSlowIsNotTheClientsFault() throws Exception {
    long before = gateway.abuses(Abuse.SEND_RATE);
    try (H3Client client = site.client().connect(gateway.address())) {
      assertThat(client.get("/slow").answer().text()).isEqualTo("ok");
      assertThat(gateway.abuses(Abuse.SEND_RATE)).isEqualTo(before);
    }
  }
}
