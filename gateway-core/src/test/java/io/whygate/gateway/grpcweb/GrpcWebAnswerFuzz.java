package io.whygate.gateway.grpcweb;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.whygate.gateway.http.FieldSection;
import io.whygate.gateway.http.Heads;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Any bytes as the content and the trailers of a gRPC server's answer to a gRPC-Web client: what
/// the client reads is the same messages and one of trailers behind them, each of its lines a field
/// that the server sent; wherever the bytes are cut and held back.
public final class GrpcWebAnswerFuzz {
  private static final String HEAD =
      "HTTP/1.1 200 OK|Content-Type: application/grpc|Transfer-Encoding: chunked";

  private GrpcWebAnswerFuzz() {}

  /// Called by Jazzer. The first byte says whether the client reads text, and whether all is
  /// flushed after each piece; the second how much of the rest is trailers.
  public static void fuzzerTestOneInput(byte[] input) {
    if (input.length < 2) {
      return;
    }
    boolean text = (input[0] & 1) != 0;
    boolean flushes = (input[0] & 2) != 0;
    int split = 2 + (input[1] & 0xff) * (input.length - 2) / 255;
    byte[] content = Arrays.copyOfRange(input, 2, split);
    FieldSection trailers = trailers(Arrays.copyOfRange(input, split, input.length));
    byte @Nullable [] whole = read(content, trailers, text, flushes, Math.max(1, content.length));
    byte @Nullable [] cut = read(content, trailers, text, !flushes, 1 + content.length / 5);
    check(Arrays.equals(whole, cut), "it depends on where the bytes are cut");
    boolean isSound = GrpcWebFuzz.isMessages(content);
    check((whole != null) == isSound, isSound ? "it is broken off" : "it passes");
    if (whole != null) {
      check(whole.length >= content.length, "some of the content is lost");
      check(Arrays.equals(Arrays.copyOf(whole, content.length), content), "the content is another");
      last(Arrays.copyOfRange(whole, content.length, whole.length), trailers);
    }
  }

  /// Fields, where bytes are such.
  private static @Nullable FieldSection trailers(byte[] bytes) {
    try {
      String lines = new String(bytes, ISO_8859_1);
      return Heads.response("HTTP/1.1 200 OK\r\n" + lines.replace("|", "/")).fields();
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /// What a client reads of an answer; null where it is broken off.
  private static byte @Nullable [] read(
      byte[] content, @Nullable FieldSection trailers, boolean text, boolean flushes, int size) {
    GrpcWebAnswer answer = GrpcWebAnswer.of(Heads.response(HEAD), text);
    if (answer == null) {
      throw new AssertionError("no answer");
    }
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    try {
      for (int at = 0; at < content.length; at += size) {
        ByteBuf piece = Unpooled.copiedBuffer(content, at, Math.min(size, content.length - at));
        ByteBuf out = answer.take(piece);
        if (out == null) {
          check(piece.refCnt() == 0, "a piece that is refused is kept");
          return null;
        }
        add(all, out);
        if (flushes) {
          add(all, answer.flush());
        }
      }
      if (!answer.isBetweenMessages()) {
        return null;
      }
      add(all, answer.end(trailers));
    } finally {
      answer.close();
    }
    return text ? decoded(all.toByteArray()) : all.toByteArray();
  }

  private static void add(ByteArrayOutputStream all, ByteBuf piece) {
    all.writeBytes(ByteBufUtil.getBytes(piece));
    piece.release();
  }

  /// As clients do it: each group of four for itself.
  private static byte[] decoded(byte[] text) {
    check(text.length % 4 == 0, "text that ends within a group");
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int at = 0; at < text.length; at += 4) {
      all.writeBytes(Base64.getDecoder().decode(Arrays.copyOfRange(text, at, at + 4)));
    }
    return all.toByteArray();
  }

  /// Checks the message of trailers.
  private static void last(byte[] message, @Nullable FieldSection trailers) {
    if (trailers == null) {
      check(message.length == 0, "trailers of nobody");
      return;
    }
    ByteBuf in = Unpooled.wrappedBuffer(message);
    check(message.length >= 5 && in.readUnsignedByte() == 0x80, "no message of trailers");
    check(in.readUnsignedInt() == message.length - 5, "more than one message of trailers");
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < trailers.count(); i++) {
      String name = trailers.name(i).toLowerCase(Locale.ROOT);
      if (TrailerMessage.takes(trailers, i)) {
        check(!name.startsWith("access-control-"), "a word for the browser");
        lines.append(name).append(':').append(trailers.value(i)).append("\r\n");
      }
    }
    String told = new String(message, 5, message.length - 5, ISO_8859_1);
    check(told.contentEquals(lines), "other lines than the server's");
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }
}
