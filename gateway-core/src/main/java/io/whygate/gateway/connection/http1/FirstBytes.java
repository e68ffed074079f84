package io.whygate.gateway.connection.http1;

import io.whygate.diagnostics.facts.ResponseProblem;

/// Tells what speaks at the other end from the first bytes of an answer that is not HTTP/1.
final class FirstBytes {
  private static final int FRAME_HEADER = 9;
  private static final byte RST_STREAM = 3;
  private static final byte SETTINGS = 4;
  private static final byte GOAWAY = 7;

  private FirstBytes() {}

  /// What the bytes are.
  ///
  /// @param received how many came, which may be more than the array holds
  static ResponseProblem classify(byte[] bytes, long received) {
    if (received >= 3
        && bytes.length >= 3
        && (bytes[0] == 0x15 || bytes[0] == 0x16)
        && bytes[1] == 0x03) {
      return ResponseProblem.TLS_RECORD;
    }
    return isHttp2Frame(bytes, received) ? ResponseProblem.HTTP2_FRAME : ResponseProblem.NOT_HTTP;
  }

  /// Whether an HTTP/2 server speaks: it begins with SETTINGS (RFC 9113 section 3.4), or ends what
  /// it does not understand with GOAWAY or RST_STREAM.
  private static boolean isHttp2Frame(byte[] bytes, long received) {
    if (received < FRAME_HEADER || bytes.length < FRAME_HEADER || bytes[0] != 0) {
      return false;
    }
    boolean connection = bytes[5] == 0 && bytes[6] == 0 && bytes[7] == 0 && bytes[8] == 0;
    int length = (bytes[1] & 0xff) << 8 | (bytes[2] & 0xff);
    return switch (bytes[3]) {
      case SETTINGS -> connection && (bytes[4] & ~1) == 0 && length % 6 == 0;
      case GOAWAY -> connection && bytes[4] == 0 && length >= 8;
      case RST_STREAM -> !connection && bytes[4] == 0 && length == 4;
      default -> false;
    };
  }
}
