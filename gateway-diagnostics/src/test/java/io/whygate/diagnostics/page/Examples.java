package io.whygate.diagnostics.page;

import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.ConnectionUse;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.ExchangeFailure;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.facts.RequestFacts;
import io.whygate.diagnostics.facts.RequestProcessed;
import io.whygate.diagnostics.facts.Timeline;
import io.whygate.diagnostics.facts.UpstreamFacts.Contact;
import io.whygate.diagnostics.incident.Incident;
import io.whygate.diagnostics.page.Reader.Audience;
import io.whygate.diagnostics.verdict.Cause;
import io.whygate.diagnostics.verdict.Diagnosis;
import io.whygate.diagnostics.verdict.Evidence;
import io.whygate.diagnostics.verdict.RunnerUp;
import io.whygate.diagnostics.verdict.Step;
import io.whygate.diagnostics.verdict.StepNote;
import io.whygate.diagnostics.verdict.StepReport;
import io.whygate.diagnostics.verdict.StepState;
import io.whygate.diagnostics.verdict.Verdict;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// Diagnoses for tests, full of what no visitor may see.
final class Examples {
  static final Instant AT = Instant.parse("2026-11-23T14:03:07.123Z");
  static final Pages PAGES = new Pages("whygate", Branding.NONE);
  static final Contact CONTACT = new Contact("Acme Hosting", "support@acme.example", "", "");

  /// What stands in every place of these diagnoses that is not meant for visitors.
  static final List<String> SECRETS =
      List.of(
          "10.11.12.13",
          "10.11.12.99",
          "fd00:dead::7",
          "shop-db.internal",
          "shop.internal",
          "/run/secret/app.sock",
          "/etc/passwd",
          "nginx/1.22.1",
          "PHP/8.2.7",
          "Set-Cookie",
          "sid=topsecret",
          "PHP Fatal error",
          "OpenSSL 3.0.11",
          "/private/path");

  static final String NASTY =
      "10.11.12.13 10.11.12.99 fd00:dead::7 shop-db.internal shop.internal /run/secret/app.sock"
          + " /etc/passwd nginx/1.22.1 PHP/8.2.7 Set-Cookie: sid=topsecret PHP Fatal error"
          + " OpenSSL 3.0.11 /private/path";

  private static final List<String> PARAMETERS =
      List.of(
          "host",
          "port",
          "address",
          "new-address",
          "ttl",
          "not-after",
          "not-before",
          "names",
          "expected",
          "issuer",
          "resolver",
          "target",
          "size",
          "status",
          "skew",
          "log",
          "line");

  private Examples() {}

  static Endpoint endpoint() {
    return new Endpoint(Endpoint.Scheme.HTTP, "shop.internal", 3000);
  }

  static FailedAttempt attempt(AttemptFailure failure) {
    try {
      return new FailedAttempt(
          endpoint(),
          Optional.of(InetAddress.getByName("10.11.12.13")),
          failure,
          new Timeline(120, Timeline.NEVER, Timeline.NEVER, Timeline.NEVER, Timeline.NEVER, 640),
          ConnectionUse.FRESH,
          0,
          0,
          "",
          Optional.empty());
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  static FailedExchange exchange(AttemptFailure failure) {
    return exchange("GET", RequestProcessed.NOT_SENT, failure);
  }

  static FailedExchange exchange(
      String method, RequestProcessed processed, AttemptFailure failure) {
    return exchange(method, processed, new ExchangeFailure.AttemptsExhausted(), attempt(failure));
  }

  static FailedExchange exchange(
      String method,
      RequestProcessed processed,
      ExchangeFailure failure,
      FailedAttempt... attempts) {
    return new FailedExchange(
        "shop",
        new RequestFacts(method, "/private/path", "shop.example.com", "https", 0),
        failure,
        List.of(attempts),
        processed,
        AT,
        1234);
  }

  static Diagnosis diagnosis(Cause cause) {
    return diagnosis(cause, exchange(new AttemptFailure.ConnectRefused()));
  }

  static Diagnosis diagnosis(Cause cause, FailedExchange exchange) {
    Map<String, String> parameters = new HashMap<>();
    PARAMETERS.forEach(p -> parameters.put(p, NASTY));
    return new Diagnosis(
        exchange,
        new Verdict(cause, cause == Cause.UNKNOWN ? 0.3 : 0.95, NASTY, parameters),
        steps(cause),
        List.of(
            new Evidence("connect", NASTY, NASTY, NASTY, AT, 812),
            new Evidence("ping", "echo", "10.11.12.13", "reply", AT, 403)),
        List.of(new RunnerUp(Cause.FIREWALL_REJECTED, 0.2, NASTY)),
        Optional.empty(),
        OptionalLong.of(30),
        true,
        AT,
        40_500);
  }

  static List<StepReport> steps(Cause cause) {
    List<StepReport> steps = new ArrayList<>();
    for (Step step : Step.values()) {
      boolean failed = cause.step().isPresent() && cause.step().get() == step;
      StepState state =
          failed
              ? StepState.FAILED
              : switch (step) {
                case RELOAD -> StepState.UNKNOWN;
                case DNS, HOST, FIREWALL -> StepState.PASSED;
                case LOGS, CODE, SERVER -> StepState.SKIPPED;
              };
      steps.add(
          switch (step) {
            case RELOAD -> StepReport.of(step, state, StepNote.RELOAD_TRIED, 2, NASTY);
            case SERVER ->
                StepReport.of(step, state, failed ? StepNote.SERVER_FAILED : StepNote.NOT_REACHED);
            case DNS ->
                StepReport.of(step, state, failed ? StepNote.DNS_FAILED : StepNote.DNS_AGREES);
            case LOGS -> StepReport.of(step, state, StepNote.LOGS_NOT_CONFIGURED);
            case FIREWALL ->
                StepReport.of(
                    step, state, failed ? StepNote.FIREWALL_FAILED : StepNote.FIREWALL_NO_SIGN);
            case CODE ->
                StepReport.of(
                    step, state, failed ? StepNote.CODE_FAILED : StepNote.CODE_NOT_REACHED);
            case HOST ->
                StepReport.of(step, state, failed ? StepNote.HOST_FAILED : StepNote.HOST_IN_ORDER);
          });
    }
    return steps;
  }

  static Incident incident(Diagnosis diagnosis) {
    return incident(diagnosis, Incident.State.OPEN, CONTACT);
  }

  static Incident incident(Diagnosis diagnosis, Incident.State state, Contact contact) {
    return new Incident(
        "k3x9p2m7q4wz",
        "shop",
        state,
        AT.minusSeconds(120),
        AT,
        state == Incident.State.OPEN ? Optional.empty() : Optional.of(AT.plusSeconds(60)),
        17,
        12,
        diagnosis,
        contact);
  }

  static Reader reader(Form form, Language language) {
    return new Reader(Audience.VISITOR, "GET", form, language, false);
  }

  static Page render(Cause cause, Form form, Language language) {
    Diagnosis diagnosis = diagnosis(cause);
    return PAGES.render(
        diagnosis, diagnosis.exchange(), incident(diagnosis), reader(form, language));
  }
}
