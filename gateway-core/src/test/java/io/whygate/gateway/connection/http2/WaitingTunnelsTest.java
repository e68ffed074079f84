package io.whygate.gateway.connection.http2;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.faults.http2.FramedPeer;
import io.whygate.faults.http2.FramedServer;
import io.whygate.gateway.RawClient;
import io.whygate.gateway.RunningGateway;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/// WebSockets that wait for a server's SETTINGS, on a connection that carries other requests: of
/// what was not sent the server hears nothing, and numbers of streams only rise.
class WaitingTunnelsTest {
  private static final String UPGRADE =
      "GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
          + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

  /// A server that is asked to begin before it does, and keeps what it reads. It answers plain
  /// requests whole, and tunnels by a head.
  private static final class Hesitant implements FramedServer.Script {
    private final CountDownLatch begins = new CountDownLatch(1);
    private final List<FramedPeer.Frame> frames = new CopyOnWriteArrayList<>();

    @Override
    public void begin(FramedPeer peer) throws IOException {
      CountDownLatch begun = new CountDownLatch(1);
      Thread.ofVirtual()
          .start(() -> {
            try {
              begins.await();
              peer.settings(8, 1);
              begun.countDown();
            } catch (IOException e) {
              // A probe that has gone.
            } catch (InterruptedException e) {
              throw new AssertionError(e);
            }
          });
      while (true) {
        FramedPeer.Frame frame = peer.next();
        frames.add(frame);
        try {
          answer(peer, frame, begun);
        } catch (InterruptedException e) {
          throw new AssertionError(e);
        }
      }
    }

    private static void answer(FramedPeer peer, FramedPeer.Frame frame, CountDownLatch begun)
        throws IOException, InterruptedException {
      if (frame.type() == FramedPeer.PING) {
        begun.await();
        peer.send(FramedPeer.PING, FramedPeer.ACK, 0, frame.payload());
      } else if (frame.type() == FramedPeer.HEADERS
          && (frame.flags() & FramedPeer.END_STREAM) != 0) {
        begun.await();
        peer.ok(frame.stream());
      } else if (frame.type() == FramedPeer.HEADERS) {
        begun.await();
        peer.headers(frame.stream(), false, ":status: 200");
      }
    }

    List<Integer> streams(int type) {
      return frames.stream()
          .filter(each -> each.type() == type)
          .map(FramedPeer.Frame::stream)
          .toList();
    }
  }

  private interface Visit {
    void make(RunningGateway gateway, RawClient socket, Hesitant script) throws Exception;
  }

  /// Pays a visit while a WebSocket waits.
  private static void whileOneWaits(String settings, Visit visit) throws Exception {
    Hesitant script = new Hesitant();
    try (FramedServer server = FramedServer.start()) {
      server.play(script);
      try (RunningGateway gateway =
              RunningGateway.before("protocol = http2, " + settings, server.uri());
          RawClient socket = gateway.client()) {
        socket.send(UPGRADE);
        RunningGateway.await(() -> !script.streams(FramedPeer.SETTINGS).isEmpty());
        visit.make(gateway, socket, script);
        assertThat(script.streams(FramedPeer.RST_STREAM)).isEmpty();
      }
    }
  }

  private static void othersAreServed(RunningGateway gateway) throws Exception {
    try (RawClient other = gateway.client()) {
      assertThat(other.get("/").answer().body()).isEqualTo("ok");
    }
  }

  /// That other requests went over the same connection.
  private static void sharesItsConnection(RunningGateway gateway, Hesitant script) {
    assertThat(gateway.records(2).toString()).contains("\"reused\":true");
    assertThat(script.streams(FramedPeer.HEADERS)).isSorted();
  }

  @Test
  void oneWhoseClientLeavesIsNotReset() throws Exception {
    whileOneWaits(
        "",
        (gateway, socket, script) -> {
          socket.close();
          RunningGateway.await(() -> gateway.outstanding() == 0);
          script.begins.countDown();
          othersAreServed(gateway);
          sharesItsConnection(gateway, script);
        });
  }

  @Test
  void oneThatWaitsForTooLongIsNotReset() throws Exception {
    whileOneWaits(
        "response-timeout = 300ms",
        (gateway, socket, script) -> {
          assertThat(socket.answer().status()).isEqualTo(504);
          script.begins.countDown();
          RunningGateway.await(() -> !script.streams(FramedPeer.PING).isEmpty());
          othersAreServed(gateway);
        });
  }

  @Test
  void oneThatOthersOvertakeGetsAHigherNumber() throws Exception {
    whileOneWaits(
        "",
        (gateway, socket, script) -> {
          try (RawClient other = gateway.client()) {
            other.get("/");
            RunningGateway.await(() -> !script.streams(FramedPeer.HEADERS).isEmpty());
            script.begins.countDown();
            assertThat(other.answer().body()).isEqualTo("ok");
          }
          assertThat(socket.answer().status()).isEqualTo(101);
          assertThat(script.streams(FramedPeer.HEADERS)).isSorted().hasSize(2);
        });
  }
}
