package io.whygate.gateway.exchange;

import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.UpstreamFacts.ProxyProtocol;
import io.whygate.diagnostics.incident.Incident;
import io.whygate.diagnostics.verdict.Diagnosis;
import io.whygate.gateway.config.UpstreamSettings;
import io.whygate.gateway.http.FieldName;
import io.whygate.gateway.http.ResponseHead;
import io.whygate.gateway.http.RetryAfter;

/// Answers by which a server says that it, or a server behind it, cannot serve, or by which a
/// filter before it says that it will not. They are passed on as they are, and noted.
final class GatewayStatus {
  private GatewayStatus() {}

  private static final int FIRST_CDN = 520;
  private static final int LAST_CDN = 530;

  /// Whether an answer says so: 502, 503, 504, or one of Cloudflare's own statuses.
  static boolean isSuspect(ResponseHead head) {
    int status = head.status();
    return (status >= 502 && status <= 504)
        || (status >= FIRST_CDN
            && status <= LAST_CDN
            && head.fields().first(FieldName.SERVER).equalsIgnoreCase("cloudflare"));
  }

  /// Whether an answer may be how a server, or a filter before it, tells of a failure of the whole
  /// site: 500, and a page with a mark. Most of the former are the site's own affair. So is 400,
  /// but to the first request of a connection that begins with a header: a server that does not
  /// expect one takes it for a request.
  ///
  /// @param blockMark the mark by which the answer is a page in place of the site's; empty where it
  ///   is none
  /// @param isFirst whether it is the first on its connection
  static boolean isDoubtful(
      ResponseHead head, String blockMark, boolean isFirst, UpstreamSettings settings) {
    return head.status() == 500
        || !blockMark.isEmpty()
        || (head.status() == 400 && isFirst && settings.proxyProtocol() != ProxyProtocol.NONE);
  }

  /// Whether what was found of a doubtful answer is more than the site's own affair: a cause that
  /// its log or its page names, a filter, or a server that wants a client certificate.
  static boolean isTelling(Diagnosis diagnosis) {
    return switch (diagnosis.cause()) {
      case APPLICATION_DATABASE_UNAVAILABLE,
          APPLICATION_GATEWAY_ERROR,
          APPLICATION_PROTOCOL_MISMATCH,
          FIREWALL_BLOCKED_REQUEST,
          GATEWAY_LOOP,
          TLS_CLIENT_CERTIFICATE_REQUIRED ->
          true;
      default -> diagnosis.verdict().byLog();
    };
  }

  /// @param blockMark the mark by which the answer is a page in place of the site's; empty where it
  ///   is none
  static AttemptFailure.UpstreamStatus failureOf(ResponseHead head, String blockMark) {
    return new AttemptFailure.UpstreamStatus(
        head.status(),
        RetryAfter.seconds(head.fields().first(FieldName.RETRY_AFTER)),
        head.fields().joined(FieldName.PROXY_STATUS),
        blockMark);
  }

  /// The field lines that such an answer is given on its way.
  static String fields(Incident incident) {
    return "Whygate-Incident: "
        + incident.id()
        + "\r\nWhygate-Cause: "
        + incident.cause().code()
        + "\r\n";
  }
}
