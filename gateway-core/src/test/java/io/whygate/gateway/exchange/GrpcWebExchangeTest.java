package io.whygate.gateway.exchange;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.whygate.faults.http2.FramedPeer;
import io.whygate.faults.http2.FramedServer;
import io.whygate.gateway.RawClient;
import io.whygate.gateway.RunningGateway;
import java.io.IOException;
import java.util.Base64;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What becomes of gRPC-Web calls that go wrong on either side, and what browsers ask before them.
class GrpcWebExchangeTest {
  private static final String ON =
      "route-defaults { grpc-web { enabled = true, allow-origins = [\"https://shop.test\"] } }";
  private static final String HELLO = "\0\0\0\0\5hello";

  private interface Answering extends FramedServer.Script {
    void reply(FramedPeer peer, FramedPeer.Request request) throws IOException;

    @Override
    default void answer(FramedPeer peer, FramedPeer.Request request, int number)
        throws IOException {
      reply(peer, request);
    }
  }

  private interface Visit {
    void make(RunningGateway gateway, RawClient client, FramedServer server) throws Exception;
  }

  private static void before(Answering script, String settings, Visit visit) throws Exception {
    try (FramedServer server = FramedServer.start();
        RunningGateway gateway =
            RunningGateway.with(
                settings, "protocol = http2, response-timeout = 400ms", server.uri());
        RawClient client = gateway.client()) {
      server.play(script);
      visit.make(gateway, client, server);
    }
  }

  private static void echo(FramedPeer peer, FramedPeer.Request request) throws IOException {
    peer.headers(request.stream(), false, ":status: 200", "content-type: application/grpc");
    peer.data(request.stream(), false, request.content());
    peer.headers(request.stream(), true, "grpc-status: 0");
  }

  private static String post(String type, String fields, String content) {
    return "POST /lab.Echo/Unary HTTP/1.1\r\nHost: a\r\nContent-Type: application/"
        + type
        + "\r\n"
        + fields
        + "Content-Length: "
        + content.length()
        + "\r\n\r\n"
        + content;
  }

  private static String last(String fields) {
    return "\u0080\0\0\0" + (char) fields.length() + fields;
  }

  /// As clients do it: each group for itself, as each may be padded.
  private static String decoded(String text) {
    StringBuilder all = new StringBuilder();
    for (int at = 0; at < text.length(); at += 4) {
      byte[] group = Base64.getDecoder().decode(text.substring(at, at + 4));
      all.append(new String(group, ISO_8859_1));
    }
    return all.toString();
  }

  @Test
  void trailersComeAsAMessage() throws Exception {
    before(
        GrpcWebExchangeTest::echo,
        ON,
        (_, client, _) -> {
          for (int i = 0; i < 3; i++) {
            RawClient.Answer answer = client.send(post("grpc-web+proto", "", HELLO)).answer();
            assertThat(answer.field("content-type")).isEqualTo("application/grpc-web+proto");
            assertThat(answer.field("access-control-allow-origin")).isEmpty();
            assertThat(answer.body()).isEqualTo(HELLO + last("grpc-status:0\r\n"));
          }
          assertThat(decoded(client.send(post("grpc-web-text", "", "AAAAAAA=")).answer().body()))
              .isEqualTo("\0\0\0\0\0" + last("grpc-status:0\r\n"));
        });
  }

  @Test
  void callsPassAsTheyAreWhereNothingCarriesThem() throws Exception {
    AtomicReference<String> seen = new AtomicReference<>();
    before(
        (peer, request) -> {
          seen.set(request.content());
          echo(peer, request);
        },
        "",
        (_, client, _) -> {
          RawClient.Answer answer = client.send(post("grpc-web-text", "", "AAAAAAA=")).answer();
          assertThat(seen.get()).isEqualTo("AAAAAAA=");
          assertThat(answer.field("content-type")).isEqualTo("application/grpc");
          assertThat(answer.field("grpc-status")).isEqualTo("0");
        });
  }

  @ParameterizedTest
  @CsvSource({
    "grpc-web-text, AAAA*AAA, content that is not base64.",
    "grpc-web-text, AAAAAAVoZWxsbw, content that ends within a group of base64.",
    "grpc-web-text, AAAAAAVo, content that ends within a gRPC message.",
    "grpc-web+proto, hello, content that is not made of gRPC messages.",
  })
  void contentThatBreaksTheRulesIsRefused(String type, String content, String why)
      throws Exception {
    before(
        GrpcWebExchangeTest::echo,
        ON,
        (gateway, client, server) -> {
          RawClient.Answer answer =
              client
                  .send(
                      post(
                          type,
                          "Accept: application/grpc-web\r\nOrigin: https://shop.test\r\n",
                          content))
                  .answer();
          assertThat(answer.status()).isEqualTo(200);
          assertThat(answer.field("content-type")).isEqualTo("application/grpc-web+proto");
          assertThat(answer.field("access-control-allow-origin")).isEqualTo("https://shop.test");
          assertThat(answer.body())
              .isEqualTo(last("grpc-status:3\r\ngrpc-message:400 Bad Request: " + why + "\r\n"));
          assertThat(server.requests()).isZero();
          assertThat(gateway.outstanding()).isZero();
        });
  }

  @Test
  void aServerThatResetsBetweenMessagesIsToldOfInTheLastOne() throws Exception {
    before(
        (peer, request) -> {
          peer.headers(request.stream(), false, ":status: 200", "content-type: application/grpc");
          peer.data(request.stream(), false, HELLO);
          peer.reset(request.stream(), 2);
        },
        ON,
        (_, client, _) -> {
          String body = client.send(post("grpc-web", "", HELLO)).answer().body();
          assertThat(body)
              .startsWith(HELLO + "\u0080")
              .contains("\r\ngrpc-message:", "[cause application.http2-error, incident ")
              .contains("grpc-status:14\r\n", "grpc-status-details-bin:");
        });
  }

  @Test
  void aServerThatFallsSilentIsToldOfAsALateOne() throws Exception {
    before(
        (peer, request) -> {
          if (request.path().startsWith("/lab")) {
            return;
          }
          peer.ok(request.stream());
        },
        ON,
        (_, client, _) -> {
          RawClient.Answer answer = client.send(post("grpc-web-text", "", "AAAAAAA=")).answer();
          assertThat(answer.field("content-type")).isEqualTo("application/grpc-web-text+proto");
          assertThat(answer.field("whygate-cause")).startsWith("application.");
          assertThat(answer.field("grpc-status")).isEmpty();
          assertThat(decoded(answer.body()))
              .startsWith("\u0080\0\0")
              .contains("grpc-status:4\r\n", "[cause application.");
        });
  }

  @Test
  void trailersNeverStandWithinAMessage() throws Exception {
    before(
        (peer, request) -> {
          peer.headers(request.stream(), false, ":status: 200", "content-type: application/grpc");
          peer.data(request.stream(), false, "\0\0\0\0\11hello");
          peer.headers(request.stream(), true, "grpc-status: 0");
        },
        ON,
        (gateway, client, _) -> {
          client.send(post("grpc-web", "", HELLO));
          assertThatIOException().isThrownBy(client::answer);
          assertThat(gateway.records(1).getFirst()).contains("\"outcome\":\"truncated\"");
          assertThat(gateway.counted("whygate_upstream_attempts", "outcome", "failure"))
              .isEqualTo(1);
          assertThat(gateway.counted("whygate_upstream_attempts", "outcome", "cancelled")).isZero();
        });
  }

  @Test
  void messagesAreNotHeldBack() throws Exception {
    CountDownLatch seen = new CountDownLatch(1);
    before(
        (peer, request) -> {
          peer.headers(request.stream(), false, ":status: 200", "content-type: application/grpc");
          peer.data(request.stream(), false, HELLO);
          try {
            seen.await();
          } catch (InterruptedException e) {
            throw new IOException(e);
          }
          peer.headers(request.stream(), true, "grpc-status: 0");
        },
        ON,
        (_, client, _) -> {
          client.send(post("grpc-web-text", "", "AAAAAAA="));
          String read = "";
          while (!read.contains("AAAAAAVoZWxs") || !read.endsWith("bw==\r\n")) {
            read += client.bytes(1);
          }
          seen.countDown();
          assertThat(client.bytes(4)).isNotEmpty();
        });
  }

  private static String preflight(String origin, String method, String fields) {
    return "OPTIONS /lab.Echo/Unary HTTP/1.1\r\nHost: a\r\nOrigin: "
        + origin
        + "\r\nAccess-Control-Request-Method: "
        + method
        + "\r\nAccess-Control-Request-Headers: "
        + fields
        + "\r\n\r\n";
  }

  @Test
  void preflightsOfOriginsThatMayAreAnswered() throws Exception {
    before(
        (peer, request) -> peer.headers(request.stream(), true, ":status: 405"),
        ON,
        (_, client, server) -> {
          RawClient.Answer answer =
              client
                  .send(preflight("https://shop.test", "POST", "content-type, x-grpc-web,x-mine"))
                  .answer();
          assertThat(answer.status()).isEqualTo(204);
          assertThat(answer.field("access-control-allow-origin")).isEqualTo("https://shop.test");
          assertThat(answer.field("access-control-allow-headers"))
              .isEqualTo("content-type, x-grpc-web,x-mine");
          assertThat(answer.field("access-control-allow-methods")).isEqualTo("POST");
          assertThat(answer.field("vary")).isEqualTo("Origin");
          assertThat(server.requests()).isZero();
          assertThat(
                  client
                      .send(preflight("https://else.test", "POST", "x-grpc-web"))
                      .answer()
                      .status())
              .isEqualTo(405);
          assertThat(
                  client.send(preflight("https://shop.test", "POST", "x-mine")).answer().status())
              .isEqualTo(405);
          assertThat(
                  client
                      .send(preflight("https://shop.test", "PUT", "x-grpc-web"))
                      .answer()
                      .status())
              .isEqualTo(405);
        });
  }

  @Test
  void pagesOfOriginsThatMayReadAnswers() throws Exception {
    String fields = "Origin: https://shop.test\r\n";
    before(
        (peer, request) ->
            peer.headers(
                request.stream(),
                true,
                ":status: 200",
                "content-type: application/grpc",
                "x-why: on purpose",
                "grpc-status: 5"),
        ON,
        (_, client, _) -> {
          RawClient.Answer answer = client.send(post("grpc-web", fields, HELLO)).answer();
          assertThat(answer.field("access-control-allow-origin")).isEqualTo("https://shop.test");
          assertThat(answer.field("access-control-allow-credentials")).isEqualTo("true");
          assertThat(answer.field("access-control-expose-headers")).contains("content-type");
          assertThat(answer.body()).isEqualTo(last("x-why:on purpose\r\ngrpc-status:5\r\n"));
        });
    before(
        (peer, request) ->
            peer.headers(
                request.stream(),
                true,
                ":status: 200",
                "content-type: application/grpc",
                "access-control-allow-origin: *",
                "grpc-status: 5"),
        ON,
        (_, client, _) ->
            assertThat(
                    client
                        .send(post("grpc-web", fields, HELLO))
                        .answer()
                        .field("access-control-allow-origin"))
                .isEqualTo("*"));
    before(
        GrpcWebExchangeTest::echo,
        ON.replace("https://shop.test", "*"),
        (_, client, _) -> {
          RawClient.Answer answer = client.send(post("grpc-web", fields, HELLO)).answer();
          assertThat(answer.field("access-control-allow-origin")).isEqualTo("*");
          assertThat(answer.field("access-control-allow-credentials")).isEmpty();
        });
  }
}
