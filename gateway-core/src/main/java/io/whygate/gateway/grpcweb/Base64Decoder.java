package io.whygate.gateway.grpcweb;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Decodes base64 (RFC 4648 section 4) as it comes: groups may lie across pieces, and each may be
/// padded, since clients encode what they have and go on later. Holds less than a group. Confined
/// to its event loop.
final class Base64Decoder {
  private static final byte[] VALUES = values();

  private int digits;
  private int pads;
  private int bits;

  private static byte[] values() {
    byte[] values = new byte[256];
    Arrays.fill(values, (byte) -1);
    for (int i = 0; i < Base64Encoder.ALPHABET.length; i++) {
      values[Base64Encoder.ALPHABET[i]] = (byte) i;
    }
    return values;
  }

  /// Decodes a piece, which stays the caller's.
  ///
  /// @return what it says, possibly nothing, the caller's; null where it is no base64
  @Nullable ByteBuf decode(ByteBuf piece) {
    ByteBuffer in = piece.nioBuffer();
    ByteBuf out = ByteBufAllocator.DEFAULT.heapBuffer(piece.readableBytes() / 4 * 3 + 3);
    byte[] to = out.array();
    int start = out.arrayOffset();
    int end = start;
    while (in.hasRemaining()) {
      if (!take(in.get() & 0xff)) {
        out.release();
        return null;
      }
      if (digits + pads == 4) {
        end = group(to, end);
      }
    }
    return out.writerIndex(end - start);
  }

  /// Takes a character; false where it may not stand there.
  private boolean take(int character) {
    if (character == '=') {
      pads++;
      return digits >= 2 && isPlain();
    }
    int value = VALUES[character];
    bits = (bits << 6) | value;
    digits++;
    return value >= 0 && pads == 0;
  }

  /// Whether the bits that stand for nothing are zero, so that there is one way to say it (RFC 4648
  /// section 3.5).
  private boolean isPlain() {
    return (bits & (digits == 2 ? 0xf : 0x3)) == 0;
  }

  /// Writes a group that is whole.
  ///
  /// @return where the next one begins
  private int group(byte[] to, int at) {
    int all = bits << (6 * pads);
    int next = at;
    for (int shift = 16; shift >= 8 * pads; shift -= 8) {
      to[next++] = (byte) (all >> shift);
    }
    digits = 0;
    pads = 0;
    bits = 0;
    return next;
  }

  /// Whether no group is begun.
  boolean isBetweenGroups() {
    return digits + pads == 0;
  }
}
