package io.whygate.diagnostics.facts;

/// The step of an attempt at which something happened, in the order in which an attempt goes
/// through them.
public enum Phase {
  RESOLVE,
  CONNECT,
  TLS_HANDSHAKE,
  SEND_REQUEST,
  AWAIT_RESPONSE,
  READ_RESPONSE
}
