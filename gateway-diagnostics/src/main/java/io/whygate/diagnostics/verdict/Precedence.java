package io.whygate.diagnostics.verdict;

import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.Phase;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Which of the tries of an exchange its cause is told of, where they failed differently. The same
/// failures give the same one, whichever came first:
///
/// 1. a cause that is named before none;
/// 2. between endpoints, one where a try failed after which no other is made, such as by a
///    malformed answer, since that alone ends an exchange whenever its turn comes;
/// 3. a cause named by a log, then the deeper cause ([Judge#depth]);
/// 4. the try that came further, since it says more of the server;
/// 5. a sure cause before a doubtful one; how sure exactly varies with what could be asked in time;
/// 6. the fixed order of causes, of endpoints as configured, of addresses.
final class Precedence {
  private static final double SURE_FROM = 0.7;
  private static final Set<String> IDEMPOTENT =
      Set.of("GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE");

  private Precedence() {}

  /// What was found of one of the tries.
  record Judged(CaseFile file, Judge.Judgement judgement) {
    Verdict verdict() {
      return judgement.verdict();
    }

    boolean isNamed() {
      return verdict().cause() != Cause.UNKNOWN;
    }
  }

  /// All of them, the one that the cause is told of first.
  static List<Judged> order(Collection<Judged> all) {
    Set<Optional<Endpoint>> ending =
        all.stream()
            .filter(each -> each.file().exchange().subject().filter(a -> ends(each, a)).isPresent())
            .map(each -> each.file().endpoint())
            .collect(Collectors.toSet());
    return all.stream()
        .sorted(
            Comparator.<Judged, Boolean>comparing(each -> !each.isNamed())
                .thenComparing(each -> !ending.contains(each.file().endpoint()))
                .thenComparing(each -> !each.verdict().byLog())
                .thenComparingInt(each -> -Judge.depth(each.verdict().cause()))
                .thenComparing(Precedence::phase, Comparator.reverseOrder())
                .thenComparing(each -> each.verdict().confidence() < SURE_FROM)
                .thenComparing(each -> each.verdict().cause())
                .thenComparingInt(Precedence::endpointIndex)
                .thenComparing(Precedence::address, Arrays::compareUnsigned))
        .toList();
  }

  /// Whether no other try is made after this failure, since the server may have acted on the
  /// request.
  private static boolean ends(Judged judged, FailedAttempt attempt) {
    boolean repeatable = IDEMPOTENT.contains(judged.file().exchange().request().method());
    return switch (attempt.failure()) {
      case AttemptFailure.MalformedResponse _, AttemptFailure.UpstreamStatus _ -> true;
      case AttemptFailure.TimedOut(Phase phase, _) ->
          attempt.bytesReceived() > 0
              || phase == Phase.SEND_REQUEST
              || phase == Phase.READ_RESPONSE
              || (phase == Phase.AWAIT_RESPONSE && !repeatable);
      case AttemptFailure.ConnectionLost _ -> attempt.bytesReceived() > 0 || !repeatable;
      case AttemptFailure.StreamFailed failed ->
          failed.processed() && (attempt.bytesReceived() > 0 || !repeatable);
      case AttemptFailure.NameNotResolved _,
          AttemptFailure.ConnectRefused _,
          AttemptFailure.Unreachable _,
          AttemptFailure.NotDialled _,
          AttemptFailure.TlsRejected _ ->
          false;
    };
  }

  private static Phase phase(Judged each) {
    return each.file().failure().map(AttemptFailure::phase).orElse(Phase.RESOLVE);
  }

  private static int endpointIndex(Judged each) {
    return each.file().endpoint().map(e -> each.file().facts().endpoints().indexOf(e)).orElse(-1);
  }

  private static byte[] address(Judged each) {
    return each.file().address().map(InetAddress::getAddress).orElseGet(() -> new byte[0]);
  }
}
