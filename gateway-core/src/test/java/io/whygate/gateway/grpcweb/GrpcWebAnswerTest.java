package io.whygate.gateway.grpcweb;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.whygate.gateway.http.FieldSection;
import io.whygate.gateway.http.Framing;
import io.whygate.gateway.http.Heads;
import io.whygate.gateway.http.ResponseHead;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Base64;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Answers of gRPC servers on their way to gRPC-Web clients.
class GrpcWebAnswerTest {
  private static final String HEAD =
      "HTTP/1.1 200 OK|Content-Type: application/grpc|X-Mine: 1|Transfer-Encoding: chunked";

  private static GrpcWebAnswer answer(String lines, boolean text) {
    GrpcWebAnswer answer = GrpcWebAnswer.of(Heads.response(lines), text);
    assertThat(answer).isNotNull();
    return answer;
  }

  private static FieldSection trailers(String lines) {
    return Heads.response("HTTP/1.1 200 OK|" + lines).fields();
  }

  private static byte[] bytes(ByteBuf buffer) {
    byte[] bytes = ByteBufUtil.getBytes(buffer);
    buffer.release();
    return bytes;
  }

  /// A message of trailers.
  private static byte[] last(String lines) {
    String text = lines.replace("|", "\r\n");
    ByteBuf message = Unpooled.buffer().writeByte(0x80).writeInt(text.length());
    message.writeCharSequence(text, ISO_8859_1);
    return bytes(message);
  }

  private static byte[] passed(
      GrpcWebAnswer answer, byte[] content, @Nullable FieldSection trailers, Random random) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int at = 0; at < content.length; ) {
      int end = Math.min(content.length, at + 1 + random.nextInt(100));
      ByteBuf taken = answer.take(Unpooled.wrappedBuffer(content, at, end - at));
      assertThat(taken).isNotNull();
      all.writeBytes(bytes(taken));
      if (random.nextInt(3) == 0) {
        all.writeBytes(bytes(answer.flush()));
      }
      at = end;
    }
    assertThat(answer.isBetweenMessages()).isTrue();
    all.writeBytes(bytes(answer.end(trailers)));
    return all.toByteArray();
  }

  /// As clients do it: each group of four for itself.
  private static byte[] decoded(byte[] text) {
    assertThat(text.length % 4).isZero();
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int at = 0; at < text.length; at += 4) {
      all.writeBytes(Base64.getDecoder().decode(Arrays.copyOfRange(text, at, at + 4)));
    }
    return all.toByteArray();
  }

  private static byte[] joined(byte[] content, byte[] more) {
    byte[] all = Arrays.copyOf(content, content.length + more.length);
    System.arraycopy(more, 0, all, content.length, more.length);
    return all;
  }

  @Test
  void trailersFollowTheMessages() {
    for (int seed = 0; seed < 100; seed++) {
      Random random = new Random(seed);
      byte[] content = GrpcWebCallTest.messages(random, random.nextInt(6));
      FieldSection trailers = trailers("Grpc-Status: 0|X-Size: 5|Content-Length: 9|Set-Cookie: a");
      byte[] wanted = joined(content, last("grpc-status:0|x-size:5|"));
      assertThat(passed(answer(HEAD, false), content, trailers, random)).isEqualTo(wanted);
      assertThat(decoded(passed(answer(HEAD, true), content, trailers, random))).isEqualTo(wanted);
    }
  }

  @Test
  void whatIsFlushedCanBeDecodedAtOnce() {
    GrpcWebAnswer answer = answer(HEAD, true);
    byte[] message = {0, 0, 0, 0, 2, 1, 2};
    byte[] begin = bytes(answer.take(Unpooled.wrappedBuffer(message)));
    assertThat(decoded(joined(begin, bytes(answer.flush())))).isEqualTo(message);
    assertThat(bytes(answer.flush())).isEmpty();
  }

  @Test
  void theClientSeesAnAnswerOfGrpcWeb() {
    ResponseHead head = answer(HEAD + "|Trailer: grpc-status", false).head();
    assertThat(head.fields().joined("content-type")).isEqualTo("application/grpc-web+proto");
    assertThat(head.fields().joined("x-mine")).isEqualTo("1");
    assertThat(head.fields().joined("trailer")).isEmpty();
    assertThat(head.framing()).isEqualTo(Framing.CHUNKED);
    assertThat(
            answer(
                    "HTTP/1.1 200 OK|Content-Type: application/grpc+json; a=b|Content-Length: 7",
                    true)
                .head()
                .fields()
                .joined("content-type"))
        .isEqualTo("application/grpc-web-text+json");
  }

  @Test
  void trailersAloneBecomeContent() {
    GrpcWebAnswer answer =
        answer(
            "HTTP/1.1 200 OK|Content-Type: application/grpc|grpc-status: 5|grpc-message: no%20such|"
                + "x-why: on purpose|Date: today|Content-Length: 0",
            false);
    assertThat(answer.head().framing()).isEqualTo(Framing.CHUNKED);
    assertThat(answer.head().fields().first("grpc-status")).isNull();
    assertThat(answer.head().fields().first("x-why")).isNull();
    assertThat(answer.head().fields().first("date")).isEqualTo("today");
    assertThat(bytes(answer.end((FieldSection) null)))
        .isEqualTo(last("grpc-status:5|grpc-message:no%20such|x-why:on purpose|"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK|Content-Type: text/html|Content-Length: 3",
        "HTTP/1.1 200 OK|Content-Type: application/grpc-web+proto|Content-Length: 3",
        "HTTP/1.1 415 No|Content-Type: application/grpc|Content-Length: 3",
        "HTTP/1.1 200 OK|Content-Length: 3",
      })
  void anotherAnswerIsNoneOfOurs(String lines) {
    assertThat(GrpcWebAnswer.of(Heads.response(lines), false)).isNull();
  }

  @Test
  void noTrailersStandWithinAMessage() {
    GrpcWebAnswer answer = answer(HEAD, false);
    assertThat(bytes(answer.take(Unpooled.wrappedBuffer(new byte[] {0, 0, 0, 0, 2, 1}))))
        .hasSize(6);
    assertThat(answer.isBetweenMessages()).isFalse();
    assertThat(answer.take(Unpooled.wrappedBuffer(new byte[] {9, (byte) 0x80}))).isNull();
  }
}
