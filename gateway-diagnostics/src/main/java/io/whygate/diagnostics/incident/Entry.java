package io.whygate.diagnostics.incident;

import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.ExchangeFailure;
import io.whygate.diagnostics.facts.ExchangeFailure.NoEndpoint;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.RequestFacts;
import io.whygate.diagnostics.facts.RequestShape;
import io.whygate.diagnostics.facts.UpstreamFacts;
import io.whygate.diagnostics.incident.Incident.State;
import io.whygate.diagnostics.memory.Change;
import io.whygate.diagnostics.verdict.Cause;
import io.whygate.diagnostics.verdict.Diagnosis;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/// An incident in the book. Its counters are written by many threads; all else is written under the
/// book's lock and read without.
final class Entry {
  /// What ended this short a time ago, and fails again for the same reason, had not ended.
  private static final Duration REOPENED_WITHIN = Duration.ofSeconds(5);

  private static final Duration DOUBTED_FOR = Duration.ofSeconds(2);
  private static final int MOST_DOUBLED = 6;

  /// For how long nothing has failed where one client alone did, and nobody else can show that it
  /// is over.
  private static final Duration ONE_CLIENTS = Duration.ofMinutes(1);

  private static final Duration HEALED_TOGETHER = Duration.ofMinutes(10);

  final String id;
  final String upstream;
  final Instant since;
  final LongAdder requests = new LongAdder();
  final LongAdder pages = new LongAdder();
  final List<Consumer<Incident>> subscribers = new CopyOnWriteArrayList<>();
  final Tally tally;
  volatile Diagnosis diagnosis;
  volatile Optional<UpstreamFacts> facts;
  volatile State state;
  volatile Instant lastSeen;

  /// When ordinary traffic last spoke against it.
  volatile Optional<Instant> lastServed = Optional.empty();

  volatile Optional<Instant> ended = Optional.empty();

  Entry(
      String id,
      Diagnosis diagnosis,
      Optional<UpstreamFacts> facts,
      State state,
      Instant since,
      List<Change> before) {
    this.id = id;
    this.upstream = diagnosis.exchange().upstream();
    this.diagnosis = diagnosis;
    this.facts = facts;
    this.state = state;
    this.since = since;
    this.lastSeen = since;
    this.tally = new Tally(before);
  }

  /// One that was kept over a restart.
  ///
  /// @param facts what the configuration says of its upstream now; empty where it is gone
  Entry(Incident kept, Optional<UpstreamFacts> facts) {
    id = kept.id();
    upstream = kept.upstream();
    since = kept.since();
    diagnosis = kept.diagnosis();
    state = kept.state();
    lastSeen = kept.lastSeen();
    ended = kept.ended();
    tally = new Tally(kept.extent());
    requests.add(kept.requests());
    pages.add(kept.pages());
    this.facts = facts;
  }

  final OneClient client = new OneClient();

  /// How often it was taken for over and was not.
  final AtomicInteger falseEnds = new AtomicInteger();

  boolean isOpen() {
    return state == State.OPEN;
  }

  boolean isContinuedAt(Instant now) {
    return state == State.RECOVERED
        && ended.filter(end -> end.plus(REOPENED_WITHIN).isAfter(now)).isPresent();
  }

  /// When it may be over, if it does not fail until then: it takes longer each time that this was
  /// thought and was not so.
  Instant calmFrom() {
    if (client.isAlone() && lastServed.filter(lastSeen::isBefore).isEmpty()) {
      return lastSeen.plus(ONE_CLIENTS);
    }
    int times = falseEnds.get();
    if (times == 0) {
      return lastSeen;
    }
    return lastSeen.plusNanos(DOUBTED_FOR.toNanos() << Math.min(times - 1, MOST_DOUBLED));
  }

  /// Whether traffic that was served is like what failed: of the same path where it is of one, and
  /// by the same method where its request is not one that the gateway may repeat.
  boolean isLike(Endpoint servedBy, RequestShape served) {
    String failed = diagnosis.exchange().request().method();
    return endpoint().map(servedBy::equals).orElse(true)
        && (!isBoundToPath() || path().equals(served.path()))
        && (failed.equals(served.method()) || Proof.isRepeatable(failed) || endpoint().isEmpty());
  }

  /// Whether what is like it speaks against it too: as large where it is large, and of its client
  /// where that one alone fails.
  boolean isSpokenAgainstBy(RequestShape served) {
    RequestFacts.Size failed = diagnosis.exchange().request().size();
    return isAsLarge(served.headBytes(), failed.head())
        && isAsLarge(served.bodyBytes(), failed.content())
        && client.isMetBy(served.client());
  }

  private static boolean isAsLarge(long served, long failed) {
    return failed < RequestFacts.Size.LARGE || served >= failed - failed / 10;
  }

  boolean isHealedOfLate(Instant now) {
    return state == State.HEALED && lastSeen.plus(HEALED_TOGETHER).isAfter(now);
  }

  /// Whether it is about a certificate that the gateway itself shows, and so of no upstream.
  boolean isOfOwnCertificate() {
    return diagnosis.exchange().failure() instanceof ExchangeFailure.OwnCertificate;
  }

  Cause cause() {
    return diagnosis.cause();
  }

  Optional<Endpoint> endpoint() {
    return diagnosis.exchange().subject().map(FailedAttempt::endpoint);
  }

  String path() {
    return diagnosis.exchange().request().path();
  }

  /// Whether it says something of one path alone, since the connection worked.
  boolean isBoundToPath() {
    return isBoundToPath(diagnosis);
  }

  static boolean isBoundToPath(Diagnosis diagnosis) {
    boolean answered =
        diagnosis.exchange().subject().map(FailedAttempt::failure).orElse(null)
            instanceof AttemptFailure.UpstreamStatus;
    if (answered && diagnosis.cause().category().equals("application")) {
      // Other pages may well be answered meanwhile: those that need no database, for one.
      return true;
    }
    return switch (diagnosis.cause()) {
      case APPLICATION_CLOSED_BEFORE_RESPONSE,
          APPLICATION_WORKERS_EXHAUSTED,
          APPLICATION_NOT_HTTP,
          APPLICATION_PROTOCOL_MISMATCH,
          APPLICATION_OUT_OF_MEMORY,
          APPLICATION_CRASHED,
          APPLICATION_DATABASE_UNAVAILABLE,
          APPLICATION_DISK_FULL ->
          false;
      default -> diagnosis.cause().category().equals("application");
    };
  }

  /// Whether a diagnosis is known already. An open circuit's answers repeat the cause that opened
  /// it, and have seen less.
  boolean learnsNothingFrom(Diagnosis other) {
    return diagnosis.equals(other)
        || (other.exchange().failure() instanceof NoEndpoint(NoEndpoint.Reason why)
            && why == NoEndpoint.Reason.CIRCUIT_OPEN
            && !diagnosis.exchange().attempts().isEmpty());
  }

  /// Whether a diagnosis speaks of what this is about: an endpoint's connection is in one state at
  /// a time, and a path that fails proves that the connection works.
  boolean concernsTheSameAs(Diagnosis other) {
    if (!upstream.equals(other.exchange().upstream())
        || !endpoint().equals(other.exchange().subject().map(FailedAttempt::endpoint))) {
      return false;
    }
    return !isBoundToPath() || path().equals(other.exchange().request().path());
  }

  Incident snapshot() {
    return new Incident(
        id,
        upstream,
        state,
        since,
        lastSeen,
        ended,
        requests.sum(),
        pages.sum(),
        diagnosis,
        facts.map(UpstreamFacts::contact).orElse(UpstreamFacts.Contact.NONE),
        tally.extent());
  }
}
