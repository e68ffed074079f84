package io.whygate.e2e.hostile;

import io.whygate.e2e.lab.H3Bytes;
import java.nio.ByteBuffer;
import java.util.Random;

/// Frames of QUIC, byte by byte (RFC 9000 section 19).
final class QuicBytes {
  /// What a packet of 1200 bytes has room for.
  static final int ROOM = 1150;

  private static final int CHALLENGE = 0x1a;
  private static final Random RANDOM = new Random(1);

  private QuicBytes() {}

  /// One frame of nothing else than its type: PING is 1.
  static byte[] bare(int type) {
    return new byte[] {(byte) type};
  }

  static byte[] crypto(long offset, byte[] content) {
    return H3Bytes.join(bare(6), variable(offset), variable(content.length), content);
  }

  /// STREAM with offset and length, and no end.
  static byte[] stream(long id, long offset, byte[] content) {
    return H3Bytes.join(
        bare(0x0e), variable(id), variable(offset), variable(content.length), content);
  }

  static byte[] newConnectionId(long sequence, long retirePriorTo) {
    byte[] id = new byte[8];
    byte[] token = new byte[16];
    RANDOM.nextBytes(id);
    RANDOM.nextBytes(token);
    return H3Bytes.join(
        bare(0x18), variable(sequence), variable(retirePriorTo), bare(id.length), id, token);
  }

  static byte[] pathChallenge() {
    byte[] content = new byte[8];
    RANDOM.nextBytes(content);
    return H3Bytes.join(bare(CHALLENGE), content);
  }

  /// Frames of a number, such as MAX_DATA (0x10) and RETIRE_CONNECTION_ID (0x19).
  static byte[] numbered(int type, long number) {
    return H3Bytes.join(bare(type), variable(number));
  }

  /// Acknowledges packets in a row.
  static byte[] ack(long largest, long inRow) {
    return H3Bytes.join(bare(2), variable(largest), variable(0), variable(0), variable(inRow - 1));
  }

  /// An integer of variable length (RFC 9000 section 16).
  static byte[] variable(long value) {
    if (value < 0x40) {
      return new byte[] {(byte) value};
    }
    if (value < 0x4000) {
      return ByteBuffer.allocate(2).putShort((short) (0x4000 | value)).array();
    }
    if (value < 0x4000_0000) {
      return ByteBuffer.allocate(4).putInt((int) (0x8000_0000L | value)).array();
    }
    return ByteBuffer.allocate(8).putLong(0xc000_0000_0000_0000L | value).array();
  }

  static long variable(ByteBuffer in) {
    int first = in.get() & 0xff;
    long value = first & 0x3f;
    for (int i = 1; i < 1 << (first >> 6); i++) {
      value = value << 8 | Byte.toUnsignedLong(in.get());
    }
    return value;
  }

  /// Passes over the rest of a frame of this type.
  static void skip(int type, ByteBuffer in) {
    switch (type) {
      case 0, 1, 0x1e -> {}
      case 2 -> {
        numbers(2, in);
        numbers((int) (2 * variable(in) + 1), in);
      }
      case 4 -> numbers(3, in);
      case 5, 0x11, 0x15 -> numbers(2, in);
      case 6 -> {
        numbers(1, in);
        bytes(variable(in), in);
      }
      case 7 -> bytes(variable(in), in);
      case 8, 9, 0xa, 0xb, 0xc, 0xd, 0xe, 0xf -> {
        numbers((type & 4) == 0 ? 1 : 2, in);
        bytes((type & 2) == 0 ? in.remaining() : variable(in), in);
      }
      case 0x18 -> {
        numbers(2, in);
        bytes(in.get() + 16L, in);
      }
      case 0x1a, 0x1b -> bytes(8, in);
      default -> numbers(1, in);
    }
  }

  private static void numbers(int count, ByteBuffer in) {
    for (int i = 0; i < count; i++) {
      variable(in);
    }
  }

  private static void bytes(long count, ByteBuffer in) {
    in.position((int) (in.position() + count));
  }
}
