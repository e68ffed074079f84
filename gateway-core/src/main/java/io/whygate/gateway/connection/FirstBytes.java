package io.whygate.gateway.connection;

import io.whygate.diagnostics.facts.ResponseProblem;

/// Tells what speaks at the other end from the first bytes of an answer that is not HTTP/1.
final class FirstBytes {
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
    // An HTTP/2 server begins with SETTINGS (RFC 9113 section 3.4): a length, the type 4, stream 0.
    boolean settings =
        received >= 9
            && bytes.length >= 9
            && bytes[0] == 0
            && bytes[3] == 4
            && (bytes[4] & ~1) == 0
            && bytes[5] == 0
            && bytes[6] == 0
            && bytes[7] == 0
            && bytes[8] == 0;
    return settings ? ResponseProblem.HTTP2_FRAME : ResponseProblem.NOT_HTTP;
  }
}
