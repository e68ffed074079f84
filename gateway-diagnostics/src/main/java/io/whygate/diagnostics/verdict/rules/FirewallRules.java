package io.whygate.diagnostics.verdict.rules;

import static io.whygate.diagnostics.verdict.Cause.FIREWALL_BLOCKED_REQUEST;
import static io.whygate.diagnostics.verdict.Cause.FIREWALL_DROPPED;
import static io.whygate.diagnostics.verdict.Cause.FIREWALL_RATE_LIMITED;
import static io.whygate.diagnostics.verdict.Cause.FIREWALL_REJECTED;

import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.AttemptFailure.UpstreamStatus;
import io.whygate.diagnostics.facts.BlockPage;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.IcmpMessage;
import io.whygate.diagnostics.probe.Finding.Crowded;
import io.whygate.diagnostics.probe.Finding.Dialled.DialOutcome;
import io.whygate.diagnostics.verdict.CaseFile;
import io.whygate.diagnostics.verdict.Opinion;
import io.whygate.diagnostics.verdict.Verdict;
import io.whygate.diagnostics.verdict.VerdictRule;
import io.whygate.diagnostics.verdict.rules.Reaching.Way;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Filters on the way: what lets the host answer, and not this port, this many or this request.
public final class FirewallRules implements VerdictRule {
  private static final long SMALL_REQUEST = 1_000;

  @Override
  public List<Opinion> judge(CaseFile file) {
    return file.failure().stream().flatMap(failure -> judge(file, failure)).toList();
  }

  private static Stream<Opinion> judge(CaseFile file, AttemptFailure failure) {
    return switch (failure) {
      case UpstreamStatus status -> blocked(file, status).stream();
      default -> filtered(file).stream();
    };
  }

  private static List<Opinion> filtered(CaseFile file) {
    Way way = Reaching.way(file);
    if (way == Way.OPEN) {
      return forgotten(file).map(List::of).orElse(List.of());
    }
    if (Reaching.isKeptInByOurselves(file)) {
      return List.of(
          Opinion.doubts(
              way == Way.SILENT ? FIREWALL_DROPPED : FIREWALL_REJECTED,
              0.3,
              "The gateway's own firewall keeps the packets in: none reaches another filter."));
    }
    Optional<Opinion> rejected = rejected(file, way);
    if (rejected.isPresent()) {
      return List.of(rejected.get());
    }
    var opinions = new ArrayList<Opinion>();
    limited(file).ifPresent(opinions::add);
    paced(file).ifPresent(opinions::add);
    if (way == Way.SILENT) {
      dropped(file).ifPresent(opinions::add);
    }
    return opinions;
  }

  private static Optional<Opinion> rejected(CaseFile file, Way way) {
    Optional<IcmpMessage> rejection = Reaching.rejection(file);
    if (rejection.isPresent()) {
      return Optional.of(
          Opinion.holds(
              FIREWALL_REJECTED,
              0.95,
              "A filter rejects the connection: "
                  + rejection.get().describe()
                  + ". A closed port answers with a reset, and no ICMP message.",
              file.parameters("offender", rejection.get().from().getHostAddress())));
    }
    Optional<String> life = file.signOfLife();
    if (life.isEmpty() || (way != Way.UNREACHABLE && file.icmp().isEmpty())) {
      return Optional.empty();
    }
    return Optional.of(
        Opinion.holds(
            FIREWALL_REJECTED,
            file.icmp().isPresent() ? 0.9 : 0.85,
            "Unreachable is said of this port alone"
                + file.icmp().map(icmp -> " (" + icmp.describe() + ")").orElse("")
                + ", while the host is up: "
                + life.get()
                + ".",
            file.icmp()
                .map(icmp -> file.parameters("offender", icmp.from().getHostAddress()))
                .orElseGet(file::parameters)));
  }

  private static Optional<Opinion> limited(CaseFile file) {
    Optional<Crowded> crowded = Reaching.crowded(file);
    if (crowded.isEmpty()) {
      return Optional.empty();
    }
    Crowded crowd = crowded.get();
    if (Reaching.limited(file).isEmpty()) {
      return Optional.of(
          Opinion.doubts(
              FIREWALL_RATE_LIMITED,
              0.3,
              "The connections that are accepted are not answered: the server does not keep up."));
    }
    return Optional.of(
        Opinion.holds(
            FIREWALL_RATE_LIMITED,
            0.85,
            (crowd.refused() > 1
                    ? "A connection alone was accepted; of "
                    : "A connection alone was accepted and answered; of ")
                + crowd.tried()
                + " at once "
                + (crowd.silent() >= crowd.refused()
                    ? crowd.silent() + " vanished."
                    : crowd.refused() + " were reset."),
            file.parameters(
                "crowd",
                Integer.toString(crowd.tried()),
                "let-in",
                Integer.toString(crowd.accepted()))));
  }

  /// A limit that lets in too few for a crowd to be sent: by what became of the connections of
  /// late.
  private static Optional<Opinion> paced(CaseFile file) {
    return Pacing.of(file)
        .map(seen -> Opinion.holds(FIREWALL_RATE_LIMITED, 0.8, seen, file.parameters()));
  }

  private static Optional<Opinion> dropped(CaseFile file) {
    if (Pacing.of(file).isPresent()) {
      return Optional.of(
          Opinion.doubts(
              FIREWALL_DROPPED, 0.3, "Now and then a connection is let in, and served at once."));
    }
    if (Reaching.acceptsAtTimes(file).isPresent()) {
      return Optional.of(
          Opinion.doubts(FIREWALL_DROPPED, 0.2, "The port accepted during the incident."));
    }
    return file.signOfLife()
        .map(life ->
            Opinion.holds(
                FIREWALL_DROPPED,
                Reaching.lostMidway(file) ? 0.9 : 0.85,
                "Packets to this port vanish, while the host is up: "
                    + life
                    + "; no connection was accepted during the incident.",
                file.parameters()));
  }

  /// A connection that was let in carries nothing, though what was sent is small: a kept one, while
  /// new ones work, or each.
  private static Optional<Opinion> forgotten(CaseFile file) {
    boolean accepts = file.redialled().filter(d -> d.outcome() == DialOutcome.ACCEPTED).isPresent();
    Optional<FailedAttempt> lost =
        file.exchange()
            .subject()
            .filter(FailedAttempt::isUnacknowledged)
            .filter(attempt -> attempt.bytesSent() <= SMALL_REQUEST);
    if (!accepts || lost.isEmpty()) {
      return Optional.empty();
    }
    if (lost.get().use().isReused() && file.answeredLight().isPresent()) {
      return Optional.of(
          Opinion.holds(
              FIREWALL_DROPPED,
              0.8,
              "What was sent on a kept connection was never acknowledged, while new connections "
                  + "work: a firewall or an address translator on the way has forgotten it.",
              file.parameters(Verdict.VARIANT, "forgotten")));
    }
    return Reaching.isDeafened(file)
        ? Optional.of(
            Opinion.holds(
                FIREWALL_DROPPED,
                0.85,
                "New connections are let in, and what is sent on them is never acknowledged, not "
                    + "even by the server's system: a firewall on the way discards it.",
                file.parameters()))
        : Optional.empty();
  }

  private static Optional<Opinion> blocked(CaseFile file, UpstreamStatus status) {
    if (BlockPage.wantsCertificate(status.blockMark())) {
      return Optional.empty();
    }
    if (!status.blockMark().isEmpty()) {
      return Optional.of(blocked(file, status, status.blockMark(), 0.95));
    }
    if (!BlockPage.isGivenWith(status.status())) {
      return Optional.empty();
    }
    return file.lightRequests().stream()
        .map(answer -> BlockPage.markIn(answer.body()))
        .filter(mark -> !mark.isEmpty())
        .findFirst()
        .map(mark -> blocked(file, status, mark, 0.85));
  }

  private static Opinion blocked(
      CaseFile file, UpstreamStatus status, String mark, double confidence) {
    return Opinion.holds(
        FIREWALL_BLOCKED_REQUEST,
        confidence,
        "The connection works, and the answer is a filter's block page ('" + mark + "').",
        file.parameters("status", Integer.toString(status.status())));
  }
}
