package io.whygate.gateway.http;

/// How the end of a message's content is known (RFC 9112 section 6.3).
public enum Framing {
  /// There is no content.
  NONE,
  /// Content-Length says how long it is.
  LENGTH,
  /// It comes in chunks.
  CHUNKED,
  /// It ends with the connection; responses only.
  UNTIL_CLOSE
}
