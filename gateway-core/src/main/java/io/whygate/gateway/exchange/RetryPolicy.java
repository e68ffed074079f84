package io.whygate.gateway.exchange;

import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.Http2Errors;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.facts.UpstreamFacts;
import io.whygate.gateway.http.FieldName;
import io.whygate.gateway.http.RequestHead;
import io.whygate.gateway.upstream.Upstream;
import java.util.List;

/// Whether a request may be tried again after an attempt has failed. A retry needs a proof that it
/// does no harm: nothing was sent; or the protocol says that it was not processed; or the method is
/// idempotent and no byte of an answer came (RFC 9110 section 9.2.2).
final class RetryPolicy {
  private RetryPolicy() {}

  /// Whether to try again.
  ///
  /// @param failures the attempts that failed, the last one last
  /// @param contentKept whether the content that was sent can be sent again
  /// @param untriedEndpoint whether there is an endpoint that was not tried
  static boolean triesAgain(
      RequestHead request,
      Upstream upstream,
      List<FailedAttempt> failures,
      boolean contentKept,
      boolean untriedEndpoint) {
    FailedAttempt last = failures.getLast();
    if (!isTryLeft(failures, upstream.settings().retry().attempts()) || !contentKept) {
      return false;
    }
    if (isUnprocessed(last)) {
      return isCarriedOtherwise(last, upstream);
    }
    if (isStale(last)) {
      return isHarmless(request) || last.isUnread();
    }
    return isProven(request, failures, untriedEndpoint) && upstream.retries().tryRetry();
  }

  /// Tries that met a server about to leave are counted apart, so that one which is reloaded again
  /// and again does not use up the tries: as many as there are further ones.
  private static boolean isTryLeft(List<FailedAttempt> failures, int attempts) {
    return failures.size() - Math.min(leaving(failures), attempts - 1) < attempts;
  }

  /// Whether a request that the last server did nothing with is sent to it again: not to one that
  /// leaves a second time, where another was not tried.
  static boolean staysAtServer(List<FailedAttempt> failures, boolean untriedEndpoint) {
    FailedAttempt last = failures.getLast();
    if (!isUnprocessed(last)) {
      return isStale(last);
    }
    long left =
        leaving(failures.stream().filter(each -> each.endpoint().equals(last.endpoint())).toList());
    return !untriedEndpoint || left < 2;
  }

  private static long leaving(List<FailedAttempt> failures) {
    return failures.stream().filter(RetryPolicy::isLeaving).count();
  }

  /// Whether the server left in an orderly way before it did anything with the request (GOAWAY with
  /// NO_ERROR, RFC 9113 section 6.8).
  private static boolean isLeaving(FailedAttempt attempt) {
    return attempt.failure() instanceof AttemptFailure.StreamFailed(_, long code, boolean done, _)
        && code == Http2Errors.NO_ERROR
        && !done;
  }

  /// Whether the protocol says that the server did nothing with the request: any may be sent again
  /// (RFC 9113 sections 6.8 and 8.7).
  static boolean isUnprocessed(FailedAttempt attempt) {
    return attempt.failure() instanceof AttemptFailure.StreamFailed(_, _, boolean processed, _)
        && !processed;
  }

  /// Whether the server wants HTTP/1.1 for the request.
  static boolean wantsHttp1(FailedAttempt attempt) {
    return attempt.failure() instanceof AttemptFailure.StreamFailed(_, long code, _, _)
        && code == Http2Errors.HTTP_1_1_REQUIRED;
  }

  private static boolean isCarriedOtherwise(FailedAttempt last, Upstream upstream) {
    return !wantsHttp1(last)
        || (upstream.settings().protocol() == UpstreamFacts.Protocol.AUTO
            && last.endpoint().isTls());
  }

  /// A pooled connection that the server had closed, found out by using it.
  static boolean isStale(FailedAttempt attempt) {
    return attempt.use().isReused()
        && attempt.bytesReceived() == 0
        && attempt.failure() instanceof AttemptFailure.ConnectionLost;
  }

  static boolean isHarmless(RequestHead request) {
    return request.isIdempotent() || request.fields().has(FieldName.IDEMPOTENCY_KEY);
  }

  private static boolean isProven(
      RequestHead request, List<FailedAttempt> failures, boolean untriedEndpoint) {
    FailedAttempt last = failures.getLast();
    return switch (last.failure()) {
      case AttemptFailure.ConnectRefused _ ->
          untriedEndpoint || failures.size() - leaving(failures) < 2;
      case AttemptFailure.NameNotResolved _,
          AttemptFailure.Unreachable _,
          AttemptFailure.TlsRejected _ ->
          untriedEndpoint;
      case AttemptFailure.NotDialled _ -> untriedEndpoint;
      case AttemptFailure.TimedOut(Phase phase, _) ->
          untriedEndpoint
              && switch (phase) {
                case RESOLVE, CONNECT, TLS_HANDSHAKE -> true;
                case AWAIT_RESPONSE -> isHarmless(request) && last.bytesReceived() == 0;
                case SEND_REQUEST, READ_RESPONSE -> false;
              };
      case AttemptFailure.ConnectionLost _, AttemptFailure.StreamFailed _ ->
          last.bytesReceived() == 0 && isHarmless(request) && lost(failures) < 2;
      case AttemptFailure.MalformedResponse _, AttemptFailure.UpstreamStatus _ -> false;
    };
  }

  /// How many servers took the request, on a fresh connection or by HTTP/2, and broke off: a
  /// request that did so twice is not given a third.
  private static long lost(List<FailedAttempt> failures) {
    return failures.stream().filter(RetryPolicy::isLost).count();
  }

  private static boolean isLost(FailedAttempt attempt) {
    return (attempt.failure() instanceof AttemptFailure.StreamFailed && !isUnprocessed(attempt))
        || (attempt.failure() instanceof AttemptFailure.ConnectionLost
            && !attempt.use().isReused());
  }
}
