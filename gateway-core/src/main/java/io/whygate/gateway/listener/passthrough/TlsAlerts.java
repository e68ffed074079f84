package io.whygate.gateway.listener.passthrough;

/// Fatal alerts as records of TLS, before any key is agreed on (RFC 8446 sections 5.1 and 6). Not
/// to be changed.
final class TlsAlerts {
  /// Nobody here is called so.
  static final byte[] UNRECOGNIZED_NAME = {21, 3, 3, 0, 2, 2, 112};

  /// It is not the client's fault.
  static final byte[] INTERNAL_ERROR = {21, 3, 3, 0, 2, 2, 80};

  private TlsAlerts() {}
}
