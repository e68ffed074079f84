package io.whygate.diagnostics.facts;

/// How the other side ended a connection.
public enum Closing {
  /// An orderly end: FIN.
  FIN,
  /// RST, or a broken pipe while writing.
  RESET,
  /// An orderly end within TLS: close_notify.
  CLOSE_NOTIFY
}
