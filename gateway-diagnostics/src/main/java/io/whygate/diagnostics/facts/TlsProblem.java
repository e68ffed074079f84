package io.whygate.diagnostics.facts;

/// What ended a TLS handshake with an endpoint.
public enum TlsProblem {
  /// The gateway did not accept the certificate chain that the server showed.
  CERTIFICATE_REJECTED,
  /// The server sent an alert.
  ALERT_RECEIVED,
  /// The server's bytes are not TLS.
  NOT_TLS,
  /// The server closed the connection during the handshake.
  CLOSED,
  /// Any other breach of the protocol.
  PROTOCOL
}
