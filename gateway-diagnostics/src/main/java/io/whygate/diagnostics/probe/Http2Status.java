package io.whygate.diagnostics.probe;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Reads `:status`, which stands first, from a list of fields that uses no table of its own (RFC
/// 7541; RFC 9113 section 8.3.2).
final class Http2Status {
  private static final int[] INDEXED = {200, 204, 206, 304, 400, 404, 500};
  private static final int FIRST_INDEX = 8;

  private Http2Status() {}

  /// The status; -1 where there is none.
  static int in(byte[] block) {
    int at = 0;
    while (at < block.length && (block[at] & 0xe0) == 0x20) {
      at += lengthOfInteger(block, at, 5);
    }
    if (at >= block.length) {
      return -1;
    }
    int first = block[at] & 0xff;
    if (first >= 0x80) {
      int index = first - 0x80 - FIRST_INDEX;
      return index >= 0 && index < INDEXED.length ? INDEXED[index] : -1;
    }
    int name = first & ((first & 0x40) != 0 ? 0x3f : 0x0f);
    at++;
    if (name == 0) {
      byte[] status = ":status".getBytes(StandardCharsets.US_ASCII);
      boolean named = at < block.length && isName(block, at, status);
      if (!named) {
        return -1;
      }
      at += 1 + (block[at] & 0x7f);
    } else if (name < FIRST_INDEX || name >= FIRST_INDEX + INDEXED.length) {
      return -1;
    }
    return at < block.length ? value(block, at) : -1;
  }

  /// Whether a name stands here: plain, or, since no other pseudo-header field may come in an
  /// answer, packed.
  private static boolean isName(byte[] block, int at, byte[] name) {
    if ((block[at] & 0x80) != 0) {
      return true;
    }
    return block[at] == name.length
        && at + name.length < block.length
        && Arrays.equals(block, at + 1, at + 1 + name.length, name, 0, name.length);
  }

  private static int lengthOfInteger(byte[] block, int at, int prefix) {
    int most = (1 << prefix) - 1;
    int end = at + 1;
    if ((block[at] & most) == most) {
      while (end < block.length && (block[end] & 0x80) != 0) {
        end++;
      }
      end++;
    }
    return end - at;
  }

  /// Three digits, plain or by Huffman's code, where 0 to 2 have five bits and 3 to 9 six (RFC 7541
  /// appendix B).
  private static int value(byte[] block, int at) {
    boolean packed = (block[at] & 0x80) != 0;
    int length = block[at] & 0x7f;
    if (length > 3 || at + length >= block.length) {
      return -1;
    }
    int bits = 0;
    for (int i = 1; i <= length; i++) {
      bits = (bits << 8) | (block[at + i] & 0xff);
    }
    int left = 8 * length;
    int status = 0;
    for (int digits = 0; digits < 3; digits++) {
      int digit;
      if (!packed) {
        left -= 8;
        digit = left < 0 ? -1 : ((bits >> left) & 0xff) - '0';
      } else {
        int five = left >= 5 ? (bits >> (left - 5)) & 0x1f : 31;
        int six = left >= 6 ? (bits >> (left - 6)) & 0x3f : 0;
        boolean isShort = five <= 2;
        digit = isShort ? five : six - 0x19 + 3;
        left -= isShort ? 5 : 6;
      }
      if (digit < 0 || digit > 9 || left < 0) {
        return -1;
      }
      status = status * 10 + digit;
    }
    return status;
  }
}
