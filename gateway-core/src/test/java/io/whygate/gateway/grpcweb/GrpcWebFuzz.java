package io.whygate.gateway.grpcweb;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.whygate.gateway.http.Heads;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/// Any bytes as the content of a gRPC-Web call, as text or binary: what reaches the server is
/// messages and nothing else, and the same wherever the bytes are cut; text says what Java's own
/// decoder takes it for.
public final class GrpcWebFuzz {
  private static final String HEAD = "POST /a HTTP/1.1|Host: a|Content-Length: 9|Content-Type: ";

  private GrpcWebFuzz() {}

  /// Called by Jazzer. The first byte says whether it is text.
  public static void fuzzerTestOneInput(byte[] input) {
    if (input.length == 0) {
      return;
    }
    boolean text = (input[0] & 1) != 0;
    byte[] content = Arrays.copyOfRange(input, 1, input.length);
    byte @Nullable [] taken = taken(content, text, Math.max(1, content.length));
    for (int size : new int[] {1, 3, 1 + content.length / 2}) {
      byte @Nullable [] cut = taken(content, text, size);
      check(Arrays.equals(taken, cut), "it depends on where the bytes are cut");
    }
    byte @Nullable [] plain = text ? decoded(content) : content;
    boolean isSound = plain != null && isMessages(plain);
    check((taken != null) == isSound, isSound ? "it is refused" : "it is taken");
    check(taken == null || Arrays.equals(taken, plain), "the server sees something else");
  }

  /// What the server is sent of a call; null where the call is refused.
  private static byte @Nullable [] taken(byte[] content, boolean text, int size) {
    GrpcWebCall call =
        GrpcWebCall.of(
            Heads.request(HEAD + (text ? "application/grpc-web-text" : "application/grpc-web")));
    if (call == null) {
      throw new AssertionError("no call");
    }
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int at = 0; at < content.length; at += size) {
      ByteBuf piece = Unpooled.copiedBuffer(content, at, Math.min(size, content.length - at));
      ByteBuf plain = call.take(piece);
      if (plain == null) {
        check(piece.refCnt() == 0, "a piece that is refused is kept");
        check(!call.problem().isEmpty(), "a refusal without a reason");
        return null;
      }
      all.writeBytes(ByteBufUtil.getBytes(plain));
      plain.release();
      check(piece.refCnt() == 0, "a piece is kept");
    }
    return call.mayEnd() ? all.toByteArray() : null;
  }

  /// What text says, a group after the other; null where it is no base64, or could have been
  /// written in another way.
  private static byte @Nullable [] decoded(byte[] text) {
    if (text.length % 4 != 0) {
      return null;
    }
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int at = 0; at < text.length; at += 4) {
      byte[] group = Arrays.copyOfRange(text, at, at + 4);
      try {
        byte[] plain = Base64.getDecoder().decode(group);
        if (!Arrays.equals(Base64.getEncoder().encode(plain), group)) {
          return null;
        }
        all.writeBytes(plain);
      } catch (IllegalArgumentException e) {
        return null;
      }
    }
    return all.toByteArray();
  }

  /// Whether content is whole messages: flags of 0 or 1, a length, so many bytes.
  static boolean isMessages(byte[] content) {
    long at = 0;
    while (at < content.length) {
      int flags = content[(int) at];
      if (content.length - at < 5 || flags < 0 || flags > 1) {
        return false;
      }
      at += 5 + Unpooled.wrappedBuffer(content).getUnsignedInt((int) at + 1);
    }
    return at == content.length;
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new AssertionError(otherwise);
    }
  }
}
