package io.whygate.diagnostics.page;

import java.util.Locale;

/// The error types registered for Proxy-Status (RFC 9209 section 2.3), each with the status of the
/// answer that goes with it.
///
/// The status is the RFC's recommendation, but for the types to which it gives 500: there it is
/// 503, as the contract knows 502, 503 and 504 only.
public enum ProxyErrorType {
  DNS_TIMEOUT(504),
  DNS_ERROR(502),
  DESTINATION_NOT_FOUND(503),
  DESTINATION_UNAVAILABLE(503),
  DESTINATION_IP_PROHIBITED(502),
  DESTINATION_IP_UNROUTABLE(502),
  CONNECTION_REFUSED(502),
  CONNECTION_TERMINATED(502),
  CONNECTION_TIMEOUT(504),
  CONNECTION_READ_TIMEOUT(504),
  CONNECTION_WRITE_TIMEOUT(504),
  CONNECTION_LIMIT_REACHED(503),
  TLS_PROTOCOL_ERROR(502),
  TLS_CERTIFICATE_ERROR(502),
  TLS_ALERT_RECEIVED(502),
  HTTP_REQUEST_ERROR(400),
  HTTP_REQUEST_DENIED(403),
  HTTP_RESPONSE_INCOMPLETE(502),
  HTTP_RESPONSE_HEADER_SECTION_SIZE(502),
  HTTP_RESPONSE_HEADER_SIZE(502),
  HTTP_RESPONSE_BODY_SIZE(502),
  HTTP_RESPONSE_TRAILER_SECTION_SIZE(502),
  HTTP_RESPONSE_TRAILER_SIZE(502),
  HTTP_RESPONSE_TRANSFER_CODING(502),
  HTTP_RESPONSE_CONTENT_CODING(502),
  HTTP_RESPONSE_TIMEOUT(504),
  HTTP_UPGRADE_FAILED(502),
  HTTP_PROTOCOL_ERROR(502),
  PROXY_INTERNAL_RESPONSE(503),
  PROXY_INTERNAL_ERROR(503),
  PROXY_CONFIGURATION_ERROR(503),
  PROXY_LOOP_DETECTED(502);

  private final String code = name().toLowerCase(Locale.ROOT);
  private final int status;

  ProxyErrorType(int status) {
    this.status = status;
  }

  /// The type as the registry writes it, such as `connection_refused`.
  public String code() {
    return code;
  }

  /// The status code of the answer.
  public int status() {
    return status;
  }
}
