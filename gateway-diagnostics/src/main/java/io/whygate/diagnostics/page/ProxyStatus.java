package io.whygate.diagnostics.page;

import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.AttemptFailure.ConnectRefused;
import io.whygate.diagnostics.facts.AttemptFailure.ConnectionLost;
import io.whygate.diagnostics.facts.AttemptFailure.MalformedResponse;
import io.whygate.diagnostics.facts.AttemptFailure.NameNotResolved;
import io.whygate.diagnostics.facts.AttemptFailure.NotDialled;
import io.whygate.diagnostics.facts.AttemptFailure.StreamFailed;
import io.whygate.diagnostics.facts.AttemptFailure.TimedOut;
import io.whygate.diagnostics.facts.AttemptFailure.TlsRejected;
import io.whygate.diagnostics.facts.AttemptFailure.Unreachable;
import io.whygate.diagnostics.facts.AttemptFailure.UpstreamStatus;
import io.whygate.diagnostics.facts.ExchangeFailure.AttemptsExhausted;
import io.whygate.diagnostics.facts.ExchangeFailure.LimitReached;
import io.whygate.diagnostics.facts.ExchangeFailure.LoopDetected;
import io.whygate.diagnostics.facts.ExchangeFailure.NoEndpoint;
import io.whygate.diagnostics.facts.ExchangeFailure.OwnCertificate;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.facts.Http2Errors;
import io.whygate.diagnostics.facts.NamingProblem;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.facts.ResponseProblem;
import java.util.Optional;

/// What the proxy met, as the field Proxy-Status tells it (RFC 9209): an error type and the
/// parameters registered for it.
///
/// It names what happened on the wire; the cause, which says why, has fields of its own.
///
/// @param type the most specific type that is true; empty where the server answered validly and its
///   answer was passed on
/// @param parameters the type's parameters, each after a semicolon, or the empty string
/// @param receivedStatus the status code that the server sent, or -1
public record ProxyStatus(Optional<ProxyErrorType> type, String parameters, int receivedStatus) {

  /// What the proxy met in this exchange.
  public static ProxyStatus of(FailedExchange exchange) {
    return switch (exchange.failure()) {
      case AttemptsExhausted _ ->
          exchange
              .subject()
              .map(ProxyStatus::of)
              .orElseGet(() -> of(ProxyErrorType.DESTINATION_UNAVAILABLE));
      case NoEndpoint(NoEndpoint.Reason why) ->
          switch (why) {
            case NONE_CONFIGURED -> of(ProxyErrorType.DESTINATION_NOT_FOUND);
            case ALL_DRAINED, ALL_EJECTED, CIRCUIT_OPEN, MAINTENANCE ->
                of(ProxyErrorType.DESTINATION_UNAVAILABLE);
          };
      case LimitReached(LimitReached.Limit limit) ->
          switch (limit) {
            case POOL, POOL_QUEUE, POOL_WAIT -> of(ProxyErrorType.CONNECTION_LIMIT_REACHED);
            case EXCHANGES -> of(ProxyErrorType.PROXY_INTERNAL_RESPONSE);
          };
      case LoopDetected _ -> of(ProxyErrorType.PROXY_LOOP_DETECTED);
      case OwnCertificate _ -> of(ProxyErrorType.PROXY_CONFIGURATION_ERROR);
    };
  }

  private static ProxyStatus of(FailedAttempt attempt) {
    return switch (attempt.failure()) {
      case NameNotResolved f -> of(f);
      case ConnectRefused _ -> of(ProxyErrorType.CONNECTION_REFUSED);
      case Unreachable _ -> of(ProxyErrorType.DESTINATION_IP_UNROUTABLE);
      case NotDialled f -> of(f, attempt.endpoint().isUnix());
      case TlsRejected f -> of(f);
      case TimedOut(Phase phase, _) -> of(timedOut(phase));
      case ConnectionLost(Phase phase, _) ->
          of(
              phase == Phase.READ_RESPONSE
                  ? ProxyErrorType.HTTP_RESPONSE_INCOMPLETE
                  : ProxyErrorType.CONNECTION_TERMINATED);
      case MalformedResponse f -> of(f, attempt.firstBytes());
      case StreamFailed f -> of(streamFailed(f));
      case UpstreamStatus f -> new ProxyStatus(Optional.empty(), "", f.status());
    };
  }

  private static ProxyStatus of(ProxyErrorType type) {
    return new ProxyStatus(Optional.of(type), "", -1);
  }

  /// A client's own limit was over in this phase.
  static ProxyStatus late(Phase phase) {
    return of(timedOut(phase));
  }

  private static ProxyStatus of(NameNotResolved failure) {
    if (failure.problem() == NamingProblem.TIMEOUT) {
      return of(ProxyErrorType.DNS_TIMEOUT);
    }
    StringBuilder parameters = new StringBuilder();
    if (!failure.rcode().isEmpty()) {
      parameters.append(";rcode=").append(StructuredField.string(failure.rcode()));
    }
    if (failure.infoCode() >= 0) {
      parameters.append(";info-code=").append(failure.infoCode());
    }
    return new ProxyStatus(Optional.of(ProxyErrorType.DNS_ERROR), parameters.toString(), -1);
  }

  private static ProxyStatus of(NotDialled failure, boolean unix) {
    return of(
        switch (failure.problem()) {
          case PORTS_EXHAUSTED -> ProxyErrorType.CONNECTION_LIMIT_REACHED;
          case SOCKET_MISSING, BACKLOG_FULL -> ProxyErrorType.CONNECTION_REFUSED;
          case PERMISSION_DENIED ->
              unix ? ProxyErrorType.CONNECTION_REFUSED : ProxyErrorType.DESTINATION_IP_PROHIBITED;
          case DESCRIPTORS_EXHAUSTED, SYSTEM_DESCRIPTORS_EXHAUSTED, OTHER ->
              ProxyErrorType.PROXY_INTERNAL_ERROR;
        });
  }

  private static ProxyStatus of(TlsRejected failure) {
    return switch (failure.problem()) {
      case CERTIFICATE_REJECTED -> of(ProxyErrorType.TLS_CERTIFICATE_ERROR);
      case CLOSED -> of(ProxyErrorType.CONNECTION_TERMINATED);
      case NOT_TLS, PROTOCOL -> of(ProxyErrorType.TLS_PROTOCOL_ERROR);
      case ALERT_RECEIVED -> {
        StringBuilder parameters = new StringBuilder();
        if (failure.alert() >= 0) {
          parameters.append(";alert-id=").append(failure.alert());
          TlsAlerts.name(failure.alert())
              .ifPresent(name -> parameters.append(";alert-message=").append(name));
        }
        yield new ProxyStatus(
            Optional.of(ProxyErrorType.TLS_ALERT_RECEIVED), parameters.toString(), -1);
      }
    };
  }

  private static ProxyErrorType timedOut(Phase phase) {
    return switch (phase) {
      case RESOLVE -> ProxyErrorType.DNS_TIMEOUT;
      case CONNECT, TLS_HANDSHAKE -> ProxyErrorType.CONNECTION_TIMEOUT;
      case SEND_REQUEST -> ProxyErrorType.CONNECTION_WRITE_TIMEOUT;
      case AWAIT_RESPONSE -> ProxyErrorType.HTTP_RESPONSE_TIMEOUT;
      case READ_RESPONSE -> ProxyErrorType.CONNECTION_READ_TIMEOUT;
    };
  }

  private static ProxyErrorType streamFailed(StreamFailed failure) {
    if (failure.phase() == Phase.READ_RESPONSE && failure.detail().isEmpty()) {
      return ProxyErrorType.HTTP_RESPONSE_INCOMPLETE;
    }
    boolean orderly =
        failure.code() == Http2Errors.NO_ERROR || failure.code() == Http2Errors.REFUSED_STREAM;
    return orderly ? ProxyErrorType.CONNECTION_TERMINATED : ProxyErrorType.HTTP_PROTOCOL_ERROR;
  }

  private static ProxyStatus of(MalformedResponse failure, String firstBytes) {
    ProxyErrorType type =
        switch (failure.problem()) {
          case HEADER_TOO_LARGE -> ProxyErrorType.HTTP_RESPONSE_HEADER_SECTION_SIZE;
          case BAD_CHUNK, AMBIGUOUS_CODING -> ProxyErrorType.HTTP_RESPONSE_TRANSFER_CODING;
          case CUT_SHORT -> ProxyErrorType.HTTP_RESPONSE_INCOMPLETE;
          case BAD_TRAILER ->
              failure.size() >= 0
                  ? ProxyErrorType.HTTP_RESPONSE_TRAILER_SECTION_SIZE
                  : ProxyErrorType.HTTP_PROTOCOL_ERROR;
          case NOT_HTTP,
              TLS_RECORD,
              HTTP2_FRAME,
              TLS_WANTED,
              NOT_HTTP2,
              BAD_STATUS_LINE,
              BAD_FIELD,
              AMBIGUOUS_FRAMING,
              SMALL_PIECES,
              EXCESS_BODY,
              UNASKED_UPGRADE ->
              ProxyErrorType.HTTP_PROTOCOL_ERROR;
        };
    String parameters =
        switch (type) {
          case HTTP_RESPONSE_TRANSFER_CODING ->
              failure.problem() == ResponseProblem.BAD_CHUNK ? ";coding=chunked" : "";
          case HTTP_RESPONSE_HEADER_SECTION_SIZE ->
              failure.size() < 0 ? "" : ";header-section-size=" + failure.size();
          case HTTP_RESPONSE_TRAILER_SECTION_SIZE -> ";trailer-section-size=" + failure.size();
          default -> "";
        };
    int status = failure.problem() == ResponseProblem.BAD_STATUS_LINE ? -1 : statusOf(firstBytes);
    return new ProxyStatus(Optional.of(type), parameters, status);
  }

  /// The status code in a status line of HTTP/1, or -1.
  private static int statusOf(String firstBytes) {
    if (!firstBytes.startsWith("HTTP/1.") || firstBytes.length() < 12) {
      return -1;
    }
    int status = 0;
    for (int i = 9; i < 12; i++) {
      char digit = firstBytes.charAt(i);
      if (digit < '0' || digit > '9') {
        return -1;
      }
      status = status * 10 + digit - '0';
    }
    return status >= 100 && status <= 599 ? status : -1;
  }

  /// The status code of the gateway's own answer: derived here and nowhere else.
  ///
  /// @param behindFront whether a front would replace a 502 or 504 by a page of its own
  public int status(boolean behindFront) {
    int status = type.map(ProxyErrorType::status).orElse(502);
    return behindFront && (status == 502 || status == 504) ? 503 : status;
  }

  /// This as a member of the field.
  ///
  /// @param name what the gateway calls itself in the field
  /// @param forOperators parameters that only operators may see, each after a semicolon
  public String member(String name, String forOperators) {
    StringBuilder member = new StringBuilder(96).append(StructuredField.tokenOrString(name));
    type.ifPresent(t -> member.append(";error=").append(t.code()));
    member.append(parameters);
    if (receivedStatus >= 0) {
      member.append(";received-status=").append(receivedStatus);
    }
    return member.append(forOperators).toString();
  }

  /// The symptom's place for operators: where the attempt that is explained went and what it met,
  /// as the parameters `next-hop`, `next-protocol` and `details`.
  static String forOperators(FailedExchange exchange) {
    return exchange
        .subject()
        .map(attempt ->
            ";next-hop="
                + StructuredField.string(attempt.endpoint().url())
                + nextProtocol(attempt)
                + ";details="
                + StructuredField.string(details(attempt.failure())))
        .orElse("");
  }

  /// What was spoken to it, where that is known.
  private static String nextProtocol(FailedAttempt attempt) {
    String spoken = attempt.wire().spoken();
    return spoken.isEmpty() ? "" : ";next-protocol=" + StructuredField.tokenOrString(spoken);
  }

  private static String details(AttemptFailure failure) {
    return switch (failure) {
      case NameNotResolved f -> "no address for " + f.name();
      case NotDialled f -> f.detail();
      case TlsRejected f -> f.detail();
      case MalformedResponse f -> f.detail();
      case TimedOut(Phase phase, var limit) ->
          phase + " took longer than " + limit.toMillis() + " ms";
      case StreamFailed f ->
          "HTTP/2 error "
              + Http2Errors.name(f.code())
              + (f.detail().isEmpty() ? "" : ": " + f.detail());
      case ConnectionLost(Phase phase, var closing) -> closing + " during " + phase;
      case ConnectRefused _, Unreachable _, UpstreamStatus _ -> failure.symptom().code();
    };
  }
}
