package io.whygate.diagnostics.verdict.rules;

import static io.whygate.diagnostics.verdict.Cause.APPLICATION_CLOSED_BEFORE_RESPONSE;
import static io.whygate.diagnostics.verdict.Cause.APPLICATION_CLOSED_MID_RESPONSE;
import static io.whygate.diagnostics.verdict.Cause.APPLICATION_DATABASE_UNAVAILABLE;
import static io.whygate.diagnostics.verdict.Cause.APPLICATION_GATEWAY_ERROR;
import static io.whygate.diagnostics.verdict.Cause.APPLICATION_HTTP2_ERROR;
import static io.whygate.diagnostics.verdict.Cause.APPLICATION_PATH_FAILURE;
import static io.whygate.diagnostics.verdict.Cause.APPLICATION_PROTOCOL_MISMATCH;
import static io.whygate.diagnostics.verdict.Cause.APPLICATION_TIMEOUT;
import static io.whygate.diagnostics.verdict.Cause.APPLICATION_WORKERS_EXHAUSTED;
import static io.whygate.diagnostics.verdict.Cause.BLIP_STALE_CONNECTION;

import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.AttemptFailure.ConnectionLost;
import io.whygate.diagnostics.facts.AttemptFailure.MalformedResponse;
import io.whygate.diagnostics.facts.AttemptFailure.StreamFailed;
import io.whygate.diagnostics.facts.AttemptFailure.TimedOut;
import io.whygate.diagnostics.facts.AttemptFailure.UpstreamStatus;
import io.whygate.diagnostics.facts.Closing;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.Http2Errors;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.facts.ResponseProblem;
import io.whygate.diagnostics.probe.Finding.Asked;
import io.whygate.diagnostics.verdict.CaseFile;
import io.whygate.diagnostics.verdict.Cause;
import io.whygate.diagnostics.verdict.Opinion;
import io.whygate.diagnostics.verdict.VerdictRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The application behind an open port: silent, closing, breaking the protocol; on every path or on
/// one.
public final class ApplicationRules implements VerdictRule {
  private static final long LATE_MICROS = 150_000;
  private static final List<String> DATABASE_MARKS =
      List.of(
          "Error establishing a database connection",
          "Database connection error",
          "SQLSTATE[HY000] [2002]");

  @Override
  public List<Opinion> judge(CaseFile file) {
    return file.failure().map(failure -> judge(file, failure)).orElse(List.of());
  }

  private static List<Opinion> judge(CaseFile file, AttemptFailure failure) {
    return switch (failure) {
      case ConnectionLost(Phase phase, Closing closing) -> lost(file, phase, closing);
      case TimedOut(Phase phase, _) when phase.compareTo(Phase.SEND_REQUEST) >= 0 ->
          timedOut(file, phase);
      case MalformedResponse malformed -> malformed(file, malformed);
      case StreamFailed failed -> List.of(stream(file, failed));
      case UpstreamStatus status -> status(file, status);
      default -> List.of();
    };
  }

  private static List<Opinion> lost(CaseFile file, Phase phase, Closing closing) {
    if (phase == Phase.TLS_HANDSHAKE) {
      return List.of();
    }
    long received = file.exchange().subject().map(FailedAttempt::bytesReceived).orElse(0L);
    if (phase == Phase.READ_RESPONSE || received > 0) {
      return List.of(
          Opinion.holds(
              APPLICATION_CLOSED_MID_RESPONSE,
              0.95,
              "The server ended the connection (" + words(closing) + ") within its answer.",
              file.parameters("bytes", Long.toString(received))));
    }
    return closedBeforeResponse(file, closing);
  }

  private static List<Opinion> closedBeforeResponse(CaseFile file, Closing closing) {
    String how =
        "The server took the request on a "
            + (isReused(file) ? "kept" : "new")
            + " connection and ended it ("
            + words(closing)
            + ") without a byte of an answer";
    Optional<Asked> light = file.answeredLight();
    if (light.isPresent() && mayBeStale(file)) {
      return List.of(
          pathFailure(
              file,
              0.55,
              how
                  + ", while "
                  + light.get().path()
                  + " is answered. This path was answered within the last minute too, so the server "
                  + "may have closed an idle connection as it was used again; a new one was not "
                  + "tried, as the request may already have been acted on."),
          Opinion.doubts(
              BLIP_STALE_CONNECTION,
              0.45,
              "The request was not tried on a new connection, which would tell."),
          Opinion.doubts(
              APPLICATION_CLOSED_BEFORE_RESPONSE, 0.3, light.get().path() + " is answered."));
    }
    if (light.isPresent()) {
      return List.of(
          pathFailure(file, 0.9, how + ", while " + light.get().path() + " is answered."),
          Opinion.doubts(
              APPLICATION_CLOSED_BEFORE_RESPONSE, 0.3, light.get().path() + " is answered."));
    }
    long closed =
        file.lightRequests().stream().filter(r -> r.outcome() == Asked.AskOutcome.CLOSED).count();
    if (closed > 0) {
      return List.of(
          Opinion.holds(
              APPLICATION_CLOSED_BEFORE_RESPONSE,
              0.9,
              how + ", and does so on other paths too.",
              file.parameters()));
    }
    if (file.memory().otherPathSuccess().isPresent() && file.memory().samePathSuccess().isEmpty()) {
      return List.of(
          pathFailure(file, 0.65, how + ", while other paths answered within the last minute."));
    }
    return List.of(
        Opinion.holds(
            APPLICATION_CLOSED_BEFORE_RESPONSE,
            0.7,
            how + "; other paths could not be tried.",
            file.parameters()));
  }

  /// Whether it looks as well like an idle connection that ended as it was used: a kept one, on a
  /// path that works, and no try on a new one.
  private static boolean mayBeStale(CaseFile file) {
    return isReused(file)
        && file.exchange().attempts().size() == 1
        && file.memory().samePathSuccess().isPresent();
  }

  private static boolean isReused(CaseFile file) {
    return file.exchange().subject().filter(a -> a.use().isReused()).isPresent();
  }

  private static Opinion pathFailure(CaseFile file, double confidence, String because) {
    return Opinion.holds(APPLICATION_PATH_FAILURE, confidence, because, file.parameters());
  }

  private static String words(Closing closing) {
    return switch (closing) {
      case FIN -> "an orderly close";
      case RESET -> "a reset";
      case CLOSE_NOTIFY -> "an orderly close of TLS";
    };
  }

  /// The server accepts, and does not answer in time: on this path, late on all, or to nobody.
  private static List<Opinion> timedOut(CaseFile file, Phase phase) {
    String what =
        phase == Phase.READ_RESPONSE
            ? "The server stopped within its answer"
            : "The server accepted the connection and did not answer in time";
    Optional<Asked> stopped = file.lightRequests().stream().filter(Asked::isShort).findFirst();
    if (phase == Phase.READ_RESPONSE && stopped.isPresent()) {
      return List.of(
          timeout(file, 0.8, what + ", and within that to " + stopped.get().path() + " too."));
    }
    Optional<Asked> light = file.answeredLight();
    if (light.isPresent()) {
      long late = Math.max(LATE_MICROS, 4 * file.memory().usualFirstByteMicros());
      if (phase != Phase.READ_RESPONSE && Reaching.lostMidway(file)) {
        return List.of(
            Opinion.doubts(
                APPLICATION_PATH_FAILURE,
                0.4,
                "What was sent was never acknowledged: it did not come to the server."));
      }
      if (light.get().ttfbMicros() <= late) {
        return List.of(
            pathFailure(
                file, 0.9, what + ", while " + light.get().path() + " is answered at once."));
      }
      return List.of(
          timeout(file, 0.85, what + ", and " + light.get().path() + " is answered late."));
    }
    boolean others =
        file.memory().otherPathSuccess().filter(at -> at.isAfter(file.attemptBegan())).isPresent();
    if (others) {
      return List.of(
          pathFailure(file, 0.7, what + ", while other paths were answered in the meantime."));
    }
    long silent =
        file.lightRequests().stream().filter(r -> r.outcome() == Asked.AskOutcome.SILENT).count();
    boolean begun =
        file.exchange().subject().filter(attempt -> attempt.bytesReceived() > 0).isPresent();
    if (silent > 0 && begun) {
      return List.of(
          timeout(
              file, 0.75, "The server began an answer and did not go on, to light requests too."));
    }
    if (silent > 0 && Reaching.isDeafened(file)) {
      return List.of(
          Opinion.doubts(
              APPLICATION_WORKERS_EXHAUSTED,
              0.4,
              "What was sent was not even acknowledged by the server's system."));
    }
    if (silent > 0) {
      return List.of(
          Opinion.holds(
              APPLICATION_WORKERS_EXHAUSTED,
              0.75,
              what
                  + ", and answers nothing to anyone: "
                  + (silent == 1 ? "a light request is" : silent + " light requests are")
                  + " silent too.",
              file.parameters()),
          Opinion.doubts(APPLICATION_TIMEOUT, 0.4, "Light requests are not answered either."));
    }
    return List.of(timeout(file, 0.7, what + "; no light request could be tried."));
  }

  private static Opinion timeout(CaseFile file, double confidence, String because) {
    return Opinion.holds(
        APPLICATION_TIMEOUT,
        confidence,
        because,
        file.parameters("limit-ms", Long.toString(file.facts().responseTimeout().toMillis())));
  }

  private static List<Opinion> malformed(CaseFile file, MalformedResponse malformed) {
    Optional<Cause> cause = cause(malformed.problem());
    return cause.stream()
        .map(c ->
            Opinion.holds(
                c,
                0.95,
                "The bytes of the answer show it: " + malformed.detail() + ".",
                file.parameters(
                    "detail",
                    malformed.detail(),
                    "offset",
                    Integer.toString(malformed.offset()),
                    "size",
                    Long.toString(malformed.size()))))
        .toList();
  }

  private static Optional<Cause> cause(ResponseProblem problem) {
    return switch (problem) {
      case NOT_HTTP -> Optional.of(Cause.APPLICATION_NOT_HTTP);
      case HTTP2_FRAME, NOT_HTTP2 -> Optional.of(APPLICATION_PROTOCOL_MISMATCH);
      case BAD_STATUS_LINE, BAD_FIELD, BAD_TRAILER, SMALL_PIECES, UNASKED_UPGRADE ->
          Optional.of(Cause.APPLICATION_MALFORMED_RESPONSE);
      case HEADER_TOO_LARGE -> Optional.of(Cause.APPLICATION_HEADER_TOO_LARGE);
      case AMBIGUOUS_FRAMING, AMBIGUOUS_CODING -> Optional.of(Cause.APPLICATION_AMBIGUOUS_FRAMING);
      case BAD_CHUNK -> Optional.of(Cause.APPLICATION_BAD_CHUNK);
      case EXCESS_BODY -> Optional.of(Cause.APPLICATION_LENGTH_MISMATCH);
      case CUT_SHORT -> Optional.of(APPLICATION_CLOSED_MID_RESPONSE);
      case TLS_RECORD, TLS_WANTED -> Optional.empty();
    };
  }

  private static Opinion stream(CaseFile file, StreamFailed failed) {
    if (failed.code() == Http2Errors.HTTP_1_1_REQUIRED) {
      return Opinion.holds(
          APPLICATION_PROTOCOL_MISMATCH,
          0.95,
          failed.detail().isEmpty()
              ? "The server wants HTTP/1.1 for this request (HTTP_1_1_REQUIRED)."
              : "The server speaks HTTP/2, and this request needs HTTP/1.1: "
                  + failed.detail()
                  + ".",
          file.parameters());
    }
    String name = Http2Errors.name(failed.code());
    return Opinion.holds(
        APPLICATION_HTTP2_ERROR,
        0.95,
        failed.detail().isEmpty()
            ? "The server ended the stream or the connection with the HTTP/2 error " + name + "."
            : "The server broke a rule of HTTP/2 (" + name + "): " + failed.detail() + ".",
        file.parameters("code", name, "detail", failed.detail()));
  }

  private static List<Opinion> status(CaseFile file, UpstreamStatus status) {
    var opinions = new ArrayList<Opinion>();
    databaseMark(file)
        .map(mark ->
            Opinion.holds(
                APPLICATION_DATABASE_UNAVAILABLE,
                0.9,
                "The site's own page says so: '" + mark + "'.",
                file.parameters()))
        .ifPresent(opinions::add);
    onePath(file, status).ifPresent(opinions::add);
    if (status.proxyStatus().contains("error=proxy_loop_detected")) {
      opinions.add(
          Opinion.holds(
              Cause.GATEWAY_LOOP,
              0.95,
              "The request came back to a gateway that it had been through: "
                  + status.proxyStatus(),
              file.parameters()));
    }
    String cdn = CdnStatus.words(status.status());
    boolean gatewayStatus = status.status() == 502 || status.status() == 504 || !cdn.isEmpty();
    // A gateway that names no error passes on what the server behind it said.
    if (gatewayStatus || status.proxyStatus().contains("error=")) {
      opinions.add(
          Opinion.holds(
              APPLICATION_GATEWAY_ERROR,
              0.95,
              "The server is itself a gateway, and passes on a failure from behind it with "
                  + status.status()
                  + (cdn.isEmpty() ? "" : " (" + cdn + ")")
                  + (status.proxyStatus().isEmpty() ? "." : ": " + status.proxyStatus())
                  + LogRules.reasonBehind(file).map(why -> " Its log says why: " + why).orElse(""),
              file.parameters(
                  "status",
                  Integer.toString(status.status()),
                  "proxy-status",
                  status.proxyStatus())));
    }
    return opinions;
  }

  /// A 503 of the server's own on this path alone.
  private static Optional<Opinion> onePath(CaseFile file, UpstreamStatus status) {
    if (status.status() != 503 || status.retryAfterSeconds() >= 0) {
      return Optional.empty();
    }
    return file.lightRequests().stream()
        .filter(light -> light.isAnswered() && light.status() < 500)
        .findFirst()
        .map(light ->
            pathFailure(
                file,
                0.7,
                "The server answers 503 by itself, while " + light.path() + " is answered."));
  }

  private static Optional<String> databaseMark(CaseFile file) {
    List<String> seen =
        Stream.concat(
                file.exchange().subject().map(FailedAttempt::firstBytes).stream(),
                file.lightRequests().stream().map(Asked::body))
            .toList();
    return DATABASE_MARKS.stream()
        .filter(mark -> seen.stream().anyMatch(text -> text.contains(mark)))
        .findFirst();
  }
}
