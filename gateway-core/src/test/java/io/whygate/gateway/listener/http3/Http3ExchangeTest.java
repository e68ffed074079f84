package io.whygate.gateway.listener.http3;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http3.Http3ErrorCode;
import io.whygate.faults.Fault;
import io.whygate.faults.FaultyServer;
import io.whygate.gateway.RunningGateway;
import io.whygate.gateway.ScriptedServer;
import io.whygate.gateway.listener.client.Abuse;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What passes between a client of HTTP/3 and a server of HTTP/1.1, and how each learns of the
/// other's end.
class Http3ExchangeTest {
  private static final int MIB = 1 << 20;

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
        saying("HTTP/1.1 200 OK|Content-Length: 2|Connection: x-hop|X-Hop: 1|X-End: 1||ok"),
        "",
        (client, gateway, server) -> {
          H3Client.Call call =
              client.get("/a?b=c", "cookie: a=1", "x-thing: 1", "cookie: b=2").answer();
          assertThat(call.status()).isEqualTo(200);
          assertThat(call.text()).isEqualTo("ok");
          assertThat(call.fields().toString())
              .contains("x-end: 1", "date: ")
              .doesNotContain("hop", "alt-svc");
          assertThat(server.heads().getFirst())
              .startsWith("GET /a?b=c HTTP/1.1\r\nHost: localhost\r\n")
              .contains("cookie: a=1; b=2\r\n", "x-thing: 1\r\n", "Via: 3.0 whygate\r\n")
              .contains("X-Forwarded-Proto: https\r\n", "X-Forwarded-For: 127.0.0.1\r\n")
              .doesNotContain("chunked", "arly-");
          assertThat(gateway.records(1).getFirst())
              .contains("\"protocol\":\"HTTP/3\"", "\"client\":\"127.0.0.1\"");
          assertThat(gateway.listeners().getFirst().counts().http3Connections()).isEqualTo(1);
          assertThat(gateway.listeners().getFirst().counts().handshakes()).isZero();
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
              "HTTP/1.1 200 OK\r\nTrailer: X-Got\r\nTransfer-Encoding: chunked\r\n\r\n"
                  + "1\r\nx\r\n0\r\nX-Sum: 1\r\nX-Got: "
                  + content.toString().replace("\r\n", "|")
                  + "\r\n\r\n");
        };
    before(
        script,
        "",
        (client, _, _) -> {
          H3Client.Call call = client.post("/", "te: trailers").send("hello".getBytes(ISO_8859_1));
          call.trailers("x-sum: 5").answer();
          assertThat(call.text()).isEqualTo("x");
          assertThat(call.trailers()).containsExactly("x-sum: 1", "x-got: 5|hello|0|x-sum: 5||");
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
          H3Client.Call call = client.post("/", "expect: 100-continue", "content-length: 2");
          RunningGateway.await(() -> !call.interim().isEmpty());
          call.send("hi".getBytes(ISO_8859_1)).end().answer();
          assertThat(call.interim())
              .containsExactly(List.of(":status: 100"), List.of(":status: 103", "link: </a>"));
          assertThat(call.text()).isEqualTo("ok");
        });
  }

  @Test
  void answersWithoutContentEndWithTheirHead() throws Exception {
    before(
        (peer, _) -> {
          for (String head = peer.head(); !head.isEmpty(); head = peer.head()) {
            peer.send(
                head.startsWith("HEAD")
                    ? "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
                    : "HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\n\r\n");
          }
        },
        "",
        (client, _, _) -> {
          H3Client.Call head = client.begin(true, H3Client.pseudo("HEAD", "/")).answer();
          assertThat(head.fields()).contains(":status: 200", "content-length: 5");
          assertThat(head.text()).isEmpty();
          assertThat(client.get("/").answer().status()).isEqualTo(304);
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
          H3Client.Call call = client.get("/").answer();
          assertThat(call.reset()).isEqualTo(Http3ErrorCode.H3_INTERNAL_ERROR.code());
        });
  }

  @Test
  void aFailedRequestIsAnsweredWithAPage() throws Exception {
    try (FaultyServer closed = FaultyServer.start();
        RunningGateway gateway = RunningGateway.before(site.listener(""), "", closed.uri());
        H3Client client = site.client().connect(gateway.address())) {
      closed.fault(new Fault.NothingListens());
      H3Client.Call call = client.get("/", "accept: text/html").answer();
      assertThat(call.status()).isEqualTo(502);
      assertThat(call.field("whygate-cause")).isEqualTo("server.port-closed");
      assertThat(call.field("proxy-status")).contains("connection_refused");
      assertThat(call.text()).contains("data-cause=\"server.port-closed\"");
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
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + 32 * MIB + "\r\n\r\n");
            String piece = "x".repeat(65_536);
            for (int i = 0; i < 32 * 16; i++) {
              peer.send(piece);
              written.addAndGet(piece.length());
            }
          }
        },
        "",
        (client, _, _) -> {
          H3Client.Call large = client.get("/large").awaitHead().takes(false);
          RunningGateway.await(() -> written.get() > 0);
          RunningGateway.await(settledAfter(written, 500));
          assertThat(written.get()).isLessThan(24L * MIB);
          assertThat(client.get("/small").answer().text()).isEqualTo("ok");
          large.takes(true).answer();
          assertThat(large.received()).isEqualTo(32 * MIB);
        });
  }

  /// Whether a number has not changed for so many milliseconds.
  private static BooleanSupplier settledAfter(AtomicLong number, long millis) {
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
    AtomicLong read = new AtomicLong();
    before(
        (peer, _) -> {
          peer.head();
          free.await();
          byte[] piece = new byte[65_536];
          while (read.get() < 48L * MIB) {
            read.addAndGet(peer.in().read(piece));
          }
          peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        },
        "",
        (client, _, _) -> {
          H3Client.Call call = client.post("/", "content-length: " + 48 * MIB);
          int sent = 0;
          byte[] piece = new byte[65_536];
          while (sent < 48 * MIB && call.sends(piece, 500)) {
            sent += piece.length;
          }
          assertThat(sent).isLessThan(40 * MIB);
          free.countDown();
          // The piece that was held up is on its way too.
          sent += piece.length;
          for (; sent < 48 * MIB; sent += piece.length) {
            assertThat(call.sends(piece, 60_000)).isTrue();
          }
          assertThat(call.end().answer().text()).isEqualTo("ok");
          assertThat(read.get()).isEqualTo(48L * MIB);
        });
  }

  @Test
  void aClientThatNoLongerWantsAnAnswerLeavesItsServer() throws Exception {
    before(
        (peer, _) -> {
          peer.head();
          peer.in().readAllBytes();
        },
        "",
        (client, gateway, server) -> {
          H3Client.Call stopped = client.get("/stopped");
          RunningGateway.await(() -> server.open() == 1 && gateway.outstanding() == 1);
          stopped.stop(Http3ErrorCode.H3_REQUEST_CANCELLED.code());
          RunningGateway.await(() -> server.open() == 0 && gateway.outstanding() == 0);
          H3Client.Call reset = client.post("/reset").send(new byte[10]);
          RunningGateway.await(() -> server.open() == 1 && gateway.outstanding() == 1);
          reset.reset(Http3ErrorCode.H3_REQUEST_CANCELLED.code());
          RunningGateway.await(() -> server.open() == 0 && gateway.outstanding() == 0);
          assertThat(gateway.records(2)).allMatch(each -> each.contains("abandoned"));
        });
  }

  @Test
  void aConnectionThatEndsCancelsItsRequests() throws Exception {
    before(
        (peer, _) -> {
          peer.head();
          peer.in().readAllBytes();
        },
        "",
        (client, gateway, server) -> {
          client.get("/");
          RunningGateway.await(() -> server.open() == 1);
          client.close();
          RunningGateway.await(() -> server.open() == 0 && gateway.outstanding() == 0);
          RunningGateway.await(() -> connections(gateway) == 0);
        });
  }

  private static int connections(RunningGateway gateway) {
    return gateway.listeners().getFirst().counts().http3Connections();
  }

  @Test
  void anEarlyAnswerLetsTheClientFinishOrStopsIt() throws Exception {
    before(
        (peer, _) -> {
          peer.head();
          peer.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno");
        },
        "timeouts { body = 300ms }",
        (client, gateway, _) -> {
          H3Client.Call finishes = client.post("/", "content-length: 4").awaitHead();
          assertThat(finishes.answer().status()).isEqualTo(403);
          finishes.send(new byte[4]).end();
          H3Client.Call goesOn = client.post("/").awaitHead();
          assertThat(goesOn.answer().text()).isEqualTo("no");
          RunningGateway.await(() -> !goesOn.takesMore());
          assertThat(client.get("/").answer().status()).isEqualTo(403);
        });
  }

  @Test
  void sizesAreLimited() throws Exception {
    before(
        (peer, _) -> {
          peer.head();
          peer.in().readAllBytes();
        },
        "limits { header-size = 1KiB, request-line = 256B, body = 10B }",
        (client, gateway, server) -> {
          assertThat(client.get("/", "x-long: " + "x".repeat(1500)).answer().status())
              .isEqualTo(431);
          assertThat(client.get("/" + "x".repeat(300)).answer().status()).isEqualTo(414);
          assertThat(client.post("/", "content-length: 11").answer().status()).isEqualTo(413);
          assertThat(client.post("/").send(new byte[11]).answer().status()).isEqualTo(413);
          assertThat(server.heads()).noneMatch(each -> each.contains("x-long"));
          client.get("/", "x-long: " + "x".repeat(4000));
          assertThat(client.awaitClosed()).isEqualTo(Http3ErrorCode.H3_EXCESSIVE_LOAD.code());
        });
  }

  @Test
  void aSlowClientIsToldSo() throws Exception {
    before(
        (peer, _) -> {
          peer.head();
          peer.in().read();
        },
        "timeouts { body = 200ms, header = 200ms }",
        (client, gateway, _) -> {
          assertThat(client.post("/", "content-length: 4").answer().status()).isEqualTo(408);
          H3Client.Call head = client.raw(new byte[] {1, 40, 0});
          assertThat(head.answer().reset()).isEqualTo(Http3ErrorCode.H3_REQUEST_INCOMPLETE.code());
          assertThat(gateway.abuses(Abuse.SLOW)).isEqualTo(2);
        });
  }

  @Test
  void aClientThatTakesNoAnswerIsGivenUp() throws Exception {
    before(
        saying("HTTP/1.1 200 OK|Content-Length: 33554432||" + "x".repeat(33_554_432)),
        "timeouts { send = 300ms }",
        (client, gateway, _) -> {
          client.get("/").awaitHead().takes(false);
          RunningGateway.await(() -> gateway.abuses(Abuse.STALLS) == 1);
          RunningGateway.await(() -> gateway.outstanding() == 0);
        });
  }

  @Test
  void anIdleConnectionIsClosed() throws Exception {
    before(
        saying("HTTP/1.1 200 OK|Content-Length: 0||"),
        "timeouts { idle = 200ms }",
        (client, gateway, _) -> {
          assertThat(client.get("/").answer().status()).isEqualTo(200);
          assertThat(client.awaitClosed()).isEqualTo(Http3ErrorCode.H3_NO_ERROR.code());
          RunningGateway.await(() -> connections(gateway) == 0);
        });
  }

  @Test
  void aDrainFinishesWhatIsUnderWay() throws Exception {
    CountDownLatch free = new CountDownLatch(1);
    before(
        (peer, _) -> {
          peer.head();
          free.await();
          peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + "x".repeat(1_000_000));
        },
        "",
        (client, gateway, server) -> {
          H3Client.Call call = client.get("/");
          RunningGateway.await(() -> server.open() == 1);
          Thread drain = Thread.ofVirtual().start(() -> drain(gateway));
          RunningGateway.await(() -> client.goAways().size() == 2);
          assertThat(client.goAways()).containsExactly((1L << 62) - 4, 4L);
          assertThat(client.raw(H3Client.GET).answer().reset())
              .isEqualTo(Http3ErrorCode.H3_REQUEST_REJECTED.code());
          free.countDown();
          assertThat(call.answer().received()).isEqualTo(1_000_000);
          assertThat(client.awaitClosed()).isEqualTo(Http3ErrorCode.H3_NO_ERROR.code());
          drain.join();
          RunningGateway.await(() -> connections(gateway) == 0);
        });
  }

  private static void drain(RunningGateway gateway) {
    try {
      gateway.gateway().drain();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void answersOverTcpSayWhereItIsSpokenUnlessTheServerDoes() throws Exception {
    try (ScriptedServer server =
            new ScriptedServer((peer, _) -> {
              for (String head = peer.head(); !head.isEmpty(); head = peer.head()) {
                peer.send(
                    head.contains("/own")
                        ? "HTTP/1.1 200 OK\r\nAlt-Svc: clear\r\nContent-Length: 0\r\n\r\n"
                        : "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
              }
            });
        RunningGateway gateway = RunningGateway.before(site.listener(""), "", server.uri());
        HttpClient client =
            HttpClient.newBuilder().sslContext(site.pki().clientContext()).build()) {
      String said = "h3=\":" + gateway.address().getPort() + "\"; ma=86400";
      for (HttpClient.Version version : HttpClient.Version.values()) {
        if (version.name().equals("HTTP_3")) {
          continue;
        }
        assertThat(alternatives(client, gateway, version, "/")).containsExactly(said);
        assertThat(alternatives(client, gateway, version, "/own")).containsExactly("clear");
        assertThat(alternatives(client, gateway, version, "/a/../../b")).containsExactly(said);
      }
      gateway.apply(site.tls(), "", server.uri());
      try (HttpClient later =
          HttpClient.newBuilder().sslContext(site.pki().clientContext()).build()) {
        assertThat(alternatives(later, gateway, HttpClient.Version.HTTP_1_1, "/")).isEmpty();
        assertThat(alternatives(later, gateway, HttpClient.Version.HTTP_2, "/")).isEmpty();
      }
    }
  }

  private static List<String> alternatives(
      HttpClient client, RunningGateway gateway, HttpClient.Version version, String path)
      throws Exception {
    URI uri = URI.create("https://localhost:" + gateway.address().getPort() + path);
    return client
        .send(
            HttpRequest.newBuilder(uri).version(version).build(),
            HttpResponse.BodyHandlers.discarding())
        .headers()
        .allValues("alt-svc");
  }
}
