package io.whygate.gateway.http;

/// The character classes of RFC 9110 section 5.6 and RFC 3986, as tables over bytes.
public final class Grammar {
  private static final byte TOKEN = 1;
  private static final byte VALUE = 2;
  private static final byte TARGET = 4;
  private static final byte HOST = 8;
  private static final byte DIGIT = 16;

  private static final byte[] CLASSES = new byte[256];

  static {
    for (int c = 0x21; c <= 0x7e; c++) {
      CLASSES[c] |= TARGET;
    }
    for (int c = 0x20; c <= 0xff; c++) {
      if (c != 0x7f) {
        CLASSES[c] |= VALUE;
      }
    }
    CLASSES['\t'] |= VALUE;
    CLASSES['#'] &= ~TARGET;
    for (int c = '0'; c <= '9'; c++) {
      CLASSES[c] |= TOKEN | HOST | DIGIT;
    }
    for (int c = 'a'; c <= 'z'; c++) {
      CLASSES[c] |= TOKEN | HOST;
      CLASSES[c - 32] |= TOKEN | HOST;
    }
    for (char c : "!#$%&'*+-.^_`|~".toCharArray()) {
      CLASSES[c] |= TOKEN;
    }
    for (char c : "-._~!$&'()*+,;=".toCharArray()) {
      CLASSES[c] |= HOST;
    }
  }

  private Grammar() {}

  /// A `tchar` of RFC 9110 section 5.6.2.
  public static boolean isToken(byte b) {
    return (CLASSES[b & 0xff] & TOKEN) != 0;
  }

  /// A byte that may stand in a field value: visible, space, tab, or beyond ASCII.
  public static boolean isValue(byte b) {
    return (CLASSES[b & 0xff] & VALUE) != 0;
  }

  /// A visible ASCII character that may stand in a request target (a fragment never does).
  public static boolean isTarget(byte b) {
    return (CLASSES[b & 0xff] & TARGET) != 0;
  }

  public static boolean isDigit(byte b) {
    return (CLASSES[b & 0xff] & DIGIT) != 0;
  }

  /// Whether all bytes of the range are token characters and there is one at least.
  public static boolean isToken(byte[] bytes, int start, int end) {
    for (int i = start; i < end; i++) {
      if (!isToken(bytes[i])) {
        return false;
      }
    }
    return start < end;
  }

  /// Whether the range is a `uri-host [ ":" port ]` (RFC 9110 section 7.2); empty is allowed, a
  /// port alone is not (section 4.2.1), nor are escapes: no name has them, and who undoes them sees
  /// another host.
  public static boolean isAuthority(byte[] bytes, int start, int end) {
    int i = start;
    if (i < end && bytes[i] == '[') {
      i++;
      int literal = i;
      while (i < end && bytes[i] != ']') {
        byte b = bytes[i];
        if (hex(b) < 0 && b != ':' && b != '.') {
          return false;
        }
        i++;
      }
      if (i == end || i - literal < 2) {
        return false;
      }
      i++;
    } else {
      while (i < end && bytes[i] != ':') {
        if ((CLASSES[bytes[i] & 0xff] & HOST) == 0) {
          return false;
        }
        i++;
      }
    }
    if (i == end) {
      return true;
    }
    if (bytes[i] != ':' || end - i > 6 || i == start) {
      return false;
    }
    int port = 0;
    for (i++; i < end; i++) {
      if (!isDigit(bytes[i])) {
        return false;
      }
      port = port * 10 + bytes[i] - '0';
    }
    return port <= 65535;
  }

  /// The value of a hexadecimal digit, or -1.
  public static int hex(byte b) {
    if (b >= '0' && b <= '9') {
      return b - '0';
    }
    int lower = b | 0x20;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
  }

  /// Whether the range spells the lower-case ASCII word, in any case.
  public static boolean equalsIgnoreCase(byte[] bytes, int start, int end, byte[] lowerCase) {
    if (end - start != lowerCase.length) {
      return false;
    }
    for (int i = 0; i < lowerCase.length; i++) {
      byte b = bytes[start + i];
      if (b != lowerCase[i] && (b < 'A' || b > 'Z' || b + 32 != lowerCase[i])) {
        return false;
      }
    }
    return true;
  }
}
