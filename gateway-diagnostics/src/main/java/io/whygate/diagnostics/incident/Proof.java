package io.whygate.diagnostics.incident;

import io.whygate.diagnostics.facts.AttemptFailure.ConnectionLost;
import io.whygate.diagnostics.facts.AttemptFailure.MalformedResponse;
import io.whygate.diagnostics.facts.AttemptFailure.UpstreamStatus;
import io.whygate.diagnostics.facts.ExchangeFailure.AttemptsExhausted;
import io.whygate.diagnostics.facts.ExchangeFailure.LimitReached;
import io.whygate.diagnostics.facts.ExchangeFailure.LoopDetected;
import io.whygate.diagnostics.facts.ExchangeFailure.NoEndpoint;
import io.whygate.diagnostics.facts.ExchangeFailure.OwnCertificate;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.facts.RequestFacts;
import io.whygate.diagnostics.facts.Symptom;
import io.whygate.diagnostics.verdict.Cause;
import io.whygate.diagnostics.verdict.Diagnosis;
import java.time.Duration;

/// What ends an incident: the very thing that failed works, and nothing less. What the gateway
/// tries, and for how long none of its requests may have failed, since a probe has neither a
/// visitor's fields nor its content.
///
/// | failed | tried |
/// | --- | --- |
/// | the look-up of a name | the look-up |
/// | a connection | a connection to the same address, where the name still has it |
/// | a handshake | a handshake with a certificate that is accepted; a request as well where the fault shows after it |
/// | a connection that is passed on | a connection, after another client was answered; after a minute without a failure a greeting of TLS, or whether a connection stays |
/// | a request by GET or HEAD | the same on the same path, with as large a head, answered whole and soundly |
/// | a request that may not be repeated | a light one, after the same was served to a visitor, or after a minute without a failure |
/// | every request, light ones too | a light one |
///
/// What was served to visitors counts where it was as large, and, where others are served while one
/// client fails ([OneClient]), where it was that one's; for a minute's silence of that one else.
///
/// @param method what is asked by
/// @param path what is asked for
record Proof(Kind kind, String method, String path, Calm calm) {

  /// What is tried.
  enum Kind {
    /// Nothing: that it no longer fails is all that can be seen.
    NOTHING,
    /// Any endpoint answers.
    ANY_ANSWER,
    /// The name leads past an address that is another site's now.
    ELSEWHERE,
    RESOLUTION,
    CONNECTION,
    HANDSHAKE,
    HANDSHAKE_AND_ANSWER,
    /// A client's connection that was passed on was answered; else a greeting of TLS is, where
    /// clients speak it, or a connection stays.
    PASSED_ON,
    ANSWER,
    /// An answer to a request that fills a packet.
    LARGE_ANSWER,
    /// An answer that is not the one that told of the failure.
    OTHER_STATUS
  }

  /// For how long nothing may have failed.
  ///
  /// @param since at the least
  /// @param orServed whether a request like the one that failed, served since, will do instead
  /// @param alone whether nothing but such a request will do
  record Calm(Duration since, boolean orServed, boolean alone) {
    static final Calm NONE = new Calm(Duration.ZERO, false, false);

    /// Requests that fail while a probe is answered have something that it has not.
    static final Calm MOMENT = new Calm(Duration.ofSeconds(1), false, false);

    /// One connection or request of its own says little of how many fail.
    static final Calm PAUSE = new Calm(Duration.ofSeconds(5), false, false);

    static final Calm QUIET = new Calm(Duration.ofSeconds(10), true, false);
    static final Calm UNREPEATED = new Calm(Duration.ofMinutes(1), true, false);
    static final Calm SERVED = new Calm(Duration.ZERO, true, true);
  }

  private static final long READ_BYTES = 1 << 20;
  private static final String LIGHT = "/";

  static Proof of(Diagnosis diagnosis) {
    return switch (diagnosis.exchange().failure()) {
      case LoopDetected _, OwnCertificate _ -> light(Kind.NOTHING, Calm.QUIET);
      case LimitReached _ -> light(Kind.ANY_ANSWER, Calm.QUIET);
      case NoEndpoint(NoEndpoint.Reason why) ->
          switch (why) {
            // Somebody ends these by hand: that requests go out again is what shows it.
            case NONE_CONFIGURED, ALL_DRAINED, MAINTENANCE -> light(Kind.ANY_ANSWER, Calm.SERVED);
            case ALL_EJECTED, CIRCUIT_OPEN -> light(Kind.ANY_ANSWER, Calm.NONE);
          };
      case AttemptsExhausted _ ->
          diagnosis
              .exchange()
              .subject()
              .map(attempt -> of(diagnosis, attempt))
              .orElseGet(() -> light(Kind.NOTHING, Calm.QUIET));
    };
  }

  private static Proof light(Kind kind, Calm calm) {
    return new Proof(kind, "GET", LIGHT, calm);
  }

  private static Proof of(Diagnosis diagnosis, FailedAttempt attempt) {
    Cause cause = diagnosis.cause();
    Phase phase = attempt.failure().phase();
    if (cause == Cause.DNS_RECYCLED_ADDRESS) {
      return light(Kind.ELSEWHERE, Calm.NONE);
    }
    if (phase == Phase.RESOLVE) {
      return light(Kind.RESOLUTION, Calm.NONE);
    }
    if (attempt.endpoint().isTcp()) {
      // What is spoken there is not ours to speak: others show it, or after a while a greeting.
      return phase == Phase.CONNECT
          ? light(Kind.CONNECTION, ofConnecting(cause))
          : light(Kind.PASSED_ON, Calm.UNREPEATED);
    }
    boolean wasAccepted = attempt.failure() instanceof ConnectionLost;
    if (phase == Phase.CONNECT && !wasAccepted && cause != Cause.SERVER_OVERLOADED) {
      return light(Kind.CONNECTION, ofConnecting(cause));
    }
    if (phase == Phase.TLS_HANDSHAKE) {
      // By TLS 1.3 a client learns after its handshake that its certificate is not taken.
      boolean isBeyond =
          cause == Cause.APPLICATION_PROTOCOL_MISMATCH
              || cause == Cause.APPLICATION_HTTP2_ERROR
              || cause == Cause.TLS_CLIENT_CERTIFICATE_REQUIRED;
      return light(isBeyond ? Kind.HANDSHAKE_AND_ANSWER : Kind.HANDSHAKE, Calm.NONE);
    }
    return phase == Phase.CONNECT
        ? light(Kind.ANSWER, Calm.NONE)
        : ofApplication(diagnosis, attempt);
  }

  private static Calm ofConnecting(Cause cause) {
    return cause == Cause.FIREWALL_RATE_LIMITED || cause == Cause.SERVER_OVERLOADED
        ? Calm.PAUSE
        : Calm.NONE;
  }

  private static Proof ofApplication(Diagnosis diagnosis, FailedAttempt attempt) {
    FailedExchange exchange = diagnosis.exchange();
    RequestFacts request = exchange.request();
    if (diagnosis.cause() == Cause.FIREWALL_MTU_BLACK_HOLE) {
      // Small requests were answered all the time.
      return light(Kind.LARGE_ANSWER, Calm.NONE);
    }
    if (!isRepeatable(request.method())) {
      return light(Kind.ANSWER, Calm.UNREPEATED);
    }
    if (attempt.failure() instanceof UpstreamStatus(int status, _, _, _)) {
      if (status < 400) {
        // A filter's page that is given with a good status is told from the site's by who asked
        // alone.
        return new Proof(Kind.ANSWER, request.method(), request.path(), Calm.QUIET);
      }
      return new Proof(
          Kind.OTHER_STATUS,
          request.method(),
          request.path(),
          diagnosis.cause() == Cause.FIREWALL_BLOCKED_REQUEST ? Calm.PAUSE : Calm.MOMENT);
    }
    if (!isOfOneRequest(diagnosis, attempt)) {
      return light(Kind.ANSWER, Calm.NONE);
    }
    boolean beyondReading =
        exchange.symptom() == Symptom.TRUNCATED && attempt.bytesReceived() > READ_BYTES;
    return new Proof(
        Kind.ANSWER,
        request.method(),
        request.path(),
        beyondReading ? Calm.UNREPEATED : Calm.MOMENT);
  }

  /// Whether it is the request's own path that has to be answered: not where it was said of every
  /// path, by what came of light ones, so that no worker is taken by asking.
  private static boolean isOfOneRequest(Diagnosis diagnosis, FailedAttempt attempt) {
    if (attempt.failure() instanceof MalformedResponse
        || diagnosis.exchange().symptom() == Symptom.TRUNCATED
        || diagnosis.verdict().byLog()) {
      return true;
    }
    return switch (diagnosis.cause()) {
      case APPLICATION_WORKERS_EXHAUSTED -> false;
      case UNKNOWN -> true;
      default -> diagnosis.cause().category().equals("application");
    };
  }

  static boolean isRepeatable(String method) {
    return method.equals("GET") || method.equals("HEAD");
  }
}
