package io.whygate.gateway.listener.http2;

import static io.whygate.gateway.listener.http2.H2Client.request;
import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.faults.Fault;
import io.whygate.faults.FaultyServer;
import io.whygate.gateway.RunningGateway;
import io.whygate.gateway.ScriptedServer;
import io.whygate.gateway.http2.ErrorCode;
import io.whygate.gateway.http2.Frames;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/// What passes between a client of HTTP/2 and a server of HTTP/1.1, and how each learns of the
/// other's end.
class Http2ExchangeTest {
  private static final int MIB = 1 << 20;

  private interface Visit {
    void make(H2Client client, RunningGateway gateway, ScriptedServer server) throws Exception;
  }

  private static void before(ScriptedServer.Script script, String listener, Visit visit)
      throws Exception {
    try (ScriptedServer server = new ScriptedServer(script);
        RunningGateway gateway = RunningGateway.before(listener, "", server.uri());
        H2Client client = H2Client.begun(gateway.address())) {
      visit.make(client, gateway, server);
    }
  }

  private static ScriptedServer.Script saying(String answer) {
    return (peer, _) -> {
      while (!peer.head().isEmpty()) {
        peer.send(answer.replace("|", "\r\n"));
      }
    };
  }

  @Test
  void theServerSeesAnOrdinaryRequest() throws Exception {
    before(
        saying("HTTP/1.1 200 OK|Content-Length: 0||"),
        "",
        (client, gateway, server) -> {
          client.get(1, "/a?b=c", "cookie: a=1", "x-thing: 1", "cookie: b=2", "te: trailers");
          assertThat(client.answer(1).status()).isEqualTo(200);
          assertThat(server.heads().getFirst())
              .startsWith("GET /a?b=c HTTP/1.1\r\nHost: test\r\n")
              .contains("cookie: a=1; b=2\r\n", "x-thing: 1\r\n", "Via: 2.0 whygate\r\n")
              .contains("X-Forwarded-Proto: http\r\n")
              .doesNotContain("te: ", ":method", "chunked");
          assertThat(gateway.records(1).getFirst()).contains("\"protocol\":\"HTTP/2\"");
        });
  }

  @Test
  void fieldsOfOneHopDoNotReachTheClient() throws Exception {
    before(
        saying(
            "HTTP/1.1 200 OK|Connection: X-Hop|X-Hop: 1|Keep-Alive: 5|Upgrade: h2c|X-End: 1|"
                + "Transfer-Encoding: chunked||2|ok|0||"),
        "",
        (client, _, _) -> {
          client.get(1, "/");
          H2Client.Answer answer = client.answer(1);
          assertThat(answer.fields()).contains(":status: 200", "x-end: 1");
          assertThat(answer.fields().toString())
              .doesNotContain("hop", "keep-alive", "upgrade", "transfer-encoding", "connection");
          assertThat(answer.text()).isEqualTo("ok");
        });
  }

  @Test
  void trailersPassBothWays() throws Exception {
    ScriptedServer.Script script =
        (peer, _) -> {
          peer.head();
          StringBuilder content = new StringBuilder();
          while (!content.toString().endsWith("\r\n\r\n")) {
            content.append((char) peer.in().read());
          }
          peer.send(
              "HTTP/1.1 200 OK\r\nContent-Type: application/grpc\r\nTransfer-Encoding: chunked\r\n\r\n"
                  + "1\r\nx\r\n0\r\ngrpc-status: 0\r\nX-Got: "
                  + content.toString().replace("\r\n", "|")
                  + "\r\n\r\n");
        };
    before(
        script,
        "",
        (client, _, _) -> {
          client.post(1, "/", "content-type: application/grpc", "te: trailers");
          client.data(1, false, "hello").headers(1, true, "x-sum: 5");
          H2Client.Answer answer = client.answer(1);
          assertThat(answer.text()).isEqualTo("x");
          assertThat(answer.trailers())
              .containsExactly("grpc-status: 0", "x-got: 5|hello|0|x-sum: 5||");
        });
  }

  @Test
  void interimAnswersPass() throws Exception {
    ScriptedServer.Script script =
        (peer, _) -> {
          peer.head();
          peer.send("HTTP/1.1 100 Continue\r\n\r\n");
          peer.in().readNBytes(2);
          peer.send("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
          peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        };
    before(
        script,
        "",
        (client, _, _) -> {
          client.post(1, "/", "expect: 100-continue", "content-length: 2");
          H2Client.Frame interim = client.next(Frames.HEADERS);
          assertThat(client.decode(interim)).containsExactly(":status: 100");
          client.data(1, true, "hi");
          H2Client.Answer answer = client.answer(1);
          assertThat(answer.interim()).containsExactly(List.of(":status: 103", "link: </a>"));
          assertThat(answer.text()).isEqualTo("ok");
        });
  }

  @Test
  void answersWithoutContentEndWithTheirHead() throws Exception {
    before(
        (peer, _) -> {
          for (String head = peer.head(); !head.isEmpty(); head = peer.head()) {
            peer.send(
                head.startsWith("HEAD")
                    ? "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"
                    : head.startsWith("GET /none")
                        ? "HTTP/1.1 204 No Content\r\n\r\n"
                        : "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n");
          }
        },
        "",
        (client, _, _) -> {
          client.headers(1, true, request("HEAD", "/"));
          H2Client.Frame head = client.next(Frames.HEADERS);
          assertThat(head.ends()).isTrue();
          assertThat(client.decode(head)).contains(":status: 200", "content-length: 9");
          client.get(3, "/none");
          assertThat(client.next(Frames.HEADERS).ends()).isTrue();
          client.get(5, "/");
          assertThat(client.next(Frames.HEADERS).ends()).isTrue();
        });
  }

  @Test
  void anAnswerThatBreaksOffIsReset() throws Exception {
    before(
        (peer, _) -> {
          peer.head();
          peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart");
        },
        "",
        (client, _, _) -> {
          client.get(1, "/");
          H2Client.Answer answer = client.answer(1);
          assertThat(answer.status()).isEqualTo(200);
          assertThat(answer.reset()).isEqualTo(ErrorCode.INTERNAL_ERROR.number());
        });
  }

  @Test
  void aFailedRequestIsAnsweredWithAPage() throws Exception {
    try (FaultyServer closed = FaultyServer.start();
        RunningGateway gateway = RunningGateway.before("", closed.uri());
        H2Client client = H2Client.begun(gateway.address())) {
      closed.fault(new Fault.NothingListens());
      client.get(1, "/", "accept: text/html");
      H2Client.Answer answer = client.answer(1);
      assertThat(answer.status()).isEqualTo(502);
      assertThat(answer.field("whygate-cause")).isEqualTo("server.port-closed");
      assertThat(answer.text()).contains("data-cause=\"server.port-closed\"");
    }
  }

  @Test
  void aClientThatTakesNothingHoldsTheServerUpAndNothingElse() throws Exception {
    AtomicLong written = new AtomicLong();
    before(
        (peer, _) -> {
          for (String head = peer.head(); !head.isEmpty(); head = peer.head()) {
            if (head.contains("/small")) {
              peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
              continue;
            }
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + 64 * MIB + "\r\n\r\n");
            String piece = "x".repeat(65_536);
            for (int i = 0; i < 64 * 16; i++) {
              peer.send(piece);
              written.addAndGet(piece.length());
            }
          }
        },
        "",
        (client, _, _) -> {
          client.settings(Frames.SETTING_INITIAL_WINDOW_SIZE, 0).get(1, "/large");
          assertThat(client.decode(client.next(Frames.HEADERS))).contains(":status: 200");
          RunningGateway.await(() -> written.get() > 0);
          long before = -1;
          while (before != written.get()) {
            before = written.get();
            client.roundTrip();
            Thread.onSpinWait();
            RunningGateway.await(settledAfter(written, 200));
          }
          assertThat(written.get()).isLessThan(24L * MIB);
          client.get(3, "/small").widen(3, 2);
          H2Client.Frame data = client.next(Frames.DATA);
          assertThat(data.stream()).isEqualTo(3);
          client.settings(Frames.SETTING_INITIAL_WINDOW_SIZE, Integer.MAX_VALUE / 2);
          assertThat(client.answer(1).content()).hasSize(64 * MIB);
        });
  }

  /// Whether a number has not changed for so many milliseconds.
  private static java.util.function.BooleanSupplier settledAfter(AtomicLong number, long millis) {
    long[] last = {number.get(), System.nanoTime()};
    return () -> {
      if (number.get() != last[0]) {
        last[0] = number.get();
        last[1] = System.nanoTime();
      }
      return System.nanoTime() - last[1] > millis * 1_000_000;
    };
  }

  @Test
  void aServerThatTakesNothingHoldsTheClientUp() throws Exception {
    CountDownLatch free = new CountDownLatch(1);
    before(
        (peer, _) -> {
          peer.head();
          free.await();
          long length = 0;
          for (int next = peer.in().read(); next >= 0 && length < 8; next = peer.in().read()) {
            length++;
          }
          peer.in().skipNBytes(8L * MIB - length - 1);
          peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        },
        "http2 { stream-window = 64KiB, connection-window = 128KiB }",
        (client, _, _) -> {
          client.post(1, "/", "content-length: " + 8 * MIB);
          H2Client.Frame settings = client.next(Frames.SETTINGS);
          assertThat(settings.payload()).isNotEmpty();
          Uploader uploader = new Uploader(client, 8 * MIB);
          uploader.sendUntilHeldUp();
          assertThat(uploader.sent).isLessThan(8L * MIB);
          free.countDown();
          uploader.sendAll();
          assertThat(client.answer(1).text()).isEqualTo("ok");
        });
  }

  /// Sends content within the windows.
  private static final class Uploader {
    private final H2Client client;
    private final long size;
    private long stream = 65_536;
    private long connection = 65_535;
    private long sent;

    Uploader(H2Client client, long size) {
      this.client = client;
      this.size = size;
    }

    private boolean sendOne() throws IOException {
      long most = Math.min(Math.min(stream, connection), Math.min(16_384, size - sent));
      if (most <= 0) {
        return false;
      }
      client.data(1, sent + most == size, "x".repeat((int) most));
      stream -= most;
      connection -= most;
      sent += most;
      return true;
    }

    /// Sends until a round trip opens no window any more.
    void sendUntilHeldUp() throws IOException {
      long before = -1;
      while (before != sent) {
        before = sent;
        for (int i = 0; i < 5; i++) {
          while (sendOne()) {
            // The window says when to stop.
          }
          client.frame(Frames.PING, 0, 0, new byte[8]);
          take(Frames.PING);
        }
      }
    }

    private void take(int until) throws IOException {
      while (true) {
        H2Client.Frame frame = client.next();
        if (frame.type() == Frames.WINDOW_UPDATE) {
          stream += frame.stream() == 1 ? frame.number() : 0;
          connection += frame.stream() == 0 ? frame.number() : 0;
        }
        if (frame.type() == until) {
          return;
        }
      }
    }

    void sendAll() throws IOException {
      while (sent < size) {
        if (!sendOne()) {
          take(Frames.WINDOW_UPDATE);
        }
      }
    }
  }

  @Test
  void anEarlyAnswerLetsTheClientFinishOrStopsIt() throws Exception {
    before(
        (peer, _) -> {
          peer.head();
          peer.send("HTTP/1.1 401 No\r\nContent-Length: 2\r\n\r\nno");
          peer.in().readAllBytes();
        },
        "http2 { stream-window = 64KiB }",
        (client, _, _) -> {
          client.post(1, "/");
          assertThat(client.answer(1).status()).isEqualTo(401);
          client.data(1, true, "late");
          client.post(3, "/");
          assertThat(client.answer(3).status()).isEqualTo(401);
          for (int i = 0; i < 4; i++) {
            client.data(3, false, "x".repeat(16_384));
          }
          H2Client.Frame end = client.next(Frames.RST_STREAM);
          assertThat(end.stream()).isEqualTo(3);
          assertThat(end.error()).isEqualTo(ErrorCode.NO_ERROR.number());
        });
  }

  @Test
  void sizesAreLimited() throws Exception {
    before(
        saying("HTTP/1.1 200 OK|Content-Length: 0||"),
        "limits { request-line = 200B, header-size = 1KiB, header-count = 8, body = 10B }",
        (client, _, _) -> {
          client.get(1, "/" + "x".repeat(300));
          assertThat(client.answer(1).status()).isEqualTo(414);
          client.get(3, "/", "x-large: " + "x".repeat(2000));
          assertThat(client.answer(3).status()).isEqualTo(431);
          client.get(5, "/", "a: 1", "b: 1", "c: 1", "d: 1", "e: 1", "f: 1", "g: 1", "h: 1");
          assertThat(client.answer(5).status()).isEqualTo(431);
          client.post(7, "/", "content-length: 11");
          assertThat(client.answer(7).status()).isEqualTo(413);
          client.post(9, "/").data(9, false, "elevenbytes");
          assertThat(client.answer(9).status()).isEqualTo(413);
          client.headers(11, true, ":method: CONNECT", ":authority: test:1");
          assertThat(client.answer(11).status()).isEqualTo(501);
          client.get(13, "/");
          assertThat(client.answer(13).status()).isEqualTo(200);
          // With its authority as many lines as are allowed; what frames the content is no line of
          // its own.
          client.post(15, "/", "a: 1", "b: 1", "c: 1", "d: 1", "e: 1", "f: 1", "g: 1");
          client.data(15, true, "ok");
          assertThat(client.answer(15).status()).isEqualTo(200);
        });
  }

  @Test
  void aSlowClientIsToldSo() throws Exception {
    before(
        (peer, _) -> peer.in().readAllBytes(),
        "timeouts { body = 700ms, header = 700ms }",
        (client, gateway, _) -> {
          client.post(1, "/", "content-length: 5").data(1, false, "abc");
          assertThat(client.answer(1).status()).isEqualTo(408);
          client.frame(Frames.HEADERS, 0, 3, H2Client.block(request("GET", "/")));
          assertThat(client.next(Frames.GOAWAY).error())
              .isEqualTo(ErrorCode.ENHANCE_YOUR_CALM.number());
          assertThat(client.isEnded()).isTrue();
          try (H2Client silent = new H2Client(gateway.address())) {
            silent.preface();
            assertThat(silent.isEnded()).isTrue();
          }
        });
  }

  @Test
  void anIdleConnectionIsClosed() throws Exception {
    before(
        saying("HTTP/1.1 200 OK|Content-Length: 0||"),
        "timeouts { idle = 1s }",
        (client, _, _) -> {
          client.get(1, "/");
          assertThat(client.answer(1).status()).isEqualTo(200);
          H2Client.Frame bye = client.next(Frames.GOAWAY);
          assertThat(bye.error()).isEqualTo(0);
          assertThat(bye.number()).isEqualTo(1);
          assertThat(client.isEnded()).isTrue();
        });
  }

  @Test
  void moreRequestsThanAllowedAreRefusedUnprocessed() throws Exception {
    before(
        (peer, _) -> {
          peer.head();
          peer.in().read();
        },
        "http2.max-streams = 2",
        (client, _, _) -> {
          client.get(1, "/").get(3, "/").get(5, "/");
          H2Client.Frame refused = client.next(Frames.RST_STREAM);
          assertThat(refused.stream()).isEqualTo(5);
          assertThat(refused.error()).isEqualTo(ErrorCode.REFUSED_STREAM.number());
        });
  }

  @Test
  void aDrainFinishesWhatIsUnderWay() throws Exception {
    CountDownLatch free = new CountDownLatch(1);
    before(
        (peer, _) -> {
          peer.head();
          free.await();
          peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        },
        "",
        (client, gateway, _) -> {
          client.get(1, "/");
          RunningGateway.await(() -> gateway.outstanding() == 1);
          Thread drain =
              Thread.ofVirtual()
                  .start(() -> {
                    try {
                      gateway.gateway().drain();
                    } catch (InterruptedException e) {
                      throw new AssertionError(e);
                    }
                  });
          H2Client.Frame first = client.next(Frames.GOAWAY);
          assertThat(first.number()).isEqualTo(Integer.MAX_VALUE);
          H2Client.Frame ping = client.next(Frames.PING);
          client.get(3, "/");
          client.frame(Frames.PING, Frames.ACK, 0, ping.payload());
          H2Client.Frame second = client.next(Frames.GOAWAY);
          assertThat(second.number()).isEqualTo(3);
          client.get(5, "/");
          free.countDown();
          Set<Integer> answered = new HashSet<>();
          while (answered.size() < 2) {
            H2Client.Frame data = client.next(Frames.DATA);
            assertThat(data.ends()).isTrue();
            answered.add(data.stream());
          }
          assertThat(answered).containsExactlyInAnyOrder(1, 3);
          assertThat(client.isEnded()).isTrue();
          client.close();
          drain.join();
        });
  }

  @Test
  void aListenerThatIsTakenAwayLetsItsConnectionsFinish() throws Exception {
    CountDownLatch free = new CountDownLatch(1);
    before(
        (peer, _) -> {
          peer.head();
          free.await();
          peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        },
        "",
        (client, gateway, server) -> {
          client.get(1, "/");
          RunningGateway.await(() -> gateway.outstanding() == 1);
          assertThat(gateway.http2Connections()).isEqualTo(1);
          gateway.apply("bind = \"127.0.0.2:0\"", "", server.uri());
          assertThat(client.next(Frames.GOAWAY).number()).isEqualTo(Integer.MAX_VALUE);
          assertThat(client.next(Frames.GOAWAY).number()).isEqualTo(1);
          free.countDown();
          assertThat(client.answer(1).text()).isEqualTo("ok");
          assertThat(client.isEnded()).isTrue();
        });
  }

  @Test
  void aConnectionThatEndsCancelsItsRequests() throws Exception {
    before(
        (peer, _) -> {
          peer.head();
          peer.in().read();
        },
        "",
        (client, gateway, _) -> {
          client.get(1, "/").get(3, "/");
          RunningGateway.await(() -> gateway.outstanding() == 2);
          client.close();
          RunningGateway.await(() -> gateway.outstanding() == 0);
          RunningGateway.await(() -> gateway.http2Connections() == 0);
          assertThat(gateway.records(2)).allMatch(each -> each.contains("\"abandoned\""));
        });
  }

  @Test
  void theMoreUrgentAnswerGoesFirst() throws Exception {
    before(
        (peer, _) -> {
          for (String head = peer.head(); !head.isEmpty(); head = peer.head()) {
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 40000\r\n\r\n" + "x".repeat(40_000));
          }
        },
        "",
        (client, gateway, _) -> {
          client.get(1, "/", "priority: u=5").get(3, "/").get(5, "/", "priority: u=7");
          client.frame(Frames.PRIORITY_UPDATE, 0, 0, new byte[] {0, 0, 0, 5, 'u', '=', '0'});
          Set<Integer> held = new HashSet<>();
          long received = 0;
          while (received < Frames.DEFAULT_WINDOW) {
            received += client.next(Frames.DATA).payload().length;
          }
          RunningGateway.await(() -> gateway.outstanding() == 0);
          client.widen(0, 1_000_000).widen(1, 1_000_000).widen(3, 1_000_000).widen(5, 1_000_000);
          List<Integer> order = new ArrayList<>();
          for (long left = 120_000 - received; left > 0; ) {
            H2Client.Frame data = client.next(Frames.DATA);
            left -= data.payload().length;
            if (held.add(data.stream())) {
              order.add(data.stream());
            }
          }
          assertThat(order).isSubsetOf(5, 3, 1).isSortedAccordingTo(Comparator.reverseOrder());
        });
  }

  /// Of equal urgency, answers that are of use in pieces take turns, others come one after the
  /// other (RFC 9218 section 10).
  @Test
  void incrementalAnswersTakeTurns() throws Exception {
    before(
        (peer, _) -> {
          for (String head = peer.head(); !head.isEmpty(); head = peer.head()) {
            int size = head.startsWith("GET /fill") ? 65_000 : 40_000;
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + size + "\r\n\r\n" + "x".repeat(size));
          }
        },
        "",
        (client, gateway, server) -> {
          client.get(1, "/fill", "priority: u=0");
          int received = 0;
          while (received < 65_000) {
            received += client.next(Frames.DATA).payload().length;
          }
          client.get(3, "/", "priority: i").get(5, "/", "priority: i");
          client.get(7, "/", "priority: u=5").get(9, "/", "priority: u=5");
          RunningGateway.await(() -> server.heads().size() == 5 && gateway.outstanding() == 0);
          client.widen(0, 1_000_000);
          List<Integer> order = new ArrayList<>();
          for (long left = 65_000 + 160_000 - received; left > 0; ) {
            H2Client.Frame data = client.next(Frames.DATA);
            left -= data.payload().length;
            // What fits into the rest of the window goes out before it opens.
            if (data.payload().length > 1_000) {
              order.add(data.stream());
            }
          }
          assertThat(order.subList(0, 4)).isIn(List.of(3, 5, 3, 5), List.of(5, 3, 5, 3));
          List<Integer> later = order.stream().filter(each -> each > 5).toList();
          assertThat(order).endsWith(later.toArray(Integer[]::new));
          assertThat(later.lastIndexOf(later.getFirst()))
              .as("one after the other: %s", later)
              .isLessThan(later.indexOf(later.getLast()));
        });
  }

  @Test
  void aWebSocketPassesByExtendedConnect() throws Exception {
    ScriptedServer.Script script =
        (peer, _) -> {
          String head = peer.head();
          assertThat(head).startsWith("GET /chat HTTP/1.1\r\n").contains("Upgrade: websocket\r\n");
          peer.send(
              "HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                  + "Sec-WebSocket-Accept: x\r\nSec-WebSocket-Protocol: chat\r\n\r\nhi");
          peer.send(new String(peer.in().readNBytes(3)));
        };
    before(
        script,
        "",
        (client, _, server) -> {
          client.headers(
              1,
              false,
              request("CONNECT", "/chat", ":protocol: websocket", "sec-websocket-version: 13"));
          List<String> head = client.decode(client.next(Frames.HEADERS));
          assertThat(head).contains(":status: 200", "sec-websocket-protocol: chat");
          assertThat(head.toString()).doesNotContain("accept", "upgrade");
          assertThat(new String(client.next(Frames.DATA).payload())).isEqualTo("hi");
          client.data(1, false, "abc");
          H2Client.Frame last = client.next(Frames.DATA);
          assertThat(new String(last.payload())).isEqualTo("abc");
          assertThat(last.ends() || client.next(Frames.DATA).ends()).isTrue();
          assertThat(server.heads().getFirst()).contains("sec-websocket-key: ");
        });
  }

  @Test
  void aServerThatAnswersInsteadOfSwitchingIsNotTakenForOneThatSwitched() throws Exception {
    before(
        (peer, _) -> {
          String head = peer.head();
          String status = head.contains("/other") ? "403 Forbidden" : "200 OK";
          peer.send("HTTP/1.1 " + status + "\r\nContent-Length: 2\r\n\r\nno");
        },
        "",
        (client, _, _) -> {
          client.headers(1, false, request("CONNECT", "/", ":protocol: websocket"));
          assertThat(client.decode(client.next(Frames.HEADERS))).contains(":status: 501");
          client.headers(3, false, request("CONNECT", "/other", ":protocol: websocket"));
          assertThat(client.decode(client.next(Frames.HEADERS))).contains(":status: 403");
        });
  }
}
