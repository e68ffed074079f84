package io.whygate.gateway.trace;

import java.nio.charset.StandardCharsets;

/// Ids as hexadecimal digits in lower case.
public final class Hex {
  private static final byte[] DIGITS = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
  private static final int PER_LONG = 16;

  private Hex() {}

  /// Writes all 16 digits.
  ///
  /// @return where the next byte goes
  public static int write(long bits, byte[] into, int from) {
    for (int i = 0; i < PER_LONG; i++) {
      into[from + i] = DIGITS[(int) (bits >>> (60 - 4 * i)) & 15];
    }
    return from + PER_LONG;
  }

  /// Whether all of these bytes are digits in lower case.
  static boolean isHex(byte[] bytes, int start, int count) {
    for (int i = start; i < start + count; i++) {
      if (!((bytes[i] >= '0' && bytes[i] <= '9') || (bytes[i] >= 'a' && bytes[i] <= 'f'))) {
        return false;
      }
    }
    return true;
  }

  /// The number that up to 16 digits spell.
  static long read(byte[] bytes, int start, int count) {
    long bits = 0;
    for (int i = start; i < start + count; i++) {
      bits = bits << 4 | (bytes[i] <= '9' ? bytes[i] - '0' : bytes[i] - 'a' + 10);
    }
    return bits;
  }
}
