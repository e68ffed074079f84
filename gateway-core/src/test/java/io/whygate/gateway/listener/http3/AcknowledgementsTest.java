package io.whygate.gateway.listener.http3;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.gateway.RunningGateway;
import io.whygate.gateway.ScriptedServer;
import io.whygate.gateway.listener.client.Abuse;
import io.whygate.gateway.listener.http3.Acknowledgements.Path;
import java.io.IOException;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class AcknowledgementsTest {
  private static final int LARGE = 8 << 20;
  private static final long LEAST = 500;
  private static final long LATE = Duration.ofSeconds(11).toNanos();

  /// A path of which this was seen, look by look.
  private static boolean isUnacknowledged(Path... looks) {
    return Stream.of(looks)
        .reduce((seen, now) -> seen.then(now, LEAST))
        .orElseThrow()
        .isUnacknowledged();
  }

  private static Path path(long sent, long roundTrip, long rate) {
    return new Path(sent, roundTrip, rate, 0);
  }

  @Test
  void nothingChangesTwiceInARow() {
    assertThat(isUnacknowledged(path(0, 70, 9), path(500, 70, 9), path(1000, 70, 9))).isTrue();
  }

  @Test
  void onceMayBeChance() {
    assertThat(isUnacknowledged(path(0, 70, 9), path(500, 70, 9))).isFalse();
    assertThat(
            isUnacknowledged(
                path(0, 70, 9), path(500, 70, 9), path(1000, 71, 9), path(1500, 71, 9)))
        .isFalse();
  }

  @Test
  void eitherIsASign() {
    assertThat(isUnacknowledged(path(0, 70, 9), path(500, 71, 9), path(1000, 72, 9))).isFalse();
    assertThat(isUnacknowledged(path(0, 70, 9), path(500, 70, 8), path(1000, 70, 7))).isFalse();
  }

  @Test
  void fewPacketsTellNothing() {
    assertThat(isUnacknowledged(path(0, 70, 9), path(400, 70, 9), path(499, 70, 9))).isFalse();
    assertThat(isUnacknowledged(path(0, 70, 9), path(499, 70, 9), path(998, 70, 9))).isFalse();
    assertThat(
            isUnacknowledged(path(0, 70, 9), path(499, 70, 9), path(998, 70, 9), path(1498, 70, 9)))
        .isTrue();
  }

  @Test
  void whatComesFarTooLateIsNoSign() {
    assertThat(isUnacknowledged(path(0, LATE, 9), path(500, LATE + 1, 8), path(1000, LATE + 2, 7)))
        .isTrue();
  }

  /// More packets by the second than are allowed without a sign, over several looks.
  @Test
  void whoTakesLargeAnswersGoesOn() throws Exception {
    TestSite site = TestSite.make();
    try (ScriptedServer server = new ScriptedServer((peer, _) -> serve(peer));
        RunningGateway gateway =
            RunningGateway.before(site.listener("http3.unacknowledged = 1000"), "", server.uri());
        H3Client client = site.client().connect(gateway.address())) {
      long began = System.nanoTime();
      int answers = 0;
      while (System.nanoTime() - began < Duration.ofSeconds(4).toNanos() || answers < 4) {
        H3Client.Call call = client.get("/").answer();
        assertThat(call.status()).isEqualTo(200);
        assertThat(call.received()).isEqualTo(LARGE);
        answers++;
      }
      assertThat(gateway.abuses(Abuse.UNACKNOWLEDGED)).isZero();
    }
  }

  private static void serve(ScriptedServer.Peer peer) throws IOException {
    String body = "x".repeat(LARGE);
    while (!peer.head().isEmpty()) {
      peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + LARGE + "\r\n\r\n" + body);
    }
  }
}
