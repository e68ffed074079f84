package io.whygate.diagnostics.facts;

/// What is wrong with the bytes of an answer.
public enum ResponseProblem {
  /// The first bytes are not those of any HTTP/1 answer.
  NOT_HTTP,
  /// The first bytes are a TLS record: an alert, or a handshake.
  TLS_RECORD,
  /// The first bytes are an HTTP/2 frame, though HTTP/1 was spoken.
  HTTP2_FRAME,
  /// The answer says that plain HTTP was sent to an HTTPS port.
  TLS_WANTED,
  /// HTTP/2 was spoken, and the answer is not HTTP/2.
  NOT_HTTP2,
  /// The status line breaks the grammar of RFC 9112 section 4.
  BAD_STATUS_LINE,
  /// A field line breaks the grammar of RFC 9112 section 5.
  BAD_FIELD,
  /// The header section, or one field of it, is larger than the limit.
  HEADER_TOO_LARGE,
  /// The framing can be read in two ways (RFC 9112 section 6.3): both lengths, or differing
  /// lengths.
  AMBIGUOUS_FRAMING,
  /// So can it by its transfer coding alone, which is not one `chunked`: twice, unknown, or not
  /// last.
  AMBIGUOUS_CODING,
  /// A chunk breaks the grammar of RFC 9112 section 7.1.
  BAD_CHUNK,
  /// Its content comes in too many chunks or DATA frames that carry next to nothing.
  SMALL_PIECES,
  /// More bytes came than the length said.
  EXCESS_BODY,
  /// The connection ended before the length said, or before the last chunk.
  CUT_SHORT,
  /// The trailer section breaks the grammar or its limit.
  BAD_TRAILER,
  /// A switch of protocols that nobody asked for.
  UNASKED_UPGRADE
}
