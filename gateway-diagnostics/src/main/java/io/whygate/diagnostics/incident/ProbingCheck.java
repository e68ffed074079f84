package io.whygate.diagnostics.incident;

import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.AttemptFailure.MalformedResponse;
import io.whygate.diagnostics.facts.AttemptFailure.UpstreamStatus;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.facts.RequestFacts;
import io.whygate.diagnostics.facts.ResponseProblem;
import io.whygate.diagnostics.facts.UpstreamFacts;
import io.whygate.diagnostics.probe.ConnectProbe;
import io.whygate.diagnostics.probe.Deadline;
import io.whygate.diagnostics.probe.Finding.Dialled.DialOutcome;
import io.whygate.diagnostics.probe.WholeAnswer;
import io.whygate.diagnostics.probe.dns.LookUp;
import io.whygate.diagnostics.verdict.Cause;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Tries what [Proof] wants, by a probe: a look-up, a connection, a handshake, or a request without
/// credentials.
final class ProbingCheck implements RecoveryCheck {
  private static final Duration LIMIT = Duration.ofSeconds(3);

  @Override
  public boolean works(Incident incident, UpstreamFacts facts, boolean served) {
    Proof proof = Proof.of(incident.diagnosis());
    return isCalm(proof.calm(), incident, served) && isShown(proof, incident, facts, served);
  }

  @Override
  public Duration quietFor(Incident incident) {
    return Proof.of(incident.diagnosis()).calm().since();
  }

  private static boolean isCalm(Proof.Calm calm, Incident incident, boolean served) {
    return (calm.orServed() && served)
        || (!calm.alone() && !incident.lastSeen().plus(calm.since()).isAfter(Instant.now()));
  }

  private static boolean isShown(
      Proof proof, Incident incident, UpstreamFacts facts, boolean served) {
    FailedExchange exchange = incident.diagnosis().exchange();
    if (proof.kind() == Proof.Kind.NOTHING) {
      return true;
    }
    if (proof.kind() == Proof.Kind.ANY_ANSWER) {
      return facts.endpoints().isEmpty()
          ? proof.calm().alone()
          : facts.endpoints().stream().anyMatch(e -> answers(exchange, facts, e, proof, served));
    }
    return exchange
        .subject()
        .filter(attempt -> isShown(proof, incident, facts, attempt, served))
        .isPresent();
  }

  private static boolean isShown(
      Proof proof, Incident incident, UpstreamFacts facts, FailedAttempt attempt, boolean served) {
    FailedExchange exchange = incident.diagnosis().exchange();
    Endpoint endpoint = attempt.endpoint();
    return switch (proof.kind()) {
      case NOTHING, ANY_ANSWER -> false;
      case ELSEWHERE -> isElsewhere(facts, attempt);
      case RESOLUTION -> !LookUp.addresses(endpoint, facts, limit()).isEmpty();
      case CONNECTION -> connects(facts, attempt) || connectsElsewhere(incident, attempt);
      case HANDSHAKE -> endpoint.isTls() && secures(facts, attempt);
      case HANDSHAKE_AND_ANSWER ->
          endpoint.isTls()
              && secures(facts, attempt)
              && answers(exchange, facts, endpoint, proof, served);
      case PASSED_ON ->
          served
              ? connects(facts, attempt) || connectsElsewhere(incident, attempt)
              : targets(facts, attempt).stream()
                  .anyMatch(target -> PassedOn.works(target, facts, exchange, limit()));
      case LARGE_ANSWER ->
          WholeAnswer.getByLarge(
                  facts,
                  endpoint,
                  addresses(exchange, facts, endpoint),
                  request(exchange, proof),
                  limit())
              .isPresent();
      case ANSWER, OTHER_STATUS ->
          (incident.cause() == Cause.DNS_DRIFT
                  && (served || isCalm(Proof.Calm.QUIET, incident, false))
                  && connectsElsewhere(incident, attempt))
              || get(exchange, facts, endpoint, proof)
                  .filter(status -> isOther(status, attempt.failure()))
                  .isPresent();
    };
  }

  /// Whether an answer is not the one that told of the failure.
  private static boolean isOther(int status, AttemptFailure failure) {
    return switch (failure) {
      case UpstreamStatus(int told, _, _, _) -> told < 400 || (status != told && status < 500);
      case MalformedResponse malformed ->
          malformed.problem() != ResponseProblem.TLS_WANTED || status != 400;
      default -> true;
    };
  }

  /// Whether the resolvers lead past an address that is another site's now, to one that accepts.
  private static boolean isElsewhere(UpstreamFacts facts, FailedAttempt attempt) {
    List<InetAddress> now = LookUp.addresses(attempt.endpoint(), facts, limit());
    return attempt.address().filter(now::contains).isEmpty()
        && now.stream()
            .map(address -> new InetSocketAddress(address, attempt.endpoint().port()))
            .anyMatch(target -> ConnectProbe.dial(target, limit()) == DialOutcome.ACCEPTED);
  }

  private static boolean connects(UpstreamFacts facts, FailedAttempt attempt) {
    Endpoint endpoint = attempt.endpoint();
    if (endpoint.isUnix()) {
      return ConnectProbe.accepts(Path.of(endpoint.host()));
    }
    return targets(facts, attempt).stream()
        .anyMatch(target -> ConnectProbe.dial(target, limit()) == DialOutcome.ACCEPTED);
  }

  /// Whether a site that moved accepts where it is now, though the resolvers do not know it yet.
  private static boolean connectsElsewhere(Incident incident, FailedAttempt attempt) {
    String moved = incident.diagnosis().verdict().parameters().getOrDefault("new-address", "");
    return incident.cause() == Cause.DNS_DRIFT
        && !moved.isEmpty()
        && ConnectProbe.dial(
                new InetSocketAddress(InetAddress.ofLiteral(moved), attempt.endpoint().port()),
                limit())
            == DialOutcome.ACCEPTED;
  }

  private static boolean secures(UpstreamFacts facts, FailedAttempt attempt) {
    return targets(facts, attempt).stream()
        .anyMatch(target -> Soundness.isSound(target, facts, attempt.endpoint(), limit()));
  }

  /// Where the endpoint failed, as long as its name leads there; else where it is now, and where it
  /// was.
  private static List<InetSocketAddress> targets(UpstreamFacts facts, FailedAttempt attempt) {
    return addresses(facts, attempt).stream()
        .map(address -> new InetSocketAddress(address, attempt.endpoint().port()))
        .toList();
  }

  private static Set<InetAddress> addresses(UpstreamFacts facts, FailedAttempt attempt) {
    List<InetAddress> now = LookUp.addresses(attempt.endpoint(), facts, limit());
    Optional<InetAddress> failed = attempt.address();
    if (failed.filter(now::contains).isPresent()) {
      return Set.of(failed.get());
    }
    Set<InetAddress> addresses = new LinkedHashSet<>(now);
    failed.ifPresent(addresses::add);
    return addresses;
  }

  private static boolean answers(
      FailedExchange exchange,
      UpstreamFacts facts,
      Endpoint endpoint,
      Proof proof,
      boolean served) {
    return endpoint.isTcp()
        ? addresses(exchange, facts, endpoint).stream()
            .map(address -> new InetSocketAddress(address, endpoint.port()))
            .anyMatch(target ->
                // Who met the failure may have greeted by a name that the server does not know.
                served
                    ? ConnectProbe.dial(target, limit()) == DialOutcome.ACCEPTED
                    : PassedOn.works(target, facts, exchange, limit()))
        : get(exchange, facts, endpoint, proof).isPresent();
  }

  private static Optional<Integer> get(
      FailedExchange exchange, UpstreamFacts facts, Endpoint endpoint, Proof proof) {
    return WholeAnswer.get(
        facts, endpoint, addresses(exchange, facts, endpoint), request(exchange, proof), limit());
  }

  private static RequestFacts request(FailedExchange exchange, Proof proof) {
    RequestFacts failed = exchange.request();
    boolean isTheSame = proof.path().equals(failed.path());
    return new RequestFacts(
        proof.method(),
        proof.path(),
        failed.host(),
        failed.scheme(),
        0,
        List.of(),
        "",
        isTheSame ? failed.size() : RequestFacts.Size.UNKNOWN);
  }

  private static Set<InetAddress> addresses(
      FailedExchange exchange, UpstreamFacts facts, Endpoint endpoint) {
    return exchange
        .subject()
        .filter(attempt -> attempt.endpoint().equals(endpoint))
        .map(attempt -> addresses(facts, attempt))
        .orElseGet(() -> new LinkedHashSet<>(LookUp.addresses(endpoint, facts, limit())));
  }

  private static Deadline limit() {
    return Deadline.in(LIMIT);
  }
}
