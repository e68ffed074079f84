package io.whygate.diagnostics.facts;

/// The names of HTTP/2's error codes (RFC 9113 section 7).
public final class Http2Errors {
  /// An orderly end.
  public static final long NO_ERROR = 0;

  /// The stream was refused before anything was done.
  public static final long REFUSED_STREAM = 7;

  /// The server wants HTTP/1.1 instead.
  public static final long HTTP_1_1_REQUIRED = 13;

  private Http2Errors() {}

  /// The name of a code; its number where it has none.
  public static String name(long code) {
    int known = code < 0 || code > HTTP_1_1_REQUIRED ? -1 : (int) code;
    return switch (known) {
      case 0 -> "NO_ERROR";
      case 1 -> "PROTOCOL_ERROR";
      case 2 -> "INTERNAL_ERROR";
      case 3 -> "FLOW_CONTROL_ERROR";
      case 4 -> "SETTINGS_TIMEOUT";
      case 5 -> "STREAM_CLOSED";
      case 6 -> "FRAME_SIZE_ERROR";
      case 7 -> "REFUSED_STREAM";
      case 8 -> "CANCEL";
      case 9 -> "COMPRESSION_ERROR";
      case 10 -> "CONNECT_ERROR";
      case 11 -> "ENHANCE_YOUR_CALM";
      case 12 -> "INADEQUATE_SECURITY";
      case 13 -> "HTTP_1_1_REQUIRED";
      default -> "0x" + Long.toHexString(code);
    };
  }
}
