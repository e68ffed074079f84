package io.whygate.diagnostics.verdict.rules;

import static io.whygate.diagnostics.verdict.Cause.GATEWAY_OVERLOADED;

import io.whygate.diagnostics.facts.AttemptFailure.TimedOut;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.probe.Finding.Asked;
import io.whygate.diagnostics.probe.Finding.Dialled;
import io.whygate.diagnostics.probe.Finding.Dialled.DialOutcome;
import io.whygate.diagnostics.probe.Finding.Handshaken;
import io.whygate.diagnostics.probe.Finding.OwnInspected;
import io.whygate.diagnostics.verdict.CaseFile;
import io.whygate.diagnostics.verdict.Opinion;
import java.time.Duration;
import java.util.Optional;

/// Whether a time-out is the gateway's own doing: it was too late to see what came, or its system
/// let nothing out.
final class OwnTrouble {
  /// A loop that is less late than this explains no time-out.
  private static final Duration LATE = Duration.ofMillis(300);

  private OwnTrouble() {}

  static Optional<Opinion> of(CaseFile file) {
    Optional<TimedOut> late = file.failure(TimedOut.class);
    Optional<OwnInspected> own = file.own();
    if (late.isEmpty() || own.isEmpty()) {
      return Optional.empty();
    }
    if (late.get().phase() == Phase.CONNECT && own.get().isTrackingFull()) {
      return Optional.of(
          Opinion.holds(
              GATEWAY_OVERLOADED,
              0.85,
              "The system of the gateway tracks "
                  + own.get().tracked()
                  + " connections and may track "
                  + own.get().trackedMax()
                  + ": it drops what would be another one.",
              file.parameters()));
    }
    return lagged(file, late.get(), own.get());
  }

  /// A loop was late by a good part of what the server was given, and the server answers a probe,
  /// which does not pass through a loop, at once.
  private static Optional<Opinion> lagged(CaseFile file, TimedOut late, OwnInspected own) {
    Duration lag = Duration.ofNanos(Math.max(0, own.loopLagMicros()) * 1_000);
    if (lag.compareTo(LATE) < 0 || lag.multipliedBy(2).compareTo(late.limit()) < 0) {
      return Optional.empty();
    }
    String what = "An event loop of the gateway was " + lag.toMillis() + " ms late meanwhile";
    return answersAtOnce(file, late.phase())
        ? Optional.of(
            Opinion.holds(
                GATEWAY_OVERLOADED,
                0.75,
                what + ", and the server answers a probe at once.",
                file.parameters()))
        : Optional.of(
            Opinion.doubts(
                GATEWAY_OVERLOADED, 0.4, what + ", but the server answers no probe either."));
  }

  private static boolean answersAtOnce(CaseFile file, Phase phase) {
    Optional<Dialled> again = file.redialled();
    boolean accepts = again.filter(d -> d.outcome() == DialOutcome.ACCEPTED).isPresent();
    return switch (phase) {
      case RESOLVE, CONNECT -> accepts;
      case TLS_HANDSHAKE -> file.handshake().filter(Handshaken::isComplete).isPresent();
      case SEND_REQUEST, AWAIT_RESPONSE, READ_RESPONSE ->
          file.lightRequests().stream()
              .anyMatch(light -> light.isAnswered() && light.path().equals("/") && isQuick(light));
    };
  }

  private static boolean isQuick(Asked light) {
    return light.ttfbMicros() * 1_000 < LATE.toNanos() / 2;
  }
}
