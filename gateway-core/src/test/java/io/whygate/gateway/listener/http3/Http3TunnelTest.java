package io.whygate.gateway.listener.http3;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http3.Http3ErrorCode;
import io.whygate.faults.Fault;
import io.whygate.faults.FaultyServer;
import io.whygate.gateway.RunningGateway;
import io.whygate.gateway.ScriptedServer;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Other protocols on a stream of HTTP/3, asked for by extended CONNECT (RFC 9220).
class Http3TunnelTest {
  private static final int MIB = 1 << 20;
  private static final String SWITCH =
      "HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
          + "Sec-WebSocket-Accept: x\r\nSec-WebSocket-Protocol: chat\r\n\r\n";

  private static TestSite site;

  private interface Visit {
    void make(H3Client client, RunningGateway gateway, ScriptedServer server) throws Exception;
  }

  @BeforeAll
  static void makeCertificates() throws Exception {
    site = TestSite.make();
  }

  private static void before(ScriptedServer.Script script, String more, Visit visit)
      throws Exception {
    try (ScriptedServer server = new ScriptedServer(script);
        RunningGateway gateway = RunningGateway.before(site.listener(more), "", server.uri());
        H3Client client = site.client().connect(gateway.address())) {
      visit.make(client, gateway, server);
    }
  }

  @Test
  void aWebSocketPassesByExtendedConnect() throws Exception {
    before(
        (peer, _) -> {
          peer.head();
          peer.send(SWITCH + "hi");
          peer.send(new String(peer.in().readNBytes(3)));
        },
        "",
        (client, gateway, server) -> {
          assertThat(client.settings().connectProtocolEnabled()).isTrue();
          H3Client.Call call = client.connect("websocket", "/chat", "sec-websocket-version: 13");
          RunningGateway.await(() -> call.received() == 2);
          assertThat(call.fields()).contains(":status: 200", "sec-websocket-protocol: chat");
          assertThat(call.fields().toString()).doesNotContain("accept", "upgrade");
          call.send("abc".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
          assertThat(call.answer().text()).isEqualTo("hiabc");
          assertThat(call.reset()).isEqualTo(-1);
          assertThat(server.heads().getFirst())
              .startsWith("GET /chat HTTP/1.1\r\n")
              .contains("Upgrade: websocket\r\n", "sec-websocket-key: ");
          call.end();
          assertThat(gateway.records(1).getFirst()).contains("\"status\":101", "\"HTTP/3\"");
        });
  }

  @Test
  void eachDirectionEndsByItself() throws Exception {
    before(
        (peer, _) -> {
          peer.head();
          peer.send(SWITCH);
          int read = peer.in().readAllBytes().length;
          peer.send("got " + read);
        },
        "",
        (client, gateway, server) -> {
          H3Client.Call call = client.connect("websocket", "/").awaitHead();
          call.send(new byte[100_000]).end();
          assertThat(call.answer().text()).isEqualTo("got 100000");
          assertThat(call.reset()).isEqualTo(-1);
          RunningGateway.await(() -> server.open() == 0 && gateway.outstanding() == 0);
        });
  }

  @Test
  void whoTakesNothingHoldsTheOtherSideUp() throws Exception {
    AtomicLong written = new AtomicLong();
    CountDownLatch free = new CountDownLatch(1);
    byte[] piece = new byte[65_536];
    before(
        (peer, _) -> {
          peer.head();
          peer.send(SWITCH);
          Thread.ofVirtual()
              .start(() -> {
                try {
                  for (int i = 0; i < 32 * 16; i++) {
                    peer.socket().getOutputStream().write(piece);
                    written.addAndGet(piece.length);
                  }
                } catch (java.io.IOException e) {
                  throw new AssertionError(e);
                }
              });
          free.await();
          long read = peer.in().transferTo(java.io.OutputStream.nullOutputStream());
          RunningGateway.await(() -> written.get() == 32L * MIB);
          peer.send("got " + read);
        },
        "",
        (client, _, _) -> {
          H3Client.Call call = client.connect("websocket", "/").awaitHead().takes(false);
          int sent = 0;
          while (sent < 48 * MIB && call.sends(piece, 1000)) {
            sent += piece.length;
          }
          assertThat(sent).isLessThan(40 * MIB);
          assertThat(written.get()).isLessThan(24L * MIB);
          free.countDown();
          call.takes(true).end();
          String last = "got " + (sent + piece.length);
          RunningGateway.await(() -> call.received() == 32 * MIB + last.length());
          assertThat(call.answer().text()).endsWith(last);
        });
  }

  @Test
  void aTunnelInWhichNothingPassesIsGivenUp() throws Exception {
    before(
        (peer, _) -> {
          peer.head();
          peer.send(SWITCH);
          for (int i = 0; i < 10; i++) {
            peer.send(".");
            Thread.sleep(100);
          }
          peer.in().readAllBytes();
        },
        "timeouts { tunnel = 600ms }, http3.cancel-check = 10ms",
        (client, gateway, server) -> {
          H3Client.Call call = client.connect("websocket", "/").answer();
          assertThat(call.reset()).isEqualTo(Http3ErrorCode.H3_REQUEST_CANCELLED.code());
          assertThat(call.text()).isEqualTo("..........");
          RunningGateway.await(() -> server.open() == 0 && gateway.outstanding() == 0);
        });
  }

  @Test
  void aSideThatBreaksOffBreaksTheOtherOff() throws Exception {
    CountDownLatch free = new CountDownLatch(1);
    before(
        (peer, number) -> {
          peer.head();
          peer.send(SWITCH);
          if (number == 1) {
            peer.in().readAllBytes();
          } else {
            free.await();
            peer.socket().setSoLinger(true, 0);
          }
        },
        "",
        (client, gateway, server) -> {
          client
              .connect("websocket", "/")
              .awaitHead()
              .reset(Http3ErrorCode.H3_REQUEST_CANCELLED.code());
          RunningGateway.await(() -> server.accepted() == 1 && server.open() == 0);
          H3Client.Call second = client.connect("websocket", "/").awaitHead();
          free.countDown();
          assertThat(second.answer().reset()).isEqualTo(Http3ErrorCode.H3_REQUEST_CANCELLED.code());
          RunningGateway.await(() -> gateway.outstanding() == 0);
        });
  }

  @Test
  void aServerThatDoesNotSwitchIsHeard() throws Exception {
    before(
        (peer, _) -> {
          String head = peer.head();
          String status = head.contains("/other") ? "403 Forbidden" : "200 OK";
          peer.send("HTTP/1.1 " + status + "\r\nContent-Length: 2\r\n\r\nno");
        },
        "",
        (client, _, _) -> {
          for (String path : Arrays.asList("/", "/other")) {
            H3Client.Call call = client.connect("websocket", path).answer();
            assertThat(call.status()).isEqualTo(path.equals("/") ? 501 : 403);
            assertThat(call.text()).isEqualTo("no");
          }
        });
  }

  @Test
  void aHandshakeThatFailedIsExplained() throws Exception {
    try (FaultyServer closed = FaultyServer.start();
        RunningGateway gateway = RunningGateway.before(site.listener(""), "", closed.uri());
        H3Client client = site.client().connect(gateway.address())) {
      closed.fault(new Fault.NothingListens());
      H3Client.Call call = client.connect("websocket", "/").answer();
      assertThat(call.status()).isEqualTo(502);
      assertThat(call.field("whygate-cause")).isEqualTo("server.port-closed");
    }
  }
}
