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
import io.whygate.diagnostics.facts.AttemptFailure.NotDialled;
import io.whygate.diagnostics.facts.AttemptFailure.UpstreamStatus;
import io.whygate.diagnostics.facts.ExchangeFailure.NoEndpoint;
import io.whygate.diagnostics.facts.IcmpMessage;
import io.whygate.diagnostics.probe.ConnectProbe;
import io.whygate.diagnostics.probe.Finding.Dialled;
import io.whygate.diagnostics.probe.Finding.Dialled.DialOutcome;
import io.whygate.diagnostics.probe.Finding.Dialled.Purpose;
import io.whygate.diagnostics.probe.Finding.HostInspected;
import io.whygate.diagnostics.probe.Finding.HostInspected.Neighbour;
import io.whygate.diagnostics.probe.Finding.Withheld;
import io.whygate.diagnostics.probe.icmp.Pinging;
import io.whygate.diagnostics.verdict.CaseFile;
import io.whygate.diagnostics.verdict.Opinion;
import io.whygate.diagnostics.verdict.Verdict;
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
      case NotDialled notDialled -> notDialled(file, notDialled);
      case UpstreamStatus status when status.status() == 503 -> unavailable(file, status);
      default ->
          switch (Reaching.way(file)) {
            case REFUSED -> refused(file);
            case UNREACHABLE -> unreachable(file);
            case SILENT -> silent(file);
            case OPEN -> List.of();
          };
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
              file.parameters(Verdict.VARIANT, "socket")));
    }
    if (Reaching.isKeptInByOurselves(file)) {
      return List.of(
          Opinion.doubts(
              SERVER_PORT_CLOSED, 0.1, "The gateway's own firewall keeps the packets in."));
    }
    Optional<IcmpMessage> icmp = file.icmp();
    if (icmp.isPresent()) {
      return List.of(
          Opinion.doubts(
              SERVER_PORT_CLOSED,
              0.1,
              "No reset came, but an ICMP message: " + icmp.get().describe() + "."));
    }
    if (Pacing.of(file).isPresent()) {
      return List.of(
          Opinion.doubts(
              SERVER_PORT_CLOSED,
              0.3,
              "Now and then a connection is accepted, and served at once."));
    }
    Optional<Dialled> again =
        file.dialled(Purpose.LATER).reduce((_, last) -> last).or(file::redialled);
    String host = file.signOfLife().map(life -> " The host itself is up: " + life + ".").orElse("");
    if (again.filter(d -> d.outcome() == DialOutcome.REFUSED).isPresent()) {
      boolean blind =
          file.findings(Withheld.class).anyMatch(w -> w.reason().equals(ConnectProbe.NO_ICMP));
      return List.of(
          portClosed(
              file,
              blind ? 0.75 : 0.9,
              "The port refuses connections, and did so again when asked"
                  + (blind
                      ? " (by a reset or by ICMP: this system does not tell)."
                      : ", by a reset.")
                  + host));
    }
    if (again.filter(d -> d.outcome() == DialOutcome.ACCEPTED).isPresent()) {
      return List.of(
          Reaching.limited(file).isPresent()
              ? Opinion.doubts(
                  SERVER_PORT_CLOSED, 0.3, "A connection alone is accepted, and some of many not.")
              : portClosed(
                  file,
                  0.7,
                  "The port refused the connection, and accepts one now: it was being restarted."));
    }
    return List.of(portClosed(file, 0.75, "The port refused the connection." + host));
  }

  private static Opinion portClosed(CaseFile file, double confidence, String because) {
    return Opinion.holds(SERVER_PORT_CLOSED, confidence, because, file.parameters());
  }

  private static List<Opinion> unreachable(CaseFile file) {
    if (GatewayRules.hasNoRoute(file)) {
      return List.of();
    }
    Optional<IcmpMessage> rejection = Reaching.rejection(file);
    if (rejection.isPresent()) {
      return List.of(
          Opinion.doubts(
              SERVER_HOST_UNREACHABLE,
              0.2,
              "A filter says so: " + rejection.get().describe() + "."));
    }
    Optional<String> life = file.signOfLife();
    if (life.isPresent()) {
      return List.of(
          Opinion.doubts(SERVER_HOST_UNREACHABLE, 0.2, "The host is up: " + life.get() + "."));
    }
    return List.of(unreachable(file, file.icmp().isPresent() ? 0.95 : 0.9));
  }

  private static Opinion unreachable(CaseFile file, double confidence) {
    Optional<IcmpMessage> icmp = file.icmp().filter(message -> !message.own());
    String who;
    if (icmp.isPresent()) {
      who = "A router says that the host cannot be reached: " + icmp.get().describe();
    } else if (isMissing(file)) {
      who = "On the gateway's own segment nobody answers for the address";
    } else {
      who = "The system says that the host cannot be reached, though its routes lead there";
    }
    return Opinion.holds(
        SERVER_HOST_UNREACHABLE,
        confidence,
        who + ". No other port of it answers.",
        icmp.map(message -> file.parameters("router", message.from().getHostAddress()))
            .orElseGet(file::parameters));
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
      case PORTS_EXHAUSTED, DESCRIPTORS_EXHAUSTED, SYSTEM_DESCRIPTORS_EXHAUSTED, OTHER -> List.of();
    };
  }

  /// Nothing came back from the port: late, dead, filtered, or not there.
  private static List<Opinion> silent(CaseFile file) {
    Optional<String> accepts = Reaching.acceptsAtTimes(file);
    if (accepts.isPresent()) {
      return List.of(
          Reaching.limited(file).isPresent() || Pacing.of(file).isPresent()
              ? Opinion.doubts(
                  SERVER_OVERLOADED, 0.4, "The connections that are accepted are answered at once.")
              : Opinion.holds(
                  SERVER_OVERLOADED,
                  0.8,
                  "The port did not accept in time, and accepts at times: " + accepts.get(),
                  file.parameters()));
    }
    if (Reaching.isKeptInByOurselves(file)) {
      return List.of(
          Opinion.doubts(
              SERVER_HOST_DOWN, 0.2, "The gateway's own firewall keeps the packets in."));
    }
    if (Reaching.rejection(file).isPresent()) {
      return List.of(Opinion.doubts(SERVER_HOST_DOWN, 0.2, "A filter on the way answers."));
    }
    Optional<String> life = file.signOfLife();
    if (life.isPresent()) {
      return List.of(
          Opinion.doubts(SERVER_HOST_DOWN, 0.2, "The host is up: " + life.get() + "."),
          Opinion.doubts(
              SERVER_OVERLOADED, 0.3, "No connection was accepted during the incident."));
    }
    if (isMissing(file)) {
      return List.of(unreachable(file, 0.85));
    }
    boolean said =
        file.icmp().isPresent()
            || file.siblings().stream().anyMatch(d -> d.outcome() == DialOutcome.HOST_UNREACHABLE);
    return List.of(said ? unreachable(file, 0.85) : down(file));
  }

  private static Opinion down(CaseFile file) {
    long silent = file.siblings().stream().filter(d -> d.outcome() == DialOutcome.SILENT).count();
    boolean pinged =
        file.pinged().filter(p -> p.result().outcome() == Pinging.Outcome.SILENT).isPresent();
    return Opinion.holds(
        SERVER_HOST_DOWN,
        silent < 2 ? 0.5 : pinged ? 0.9 : 0.75,
        "Nothing at the address answers: not this port"
            + (pinged ? ", no ping" : "")
            + switch ((int) silent) {
              case 0 -> ".";
              case 1 -> ", and not another one, which would answer even if closed.";
              default ->
                  ", and none of " + silent + " others, of which one would answer even if closed.";
            },
        file.parameters());
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
