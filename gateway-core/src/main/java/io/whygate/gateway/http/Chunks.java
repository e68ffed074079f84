package io.whygate.gateway.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Writes content in chunks (RFC 9112 section 7.1).
public final class Chunks {
  private static final int COPY_UP_TO = 1024;
  private static final byte[] CRLF = {'\r', '\n'};
  private static final ByteBuf CRLF_BUFFER =
      Unpooled.unreleasableBuffer(Unpooled.directBuffer(2, 2).writeBytes(CRLF).asReadOnly());
  private static final byte[] LAST = "0\r\n".getBytes(StandardCharsets.US_ASCII);

  private Chunks() {}

  /// Writes one chunk without flushing. Owns the piece.
  public static void write(Channel channel, ByteBuf piece) {
    int size = piece.readableBytes();
    if (size == 0) {
      piece.release();
      return;
    }
    boolean copies = size <= COPY_UP_TO;
    ByteBuf head = channel.alloc().buffer(copies ? size + 12 : 12);
    ByteBufUtil.writeAscii(head, Integer.toHexString(size));
    head.writeBytes(CRLF);
    if (copies) {
      head.writeBytes(piece).writeBytes(CRLF);
      piece.release();
      channel.write(head, channel.voidPromise());
      return;
    }
    channel.write(head, channel.voidPromise());
    channel.write(piece, channel.voidPromise());
    channel.write(CRLF_BUFFER.duplicate(), channel.voidPromise());
  }

  /// The last chunk, with the trailer fields that may pass on. The caller owns the buffer.
  public static ByteBuf last(Channel channel, @Nullable FieldSection trailers) {
    ByteBuf out = channel.alloc().buffer(64);
    out.writeBytes(LAST);
    if (trailers != null) {
      for (int i = 0; i < trailers.count(); i++) {
        if (mayPass(trailers, i)) {
          out.writeBytes(
              trailers.bytes(), trailers.nameStart(i), trailers.lineEnd(i) - trailers.nameStart(i));
        }
      }
    }
    return out.writeBytes(CRLF);
  }

  /// Whether a trailer field may pass on: none that frames, routes, authenticates or changes how
  /// the message is read (RFC 9110 section 6.5.1).
  public static boolean mayPass(FieldSection trailers, int field) {
    if (trailers.known(field) != null) {
      return false;
    }
    byte[] bytes = trailers.bytes();
    int start = trailers.nameStart(field);
    int length = trailers.nameEnd(field) - start;
    return switch (bytes[start] | 0x20) {
      case 'a' -> !is(trailers, field, "authorization") && !is(trailers, field, "age");
      case 'c' ->
          !is(trailers, field, "cookie")
              && !is(trailers, field, "cache-control")
              && !(length > 8 && trailers.name(field).regionMatches(true, 0, "content-", 0, 8));
      case 'e' -> !is(trailers, field, "expires");
      case 'l' -> !is(trailers, field, "location");
      case 'p' -> !(length > 6 && trailers.name(field).regionMatches(true, 0, "proxy-", 0, 6));
      case 's' -> !is(trailers, field, "set-cookie");
      case 'v' -> !is(trailers, field, "vary");
      case 'w' -> !is(trailers, field, "www-authenticate");
      default -> true;
    };
  }

  private static boolean is(FieldSection trailers, int field, String name) {
    return trailers.nameEnd(field) - trailers.nameStart(field) == name.length()
        && trailers.name(field).equalsIgnoreCase(name);
  }
}
