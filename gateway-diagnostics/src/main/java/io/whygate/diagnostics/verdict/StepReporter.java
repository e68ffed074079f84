package io.whygate.diagnostics.verdict;

import static io.whygate.diagnostics.verdict.StepState.FAILED;
import static io.whygate.diagnostics.verdict.StepState.HEALED;
import static io.whygate.diagnostics.verdict.StepState.PASSED;
import static io.whygate.diagnostics.verdict.StepState.SKIPPED;
import static io.whygate.diagnostics.verdict.StepState.UNKNOWN;

import io.whygate.diagnostics.facts.AttemptFailure.UpstreamStatus;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.facts.RequestProcessed;
import io.whygate.diagnostics.facts.Timeline;
import io.whygate.diagnostics.platform.Platform;
import io.whygate.diagnostics.probe.Finding.Asked;
import io.whygate.diagnostics.probe.Finding.Dialled;
import io.whygate.diagnostics.probe.Finding.LogsRead;
import io.whygate.diagnostics.probe.Finding.Looked;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// Tells a judged case as the seven checks that a person would make by hand: the one that carries
/// the cause is `failed` (`healed` where no visitor saw a page), the others say what they found.
public final class StepReporter {
  /// Methods that nothing is acted on by (RFC 9110 section 9.2.1).
  private static final Set<String> SAFE = Set.of("GET", "HEAD", "OPTIONS", "TRACE");

  private StepReporter() {}

  /// The seven checks of a case.
  ///
  /// @param healed whether no visitor saw a page
  public static List<StepReport> report(CaseFile file, Verdict verdict, boolean healed) {
    Optional<Step> carrier = verdict.byLog() ? Optional.of(Step.LOGS) : verdict.cause().step();
    return Stream.of(Step.values())
        .map(step ->
            carrier.filter(step::equals).isPresent()
                ? carrying(step, file, verdict, healed)
                : report(step, file, verdict))
        .toList();
  }

  /// The same checks for a failure that was healed after all.
  public static List<StepReport> healed(List<StepReport> steps) {
    return steps.stream()
        .map(step -> step.state() == FAILED ? carrying(step.step(), true) : step)
        .toList();
  }

  /// The step that carries the cause; what its platform is known for is said of the code.
  private static StepReport carrying(Step step, CaseFile file, Verdict verdict, boolean healed) {
    Optional<StepNote> known = step == Step.CODE ? ofPlatform(file, verdict) : Optional.empty();
    return known
        .map(note -> StepReport.of(step, healed ? HEALED : FAILED, note))
        .orElseGet(() -> carrying(step, healed));
  }

  /// What visitors are told of the code where the server's platform is known, without its name.
  private static Optional<StepNote> ofPlatform(CaseFile file, Verdict verdict) {
    Optional<Platform> platform = Platform.named(file.facts().platform());
    boolean isWordPress = platform.filter(Platform.WORDPRESS::equals).isPresent();
    return switch (verdict.cause()) {
      case SERVER_MAINTENANCE ->
          isWordPress && file.failure(UpstreamStatus.class).isPresent()
              ? Optional.of(StepNote.CODE_UPDATE)
              : Optional.empty();
      case APPLICATION_CRASHED, APPLICATION_OUT_OF_MEMORY ->
          isWordPress
              ? Optional.of(StepNote.CODE_ADD_ON)
              : platform.filter(each -> !each.isFront()).map(_ -> StepNote.CODE_STARTS_AGAIN);
      case APPLICATION_PATH_FAILURE ->
          isWordPress ? Optional.of(StepNote.CODE_ADD_ON) : Optional.empty();
      default -> Optional.empty();
    };
  }

  private static StepReport carrying(Step step, boolean healed) {
    StepState state = healed ? HEALED : FAILED;
    StepNote note =
        switch (step) {
          case RELOAD -> StepNote.RELOAD_SUCCEEDED;
          case SERVER -> StepNote.SERVER_FAILED;
          case DNS -> healed ? StepNote.DNS_HEALED : StepNote.DNS_FAILED;
          case LOGS -> StepNote.LOGS_NAMED_CAUSE;
          case FIREWALL -> StepNote.FIREWALL_FAILED;
          case CODE -> StepNote.CODE_FAILED;
          case HOST -> StepNote.HOST_FAILED;
        };
    return StepReport.of(step, state, note);
  }

  private static StepReport report(Step step, CaseFile file, Verdict verdict) {
    return switch (step) {
      case RELOAD -> reload(file);
      case SERVER -> server(file, verdict);
      case DNS -> dns(file);
      case LOGS -> logs(file);
      case FIREWALL -> firewall(file, verdict);
      case CODE -> code(file, verdict);
      case HOST -> host(file);
    };
  }

  private static StepReport reload(CaseFile file) {
    List<FailedAttempt> attempts = file.exchange().attempts();
    if (attempts.isEmpty()) {
      return StepReport.of(Step.RELOAD, SKIPPED, StepNote.RELOAD_NOTHING_TO_TRY);
    }
    if (attempts.size() > 1) {
      long lastMicros = Math.max(0, attempts.getLast().timeline().ended());
      return StepReport.of(
          Step.RELOAD, PASSED, StepNote.RELOAD_TRIED, attempts.size() - 1, millis(lastMicros));
    }
    return file.exchange().processed() == RequestProcessed.NOT_SENT
            || SAFE.contains(file.exchange().request().method())
        ? StepReport.of(Step.RELOAD, SKIPPED, StepNote.RELOAD_POINTLESS)
        : StepReport.of(Step.RELOAD, SKIPPED, StepNote.RELOAD_NOT_SAFE);
  }

  private static StepReport server(CaseFile file, Verdict verdict) {
    Optional<Dialled> accepted =
        file.redialled().filter(d -> d.outcome() == Dialled.DialOutcome.ACCEPTED);
    if (accepted.isPresent()) {
      return accepts(accepted.get().micros());
    }
    Optional<FailedAttempt> attempt = file.exchange().subject();
    if (attempt.isPresent() && attempt.get().timeline().connected() != Timeline.NEVER) {
      Timeline timeline = attempt.get().timeline();
      return accepts(timeline.connected() - Math.max(0, timeline.resolved()));
    }
    boolean reached = file.failure().filter(f -> f.phase() != Phase.RESOLVE).isPresent();
    if (!reached || verdict.cause().category().equals("dns")) {
      return StepReport.of(Step.SERVER, SKIPPED, StepNote.NOT_REACHED);
    }
    return StepReport.of(Step.SERVER, UNKNOWN, StepNote.SERVER_UNKNOWN);
  }

  private static StepReport accepts(long micros) {
    return StepReport.of(Step.SERVER, PASSED, StepNote.SERVER_ACCEPTS, millis(micros));
  }

  private static StepReport dns(CaseFile file) {
    if (file.endpoint().isEmpty()) {
      return StepReport.of(Step.DNS, SKIPPED, StepNote.NOT_REACHED);
    }
    if (file.endpoint().get().isUnix()) {
      return StepReport.of(Step.DNS, SKIPPED, StepNote.DNS_UNIX_SOCKET);
    }
    if (Endpoint.isAddressLiteral(file.endpoint().get().host())) {
      return StepReport.of(Step.DNS, SKIPPED, StepNote.DNS_ADDRESS_LITERAL);
    }
    if (file.address().isEmpty()) {
      return StepReport.of(Step.DNS, UNKNOWN, StepNote.DNS_UNKNOWN);
    }
    InetAddress address = file.address().get();
    boolean agreed =
        file.looked(Looked.Role.AUTHORITATIVE).anyMatch(l -> l.addresses().contains(address));
    return StepReport.of(Step.DNS, PASSED, agreed ? StepNote.DNS_AGREES : StepNote.DNS_RESOLVES);
  }

  private static StepReport logs(CaseFile file) {
    if (file.facts().logs().isEmpty()) {
      return StepReport.of(Step.LOGS, SKIPPED, StepNote.LOGS_NOT_CONFIGURED);
    }
    Optional<LogsRead> read = file.findings(LogsRead.class).findFirst();
    if (read.isEmpty() || !read.get().unread().isEmpty()) {
      return StepReport.of(Step.LOGS, UNKNOWN, StepNote.LOGS_UNREADABLE);
    }
    return StepReport.of(Step.LOGS, PASSED, StepNote.LOGS_NOTHING);
  }

  private static StepReport firewall(CaseFile file, Verdict verdict) {
    if (isConnected(file)) {
      return StepReport.of(Step.FIREWALL, PASSED, StepNote.FIREWALL_NO_SIGN);
    }
    boolean dialled = file.failure().filter(f -> f.phase() == Phase.CONNECT).isPresent();
    if (!dialled || verdict.cause().category().equals("dns") || isLocal(file)) {
      return StepReport.of(Step.FIREWALL, SKIPPED, StepNote.NOT_REACHED);
    }
    return StepReport.of(Step.FIREWALL, UNKNOWN, StepNote.FIREWALL_UNKNOWN);
  }

  private static boolean isLocal(CaseFile file) {
    return file.endpoint().filter(e -> e.isUnix()).isPresent();
  }

  private static boolean isConnected(CaseFile file) {
    return file.exchange()
        .subject()
        .filter(attempt -> attempt.timeline().connected() != Timeline.NEVER)
        .isPresent();
  }

  private static StepReport code(CaseFile file, Verdict verdict) {
    Optional<StepNote> known = ofPlatform(file, verdict);
    if (known.isPresent()) {
      return StepReport.of(Step.CODE, UNKNOWN, known.get());
    }
    int asked = file.lightRequests().size();
    long answered = file.lightRequests().stream().filter(Asked::isAnswered).count();
    long failing =
        file.lightRequests().stream().filter(r -> r.isAnswered() && r.status() >= 500).count();
    if (verdict.cause() == Cause.TLS_REQUIRED) {
      // What answers there is what asks for TLS, not the site's program.
      return StepReport.of(Step.CODE, SKIPPED, StepNote.CODE_NOT_REACHED);
    }
    if (answered > 0 && answered == failing) {
      return StepReport.of(Step.CODE, UNKNOWN, StepNote.CODE_OTHER_PATHS_FAIL, failing, asked);
    }
    if (answered > 0) {
      return StepReport.of(Step.CODE, PASSED, StepNote.CODE_OTHER_PATHS_ANSWER, answered, asked);
    }
    boolean spoken =
        file.failure().filter(f -> f.phase().compareTo(Phase.SEND_REQUEST) >= 0).isPresent();
    return spoken && !verdict.cause().category().equals("gateway")
        ? StepReport.of(Step.CODE, UNKNOWN, StepNote.CODE_UNKNOWN)
        : StepReport.of(Step.CODE, SKIPPED, StepNote.CODE_NOT_REACHED);
  }

  private static StepReport host(CaseFile file) {
    return file.facts().contact().isEmpty()
        ? StepReport.of(Step.HOST, SKIPPED, StepNote.HOST_NO_CONTACT)
        : StepReport.of(Step.HOST, PASSED, StepNote.HOST_CONTACT);
  }

  /// Nothing takes no time at all.
  private static long millis(long micros) {
    return Math.max(1, (micros + 500) / 1_000);
  }
}
