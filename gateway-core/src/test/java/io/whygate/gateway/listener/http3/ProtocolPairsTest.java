package io.whygate.gateway.listener.http3;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.gateway.RunningGateway;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What HTTP means is kept between every protocol that clients speak and every one that servers do
/// (RFC 9110, 9112, 9113, 9114): interim answers, trailers, answers without content, broken ones,
/// given-up requests, bodies that wait, cookies.
class ProtocolPairsTest {
  private static final int MIB = 1 << 20;
  private static @Nullable TestSite site;

  /// A client's protocol and a server's.
  record Pair(PairClient.Kind client, PairServer.Kind server) {}

  static Stream<Pair> pairs() {
    return Stream.of(PairClient.Kind.values())
        .flatMap(client -> Stream.of(PairServer.Kind.values()).map(each -> new Pair(client, each)));
  }

  private interface Visit {
    void make(PairClient client, RunningGateway gateway) throws Exception;
  }

  @BeforeAll
  static void certificates() throws Exception {
    site = TestSite.make();
  }

  private static void between(Pair pair, PairServer.Script script, Visit visit) throws Exception {
    between(pair, true, script, visit);
  }

  private static void between(Pair pair, boolean takes, PairServer.Script script, Visit visit)
      throws Exception {
    TestSite made = site;
    if (made == null) {
      throw new AssertionError("no certificates");
    }
    String listener = pair.client == PairClient.Kind.HTTP3 ? made.listener("") : "";
    String upstream = "protocol = " + pair.server.name().toLowerCase(Locale.ROOT);
    try (PairServer server = PairServer.start(pair.server, script);
        RunningGateway gateway = RunningGateway.before(listener, upstream, server.uri());
        PairClient client = PairClient.connect(pair.client, gateway.address(), made, takes)) {
      visit.make(client, gateway);
    }
  }

  private static void ok(PairServer.Request request) throws IOException {
    request.head(200, false, "content-length: 2");
    request.data("ok");
    request.end();
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void earlyHintsPass(Pair pair) throws Exception {
    between(
        pair,
        request -> {
          request.interim(103, "link: </a.css>; rel=preload");
          request.interim(103, "link: </b.css>; rel=preload", "x-more: 1");
          ok(request);
        },
        (client, _) -> {
          client.begin("GET", "/", false);
          PairClient.Answer answer = client.answer();
          assertThat(answer.interim()).hasSize(2);
          assertThat(answer.interim().get(0))
              .containsExactly(":status: 103", "link: </a.css>; rel=preload");
          assertThat(answer.interim().get(1)).contains("x-more: 1");
          assertThat(answer.status()).isEqualTo(200);
          assertThat(answer.body()).isEqualTo("ok");
          assertThat(answer.whole()).isTrue();
        });
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void contentThatWaitsForContinueGoesOnByIt(Pair pair) throws Exception {
    between(
        pair,
        request -> {
          if (request.all("expect").contains("100-continue")) {
            request.interim(100);
          }
          String content = request.content();
          request.head(200, false);
          request.data(content);
          request.end();
        },
        (client, _) -> {
          client.begin("POST", "/", true, "expect: 100-continue", "content-length: 2");
          client.awaitInterim();
          client.send("hi");
          client.end();
          PairClient.Answer answer = client.answer();
          assertThat(answer.interim().toString()).contains(":status: 100");
          assertThat(answer.body()).isEqualTo("hi");
          client.begin("POST", "/", true);
          client.send("unasked");
          client.end();
          assertThat(client.answer().body()).isEqualTo("unasked");
        });
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void contentThatWaitsForContinueStaysWhereTheServerRefuses(Pair pair) throws Exception {
    AtomicReference<List<String>> expected = new AtomicReference<>(List.of());
    between(
        pair,
        request -> {
          expected.set(request.all("expect"));
          if (request.path.equals("/refused")) {
            request.head(417, false, "content-length: 2");
            request.data("no");
            request.end();
          } else {
            ok(request);
          }
        },
        (client, gateway) -> {
          client.begin("POST", "/refused", true, "expect: 100-continue", "content-length: 2");
          PairClient.Answer answer = client.answer();
          assertThat(answer.interim()).isEmpty();
          assertThat(answer.status()).isEqualTo(417);
          assertThat(answer.body()).isEqualTo("no");
          assertThat(answer.whole()).isTrue();
          RunningGateway.await(() -> gateway.outstanding() == 0);
          assertThat(expected.get()).containsExactly("100-continue");
          assertThat(gateway.records(1).getFirst())
              .contains("\"status\":417", "\"outcome\":\"completed\"");
          assertThat(gateway.incidents()).isEmpty();
        });
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void trailersPassBothWays(Pair pair) throws Exception {
    AtomicReference<List<String>> te = new AtomicReference<>(List.of());
    between(
        pair,
        request -> {
          te.set(request.all("te"));
          String content = request.content();
          request.head(200, false, "trailer: x-sum");
          request.data(content);
          request.end("x-sum: 5", "x-got: " + String.join(",", request.trailers));
        },
        (client, _) -> {
          client.begin("POST", "/", true, "te: trailers", "trailer: x-mine");
          client.send("hel");
          client.send("lo");
          client.end("x-mine: 1", "x-other: a b");
          PairClient.Answer answer = client.answer();
          assertThat(answer.body()).isEqualTo("hello");
          assertThat(answer.trailers())
              .containsExactly("x-sum: 5", "x-got: x-mine: 1,x-other: a b");
          assertThat(answer.whole()).isTrue();
          // To servers of HTTP/1.1 it would be another hop's word.
          assertThat(te.get())
              .isEqualTo(pair.server == PairServer.Kind.HTTP2 ? List.of("trailers") : List.of());
        });
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void answersWithoutContentEndWithTheirHead(Pair pair) throws Exception {
    between(
        pair,
        request -> {
          switch (request.path) {
            case "/none" -> request.head(204, true);
            case "/same" -> request.head(304, true, "content-length: 9", "etag: \"a\"");
            case "/empty" -> request.head(200, true, "content-length: 0");
            default -> {
              if (request.method.equals("HEAD")) {
                request.head(200, true, "content-length: 9");
              } else {
                ok(request);
              }
            }
          }
        },
        (client, gateway) -> {
          client.begin("HEAD", "/", false);
          PairClient.Answer head = client.answer();
          assertThat(head.status()).isEqualTo(200);
          assertThat(head.all("content-length")).containsExactly("9");
          for (String path : List.of("/none", "/same", "/empty")) {
            client.begin("GET", path, false);
            PairClient.Answer answer = client.answer();
            assertThat(answer.body()).isEmpty();
            assertThat(answer.whole()).isTrue();
            assertThat(answer.all("etag")).hasSize(path.equals("/same") ? 1 : 0);
            assertThat(answer.all("transfer-encoding")).isEmpty();
          }
          client.begin("GET", "/", false);
          assertThat(client.answer().body()).isEqualTo("ok");
          assertThat(gateway.records(5)).allMatch(each -> each.contains("\"completed\""));
        });
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void anAnswerThatBreaksOffIsNotTakenForWhole(Pair pair) throws Exception {
    between(
        pair,
        request -> {
          boolean hasLength = request.path.endsWith("length");
          request.head(200, false, hasLength ? new String[] {"content-length: 99"} : new String[0]);
          request.data("part");
          request.breakOff(request.path.startsWith("/reset"));
        },
        (client, gateway) -> {
          for (String path : List.of("/reset-length", "/reset", "/close-length", "/close")) {
            try (PairClient each =
                PairClient.connect(
                    pair.client, gateway.address(), Objects.requireNonNull(site), true)) {
              each.begin("GET", path, false);
              PairClient.Answer answer = each.answer();
              boolean overtakes = pair.client == PairClient.Kind.HTTP3;
              assertThat(answer.status()).isIn(200, overtakes ? 0 : 200);
              assertThat(answer.whole()).as(path).isFalse();
            }
          }
          assertThat(gateway.records(4)).allMatch(each -> each.contains("\"truncated\""));
        });
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void aRequestThatIsGivenUpIsGivenUpAtItsServer(Pair pair) throws Exception {
    for (String path : List.of("/before", "/within", "/sending")) {
      CountDownLatch came = new CountDownLatch(1);
      CountDownLatch givenUp = new CountDownLatch(1);
      between(
          pair,
          request -> {
            if (path.equals("/within")) {
              request.head(200, false);
              request.data("part");
            }
            came.countDown();
            request.awaitGivenUp();
            givenUp.countDown();
          },
          (client, gateway) -> {
            client.begin("POST", path, path.equals("/sending"), "x-a: 1");
            assertThat(came.await(30, TimeUnit.SECONDS)).isTrue();
            RunningGateway.await(() -> gateway.outstanding() == 1);
            client.cancel();
            assertThat(givenUp.await(30, TimeUnit.SECONDS)).as(path).isTrue();
            RunningGateway.await(() -> gateway.outstanding() == 0);
            assertThat(gateway.records(1).getFirst()).contains("\"abandoned\"");
            assertThat(gateway.incidents()).isEmpty();
          });
    }
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void aClientThatTakesNothingHoldsItsServerUp(Pair pair) throws Exception {
    AtomicLong written = new AtomicLong();
    String piece = "x".repeat(PairClient.PIECE);
    between(
        pair,
        false,
        request -> {
          request.head(200, false);
          while (written.get() < 48L * MIB) {
            request.data(piece);
            written.addAndGet(piece.length());
          }
          request.end();
        },
        (client, _) -> {
          client.begin("GET", "/", false);
          RunningGateway.await(() -> written.get() > 0);
          RunningGateway.await(settled(written));
          assertThat(written.get()).isLessThan(40L * MIB);
          client.take();
          PairClient.Answer answer = client.answer();
          assertThat(answer.body()).hasSize(48 * MIB);
          assertThat(answer.whole()).isTrue();
        });
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void aServerThatTakesNothingHoldsItsClientUp(Pair pair) throws Exception {
    AtomicLong sent = new AtomicLong();
    CountDownLatch free = new CountDownLatch(1);
    between(
        pair,
        request -> {
          free.await();
          String content = request.content();
          request.head(200, false);
          request.data(Integer.toString(content.length()));
          request.end();
        },
        (client, _) -> {
          client.begin("POST", "/", true);
          AtomicReference<Throwable> failed = new AtomicReference<>();
          Thread upload =
              Thread.ofVirtual()
                  .start(() -> {
                    try {
                      client.upload(48L * MIB, sent);
                    } catch (Exception | Error e) {
                      failed.set(e);
                    }
                  });
          RunningGateway.await(() -> sent.get() > 0);
          RunningGateway.await(settled(sent));
          assertThat(sent.get()).isLessThan(40L * MIB);
          free.countDown();
          upload.join();
          assertThat(failed.get()).isNull();
          assertThat(client.answer().body()).isEqualTo(Integer.toString(48 * MIB));
        });
  }

  /// Whether a number has not changed for half a second.
  private static BooleanSupplier settled(AtomicLong number) {
    long[] last = {number.get(), System.nanoTime()};
    return () -> {
      if (number.get() != last[0]) {
        last[0] = number.get();
        last[1] = System.nanoTime();
      }
      return System.nanoTime() - last[1] > 500_000_000;
    };
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void cookiesAreJoinedAndNeverThoseThatAreSet(Pair pair) throws Exception {
    AtomicReference<List<String>> cookies = new AtomicReference<>(List.of());
    between(
        pair,
        request -> {
          cookies.set(request.all("cookie"));
          request.head(200, true, "content-length: 0", "set-cookie: a=1, 2", "set-cookie: b=3");
        },
        (client, _) -> {
          boolean splits = pair.client != PairClient.Kind.HTTP1;
          String[] fields =
              splits
                  ? new String[] {"cookie: a=1", "x-between: 1", "cookie: b=2; c=3"}
                  : new String[] {"cookie: a=1; b=2; c=3"};
          client.begin("GET", "/", false, fields);
          PairClient.Answer answer = client.answer();
          assertThat(answer.all("set-cookie")).containsExactly("a=1, 2", "b=3");
          assertThat(String.join("; ", cookies.get())).isEqualTo("a=1; b=2; c=3");
          if (pair.server == PairServer.Kind.HTTP1) {
            assertThat(cookies.get()).hasSize(1);
          }
        });
  }
}
