package io.whygate.gateway.connection.http1;

import io.whygate.gateway.http.FieldName;
import io.whygate.gateway.http.FieldSection;
import java.nio.charset.StandardCharsets;

/// What a server says of how long it keeps a connection: `Keep-Alive: timeout=5, max=99` (RFC 2068
/// section 19.7.1.1, which servers write to this day). Reads bytes; makes nothing.
final class KeepAlive {
  private static final byte[] TIMEOUT = "timeout=".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] MAX = "max=".getBytes(StandardCharsets.US_ASCII);
  private static final int DIGITS = 9;

  private KeepAlive() {}

  /// Seconds for which an idle connection is kept; -1 where it does not say.
  static long timeoutSeconds(FieldSection fields) {
    return parameter(fields, TIMEOUT);
  }

  /// Whether the connection takes no further request.
  static boolean isUsedUp(FieldSection fields) {
    return parameter(fields, MAX) == 0;
  }

  private static long parameter(FieldSection fields, byte[] name) {
    int field = fields.find(FieldName.KEEP_ALIVE, 0);
    if (field < 0) {
      return -1;
    }
    byte[] bytes = fields.bytes();
    int end = fields.valueEnd(field);
    int at = fields.valueStart(field);
    while (at < end) {
      if (startsWith(bytes, at, end, name)) {
        return number(bytes, at + name.length, end);
      }
      while (at < end && bytes[at] != ',') {
        at++;
      }
      at++;
      while (at < end && bytes[at] == ' ') {
        at++;
      }
    }
    return -1;
  }

  private static boolean startsWith(byte[] bytes, int at, int end, byte[] name) {
    if (end - at < name.length) {
      return false;
    }
    for (int i = 0; i < name.length; i++) {
      if ((bytes[at + i] | 0x20) != (name[i] | 0x20)) {
        return false;
      }
    }
    return true;
  }

  private static long number(byte[] bytes, int from, int end) {
    long value = 0;
    int at = from;
    while (at < end && bytes[at] >= '0' && bytes[at] <= '9' && at - from < DIGITS) {
      value = value * 10 + bytes[at] - '0';
      at++;
    }
    return at == from ? -1 : value;
  }
}
