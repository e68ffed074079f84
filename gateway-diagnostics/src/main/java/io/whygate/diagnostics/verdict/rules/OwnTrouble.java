package io.whygate.diagnostics.verdict.rules;

import static io.whygate.diagnostics.verdict.Cause.GATEWAY_OVERLOADED;

import io.whygate.diagnostics.facts.AttemptFailure.NameNotResolved;
import io.whygate.diagnostics.facts.AttemptFailure.TimedOut;
import io.whygate.diagnostics.facts.NamingProblem;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.probe.Finding.Asked;
import io.whygate.diagnostics.probe.Finding.Dialled;
import io.whygate.diagnostics.probe.Finding.Dialled.DialOutcome;
import io.whygate.diagnostics.probe.Finding.Handshaken;
import io.whygate.diagnostics.probe.Finding.Outgoing;
import io.whygate.diagnostics.probe.Finding.OwnInspected;
import io.whygate.diagnostics.probe.FindingWords;
import io.whygate.diagnostics.probe.HeapUse;
import io.whygate.diagnostics.verdict.CaseFile;
import io.whygate.diagnostics.verdict.Opinion;
import io.whygate.diagnostics.verdict.Verdict;
import java.time.Duration;
import java.util.Optional;

/// Whether a time-out is the gateway's own doing: it was too late to see what came, or its system
/// let nothing out.
final class OwnTrouble {
  /// A gateway that stood still for less than this explains no time-out.
  private static final Duration LATE = Duration.ofMillis(300);

  /// From this part of the time on, collections of garbage are what makes loops late.
  private static final double MUCH = 0.4;

  /// From this part of the time on, a nearly full heap is one that the gateway suffers from.
  private static final double SUFFERS = 0.25;

  /// From this part of the time on, they are all that the gateway does, however full its heap.
  private static final double NEARLY_ALL = 0.75;

  /// Who has run for so long between collections would have seen an answer that had come.
  private static final Duration ENOUGH = LATE.plus(LATE);

  private OwnTrouble() {}

  /// Whether the system's table of tracked connections is full, so that it drops what would be
  /// another one. A rule of its firewall drops silently too; a packet that may leave now, or a
  /// connection that is accepted now, rejects both.
  static Optional<Opinion> untracked(CaseFile file) {
    boolean unanswered =
        file.failure(TimedOut.class).filter(late -> late.phase() == Phase.CONNECT).isPresent()
            || file.failure(NameNotResolved.class)
                .filter(failure -> failure.problem() == NamingProblem.TIMEOUT)
                .isPresent();
    Optional<OwnInspected> full = file.own().filter(OwnInspected::isTrackingFull);
    if (!unanswered || full.isEmpty()) {
      return Optional.empty();
    }
    String what =
        "The system of the gateway tracks "
            + full.get().tracked()
            + " connections and may track "
            + full.get().trackedMax();
    Optional<Boolean> mayLeave = file.findings(Outgoing.class).map(Outgoing::mayLeave).findFirst();
    boolean leaves =
        mayLeave.orElse(false)
            || file.redialled().filter(d -> d.outcome() == DialOutcome.ACCEPTED).isPresent();
    return Optional.of(
        leaves
            ? Opinion.doubts(
                GATEWAY_OVERLOADED, 0.4, what + ", but a new connection may leave it just now.")
            : Opinion.holds(
                GATEWAY_OVERLOADED,
                mayLeave.isPresent() ? 0.95 : 0.85,
                what + ": it drops what would be another one.",
                file.parameters(Verdict.VARIANT, "tracking")));
  }

  /// Whether the gateway stood still for a good part of what the server was given, and the server
  /// answers a probe, which does not pass through a loop, at once.
  static Optional<Opinion> stoodStill(CaseFile file) {
    Optional<TimedOut> late = file.failure(TimedOut.class);
    Optional<OwnInspected> own = file.own();
    if (late.isEmpty() || own.isEmpty()) {
      return Optional.empty();
    }
    Duration lag = Duration.ofNanos(Math.max(0, own.get().loopLagMicros()) * 1_000);
    HeapUse heap = own.get().heap();
    double share = heap.collecting().share();
    Duration limit = late.get().limit();
    boolean lagged = explains(lag, limit);
    boolean collecting =
        lagged ? heap.isNearlyFull() || share >= MUCH : isStoppedByCollections(heap, limit);
    if (!lagged && !collecting) {
      return Optional.empty();
    }
    String what =
        collecting
            ? "The gateway was out of memory of its own: " + FindingWords.of(heap)
            : "An event loop of the gateway was " + lag.toMillis() + " ms late meanwhile";
    return answersAtOnce(file, late.get().phase(), 1 - share)
        ? Optional.of(
            Opinion.holds(
                GATEWAY_OVERLOADED,
                collecting ? 0.8 : 0.75,
                what + ", and the server answers a probe at once.",
                collecting ? file.parameters(Verdict.VARIANT, "heap") : file.parameters()))
        : Optional.of(
            Opinion.doubts(
                GATEWAY_OVERLOADED, 0.4, what + ", but the server answers no probe either."));
  }

  private static boolean isStoppedByCollections(HeapUse heap, Duration limit) {
    double share = heap.collecting().share();
    boolean suffers = share >= NEARLY_ALL || (heap.isNearlyFull() && share >= SUFFERS);
    return suffers
        && 2 * heap.collecting().stopped().toNanos() >= limit.toNanos()
        && limit.toNanos() * (1 - share) <= ENOUGH.toNanos();
  }

  private static boolean explains(Duration still, Duration limit) {
    return still.compareTo(LATE) >= 0 && 2 * still.toNanos() >= limit.toNanos();
  }

  /// @param running the part of the time in which the gateway runs: what a probe waits for a
  ///   collection of the gateway's own is not the server's
  private static boolean answersAtOnce(CaseFile file, Phase phase, double running) {
    Optional<Dialled> again = file.redialled();
    boolean accepts = again.filter(d -> d.outcome() == DialOutcome.ACCEPTED).isPresent();
    return switch (phase) {
      case RESOLVE, CONNECT -> accepts;
      case TLS_HANDSHAKE -> file.handshake().filter(Handshaken::isComplete).isPresent();
      case SEND_REQUEST, AWAIT_RESPONSE, READ_RESPONSE ->
          file.lightRequests().stream()
              .anyMatch(
                  light -> light.isAnswered() && isTelling(file, light) && isQuick(light, running));
    };
  }

  /// The start page takes a worker of the server's, which the light paths of files may not. Where
  /// it is what failed, there is none but them.
  private static boolean isTelling(CaseFile file, Asked light) {
    return light.path().equals("/") || file.exchange().request().path().equals("/");
  }

  private static boolean isQuick(Asked light, double running) {
    return light.ttfbMicros() * 1_000 * running < LATE.toNanos() / 2.0;
  }
}
