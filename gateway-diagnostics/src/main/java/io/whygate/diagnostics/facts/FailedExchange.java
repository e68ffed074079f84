package io.whygate.diagnostics.facts;

import java.net.InetAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A request that could not be answered as the client wanted, with all that the proxy saw of it.
///
/// It is seen from one of its tries: what failed there is its symptom, and what its diagnosis is
/// about.
///
/// @param upstream the upstream's name
/// @param request what was asked
/// @param failure why it ended
/// @param attempts the tries, first to last; empty where there was nothing to try
/// @param processed whether a server may have acted on it
/// @param at when it failed
/// @param elapsedMicros from the request's head to the failure, microseconds
/// @param subjectIndex which of the tries it is seen from; -1 where there is none
public record FailedExchange(
    String upstream,
    RequestFacts request,
    ExchangeFailure failure,
    List<FailedAttempt> attempts,
    RequestProcessed processed,
    Instant at,
    long elapsedMicros,
    int subjectIndex) {
  public FailedExchange {
    attempts = List.copyOf(attempts);
    if (subjectIndex < -1 || subjectIndex >= attempts.size()) {
      throw new IllegalArgumentException(
          "subject: " + subjectIndex + " (expected: one of " + attempts.size() + " tries)");
    }
  }

  /// An exchange as its last try saw it: before anybody asked why, that one says most.
  public FailedExchange(
      String upstream,
      RequestFacts request,
      ExchangeFailure failure,
      List<FailedAttempt> attempts,
      RequestProcessed processed,
      Instant at,
      long elapsedMicros) {
    this(upstream, request, failure, attempts, processed, at, elapsedMicros, attempts.size() - 1);
  }

  /// The try that it is seen from; empty where nothing was tried.
  public Optional<FailedAttempt> subject() {
    return subjectIndex < 0 ? Optional.empty() : Optional.of(attempts.get(subjectIndex));
  }

  /// When the try began that it is seen from.
  public Instant subjectBegan() {
    long micros = 0;
    for (int i = Math.max(0, subjectIndex); i < attempts.size(); i++) {
      micros += Math.max(0, attempts.get(i).timeline().ended());
    }
    return at.minusNanos(micros * 1_000);
  }

  /// What the failure looked like on the wire.
  public Symptom symptom() {
    return switch (failure) {
      case ExchangeFailure.AttemptsExhausted _ ->
          subject().map(attempt -> attempt.failure().symptom()).orElse(Symptom.NO_ENDPOINT);
      case ExchangeFailure.NoEndpoint _ -> Symptom.NO_ENDPOINT;
      case ExchangeFailure.LimitReached _, ExchangeFailure.LoopDetected _ -> Symptom.LIMIT;
      case ExchangeFailure.OwnCertificate _ -> Symptom.OWN_CERTIFICATE;
    };
  }

  /// The same from each of the tries that may be why it failed: of those at one address of one
  /// endpoint the last, since a server is in one state at a time. Where a limit ended it, that is
  /// why, and it is seen as it is.
  public List<FailedExchange> views() {
    if (attempts.size() < 2 || !(failure instanceof ExchangeFailure.AttemptsExhausted)) {
      return List.of(this);
    }
    Map<Place, Integer> last = new LinkedHashMap<>();
    for (int i = 0; i < attempts.size(); i++) {
      FailedAttempt each = attempts.get(i);
      last.put(new Place(each.endpoint(), each.address()), i);
    }
    List<FailedExchange> views = new ArrayList<>(last.size());
    last.values().forEach(i -> views.add(from(i)));
    return views;
  }

  private record Place(Endpoint endpoint, Optional<InetAddress> address) {}

  private FailedExchange from(int index) {
    return index == subjectIndex
        ? this
        : new FailedExchange(
            upstream, request, failure, attempts, processed, at, elapsedMicros, index);
  }

  /// The same from the try by which another exchange, which failed alike, was explained; where that
  /// is this exchange itself, the other one.
  @SuppressWarnings("ReferenceEquality") // whether they are views of one exchange
  public FailedExchange seenLike(FailedExchange explained) {
    if (attempts.size() < 2 || explained.subject().isEmpty()) {
      return this;
    }
    if (attempts == explained.attempts) {
      return explained;
    }
    FailedAttempt wanted = explained.subject().get();
    for (int i = attempts.size() - 1; i >= 0; i--) {
      FailedAttempt each = attempts.get(i);
      if (each.endpoint().equals(wanted.endpoint())
          && each.address().equals(wanted.address())
          && each.failure().symptom() == wanted.failure().symptom()) {
        return from(i);
      }
    }
    return this;
  }
}
