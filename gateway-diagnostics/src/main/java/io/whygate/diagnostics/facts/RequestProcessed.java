package io.whygate.diagnostics.facts;

import java.util.Locale;

/// Whether the server may have acted on a request that failed.
public enum RequestProcessed {
  /// Nothing reached the server: it is safe to send again.
  NOT_SENT,
  /// It may have been acted on.
  UNKNOWN,
  /// The server began to answer: it was received.
  RECEIVED;

  /// The value as documents write it, such as `not_sent`.
  public String code() {
    return name().toLowerCase(Locale.ROOT);
  }
}
