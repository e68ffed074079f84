package io.whygate.gateway.syslog;

import java.io.IOException;
import java.io.InputStream;

/// Parts a stream into messages: by a count before each, or by line ends (RFC 6587 section 3.4),
/// whichever each message begins with. What is longer than the limit is read and cut.
final class Frames {
  private static final int DIGITS = 7;

  private final InputStream in;
  private final byte[] bytes;
  private int length;

  /// @param limit how much of a message is kept, bytes
  Frames(InputStream in, int limit) {
    this.in = in;
    this.bytes = new byte[limit];
  }

  /// The message that was read last; valid until the next is read.
  byte[] bytes() {
    return bytes;
  }

  int length() {
    return length;
  }

  /// Reads the next message; false at the end of the stream.
  ///
  /// @throws IOException where a count is none
  boolean next() throws IOException {
    length = 0;
    int first = in.read();
    while (first == '\n' || first == '\r' || first == 0) {
      first = in.read();
    }
    if (first < 0) {
      return false;
    }
    if (first >= '1' && first <= '9') {
      counted(first);
    } else {
      line(first);
    }
    return true;
  }

  private void counted(int firstDigit) throws IOException {
    int count = firstDigit - '0';
    int digits = 1;
    int next = in.read();
    while (next >= '0' && next <= '9' && digits < DIGITS) {
      count = count * 10 + next - '0';
      digits++;
      next = in.read();
    }
    if (next != ' ') {
      throw new IOException("a message begins with a digit and has no count");
    }
    length = in.readNBytes(bytes, 0, Math.min(count, bytes.length));
    in.skipNBytes(count - length);
  }

  private void line(int first) throws IOException {
    int next = first;
    while (next >= 0 && next != '\n' && next != 0) {
      if (length < bytes.length) {
        bytes[length++] = (byte) next;
      }
      next = in.read();
    }
  }
}
