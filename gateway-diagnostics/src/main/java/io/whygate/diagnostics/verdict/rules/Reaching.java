package io.whygate.diagnostics.verdict.rules;

import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.AttemptFailure.ConnectRefused;
import io.whygate.diagnostics.facts.AttemptFailure.NotDialled;
import io.whygate.diagnostics.facts.AttemptFailure.TimedOut;
import io.whygate.diagnostics.facts.AttemptFailure.Unreachable;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.IcmpMessage;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.memory.Recollection.Fate;
import io.whygate.diagnostics.probe.Finding.Asked;
import io.whygate.diagnostics.probe.Finding.Crowded;
import io.whygate.diagnostics.probe.Finding.Dialled;
import io.whygate.diagnostics.probe.Finding.Dialled.DialOutcome;
import io.whygate.diagnostics.probe.Finding.Dialled.Purpose;
import io.whygate.diagnostics.probe.Finding.Outgoing;
import io.whygate.diagnostics.verdict.CaseFile;
import java.util.Optional;

/// How far what was sent to the server got: the questions that several rules ask of a case.
final class Reaching {
  private Reaching() {}

  /// What came back of the way to the server.
  enum Way {
    /// A reset, or an ICMP message that the system shows as one.
    REFUSED,
    /// An ICMP message, or a neighbour that does not answer.
    UNREACHABLE,
    /// Nothing.
    SILENT,
    /// It is open, or that is not what failed.
    OPEN
  }

  /// What came back: in the failed attempt, or, where that lost its connection midway, in a new
  /// one.
  static Way way(CaseFile file) {
    Optional<AttemptFailure> failure = file.failure();
    if (failure.isEmpty()) {
      return Way.OPEN;
    }
    return switch (failure.get()) {
      case ConnectRefused _ -> Way.REFUSED;
      case Unreachable _ -> Way.UNREACHABLE;
      case TimedOut(Phase phase, _) when phase == Phase.CONNECT -> Way.SILENT;
      // Linux shows an ICMPv6 'administratively prohibited' as EACCES.
      case NotDialled _ when file.icmp().isPresent() -> Way.UNREACHABLE;
      default -> lostMidway(file) ? wayNow(file) : Way.OPEN;
    };
  }

  /// Whether the failed connection lost what was sent on it.
  static boolean lostMidway(CaseFile file) {
    return file.exchange().subject().filter(FailedAttempt::isUnacknowledged).isPresent();
  }

  /// Whether nothing that is sent on new connections is heard, however small: what failed was never
  /// acknowledged, and light requests are silent too.
  static boolean isDeafened(CaseFile file) {
    return lostMidway(file)
        && file.answeredLight().isEmpty()
        && file.lightRequests().stream()
            .anyMatch(light -> light.outcome() == Asked.AskOutcome.SILENT);
  }

  private static Way wayNow(CaseFile file) {
    return file.redialled()
        .map(Dialled::outcome)
        .map(outcome ->
            switch (outcome) {
              case REFUSED -> Way.REFUSED;
              case HOST_UNREACHABLE, NETWORK_UNREACHABLE -> Way.UNREACHABLE;
              case SILENT -> Way.SILENT;
              case ACCEPTED, UNROUTED, DENIED, NOT_DIALLED -> Way.OPEN;
            })
        .orElse(Way.OPEN);
  }

  /// The message of a filter on the way: 'prohibited', or 'port unreachable' or 'protocol
  /// unreachable' for TCP, which no host says by itself.
  static Optional<IcmpMessage> rejection(CaseFile file) {
    return file.icmp().filter(IcmpMessage::isRejection);
  }

  /// Whether the gateway's own firewall keeps the packets in.
  static boolean isKeptInByOurselves(CaseFile file) {
    return !isHere(file)
        && (file.findings(Outgoing.class).anyMatch(outgoing -> !outgoing.mayLeave())
            || rejection(file).filter(IcmpMessage::own).isPresent());
  }

  /// Whether the server is on the gateway's own machine, whose firewall stands before both.
  private static boolean isHere(CaseFile file) {
    return file.address()
        .filter(address ->
            address.isLoopbackAddress()
                || rejection(file).filter(icmp -> icmp.from().equals(address)).isPresent())
        .isPresent();
  }

  /// What shows that the port accepts now and then.
  static Optional<String> acceptsAtTimes(CaseFile file) {
    Optional<Dialled> again = file.redialled().filter(d -> d.outcome() == DialOutcome.ACCEPTED);
    if (again.isPresent()) {
      return Optional.of("it accepted a new connection just now.");
    }
    var since = file.memory().failingSince().filter(s -> s.isBefore(file.attemptBegan()));
    return file.address()
        .filter(a -> file.memory().connectedSince(a, since.orElse(file.attemptBegan())))
        .map(_ -> "it accepted a connection during the incident.");
  }

  /// Several connections at once, of which some were not let in, while one alone was: a limit. A
  /// server that does not keep up resets nobody, and does not serve those that it let in.
  static Optional<Crowded> limited(CaseFile file) {
    return crowded(file).filter(crowd -> crowd.refused() > 1 || isServed(file));
  }

  /// Several connections at once, of which some were not let in.
  static Optional<Crowded> crowded(CaseFile file) {
    return file.findings(Crowded.class)
        .filter(crowd -> crowd.refused() + crowd.silent() > 1)
        .findFirst();
  }

  /// Whether a connection that was let in was answered at once: a probe's, or a request's while the
  /// failed one waited.
  private static boolean isServed(CaseFile file) {
    boolean byProbe =
        file.findings(Asked.class)
            .anyMatch(asked -> asked.purpose() == Purpose.SAME && asked.isAnswered());
    return byProbe
        || file.address()
            .map(address -> file.memory().addresses().get(address))
            .filter(known ->
                known.tries().stream()
                    .anyMatch(run ->
                        run.fate() == Fate.SERVED && run.last().isAfter(file.attemptBegan())))
            .isPresent();
  }
}
