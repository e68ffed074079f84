package io.whygate.diagnostics.facts;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// A request that could not be answered as the client wanted, with all that the proxy saw of it.
///
/// @param upstream the upstream's name
/// @param request what was asked
/// @param failure why it ended
/// @param attempts the tries, first to last; empty where there was nothing to try
/// @param processed whether a server may have acted on it
/// @param at when it failed
/// @param elapsedMicros from the request's head to the failure, microseconds
public record FailedExchange(
    String upstream,
    RequestFacts request,
    ExchangeFailure failure,
    List<FailedAttempt> attempts,
    RequestProcessed processed,
    Instant at,
    long elapsedMicros) {
  public FailedExchange {
    attempts = List.copyOf(attempts);
  }

  /// The try that says most: the last one.
  public Optional<FailedAttempt> lastAttempt() {
    return attempts.isEmpty() ? Optional.empty() : Optional.of(attempts.getLast());
  }

  /// What the failure looked like on the wire.
  public Symptom symptom() {
    return switch (failure) {
      case ExchangeFailure.AttemptsExhausted _ ->
          attempts.isEmpty() ? Symptom.NO_ENDPOINT : attempts.getLast().failure().symptom();
      case ExchangeFailure.NoEndpoint _ -> Symptom.NO_ENDPOINT;
      case ExchangeFailure.LimitReached _, ExchangeFailure.LoopDetected _ -> Symptom.LIMIT;
    };
  }
}
