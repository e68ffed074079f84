package io.whygate.diagnostics.facts;

/// When each phase of an attempt ended, in microseconds since the attempt began; [#NEVER] for a
/// phase that was not reached.
///
/// A phase that took no work (a pooled connection is not dialled) ended when the one before it did.
///
/// @param resolved an address was known
/// @param connected the transport connection was established, or taken from the pool
/// @param secured the TLS handshake was complete
/// @param sent the request was written whole
/// @param firstByte the first byte of an answer came
/// @param ended the attempt was over
public record Timeline(
    long resolved, long connected, long secured, long sent, long firstByte, long ended) {
  /// The value of a moment that never came.
  public static final long NEVER = -1;
}
