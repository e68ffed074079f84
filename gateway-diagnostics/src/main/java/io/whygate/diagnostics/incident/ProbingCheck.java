package io.whygate.diagnostics.incident;

import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.AttemptFailure.MalformedResponse;
import io.whygate.diagnostics.facts.AttemptFailure.UpstreamStatus;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.ExchangeFailure.AttemptsExhausted;
import io.whygate.diagnostics.facts.ExchangeFailure.LimitReached;
import io.whygate.diagnostics.facts.ExchangeFailure.LoopDetected;
import io.whygate.diagnostics.facts.ExchangeFailure.NoEndpoint;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.facts.RequestFacts;
import io.whygate.diagnostics.facts.Symptom;
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

/// Repeats what failed with a probe: a look-up, a connection, a handshake, or a light request
/// without credentials. A request is repeated on its own path only where it was a GET or HEAD;
/// other methods are never sent again, and count as mended when nothing fails any more.
final class ProbingCheck implements RecoveryCheck {
  private static final Duration LIMIT = Duration.ofSeconds(3);
  private static final Duration QUIET = Duration.ofSeconds(10);

  @Override
  public boolean works(Incident incident, UpstreamFacts facts, boolean served) {
    FailedExchange exchange = incident.diagnosis().exchange();
    boolean quiet = served || isQuiet(incident);
    return switch (exchange.failure()) {
      case LoopDetected _ -> quiet;
      case LimitReached _ -> quiet && anyAnswers(exchange, facts);
      case NoEndpoint(NoEndpoint.Reason why) ->
          switch (why) {
            // Somebody ends these by hand: that requests go out again is what shows it.
            case NONE_CONFIGURED, ALL_DRAINED, MAINTENANCE ->
                served && (facts.endpoints().isEmpty() || anyAnswers(exchange, facts));
            case ALL_EJECTED, CIRCUIT_OPEN -> anyAnswers(exchange, facts);
          };
      case AttemptsExhausted _ ->
          exchange.subject().filter(attempt -> works(incident, facts, attempt, quiet)).isPresent();
    };
  }

  private static boolean anyAnswers(FailedExchange exchange, UpstreamFacts facts) {
    return facts.endpoints().stream().anyMatch(e -> answers(exchange, facts, e, "/"));
  }

  private static boolean isQuiet(Incident incident) {
    return incident.lastSeen().plus(QUIET).isBefore(Instant.now());
  }

  private static boolean works(
      Incident incident, UpstreamFacts facts, FailedAttempt attempt, boolean quiet) {
    Endpoint endpoint = attempt.endpoint();
    if (incident.cause() == Cause.DNS_RECYCLED_ADDRESS) {
      return isElsewhere(facts, attempt);
    }
    Phase phase = attempt.failure().phase();
    if (phase == Phase.RESOLVE) {
      return !LookUp.addresses(endpoint, facts, limit()).isEmpty();
    }
    if (phase == Phase.CONNECT && incident.cause() != Cause.SERVER_OVERLOADED) {
      return connects(facts, attempt) || connectsElsewhere(incident, attempt);
    }
    if (phase == Phase.TLS_HANDSHAKE) {
      // By TLS 1.3 a client learns after its handshake that its certificate is not taken.
      boolean isBeyond =
          isProtocol(incident.cause()) || incident.cause() == Cause.TLS_CLIENT_CERTIFICATE_REQUIRED;
      return endpoint.isTls()
          && secures(facts, attempt)
          && (!isBeyond || answers(incident.diagnosis().exchange(), facts, endpoint, "/"));
    }
    return (incident.cause() == Cause.DNS_DRIFT && quiet && connectsElsewhere(incident, attempt))
        || worksAsApplication(incident, facts, attempt, quiet);
  }

  /// Whether the resolvers lead past an address that is another site's now, to one that accepts.
  private static boolean isElsewhere(UpstreamFacts facts, FailedAttempt attempt) {
    List<InetAddress> now = LookUp.addresses(attempt.endpoint(), facts, limit());
    return attempt.address().filter(now::contains).isEmpty()
        && now.stream()
            .map(address -> new InetSocketAddress(address, attempt.endpoint().port()))
            .anyMatch(target -> ConnectProbe.dial(target, limit()) == DialOutcome.ACCEPTED);
  }

  private static boolean worksAsApplication(
      Incident incident, UpstreamFacts facts, FailedAttempt attempt, boolean quiet) {
    Endpoint endpoint = attempt.endpoint();
    AttemptFailure failure = attempt.failure();
    FailedExchange exchange = incident.diagnosis().exchange();
    if (incident.cause() == Cause.FIREWALL_MTU_BLACK_HOLE) {
      // Small requests were answered all the time.
      return WholeAnswer.getByLarge(
              facts, endpoint, addresses(exchange, facts, endpoint), light(exchange), limit())
          .isPresent();
    }
    RequestFacts request = exchange.request();
    boolean repeatable = request.method().equals("GET") || request.method().equals("HEAD");
    if (Entry.isBoundToPath(incident.diagnosis()) && !repeatable) {
      return quiet && answers(exchange, facts, endpoint, "/");
    }
    boolean byLog = repeatable && incident.diagnosis().verdict().byLog();
    String path = byLog || isOfOnePath(incident) ? request.path() : "/";
    if (failure instanceof UpstreamStatus(int status, long _, String _, String _)) {
      // A filter's page that is given with a good status is told from the site's by who asked
      // alone.
      return status < 400
          ? quiet && answers(exchange, facts, endpoint, request.path())
          : answersOtherThan(status, exchange, facts, endpoint, request.path());
    }
    return answers(exchange, facts, endpoint, path);
  }

  private static boolean isOfOnePath(Incident incident) {
    return Entry.isBoundToPath(incident.diagnosis())
        || incident.diagnosis().exchange().symptom() == Symptom.TRUNCATED
        || incident.diagnosis().exchange().subject().map(FailedAttempt::failure).orElse(null)
            instanceof MalformedResponse;
  }

  private static boolean isProtocol(Cause cause) {
    return cause == Cause.APPLICATION_PROTOCOL_MISMATCH || cause == Cause.APPLICATION_HTTP2_ERROR;
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

  /// Where the endpoint is now, and where it was.
  private static List<InetSocketAddress> targets(UpstreamFacts facts, FailedAttempt attempt) {
    Set<InetAddress> addresses =
        new LinkedHashSet<>(LookUp.addresses(attempt.endpoint(), facts, limit()));
    attempt.address().ifPresent(addresses::add);
    return addresses.stream()
        .map(address -> new InetSocketAddress(address, attempt.endpoint().port()))
        .toList();
  }

  private static boolean answers(
      FailedExchange exchange, UpstreamFacts facts, Endpoint endpoint, String path) {
    return get(exchange, facts, endpoint, path).isPresent();
  }

  private static boolean answersOtherThan(
      int status, FailedExchange exchange, UpstreamFacts facts, Endpoint endpoint, String path) {
    return get(exchange, facts, endpoint, path).filter(s -> s != status && s < 500).isPresent();
  }

  private static Optional<Integer> get(
      FailedExchange exchange, UpstreamFacts facts, Endpoint endpoint, String path) {
    RequestFacts failed = exchange.request();
    var request = new RequestFacts("GET", path, failed.host(), failed.scheme(), 0);
    return WholeAnswer.get(facts, endpoint, addresses(exchange, facts, endpoint), request, limit());
  }

  private static RequestFacts light(FailedExchange exchange) {
    RequestFacts failed = exchange.request();
    return new RequestFacts("GET", "/", failed.host(), failed.scheme(), 0);
  }

  private static Set<InetAddress> addresses(
      FailedExchange exchange, UpstreamFacts facts, Endpoint endpoint) {
    Set<InetAddress> addresses = new LinkedHashSet<>(LookUp.addresses(endpoint, facts, limit()));
    exchange
        .subject()
        .filter(attempt -> attempt.endpoint().equals(endpoint))
        .flatMap(FailedAttempt::address)
        .ifPresent(addresses::add);
    return addresses;
  }

  private static Deadline limit() {
    return Deadline.in(LIMIT);
  }
}
