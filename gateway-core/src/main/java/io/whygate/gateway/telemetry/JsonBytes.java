package io.whygate.gateway.telemetry;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// A reusable buffer in which JSON is written as UTF-8 bytes. Not for more than one thread.
final class JsonBytes {
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  /// The most bytes that one character takes.
  private static final int LONGEST_ESCAPE = 6;

  /// Of the largest number.
  private static final int MOST_DIGITS = 19;

  private byte[] bytes = new byte[4096];
  private int length;

  void clear() {
    length = 0;
  }

  /// How many bytes there are.
  int length() {
    return length;
  }

  /// A copy of what was written since there were so many bytes.
  byte[] since(int mark) {
    return Arrays.copyOfRange(bytes, mark, length);
  }

  /// Hands over what was written as a line.
  void offerTo(LineQueue queue) {
    queue.offer(bytes, length);
  }

  /// Writes ASCII text as it stands: syntax, names, numbers.
  @SuppressWarnings("deprecation") // Of characters beyond Latin-1; it copies ASCII in one piece.
  JsonBytes raw(String ascii) {
    int count = ascii.length();
    ensure(count);
    ascii.getBytes(0, count, bytes, length);
    length += count;
    return this;
  }

  JsonBytes raw(byte[] json) {
    ensure(json.length);
    System.arraycopy(json, 0, bytes, length, json.length);
    length += json.length;
    return this;
  }

  JsonBytes raw(char ascii) {
    ensure(1);
    bytes[length++] = (byte) ascii;
    return this;
  }

  JsonBytes number(long value) {
    if (value >= 0 && value < 10) {
      return raw((char) ('0' + value));
    }
    if (value < 0) {
      return value == Long.MIN_VALUE ? raw("-9223372036854775808") : raw('-').number(-value);
    }
    int digits = digits(value);
    ensure(digits);
    int at = length + digits;
    length = at;
    long rest = value;
    do {
      bytes[--at] = (byte) ('0' + rest % 10);
      rest /= 10;
    } while (rest > 0);
    return this;
  }

  /// Writes a number of thousandths, such as 12345 as `12.345`.
  JsonBytes thousandths(long value) {
    if (value < 0) {
      return raw('-').thousandths(-value);
    }
    number(value / 1000);
    int rest = (int) (value % 1000);
    if (rest == 0) {
      return this;
    }
    raw('.').raw((char) ('0' + rest / 100));
    if (rest % 100 == 0) {
      return this;
    }
    raw((char) ('0' + rest / 10 % 10));
    return rest % 10 == 0 ? this : raw((char) ('0' + rest % 10));
  }

  private static int digits(long value) {
    int digits = 1;
    for (long next = 10; digits < MOST_DIGITS && value >= next; next *= 10) {
      digits++;
    }
    return digits;
  }

  /// Writes a string in quotes; what lies beyond the limit is replaced by an ellipsis.
  JsonBytes string(String text, int limit) {
    int count = Math.min(text.length(), limit);
    ensure(count * LONGEST_ESCAPE + 5);
    byte[] out = bytes;
    int at = length;
    out[at++] = '"';
    int plain = 0;
    while (plain < count && isPlain(text.charAt(plain))) {
      out[at++] = (byte) text.charAt(plain++);
    }
    length = at;
    if (plain < count) {
      escaped(text, plain, count);
    }
    if (text.length() > limit) {
      utf8('…');
    }
    bytes[length++] = '"';
    return this;
  }

  private static boolean isPlain(char c) {
    return c >= ' ' && c < 0x7f && c != '"' && c != '\\';
  }

  private void escaped(String text, int from, int to) {
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      if (isPlain(c)) {
        bytes[length++] = (byte) c;
      } else if (Character.isHighSurrogate(c)
          && i + 1 < to
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        utf8(Character.toCodePoint(c, text.charAt(++i)));
      } else {
        special(c);
      }
    }
  }

  private void special(char c) {
    switch (c) {
      case '"' -> raw("\\\"");
      case '\\' -> raw("\\\\");
      case '\n' -> raw("\\n");
      case '\r' -> raw("\\r");
      case '\t' -> raw("\\t");
      default -> {
        if (c < 0xa0) {
          raw("\\u00").raw((char) HEX[c >> 4]).raw((char) HEX[c & 15]);
        } else {
          utf8(Character.isSurrogate(c) ? 0xfffd : c);
        }
      }
    }
  }

  private void utf8(int codePoint) {
    ensure(4);
    if (codePoint < 0x800) {
      bytes[length++] = (byte) (0xc0 | (codePoint >> 6));
    } else if (codePoint < 0x10000) {
      bytes[length++] = (byte) (0xe0 | (codePoint >> 12));
      bytes[length++] = (byte) (0x80 | ((codePoint >> 6) & 0x3f));
    } else {
      bytes[length++] = (byte) (0xf0 | (codePoint >> 18));
      bytes[length++] = (byte) (0x80 | ((codePoint >> 12) & 0x3f));
      bytes[length++] = (byte) (0x80 | ((codePoint >> 6) & 0x3f));
    }
    bytes[length++] = (byte) (0x80 | (codePoint & 0x3f));
  }

  private void ensure(int more) {
    if (length + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
    }
  }
}
