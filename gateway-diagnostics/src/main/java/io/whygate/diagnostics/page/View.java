package io.whygate.diagnostics.page;

import io.whygate.diagnostics.facts.RequestProcessed;
import io.whygate.diagnostics.facts.Symptom;
import io.whygate.diagnostics.facts.UpstreamFacts.Contact;
import io.whygate.diagnostics.incident.Incident;
import io.whygate.diagnostics.verdict.Cause;
import io.whygate.diagnostics.verdict.Step;
import io.whygate.diagnostics.verdict.StepReport;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// All that a visitor's document is made of: nothing in it names what lies behind the gateway. Made
/// by [Disclosure] alone.
///
/// @param status the status code of the answer
/// @param retryAfterSeconds when it is worth trying again, seconds
/// @param repeatable whether the request was one that a page may repeat by itself
/// @param ended when it recovered
/// @param expected when the site is meant to be back, where that is known
/// @param notice what the operator declared to visitors, or empty
/// @param steps the seven checks, their arguments numbers alone
/// @param unfinished the checks that are still gone on with
/// @param elapsedMillis from the request to the explanation, milliseconds
record View(
    int status,
    Cause cause,
    Symptom symptom,
    double confidence,
    boolean retryable,
    long retryAfterSeconds,
    RequestProcessed processed,
    boolean repeatable,
    String incident,
    Incident.State state,
    Instant since,
    Optional<Instant> ended,
    Optional<Instant> expected,
    String notice,
    List<StepReport> steps,
    Set<Step> unfinished,
    long elapsedMillis,
    Contact contact) {

  /// Whether the failure is still there.
  boolean isOpen() {
    return state == Incident.State.OPEN;
  }
}
