package io.whygate.gateway.grpcweb;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.whygate.gateway.http.Framing;
import io.whygate.gateway.http.Heads;
import io.whygate.gateway.http.RequestHead;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Base64;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Calls of gRPC-Web clients on their way to a server: heads, and content that is cut anywhere.
class GrpcWebCallTest {
  private static final String BINARY = "Content-Type: application/grpc-web+proto";
  private static final String TEXT = "Content-Type: application/grpc-web-text";

  private static GrpcWebCall call(String lines) {
    GrpcWebCall call =
        GrpcWebCall.of(Heads.request("POST /lab.Echo/Unary HTTP/1.1|Host: a.test|" + lines));
    assertThat(call).isNotNull();
    return call;
  }

  /// Messages one after the other, some empty.
  static byte[] messages(Random random, int count) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int i = 0; i < count; i++) {
      byte[] message = new byte[random.nextInt(4) == 0 ? 0 : random.nextInt(300)];
      random.nextBytes(message);
      all.writeBytes(new byte[] {(byte) random.nextInt(2), 0, 0});
      all.writeBytes(new byte[] {(byte) (message.length >> 8), (byte) message.length});
      all.writeBytes(message);
    }
    return all.toByteArray();
  }

  /// Base64 of parts of the content, each padded for itself.
  private static byte[] encodedInParts(byte[] content, Random random) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int at = 0; at < content.length; ) {
      int end = Math.min(content.length, at + 1 + random.nextInt(50));
      all.writeBytes(Base64.getEncoder().encode(Arrays.copyOfRange(content, at, end)));
      at = end;
    }
    return all.toByteArray();
  }

  private static byte[] taken(GrpcWebCall call, byte[] content, Random random) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int at = 0; at < content.length; ) {
      int end = Math.min(content.length, at + 1 + random.nextInt(30));
      ByteBuf plain = call.take(Unpooled.wrappedBuffer(content, at, end - at));
      assertThat(plain).as(call.problem()).isNotNull();
      all.writeBytes(ByteBufUtil.getBytes(plain));
      plain.release();
      at = end;
    }
    return all.toByteArray();
  }

  @Test
  void textIsDecodedWhereverItIsCutAndPadded() {
    for (int seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      byte[] content = messages(random, 1 + random.nextInt(8));
      GrpcWebCall call = call(TEXT + "|Content-Length: 9");
      assertThat(taken(call, encodedInParts(content, random), random)).isEqualTo(content);
      assertThat(call.mayEnd()).isTrue();
    }
  }

  @Test
  void messagesPassAsTheyAreWhereverTheyAreCut() {
    for (int seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      byte[] content = messages(random, 1 + random.nextInt(8));
      GrpcWebCall call = call(BINARY + "|Content-Length: 9");
      assertThat(taken(call, content, random)).isEqualTo(content);
      assertThat(call.mayEnd()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "AAAA A",
        "AAA\n",
        "A-AA",
        "A_AA",
        "=AAA",
        "A===",
        "AA=A",
        "AAA==",
        "AB==",
        "AAB=",
        "AA\u00e4A"
      })
  void whatIsNoBase64IsRefused(String content) {
    for (int cut = 1; cut <= content.length(); cut++) {
      GrpcWebCall call = call(TEXT + "|Content-Length: 9");
      ByteBuf all = Unpooled.copiedBuffer(content, ISO_8859_1);
      ByteBuf begin = call.take(all.readRetainedSlice(cut));
      ByteBuf end = begin == null ? null : call.take(all.retain());
      all.release();
      assertThat(end).as("%s cut at %d", content, cut).isNull();
      assertThat(call.problem()).contains("base64");
      if (begin != null) {
        begin.release();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"A", "AA", "AAA", "AA=", "AAAAA"})
  void aGroupThatIsNotWholeIsNoEnd(String content) {
    GrpcWebCall call = call(TEXT + "|Content-Length: 9");
    ByteBuf plain = call.take(Unpooled.copiedBuffer(content, ISO_8859_1));
    assertThat(plain).isNotNull();
    plain.release();
    assertThat(call.mayEnd()).isFalse();
    assertThat(call.problem()).contains("within a group of base64");
  }

  @Test
  void aMessageThatIsNotWholeIsNoEnd() {
    byte[] message = {0, 0, 0, 0, 2, 7, 7};
    for (int length = 1; length < message.length; length++) {
      GrpcWebCall call = call(BINARY + "|Content-Length: 9");
      assertThat(taken(call, Arrays.copyOf(message, length), new Random(length))).hasSize(length);
      assertThat(call.mayEnd()).isFalse();
      assertThat(call.problem()).contains("within a gRPC message");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0x80, 0x81, 2, 0xff})
  void flagsThatMeanNothingAreRefused(int flag) {
    GrpcWebCall call = call(BINARY + "|Content-Length: 9");
    ByteBuf content = Unpooled.wrappedBuffer(new byte[] {1, 0, 0, 0, 1, 5, (byte) flag});
    assertThat(call.take(content)).isNull();
    assertThat(content.refCnt()).isZero();
    assertThat(call.problem()).contains("not made of gRPC messages");
  }

  @Test
  void theServerSeesACallOfGrpc() {
    RequestHead head =
        call("X-Grpc-Web: 1|X-User-Agent: grpc-web-javascript/0.1|grpc-timeout: 5S|TE: gzip|"
                + "Content-Type: Application/gRPC-Web+JSON; charset=utf-8|Content-Length: 12")
            .head();
    assertThat(head.fields().joined("content-type")).isEqualTo("application/grpc+json");
    assertThat(head.fields().joined("te")).isEqualTo("trailers");
    assertThat(head.fields().joined("x-grpc-web")).isEqualTo("1");
    assertThat(head.fields().joined("x-user-agent")).isEqualTo("grpc-web-javascript/0.1");
    assertThat(head.fields().joined("grpc-timeout")).isEqualTo("5S");
    assertThat(head.path()).isEqualTo("/lab.Echo/Unary");
    assertThat(head.authority()).isEqualTo("a.test");
    assertThat(head.framing()).isEqualTo(Framing.LENGTH);
    assertThat(head.contentLength()).isEqualTo(12);
  }

  @Test
  void theLengthOfTextIsNotThatOfWhatItSays() {
    assertThat(call(TEXT + "|Content-Length: 12").head().framing()).isEqualTo(Framing.CHUNKED);
    assertThat(call(TEXT + "|Content-Length: 0").head().framing()).isEqualTo(Framing.NONE);
    assertThat(call(BINARY + "|Transfer-Encoding: chunked").head().framing())
        .isEqualTo(Framing.CHUNKED);
  }

  @Test
  void anOldClientsCallIsOneToo() {
    RequestHead old =
        Heads.request("POST /a HTTP/1.0|Host: a.test|" + BINARY + "|Content-Length: 5");
    GrpcWebCall call = GrpcWebCall.of(old);
    assertThat(call).isNotNull();
    assertThat(call.head().contentLength()).isEqualTo(5);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/grpc",
        "application/grpc+proto",
        "application/grpc-website",
        "text/plain",
        "application/grpc-web-texts",
        "application/json",
        ""
      })
  void otherRequestsAreNone(String type) {
    assertThat(GrpcWebCall.of(Heads.request("POST /a HTTP/1.1|Host: a|Content-Type: " + type)))
        .isNull();
    assertThat(GrpcWebCall.of(Heads.request("GET /a HTTP/1.1|Host: a|" + BINARY))).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "application/grpc-web, '', application/grpc-web+proto",
    "application/grpc-web+json, */*, application/grpc-web+json",
    "application/grpc-web-text, '', application/grpc-web-text+proto",
    "application/grpc-web-text+proto, application/grpc-web, application/grpc-web+proto",
    "application/grpc-web, application/grpc-web-text, application/grpc-web-text+proto",
    "application/grpc-web, 'application/grpc-web-text, application/grpc-web', application/grpc-web+proto",
  })
  void theAnswerIsOfTheTypeThatTheClientAccepts(String type, String accept, String answer) {
    assertThat(call("Content-Type: " + type + "|Accept: " + accept).ownType()).isEqualTo(answer);
  }
}
