package io.whygate.diagnostics.incident;

import io.whygate.diagnostics.facts.ExchangeFailure;
import io.whygate.diagnostics.facts.UpstreamFacts;
import io.whygate.diagnostics.verdict.Cause;
import io.whygate.diagnostics.verdict.Diagnosis;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/// The failures of one upstream from one cause, from the first to the recovery, as they stood at
/// one moment.
///
/// @param id what visitors quote: 12 characters of `0-9a-z`, unguessable
/// @param upstream the upstream's name; of a certificate that the gateway itself shows,
///   `certificate:` and its first name
/// @param state where in its life it is
/// @param since the first failure
/// @param lastSeen the latest failure
/// @param ended the recovery; empty while open
/// @param requests how many requests it has hit
/// @param pages how many of them ended in a page
/// @param diagnosis the latest diagnosis
/// @param contact whom to turn to at the host
/// @param extent what it has hit, and what went before it
public record Incident(
    String id,
    String upstream,
    State state,
    Instant since,
    Instant lastSeen,
    Optional<Instant> ended,
    long requests,
    long pages,
    Diagnosis diagnosis,
    UpstreamFacts.Contact contact,
    Extent extent) {

  /// An incident of which nothing more is known.
  public Incident(
      String id,
      String upstream,
      State state,
      Instant since,
      Instant lastSeen,
      Optional<Instant> ended,
      long requests,
      long pages,
      Diagnosis diagnosis,
      UpstreamFacts.Contact contact) {
    this(
        id,
        upstream,
        state,
        since,
        lastSeen,
        ended,
        requests,
        pages,
        diagnosis,
        contact,
        Extent.NONE);
  }

  /// Where in its life an incident is.
  public enum State {
    OPEN,
    RECOVERED,
    /// No visitor saw a page.
    HEALED;

    /// The state as documents write it, such as `open`.
    public String code() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// Whether it is about a certificate that the gateway itself shows, which no request of an
  /// upstream can speak of: who noted it ends it.
  public boolean isOfOwnCertificate() {
    return diagnosis.exchange().failure() instanceof ExchangeFailure.OwnCertificate;
  }

  public Cause cause() {
    return diagnosis.cause();
  }
}
