package io.whygate.diagnostics.verdict.rules;

import static io.whygate.diagnostics.verdict.Cause.FIREWALL_BLOCKED_REQUEST;
import static io.whygate.diagnostics.verdict.Cause.FIREWALL_DROPPED;
import static io.whygate.diagnostics.verdict.Cause.FIREWALL_MTU_BLACK_HOLE;
import static io.whygate.diagnostics.verdict.Cause.FIREWALL_REJECTED;

import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.AttemptFailure.NotDialled;
import io.whygate.diagnostics.facts.AttemptFailure.TimedOut;
import io.whygate.diagnostics.facts.AttemptFailure.Unreachable;
import io.whygate.diagnostics.facts.AttemptFailure.UpstreamStatus;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.LocalProblem;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.facts.TcpFacts;
import io.whygate.diagnostics.probe.Finding.Dialled;
import io.whygate.diagnostics.verdict.CaseFile;
import io.whygate.diagnostics.verdict.Opinion;
import io.whygate.diagnostics.verdict.VerdictRule;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/// Filters on the way: what lets the host answer, and not this port, this size or this request.
public final class FirewallRules implements VerdictRule {
  private static final List<String> BLOCK_MARKS =
      List.of(
          "wordfence",
          "sucuri website firewall",
          "mod_security",
          "modsecurity",
          "request blocked",
          "attention required! | cloudflare",
          "incapsula incident",
          "the requested url was rejected",
          "aws waf",
          "access denied by security policy",
          "your access to this site has been limited");

  @Override
  public List<Opinion> judge(CaseFile file) {
    return file.failure().stream().flatMap(failure -> judge(file, failure)).toList();
  }

  private static Stream<Opinion> judge(CaseFile file, AttemptFailure failure) {
    return switch (failure) {
      case TimedOut(Phase phase, _) when phase == Phase.CONNECT -> dropped(file).stream();
      case TimedOut(Phase phase, _) when phase.compareTo(Phase.SEND_REQUEST) >= 0 ->
          blackHole(file).stream();
      case Unreachable _ -> rejected(file).stream();
      case NotDialled n when n.problem() == LocalProblem.PERMISSION_DENIED ->
          deniedHere(file).stream();
      case UpstreamStatus status -> blocked(file, status).stream();
      default -> Stream.of();
    };
  }

  private static Optional<Opinion> dropped(CaseFile file) {
    if (ServerRules.acceptsAtTimes(file).isPresent()) {
      return Optional.of(
          Opinion.doubts(FIREWALL_DROPPED, 0.2, "The port accepted during the incident."));
    }
    return file.answeringSibling()
        .map(sibling ->
            Opinion.holds(
                FIREWALL_DROPPED,
                0.85,
                "Packets to this port vanish, while the host answers on port "
                    + sibling.target().getPort()
                    + "; no connection was accepted during the incident.",
                file.parameters("other-port", Integer.toString(sibling.target().getPort()))));
  }

  private static Optional<Opinion> rejected(CaseFile file) {
    Optional<Dialled> sibling = file.answeringSibling();
    return sibling.map(other ->
        Opinion.holds(
            FIREWALL_REJECTED,
            0.85,
            "Unreachable is said of this port alone: port "
                + other.target().getPort()
                + " of the same host answers.",
            file.parameters("other-port", Integer.toString(other.target().getPort()))));
  }

  private static Optional<Opinion> deniedHere(CaseFile file) {
    if (file.endpoint().filter(e -> e.isUnix()).isPresent()) {
      return Optional.empty();
    }
    return Optional.of(
        Opinion.holds(
            FIREWALL_REJECTED,
            0.8,
            "The gateway's own system refuses the connection: a rule of its firewall or of a "
                + "security module.",
            file.parameters()));
  }

  private static Optional<Opinion> blackHole(CaseFile file) {
    Optional<FailedAttempt> attempt = file.exchange().lastAttempt();
    Optional<TcpFacts> tcp = attempt.flatMap(FailedAttempt::tcp);
    if (tcp.isEmpty() || tcp.get().unacked() == 0 || tcp.get().retransmits() == 0) {
      return Optional.empty();
    }
    boolean large = attempt.get().bytesSent() > 1_000;
    if (!large || file.answeredLight().isEmpty()) {
      return Optional.of(
          Opinion.doubts(
              FIREWALL_MTU_BLACK_HOLE,
              0.3,
              large ? "Small requests vanish too." : "The request was small."));
    }
    return Optional.of(
        Opinion.holds(
            FIREWALL_MTU_BLACK_HOLE,
            0.75,
            "Large segments are sent again and again and never acknowledged, while a small request "
                + "on a new connection is answered.",
            file.parameters("path-mtu", Long.toString(tcp.get().pathMtu()))));
  }

  private static Optional<Opinion> blocked(CaseFile file, UpstreamStatus status) {
    if (status.status() != 403
        && status.status() != 406
        && status.status() != 429
        && status.status() != 503) {
      return Optional.empty();
    }
    String seen =
        Stream.concat(
                file.exchange().lastAttempt().map(FailedAttempt::firstBytes).stream(),
                file.lightRequests().stream().map(r -> r.body()))
            .map(text -> text.toLowerCase(Locale.ROOT))
            .reduce("", String::concat);
    return BLOCK_MARKS.stream()
        .filter(seen::contains)
        .findFirst()
        .map(mark ->
            Opinion.holds(
                FIREWALL_BLOCKED_REQUEST,
                0.85,
                "The connection works, and the answer is a filter's block page ('" + mark + "').",
                file.parameters("status", Integer.toString(status.status()))));
  }
}
