package io.whygate.diagnostics.verdict.rules;

import static io.whygate.diagnostics.verdict.Cause.GATEWAY_CIRCUIT_OPEN;
import static io.whygate.diagnostics.verdict.Cause.GATEWAY_DESCRIPTORS_EXHAUSTED;
import static io.whygate.diagnostics.verdict.Cause.GATEWAY_LOOP;
import static io.whygate.diagnostics.verdict.Cause.GATEWAY_NETWORK_UNREACHABLE;
import static io.whygate.diagnostics.verdict.Cause.GATEWAY_OVERLOADED;
import static io.whygate.diagnostics.verdict.Cause.GATEWAY_POOL_EXHAUSTED;
import static io.whygate.diagnostics.verdict.Cause.GATEWAY_PORTS_EXHAUSTED;

import io.whygate.diagnostics.facts.AttemptFailure.NotDialled;
import io.whygate.diagnostics.facts.AttemptFailure.Unreachable;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.ExchangeFailure.AttemptsExhausted;
import io.whygate.diagnostics.facts.ExchangeFailure.LimitReached;
import io.whygate.diagnostics.facts.ExchangeFailure.LoopDetected;
import io.whygate.diagnostics.facts.ExchangeFailure.NoEndpoint;
import io.whygate.diagnostics.facts.ExchangeFailure.OwnCertificate;
import io.whygate.diagnostics.facts.LocalProblem;
import io.whygate.diagnostics.probe.Finding.PortsCounted;
import io.whygate.diagnostics.probe.FindingWords;
import io.whygate.diagnostics.verdict.CaseFile;
import io.whygate.diagnostics.verdict.Cause;
import io.whygate.diagnostics.verdict.Opinion;
import io.whygate.diagnostics.verdict.Verdict;
import io.whygate.diagnostics.verdict.VerdictRule;
import io.whygate.diagnostics.verdict.rules.Reaching.Way;
import java.util.List;
import java.util.Optional;

/// The gateway's own side: where it is us, it says so.
public final class GatewayRules implements VerdictRule {

  @Override
  public List<Opinion> judge(CaseFile file) {
    return switch (file.exchange().failure()) {
      case LimitReached(LimitReached.Limit limit) -> List.of(limit(file, limit));
      case LoopDetected _ ->
          List.of(holds(file, GATEWAY_LOOP, "The request has been through this gateway before."));
      case NoEndpoint(NoEndpoint.Reason why) when why == NoEndpoint.Reason.CIRCUIT_OPEN ->
          List.of(
              holds(
                  file,
                  GATEWAY_CIRCUIT_OPEN,
                  "The circuit is open, and the cause that opened it is no longer known."));
      case NoEndpoint _, OwnCertificate _ -> List.of();
      case AttemptsExhausted _ ->
          // A full table keeps packets in as a rule of the firewall does, and is the deeper reason.
          OwnTrouble.untracked(file)
              .or(() -> local(file))
              .or(() -> OwnTrouble.stoodStill(file))
              .map(List::of)
              .orElse(List.of());
    };
  }

  private static Opinion holds(CaseFile file, Cause cause, String because) {
    return Opinion.holds(cause, 1, because, file.parameters());
  }

  private static Opinion limit(CaseFile file, LimitReached.Limit limit) {
    return switch (limit) {
      case POOL, POOL_QUEUE, POOL_WAIT ->
          holds(
              file,
              GATEWAY_POOL_EXHAUSTED,
              "All connections that the gateway may have to the server are in use, and the queue "
                  + "for one is full or took too long. No connection was tried.");
      case EXCHANGES ->
          holds(
              file, GATEWAY_OVERLOADED, "The gateway has as many requests as it may have at once.");
    };
  }

  private static Optional<Opinion> local(CaseFile file) {
    if (hasNoRoute(file)) {
      return Optional.of(unrouted(file));
    }
    Optional<Opinion> keptIn = keptIn(file);
    return keptIn.isPresent()
        ? keptIn
        : file.failure(NotDialled.class).flatMap(failure -> notDialled(file, failure));
  }

  private static Opinion unrouted(CaseFile file) {
    if (file.address().filter(DnsRules::isNobodys).isPresent()) {
      return Opinion.doubts(
          GATEWAY_NETWORK_UNREACHABLE, 0.4, "No site can be at that address anyway.");
    }
    if (DnsRules.contradicts(file)) {
      return Opinion.doubts(
          GATEWAY_NETWORK_UNREACHABLE,
          0.4,
          "There is no way to an address that the name's own servers no longer give.");
    }
    return Opinion.holds(
        GATEWAY_NETWORK_UNREACHABLE,
        0.95,
        "The gateway's own route table has no way to the address: no packet left.",
        file.parameters());
  }

  /// The gateway's own firewall, or a security module, lets nothing out.
  private static Optional<Opinion> keptIn(CaseFile file) {
    if (file.endpoint().filter(Endpoint::isUnix).isPresent()) {
      return Optional.empty();
    }
    boolean denied =
        file.failure(NotDialled.class)
            .filter(f -> f.problem() == LocalProblem.PERMISSION_DENIED && file.icmp().isEmpty())
            .isPresent();
    if (denied) {
      return Optional.of(
          own(
              file,
              0.85,
              "the gateway's own system refuses the connection, by a rule of its firewall or of a"
                  + " security module."));
    }
    Way way = Reaching.way(file);
    if (way == Way.OPEN || !Reaching.isKeptInByOurselves(file)) {
      return Optional.empty();
    }
    String how =
        Reaching.rejection(file)
            .map(icmp -> "rejects the connection: " + icmp.describe() + ".")
            .orElse(way == Way.SILENT ? "discards the packets." : "resets the connection.");
    return Optional.of(own(file, 0.95, "the firewall of the gateway's own machine " + how));
  }

  private static Opinion own(CaseFile file, double confidence, String how) {
    return Opinion.holds(
        GATEWAY_NETWORK_UNREACHABLE,
        confidence,
        "It is us: " + how + " No packet to this port left it.",
        file.parameters(Verdict.VARIANT, "own"));
  }

  private static Optional<Opinion> notDialled(CaseFile file, NotDialled failure) {
    return switch (failure.problem()) {
      case PORTS_EXHAUSTED ->
          Optional.of(
              holds(
                  file,
                  GATEWAY_PORTS_EXHAUSTED,
                  "The gateway's own system has no free port towards this server: no packet left."
                      + used(file)));
      case DESCRIPTORS_EXHAUSTED ->
          Optional.of(
              holds(
                  file,
                  GATEWAY_DESCRIPTORS_EXHAUSTED,
                  "The gateway may not open another descriptor (EMFILE): no packet left."
                      + used(file)));
      case SYSTEM_DESCRIPTORS_EXHAUSTED ->
          Optional.of(
              Opinion.holds(
                  GATEWAY_DESCRIPTORS_EXHAUSTED,
                  1,
                  "The gateway's whole system has no descriptor left (ENFILE), though the gateway "
                      + "itself may have more: no packet left."
                      + used(file),
                  file.parameters(Verdict.VARIANT, "own")));
      case PERMISSION_DENIED, SOCKET_MISSING, BACKLOG_FULL, OTHER -> Optional.empty();
    };
  }

  private static String used(CaseFile file) {
    Optional<PortsCounted> ports = file.findings(PortsCounted.class).findFirst();
    if (ports.isPresent()) {
      return " In use towards it: " + FindingWords.of(ports.get()).answer() + ".";
    }
    return file.host().map(host -> " In use: " + FindingWords.of(host).answer() + ".").orElse("");
  }

  /// Whether the gateway's own route table has no way to the address, so that no packet left: none
  /// at all, or one that says `unreachable`, `prohibit` or `blackhole`.
  static boolean hasNoRoute(CaseFile file) {
    boolean possible =
        file.failure(Unreachable.class).isPresent()
            || file.failure(NotDialled.class)
                .filter(failure ->
                    failure.problem() == LocalProblem.OTHER
                        || failure.problem() == LocalProblem.PERMISSION_DENIED)
                .isPresent();
    return possible && file.host().filter(host -> !host.routed()).isPresent();
  }
}
