package io.whygate.gateway.telemetry;

import io.whygate.diagnostics.facts.ExchangeFailure;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.facts.RequestFacts;
import io.whygate.diagnostics.facts.RequestProcessed;
import io.whygate.diagnostics.facts.UpstreamFacts;
import io.whygate.diagnostics.incident.Incident;
import io.whygate.diagnostics.verdict.Cause;
import io.whygate.diagnostics.verdict.Diagnosis;
import io.whygate.diagnostics.verdict.Verdict;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// Incidents as tests want them.
public final class SampleIncident {
  private static final Instant AT = Instant.parse("2030-01-02T03:04:05Z");

  private SampleIncident() {}

  public static Incident of(String id, String upstream, Cause cause, Incident.State state) {
    FailedExchange exchange =
        new FailedExchange(
            upstream,
            new RequestFacts("GET", "/", "shop.example", "http", 0),
            new ExchangeFailure.AttemptsExhausted(),
            List.of(),
            RequestProcessed.NOT_SENT,
            AT,
            1000);
    Diagnosis diagnosis =
        new Diagnosis(
            exchange,
            new Verdict(cause, 0.9, "because", Map.of()),
            List.of(),
            List.of(),
            List.of(),
            Optional.empty(),
            OptionalLong.empty(),
            true,
            AT,
            2000);
    return new Incident(
        id,
        upstream,
        state,
        AT,
        AT,
        state == Incident.State.OPEN ? Optional.empty() : Optional.of(AT.plusSeconds(9)),
        3,
        2,
        diagnosis,
        UpstreamFacts.Contact.NONE);
  }
}
