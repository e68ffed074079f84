package io.whygate.gateway.http2;

import java.util.Arrays;

/// Reads strings in the Huffman code of RFC 7541 appendix B. The code is canonical: the lengths of
/// its words say all.
final class Huffman {
  private static final int END = 256;
  private static final int SHORT = 8;
  private static final int LONGEST = 30;

  /// The length of each symbol's word, bits; the last is that of the end.
  private static final int[] LENGTHS = {
    13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28,
    28, 28, 28, 28, 28, 28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5,
    6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10, 13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
    7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6, 15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5,
    6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28, 20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23,
    23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24, 22, 21, 20,
    22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22,
    22, 23, 22, 22, 23, 26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26,
    27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27, 20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25,
    25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26, 30
  };

  /// What the next eight bits say, where a word is that short: the symbol above four bits of
  /// length.
  private static final short[] BY_BYTE = new short[1 << SHORT];

  private static final int[] FIRST_CODE = new int[LONGEST + 1];
  private static final int[] FIRST_INDEX = new int[LONGEST + 1];
  private static final int[] COUNT = new int[LONGEST + 1];
  private static final int[] SYMBOLS = new int[LENGTHS.length];

  static {
    int code = 0;
    int index = 0;
    for (int length = 1; length <= LONGEST; length++) {
      code <<= 1;
      FIRST_CODE[length] = code;
      FIRST_INDEX[length] = index;
      for (int symbol = 0; symbol < LENGTHS.length; symbol++) {
        if (LENGTHS[symbol] == length) {
          SYMBOLS[index++] = symbol;
          COUNT[length]++;
          if (length <= SHORT) {
            int from = code << (SHORT - length);
            Arrays.fill(
                BY_BYTE, from, from + (1 << (SHORT - length)), (short) (symbol << 4 | length));
          }
          code++;
        }
      }
    }
  }

  private Huffman() {}

  /// How many bytes a string of so many encoded ones may have at the most.
  static int mostDecoded(int encoded) {
    return encoded * 8 / 5;
  }

  /// Decodes a range into the array from its beginning.
  ///
  /// @return the number of bytes; -1 where the range is not in the code
  static int decode(byte[] in, int start, int end, byte[] out) {
    int at = start;
    int written = 0;
    long window = 0;
    int bits = 0;
    while (true) {
      while (bits <= 48 && at < end) {
        window = window << 8 | (in[at++] & 0xff);
        bits += 8;
      }
      if (bits == 0) {
        return written;
      }
      int next =
          bits >= 32
              ? (int) (window >>> (bits - 32))
              : (int) (window << (32 - bits)) | ((1 << (32 - bits)) - 1);
      int found = BY_BYTE[next >>> 24];
      int length;
      int symbol;
      if (found != 0) {
        length = found & 15;
        symbol = found >> 4;
      } else {
        length = longWord(next);
        symbol = SYMBOLS[FIRST_INDEX[length] + (next >>> (32 - length)) - FIRST_CODE[length]];
      }
      if (length > bits) {
        boolean padding = bits < 8 && next == -1;
        return padding ? written : -1;
      }
      if (symbol == END) {
        return -1;
      }
      out[written++] = (byte) symbol;
      bits -= length;
    }
  }

  /// The length of the word that these bits begin with; it has more than eight.
  private static int longWord(int next) {
    for (int length = SHORT + 1; length < LONGEST; length++) {
      int offset = (next >>> (32 - length)) - FIRST_CODE[length];
      if (offset >= 0 && offset < COUNT[length]) {
        return length;
      }
    }
    return LONGEST;
  }
}
