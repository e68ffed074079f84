package io.whygate.gateway.grpcweb;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// Encodes to base64 (RFC 4648 section 4) as it comes. Holds less than a group. Confined to its
/// event loop.
final class Base64Encoder {
  static final byte[] ALPHABET =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
          .getBytes(StandardCharsets.US_ASCII);

  private int held;
  private int bits;

  /// Encodes a piece, which stays the caller's.
  ///
  /// @return the groups that are whole, possibly none, with room for one more; the caller's
  ByteBuf encode(ByteBuf piece) {
    ByteBuffer in = piece.nioBuffer();
    ByteBuf out = ByteBufAllocator.DEFAULT.heapBuffer((piece.readableBytes() + 2) / 3 * 4 + 4);
    byte[] to = out.array();
    int start = out.arrayOffset();
    int end = start;
    while (in.hasRemaining()) {
      bits = (bits << 8) | (in.get() & 0xff);
      if (++held == 3) {
        to[end++] = (byte) digit(bits >> 18);
        to[end++] = (byte) digit(bits >> 12);
        to[end++] = (byte) digit(bits >> 6);
        to[end++] = (byte) digit(bits);
        held = 0;
        bits = 0;
      }
    }
    return out.writerIndex(end - start);
  }

  /// Writes what is held as a padded group, so that all that came until now can be decoded.
  void flush(ByteBuf out) {
    if (held == 1) {
      out.writeByte(digit(bits >> 2)).writeByte(digit(bits << 4)).writeByte('=').writeByte('=');
    } else if (held == 2) {
      out.writeByte(digit(bits >> 10)).writeByte(digit(bits >> 4));
      out.writeByte(digit(bits << 2)).writeByte('=');
    }
    held = 0;
    bits = 0;
  }

  boolean isHolding() {
    return held > 0;
  }

  private static int digit(int value) {
    return ALPHABET[value & 0x3f];
  }
}
