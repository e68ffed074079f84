package io.whygate.diagnostics.facts;

import java.util.Locale;

/// What a failed exchange looked like on the wire, before anybody asked why.
public enum Symptom {
  RESOLVE_FAILED,
  CONNECT_REFUSED,
  CONNECT_TIMEOUT,
  CONNECT_UNREACHABLE,
  CONNECT_FAILED,
  TLS_FAILED,
  TLS_TIMEOUT,
  SEND_FAILED,
  CLOSED,
  RESET,
  RESPONSE_TIMEOUT,
  MALFORMED,
  PROTOCOL_ERROR,
  TRUNCATED,
  NO_ENDPOINT,
  LIMIT,
  UPSTREAM_STATUS,
  /// Nothing has failed yet: it is about a certificate that the gateway itself shows.
  OWN_CERTIFICATE;

  private final String code = name().toLowerCase(Locale.ROOT).replace('_', '-');

  /// The symptom as documents and metrics write it, such as `connect-refused`.
  public String code() {
    return code;
  }
}
