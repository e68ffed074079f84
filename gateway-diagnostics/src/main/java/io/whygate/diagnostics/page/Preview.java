package io.whygate.diagnostics.page;

import io.whygate.diagnostics.facts.RequestProcessed;
import io.whygate.diagnostics.facts.Symptom;
import io.whygate.diagnostics.facts.UpstreamFacts.Contact;
import io.whygate.diagnostics.incident.Incident;
import io.whygate.diagnostics.verdict.Cause;
import io.whygate.diagnostics.verdict.Step;
import io.whygate.diagnostics.verdict.StepNote;
import io.whygate.diagnostics.verdict.StepReport;
import io.whygate.diagnostics.verdict.StepState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What a visitor would see of a cause, though nothing has failed.
///
/// @param repeatable whether a page was wanted, and not a form sent
/// @param processed what became of the request
/// @param contact whom visitors may turn to
public record Preview(
    Cause cause, boolean repeatable, RequestProcessed processed, Contact contact) {
  private static final String INCIDENT = "preview00000";

  View view(Instant now) {
    return new View(
        502,
        cause,
        Symptom.CONNECT_REFUSED,
        0.95,
        !cause.category().equals("tls"),
        30,
        processed,
        repeatable,
        INCIDENT,
        Incident.State.OPEN,
        now.minusSeconds(120),
        Optional.empty(),
        cause == Cause.SERVER_MAINTENANCE ? Optional.of(now.plusSeconds(1_800)) : Optional.empty(),
        "",
        steps(),
        Set.of(),
        340,
        contact);
  }

  private List<StepReport> steps() {
    Optional<Step> at = cause.step();
    List<StepReport> steps = new ArrayList<>();
    for (Step step : Step.values()) {
      steps.add(at.isPresent() && at.get() == step ? failed(step) : other(step, at));
    }
    return steps;
  }

  private static StepReport failed(Step step) {
    StepNote note =
        switch (step) {
          case RELOAD -> StepNote.RELOAD_SUCCEEDED;
          case SERVER -> StepNote.SERVER_FAILED;
          case DNS -> StepNote.DNS_FAILED;
          case LOGS -> StepNote.LOGS_NAMED_CAUSE;
          case FIREWALL -> StepNote.FIREWALL_FAILED;
          case CODE -> StepNote.CODE_FAILED;
          case HOST -> StepNote.HOST_FAILED;
        };
    StepState state = step == Step.RELOAD ? StepState.HEALED : StepState.FAILED;
    return StepReport.of(step, state, note);
  }

  private static StepReport other(Step step, Optional<Step> failed) {
    boolean reached = failed.isPresent() && failed.get() == Step.CODE;
    return switch (step) {
      case RELOAD -> StepReport.of(step, StepState.PASSED, StepNote.RELOAD_TRIED, 2, 40);
      case SERVER ->
          reached
              ? StepReport.of(step, StepState.PASSED, StepNote.SERVER_ACCEPTS, 3)
              : StepReport.of(step, StepState.UNKNOWN, StepNote.SERVER_UNKNOWN);
      case DNS -> StepReport.of(step, StepState.PASSED, StepNote.DNS_AGREES);
      case LOGS -> StepReport.of(step, StepState.SKIPPED, StepNote.LOGS_NOT_CONFIGURED);
      case FIREWALL -> StepReport.of(step, StepState.PASSED, StepNote.FIREWALL_NO_SIGN);
      case CODE -> StepReport.of(step, StepState.SKIPPED, StepNote.CODE_NOT_REACHED);
      case HOST -> StepReport.of(step, StepState.PASSED, StepNote.HOST_IN_ORDER);
    };
  }
}
