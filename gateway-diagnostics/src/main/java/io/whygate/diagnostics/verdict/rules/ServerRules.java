package io.whygate.diagnostics.verdict.rules;

import static io.whygate.diagnostics.verdict.Cause.SERVER_HOST_DOWN;
import static io.whygate.diagnostics.verdict.Cause.SERVER_HOST_UNREACHABLE;
import static io.whygate.diagnostics.verdict.Cause.SERVER_MAINTENANCE;
import static io.whygate.diagnostics.verdict.Cause.SERVER_NO_ENDPOINT;
import static io.whygate.diagnostics.verdict.Cause.SERVER_OVERLOADED;
import static io.whygate.diagnostics.verdict.Cause.SERVER_PORT_CLOSED;
import static io.whygate.diagnostics.verdict.Cause.SERVER_SOCKET_DENIED;
import static io.whygate.diagnostics.verdict.Cause.SERVER_SOCKET_MISSING;

import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.AttemptFailure.ConnectRefused;
import io.whygate.diagnostics.facts.AttemptFailure.NotDialled;
import io.whygate.diagnostics.facts.AttemptFailure.TimedOut;
import io.whygate.diagnostics.facts.AttemptFailure.Unreachable;
import io.whygate.diagnostics.facts.AttemptFailure.UpstreamStatus;
import io.whygate.diagnostics.facts.ExchangeFailure.NoEndpoint;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.facts.Unreachability;
import io.whygate.diagnostics.probe.Finding.Dialled;
import io.whygate.diagnostics.probe.Finding.Dialled.DialOutcome;
import io.whygate.diagnostics.probe.Finding.HostInspected;
import io.whygate.diagnostics.probe.Finding.HostInspected.Neighbour;
import io.whygate.diagnostics.verdict.CaseFile;
import io.whygate.diagnostics.verdict.Opinion;
import io.whygate.diagnostics.verdict.VerdictRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The server's host, its port, its socket file, and whether it is meant to serve at all.
public final class ServerRules implements VerdictRule {

  @Override
  public List<Opinion> judge(CaseFile file) {
    var opinions = new ArrayList<Opinion>();
    noEndpoint(file).ifPresent(opinions::add);
    file.failure().ifPresent(failure -> opinions.addAll(judge(file, failure)));
    return opinions;
  }

  private static List<Opinion> judge(CaseFile file, AttemptFailure failure) {
    return switch (failure) {
      case ConnectRefused _ -> refused(file);
      case Unreachable unreachable -> unreachable(file, unreachable);
      case NotDialled notDialled -> notDialled(file, notDialled);
      case TimedOut(Phase phase, _) when phase == Phase.CONNECT -> silent(file);
      case UpstreamStatus status when status.status() == 503 -> unavailable(file, status);
      default -> List.of();
    };
  }

  private static Optional<Opinion> noEndpoint(CaseFile file) {
    if (!(file.exchange().failure() instanceof NoEndpoint(NoEndpoint.Reason why))) {
      return Optional.empty();
    }
    return switch (why) {
      case NONE_CONFIGURED -> Optional.of(noEndpoint(file, "none is configured"));
      case ALL_DRAINED -> Optional.of(noEndpoint(file, "every endpoint is drained"));
      case ALL_EJECTED -> Optional.of(noEndpoint(file, "every endpoint is ejected"));
      case MAINTENANCE ->
          Optional.of(
              Opinion.holds(
                  SERVER_MAINTENANCE,
                  1,
                  "The configuration declares a maintenance of this upstream.",
                  file.parameters(
                      "message", file.facts().maintenance().map(m -> m.message()).orElse(""))));
      case CIRCUIT_OPEN -> Optional.empty();
    };
  }

  private static Opinion noEndpoint(CaseFile file, String why) {
    return Opinion.holds(
        SERVER_NO_ENDPOINT, 1, "There was no endpoint to try: " + why + ".", file.parameters());
  }

  private static List<Opinion> refused(CaseFile file) {
    if (file.endpoint().filter(e -> e.isUnix()).isPresent()) {
      return List.of(
          Opinion.holds(
              SERVER_PORT_CLOSED,
              0.95,
              "The socket's file is there, and nothing listens on it.",
              file.parameters()));
    }
    Optional<Dialled> again = file.redialled();
    String host =
        file.answeringSibling()
            .map(d -> " The host itself is up: port " + d.target().getPort() + " " + said(d) + ".")
            .orElse("");
    if (again.filter(d -> d.outcome() == DialOutcome.REFUSED).isPresent()) {
      return List.of(
          portClosed(
              file, 0.9, "The port refuses connections, and did so again when asked." + host));
    }
    if (again.filter(d -> d.outcome() == DialOutcome.ACCEPTED).isPresent()) {
      return List.of(
          portClosed(
              file,
              0.7,
              "The port refused the connection, and accepts one now: it was being restarted."));
    }
    return List.of(portClosed(file, 0.75, "The port refused the connection." + host));
  }

  private static Opinion portClosed(CaseFile file, double confidence, String because) {
    return Opinion.holds(SERVER_PORT_CLOSED, confidence, because, file.parameters());
  }

  private static String said(Dialled dialled) {
    return dialled.outcome() == DialOutcome.ACCEPTED ? "accepts" : "answers with a reset";
  }

  private static List<Opinion> unreachable(CaseFile file, Unreachable unreachable) {
    if (GatewayRules.hasNoRoute(file)) {
      return List.of();
    }
    Optional<Dialled> sibling = file.answeringSibling();
    if (sibling.isPresent()) {
      return List.of(
          Opinion.doubts(
              SERVER_HOST_UNREACHABLE,
              0.2,
              "The host answers on port " + sibling.get().target().getPort() + "."));
    }
    String who =
        unreachable.kind() == Unreachability.HOST
            ? "The system says that the host cannot be reached"
            : "The system says that the network cannot be reached, though its routes lead there";
    return List.of(
        Opinion.holds(
            SERVER_HOST_UNREACHABLE,
            0.9,
            who + neighbourhood(file) + ", and no other port of it answers.",
            file.parameters()));
  }

  private static String neighbourhood(CaseFile file) {
    return isMissing(file) ? ": on its own segment nobody answers for the address" : "";
  }

  private static boolean isMissing(CaseFile file) {
    return file.host()
        .map(HostInspected::neighbour)
        .filter(neighbour -> neighbour == Neighbour.MISSING)
        .isPresent();
  }

  private static List<Opinion> notDialled(CaseFile file, NotDialled failure) {
    boolean unix = file.endpoint().filter(e -> e.isUnix()).isPresent();
    if (!unix) {
      return List.of();
    }
    return switch (failure.problem()) {
      case SOCKET_MISSING ->
          List.of(
              Opinion.holds(
                  SERVER_SOCKET_MISSING, 1, "The socket's file is not there.", file.parameters()));
      case PERMISSION_DENIED ->
          List.of(
              Opinion.holds(
                  SERVER_SOCKET_DENIED,
                  1,
                  "The gateway may not open the socket's file.",
                  file.parameters()));
      case BACKLOG_FULL ->
          List.of(
              Opinion.holds(
                  SERVER_OVERLOADED,
                  0.9,
                  "The queue of connections of the socket is full: the server does not keep up.",
                  file.parameters()));
      case PORTS_EXHAUSTED, DESCRIPTORS_EXHAUSTED, OTHER -> List.of();
    };
  }

  /// Nothing came back from the port: late, dead, filtered, or not there.
  private static List<Opinion> silent(CaseFile file) {
    Optional<String> accepts = acceptsAtTimes(file);
    if (accepts.isPresent()) {
      return List.of(
          Opinion.holds(
              SERVER_OVERLOADED,
              0.8,
              "The port did not accept in time, and accepts at times: " + accepts.get(),
              file.parameters()));
    }
    Optional<Dialled> sibling = file.answeringSibling();
    if (sibling.isPresent()) {
      return List.of(
          Opinion.doubts(
              SERVER_HOST_DOWN,
              0.2,
              "The host answers on port " + sibling.get().target().getPort() + "."),
          Opinion.doubts(
              SERVER_OVERLOADED, 0.3, "No connection was accepted during the incident."));
    }
    if (isMissing(file)) {
      return List.of(
          Opinion.holds(
              SERVER_HOST_UNREACHABLE,
              0.85,
              "On the gateway's own segment nobody answers for the address.",
              file.parameters()));
    }
    if (file.siblings().stream().anyMatch(d -> d.outcome() == DialOutcome.HOST_UNREACHABLE)) {
      return List.of(
          Opinion.holds(
              SERVER_HOST_UNREACHABLE,
              0.8,
              "A router says that the host cannot be reached.",
              file.parameters()));
    }
    long silent = file.siblings().stream().filter(d -> d.outcome() == DialOutcome.SILENT).count();
    double confidence = silent >= 2 ? 0.8 : 0.5;
    return List.of(
        Opinion.holds(
            SERVER_HOST_DOWN,
            confidence,
            "Nothing at the address answers: not this port, and none of "
                + silent
                + " others, of which one would answer even if closed.",
            file.parameters()));
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

  private static List<Opinion> unavailable(CaseFile file, UpstreamStatus status) {
    if (status.retryAfterSeconds() >= 0) {
      return List.of(
          Opinion.holds(
              SERVER_MAINTENANCE,
              0.9,
              "The server answers 503 by itself, and says when to come back.",
              file.parameters("retry-after", Long.toString(status.retryAfterSeconds()))));
    }
    long asked = file.lightRequests().stream().filter(r -> r.isAnswered()).count();
    long same = file.lightRequests().stream().filter(r -> r.status() == 503).count();
    if (asked > 0 && same < asked) {
      return List.of(
          Opinion.doubts(SERVER_OVERLOADED, 0.3, "Other paths are answered without a 503."));
    }
    return List.of(
        Opinion.holds(
            SERVER_OVERLOADED,
            asked > 0 ? 0.85 : 0.6,
            asked > 0
                ? "The server answers 503 by itself on every path that was tried."
                : "The server answers 503 by itself.",
            file.parameters()));
  }
}
