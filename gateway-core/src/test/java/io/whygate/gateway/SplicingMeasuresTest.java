package io.whygate.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.whygate.gateway.telemetry.GatewayState.Splicing;
import io.whygate.gateway.transport.Transport;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What is told of answers that go on within the kernel, and of those that do not.
class SplicingMeasuresTest {
  private static final int SIZE = 8 << 20;

  private static ScriptedServer server() throws Exception {
    return new ScriptedServer((peer, _) -> {
      while (!peer.head().isEmpty()) {
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + SIZE + "\r\n\r\n");
        peer.send("x".repeat(SIZE));
      }
    });
  }

  private static Splicing measured(RunningGateway running) {
    return new GatewayMeasures(running.gateway()).splicing();
  }

  @BeforeEach
  void isOnLinux() {
    assumeTrue(Transport.best() == Transport.EPOLL, "epoll");
  }

  /// A sandbox may not splice: nothing can be measured there then.
  private static void assumeSpliced(RunningGateway running) {
    assumeTrue(measured(running).fallbacks().get("system") == 0, "splice(2)");
  }

  @Test
  void bytesAreCounted() throws Exception {
    try (ScriptedServer server = server();
        RunningGateway running = RunningGateway.before("", server.uri());
        RawClient client = running.client()) {
      assertThat(client.get("/").answer().body()).hasSize(SIZE);
      assumeSpliced(running);
      assertThat(measured(running).bytes()).isBetween(1L, (long) SIZE);
      assertThat(measured(running).fallbacks())
          .allSatisfy((_, count) -> assertThat(count).isZero());
    }
  }

  /// Waits until something went, and no more goes for a while.
  private static void settle(RunningGateway running) throws InterruptedException {
    long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    long before;
    do {
      assumeSpliced(running);
      assertThat(System.nanoTime()).as("the time until it settles").isLessThan(end);
      before = measured(running).bytes();
      Thread.sleep(100);
    } while (before == 0 || measured(running).bytes() > before);
  }

  @Test
  void whatFindsNoPipeIsCounted() throws Exception {
    try (ScriptedServer server = server();
        RunningGateway running =
            RunningGateway.with("event-loops = 1, splice-pipes = 1", "", server.uri());
        // Takes nothing: what is in the pipe stays there.
        RawClient slow = new RawClient(running.address(), 4096);
        RawClient client = running.client()) {
      slow.get("/");
      settle(running);
      assertThat(client.get("/").answer().body()).hasSize(SIZE);
      assertThat(measured(running).fallbacks().get("pipes")).isPositive();
    }
  }

  @Test
  void whatIsSwitchedOffIsNoFallback() throws Exception {
    try (ScriptedServer server = server();
        RunningGateway running = RunningGateway.with("splice-pipes = 0", "", server.uri());
        RawClient client = running.client()) {
      assertThat(client.get("/").answer().body()).hasSize(SIZE);
      assertThat(measured(running).bytes()).isZero();
      assertThat(measured(running).fallbacks())
          .allSatisfy((_, count) -> assertThat(count).isZero());
    }
  }
}
