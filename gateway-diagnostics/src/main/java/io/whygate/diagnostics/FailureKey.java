package io.whygate.diagnostics;

import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.AttemptFailure.MalformedResponse;
import io.whygate.diagnostics.facts.AttemptFailure.NameNotResolved;
import io.whygate.diagnostics.facts.AttemptFailure.NotDialled;
import io.whygate.diagnostics.facts.AttemptFailure.TlsRejected;
import io.whygate.diagnostics.facts.AttemptFailure.Unreachable;
import io.whygate.diagnostics.facts.AttemptFailure.UpstreamStatus;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.ExchangeFailure;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.facts.Symptom;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What makes two failures the same for a diagnosis: where it failed, how, and, where the
/// application failed, on which path. It is of the one try from which an exchange is seen.
///
/// @param detail what tells failures of one symptom apart
/// @param code the same, as a number: an alert and the certificates that were shown, a status and
///   what came with it; 0 where there is none
/// @param path the path; empty where the failure does not depend on it
record FailureKey(
    String upstream,
    @Nullable Endpoint endpoint,
    @Nullable InetAddress address,
    Symptom symptom,
    Object detail,
    int code,
    String path) {

  /// The same without the path: what the questions depend on.
  FailureKey place() {
    return path.isEmpty()
        ? this
        : new FailureKey(upstream, endpoint, address, symptom, detail, code, "");
  }

  static FailureKey of(FailedExchange exchange) {
    Symptom symptom = exchange.symptom();
    if (!(exchange.failure() instanceof ExchangeFailure.AttemptsExhausted)
        || exchange.attempts().isEmpty()) {
      return new FailureKey(
          exchange.upstream(), null, null, symptom, detail(exchange.failure()), 0, "");
    }
    FailedAttempt subject = exchange.subject().orElseThrow();
    return new FailureKey(
        exchange.upstream(),
        subject.endpoint(),
        subject.address().orElse(null),
        symptom,
        detail(subject.failure()),
        code(subject.failure()),
        isOfApplication(symptom) ? exchange.request().path() : "");
  }

  private static Object detail(ExchangeFailure failure) {
    return switch (failure) {
      case ExchangeFailure.AttemptsExhausted _ -> failure;
      case ExchangeFailure.NoEndpoint(ExchangeFailure.NoEndpoint.Reason why) -> why;
      case ExchangeFailure.LimitReached(ExchangeFailure.LimitReached.Limit limit) -> limit;
      case ExchangeFailure.LoopDetected _, ExchangeFailure.OwnCertificate _ -> failure;
    };
  }

  private static Object detail(AttemptFailure failure) {
    return switch (failure) {
      case NameNotResolved f -> f.problem();
      case Unreachable f -> f.kind();
      case NotDialled f -> f.problem();
      case TlsRejected f -> f.problem();
      case MalformedResponse f -> f.problem();
      case UpstreamStatus f -> f.phase();
      case AttemptFailure.ConnectRefused _,
          AttemptFailure.TimedOut _,
          AttemptFailure.ConnectionLost _,
          AttemptFailure.StreamFailed _ ->
          failure.phase();
    };
  }

  private static int code(AttemptFailure failure) {
    return switch (failure) {
      case TlsRejected f -> 31 * f.alert() + chain(f.chain());
      case UpstreamStatus f ->
          Objects.hash(
              f.status(), f.retryAfterSeconds() >= 0, f.proxyStatus().isEmpty(), f.blockMark());
      case NameNotResolved f -> 31 * f.rcode().hashCode() + f.infoCode();
      default -> 0;
    };
  }

  private static int chain(List<byte[]> chain) {
    int hash = 0;
    for (byte[] certificate : chain) {
      hash = 31 * hash + Arrays.hashCode(certificate);
    }
    return hash;
  }

  private static boolean isOfApplication(Symptom symptom) {
    return switch (symptom) {
      case CLOSED,
          RESET,
          SEND_FAILED,
          RESPONSE_TIMEOUT,
          MALFORMED,
          PROTOCOL_ERROR,
          TRUNCATED,
          UPSTREAM_STATUS ->
          true;
      case RESOLVE_FAILED,
          CONNECT_REFUSED,
          CONNECT_TIMEOUT,
          CONNECT_UNREACHABLE,
          CONNECT_FAILED,
          TLS_FAILED,
          TLS_TIMEOUT,
          NO_ENDPOINT,
          LIMIT,
          OWN_CERTIFICATE ->
          false;
    };
  }
}
