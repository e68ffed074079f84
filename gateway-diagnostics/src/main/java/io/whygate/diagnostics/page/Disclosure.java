package io.whygate.diagnostics.page;

import io.whygate.diagnostics.facts.AttemptFailure.UpstreamStatus;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.incident.Incident;
import io.whygate.diagnostics.page.Reader.Audience;
import io.whygate.diagnostics.verdict.Cause;
import io.whygate.diagnostics.verdict.Diagnosis;
import io.whygate.diagnostics.verdict.StepReport;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Decides who sees what. It copies what a visitor may see, one piece after another; what is not
/// copied here cannot reach a visitor's document, as those are made from a [View] alone.
///
/// Kept back: addresses, internal host names, header fields, log lines, software versions, paths of
/// files, and whatever a rule says in words.
final class Disclosure {
  /// How long a failure of unknown length is left alone at least and at most, seconds.
  private static final long SHORTEST_WAIT = 5;

  private static final long LONGEST_WAIT = 300;

  /// What lies less far ahead is told as a length of time, not as a time of day, seconds.
  private static final long SOON = 120;

  /// Causes whose end is known where the diagnosis gives a time.
  private static final Set<Cause> WITH_A_KNOWN_END =
      EnumSet.of(
          Cause.SERVER_MAINTENANCE,
          Cause.DNS_DRIFT,
          Cause.DNS_RECYCLED_ADDRESS,
          Cause.GATEWAY_CIRCUIT_OPEN);

  private Disclosure() {}

  /// What a visitor whose exchange failed may see.
  static View visitor(
      Diagnosis diagnosis, FailedExchange exchange, Incident incident, Reader reader) {
    return view(diagnosis, exchange, incident, status(exchange, reader), reader.isSafe());
  }

  /// The status of the answer to a visitor whose exchange failed.
  static int status(FailedExchange exchange, Reader reader) {
    return ProxyStatus.of(exchange).status(reader.behindFront());
  }

  /// What anybody may see of an incident.
  static View anybody(Incident incident) {
    FailedExchange exchange = incident.diagnosis().exchange();
    int status = ProxyStatus.of(exchange).status(false);
    String method = exchange.request().method();
    boolean repeatable = method.equals("GET") || method.equals("HEAD");
    return view(incident.diagnosis(), exchange, incident, status, repeatable);
  }

  private static View view(
      Diagnosis diagnosis,
      FailedExchange exchange,
      Incident incident,
      int status,
      boolean repeatable) {
    return new View(
        status,
        diagnosis.cause(),
        exchange.symptom(),
        diagnosis.verdict().confidence(),
        diagnosis.retryable(),
        retryAfterSeconds(diagnosis, incident),
        exchange.processed(),
        repeatable,
        incident.id(),
        incident.state(),
        incident.since(),
        incident.ended(),
        expected(diagnosis),
        notice(diagnosis),
        diagnosis.steps().stream().map(Disclosure::withNumbersAlone).toList(),
        diagnosis.unfinished(),
        elapsedMillis(diagnosis, exchange),
        incident.contact());
  }

  /// When it is worth trying again: as the diagnosis says, else a quarter of the time for which it
  /// has failed already, as what has lasted long will hardly end at once.
  static long retryAfterSeconds(Diagnosis diagnosis, Incident incident) {
    if (diagnosis.retryAfterSeconds().isPresent()) {
      return Math.max(1, diagnosis.retryAfterSeconds().getAsLong());
    }
    long lasted = Duration.between(incident.since(), diagnosis.at()).toSeconds();
    return Math.clamp(lasted / 4, SHORTEST_WAIT, LONGEST_WAIT);
  }

  private static Optional<Instant> expected(Diagnosis diagnosis) {
    long seconds = diagnosis.retryAfterSeconds().orElse(0);
    return seconds < SOON || !WITH_A_KNOWN_END.contains(diagnosis.cause())
        ? Optional.empty()
        : Optional.of(diagnosis.at().plusSeconds(seconds));
  }

  /// The one text of a verdict that is meant for visitors: the operator's own word on a
  /// maintenance.
  private static String notice(Diagnosis diagnosis) {
    return diagnosis.cause() == Cause.SERVER_MAINTENANCE
        ? diagnosis.verdict().parameters().getOrDefault("message", "")
        : "";
  }

  private static StepReport withNumbersAlone(StepReport step) {
    List<Object> numbers =
        step.arguments().stream()
            .map(a -> a instanceof Number || a instanceof Duration ? a : "…")
            .toList();
    return new StepReport(step.step(), step.state(), step.note(), numbers);
  }

  /// From the request to the explanation; a diagnosis that was there already took no time.
  @SuppressWarnings("ReferenceEquality") // whether it is the exchange that was waited for itself
  static long elapsedMillis(Diagnosis diagnosis, FailedExchange exchange) {
    long diagnosing = exchange == diagnosis.exchange() ? diagnosis.elapsedMicros() : 0;
    return (exchange.elapsedMicros() + diagnosing) / 1000;
  }

  /// The value of Proxy-Status: the members that came from upstream, then the gateway's own.
  static String proxyStatus(String name, FailedExchange exchange, Audience audience) {
    boolean operator = audience == Audience.OPERATOR;
    String forOperators = operator ? ProxyStatus.forOperators(exchange) : "";
    String own = ProxyStatus.of(exchange).member(name, forOperators);
    String upstream = exchange.subject().map(Disclosure::proxyStatusOf).orElse("");
    String shown = operator ? upstream : StructuredField.withoutInnerHosts(upstream);
    return shown.isEmpty() ? own : shown + ", " + own;
  }

  private static String proxyStatusOf(FailedAttempt attempt) {
    return attempt.failure() instanceof UpstreamStatus u ? u.proxyStatus() : "";
  }
}
