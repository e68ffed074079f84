package io.whygate.gateway.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.gateway.RawClient;
import io.whygate.gateway.RunningGateway;
import io.whygate.gateway.ScriptedServer;
import io.whygate.gateway.http2.ErrorCode;
import io.whygate.gateway.http2.Frames;
import io.whygate.gateway.listener.client.Abuse;
import io.whygate.gateway.listener.http2.H2Client;
import java.io.IOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// Clients that feed each time-out byte by byte are given up; those that are only slow, or kept
/// waiting, are not.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LeastRatesTest {
  private static final String POST = "POST %s HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n";
  private static final Duration STEP = Duration.ofMillis(40);

  /// Twice as long as a client may be slower at first.
  private static final Duration LONG = Duration.ofMillis(1200);

  private static final int LARGE = 8_000_000;

  private ScriptedServer server;
  private RunningGateway gateway;

  @BeforeAll
  void start() throws Exception {
    server = new ScriptedServer((peer, _) -> serve(peer));
    gateway =
        RunningGateway.before(
            "limits.rates { body = 1000B, send = 1000B, grace = 600ms }", "", server.uri());
  }

  @AfterAll
  void stop() throws Exception {
    gateway.close();
    server.close();
  }

  private static void serve(ScriptedServer.Peer peer) throws IOException {
    for (String head = peer.head(); !head.isEmpty(); head = peer.head()) {
      if (head.contains("/large")) {
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + LARGE + "\r\n\r\n");
        peer.send("x".repeat(LARGE));
      } else if (head.contains("/early")) {
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nearly");
        peer.in().readAllBytes();
      } else if (head.contains("/hold")) {
        peer.in().readAllBytes();
      } else if (head.contains("/events")) {
        peer.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n");
        pause(LONG);
        peer.send("data: 2\n\n");
        return;
      } else if (head.contains("/upgrade")) {
        peer.send("HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n");
        peer.in().transferTo(peer.socket().getOutputStream());
      } else {
        if (head.contains("/late")) {
          pause(LONG);
        }
        peer.in().readNBytes(length(head));
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
      }
    }
  }

  private static int length(String head) {
    return head.lines()
        .filter(each -> each.toLowerCase(Locale.ROOT).startsWith("content-length: "))
        .mapToInt(each -> Integer.parseInt(each.substring(16).strip()))
        .findFirst()
        .orElse(0);
  }

  private static void pause(Duration time) {
    LockSupport.parkNanos(time.toNanos());
  }

  private interface Step {
    void play() throws IOException;
  }

  /// Does something over and over until the gateway has counted it.
  private void untilCounted(Abuse kind, Step step) throws IOException {
    untilCounted(gateway, kind, step);
  }

  private static void untilCounted(RunningGateway gateway, Abuse kind, Step step)
      throws IOException {
    long before = gateway.abuses(kind);
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (gateway.abuses(kind) == before) {
      assertThat(System.nanoTime() - end).as("counted in time").isNegative();
      try {
        step.play();
      } catch (SocketException e) {
        // It was counted, and the connection ended.
      }
      pause(STEP);
    }
    RunningGateway.await(() -> gateway.outstanding() == 0);
  }

  /// One that what a connection holds at first does not earn much time with.
  private RunningGateway strict() throws Exception {
    return RunningGateway.before("limits.rates { send = 1MiB, grace = 300ms }", "", server.uri());
  }

  @Test
  void contentThatDripsIsRefused() throws Exception {
    try (RawClient client = gateway.client()) {
      client.send(POST.formatted("/", 100_000));
      untilCounted(Abuse.BODY_RATE, () -> client.send("x"));
      RawClient.Answer answer = client.answer();
      assertThat(answer.status()).isEqualTo(408);
      assertThat(answer.field("Connection")).isEqualTo("close");
    }
  }

  @Test
  void contentThatDripsInChunksAfterOthersWereFastIsRefusedToo() throws Exception {
    try (RawClient client = gateway.client()) {
      client.send(POST.formatted("/", 5000) + "x".repeat(5000));
      assertThat(client.answer().status()).isEqualTo(200);
      client.send("POST /hold HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
      untilCounted(Abuse.BODY_RATE, () -> client.send("1\r\nx\r\n"));
      assertThat(client.answer().status()).isEqualTo(408);
    }
  }

  @Test
  void anAnswerThatHasBegunIsBrokenOffWhereTheContentDrips() throws Exception {
    try (RawClient client = gateway.client()) {
      client.send(POST.formatted("/early", 100_000));
      client.send("x");
      assertThat(client.bytes(15)).isEqualTo("HTTP/1.1 200 OK");
      untilCounted(Abuse.BODY_RATE, () -> client.send("x"));
      assertThat(isCutOff(client)).isTrue();
    }
  }

  private static boolean isCutOff(RawClient client) {
    try {
      client.in().readAllBytes();
      return true;
    } catch (SocketException e) {
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void whoTakesAnAnswerByTheByteIsGivenUp() throws Exception {
    try (RunningGateway strict = strict();
        RawClient client = new RawClient(strict.address(), 4096)) {
      client.get("/large");
      untilCounted(strict, Abuse.SEND_RATE, () -> client.in().read());
    }
  }

  @Test
  void contentThatDripsOverHttp2IsRefusedWhileOthersOfItsConnectionAreServed() throws Exception {
    try (H2Client client = H2Client.begun(gateway.address())) {
      client.post(1, "/", "content-length: 100000");
      untilCounted(Abuse.BODY_RATE, () -> client.data(1, false, "x"));
      assertThat(client.answer(1).status()).isEqualTo(408);
      client.get(3, "/");
      assertThat(client.answer(3).text()).isEqualTo("ok");
    }
  }

  @Test
  void messagesOfGrpcComeWhenThereIsSomethingToSay() throws Exception {
    long before = gateway.abuses(Abuse.BODY_RATE);
    try (H2Client client = H2Client.begun(gateway.address())) {
      client.post(1, "/", "content-type: application/grpc", "content-length: 2");
      client.data(1, false, "x");
      pause(LONG);
      client.data(1, true, "x");
      assertThat(client.answer(1).text()).isEqualTo("ok");
      assertThat(gateway.abuses(Abuse.BODY_RATE)).isEqualTo(before);
    }
  }

  @Test
  void aWindowThatOpensByTheByteEndsItsStream() throws Exception {
    try (H2Client client =
        H2Client.begun(gateway.address(), Frames.SETTING_INITIAL_WINDOW_SIZE, 1)) {
      client.get(1, "/large");
      untilCounted(Abuse.SEND_RATE, () -> client.widen(1, 1));
      assertThat(client.next(Frames.RST_STREAM).error()).isEqualTo(ErrorCode.CANCEL.number());
      client.roundTrip();
    }
  }

  @Test
  void aWindowOfTheConnectionThatOpensByTheByteEndsIt() throws Exception {
    try (RunningGateway strict = strict();
        H2Client client =
            H2Client.begun(
                strict.address(), Frames.SETTING_INITIAL_WINDOW_SIZE, Integer.MAX_VALUE)) {
      client.get(1, "/large");
      untilCounted(strict, Abuse.SEND_RATE, () -> client.widen(0, 1));
      assertThat(client.next(Frames.GOAWAY).error())
          .isEqualTo(ErrorCode.ENHANCE_YOUR_CALM.number());
      assertThat(client.isEnded()).isTrue();
    }
  }

  @Test
  void whoIsSlowButFastEnoughIsServed() throws Exception {
    try (RawClient client = gateway.client();
        H2Client second = H2Client.begun(gateway.address())) {
      int pieces = 40;
      int size = 400;
      client.send(POST.formatted("/", pieces * size));
      second.post(1, "/", "content-length: " + pieces * size);
      for (int i = 1; i <= pieces; i++) {
        client.send("x".repeat(size));
        second.data(1, i == pieces, "x".repeat(size));
        pause(STEP);
      }
      assertThat(client.answer().status()).isEqualTo(200);
      assertThat(second.answer(1).status()).isEqualTo(200);
    }
  }

  @Test
  void requestsWhoseContentComesOneAfterTheOtherAreServed() throws Exception {
    try (H2Client client = H2Client.begun(gateway.address())) {
      client.post(1, "/", "content-length: 64000").post(3, "/", "content-length: 4");
      for (int i = 1; i <= 40; i++) {
        client.data(1, i == 40, "x".repeat(1600));
        pause(STEP);
      }
      client.data(3, true, "last");
      assertThat(client.answer(3).status()).isEqualTo(200);
    }
  }

  @Test
  void whoIsKeptWaitingIsNotTooSlow() throws Exception {
    long bodies = gateway.abuses(Abuse.BODY_RATE);
    long answers = gateway.abuses(Abuse.SEND_RATE);
    try (RawClient uploads = gateway.client();
        RawClient polls = gateway.client();
        RawClient events = gateway.client();
        RawClient tunnel = gateway.client();
        H2Client second = H2Client.begun(gateway.address())) {
      // More than the gateway and the sockets hold, and the server does not read yet.
      Thread upload =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  uploads.send(POST.formatted("/late", LARGE) + "x".repeat(LARGE));
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              });
      polls.get("/late");
      events.get("/events");
      tunnel.send(
          "GET /upgrade HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n");
      second.get(1, "/events");
      second.get(3, "/late");
      assertThat(tunnel.answer().status()).isEqualTo(101);
      pause(LONG);
      assertThat(tunnel.send("ping").bytes(4)).isEqualTo("ping");
      assertThat(uploads.answer().status()).isEqualTo(200);
      assertThat(polls.answer().status()).isEqualTo(200);
      assertThat(events.answer().body()).isEqualTo("data: 1\n\ndata: 2\n\n");
      assertThat(second.answer(1).text()).isEqualTo("data: 1\n\ndata: 2\n\n");
      second.get(5, "/");
      assertThat(second.answer(5).text()).isEqualTo("ok");
      upload.join();
    }
    assertThat(gateway.abuses(Abuse.BODY_RATE)).isEqualTo(bodies);
    assertThat(gateway.abuses(Abuse.SEND_RATE)).isEqualTo(answers);
  }

  @Test
  void whereNoRateIsAskedContentMayDrip() throws Exception {
    try (RunningGateway patient =
            RunningGateway.before(
                "limits.rates { body = 0, send = 0, grace = 100ms }", "", server.uri());
        RawClient client = patient.client()) {
      client.send(POST.formatted("/", 20));
      for (int i = 0; i < 20; i++) {
        client.send("x");
        pause(STEP);
      }
      assertThat(client.answer().status()).isEqualTo(200);
      assertThat(patient.abuses(Abuse.BODY_RATE)).isZero();
    }
  }
}
