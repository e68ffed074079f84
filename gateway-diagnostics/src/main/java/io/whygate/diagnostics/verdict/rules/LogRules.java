package io.whygate.diagnostics.verdict.rules;

import io.whygate.diagnostics.facts.AttemptFailure.UpstreamStatus;
import io.whygate.diagnostics.facts.ExchangeFailure.AttemptsExhausted;
import io.whygate.diagnostics.facts.Symptom;
import io.whygate.diagnostics.probe.Finding.LogsRead;
import io.whygate.diagnostics.probe.Finding.LogsRead.Reach;
import io.whygate.diagnostics.probe.Finding.LogsRead.Sign;
import io.whygate.diagnostics.probe.Finding.LogsRead.TellingLine;
import io.whygate.diagnostics.verdict.CaseFile;
import io.whygate.diagnostics.verdict.Cause;
import io.whygate.diagnostics.verdict.Opinion;
import io.whygate.diagnostics.verdict.VerdictRule;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// What the server's own log says: it knows more than the wire shows.
///
/// Only where what the line says can look like what the wire showed: a fault of one page leaves the
/// port open, and busy workers do not close it.
public final class LogRules implements VerdictRule {
  private static final double DOUBTFUL = 0.4;

  /// A line of a program of which nobody knows whether it is the server's counts for less.
  private static final double SURELY_ITS_OWN = 0.65;

  @Override
  public List<Opinion> judge(CaseFile file) {
    if (!(file.exchange().failure() instanceof AttemptsExhausted)) {
      return List.of();
    }
    return lines(file).flatMap(line -> opinion(file, line).stream()).toList();
  }

  private static Stream<TellingLine> lines(CaseFile file) {
    return file.findings(LogsRead.class).flatMap(read -> read.lines().stream());
  }

  private static Optional<Opinion> opinion(CaseFile file, TellingLine line) {
    if (line.sign() == Sign.BEHIND_FAILED) {
      return behind(file, line);
    }
    Cause cause = cause(line.sign());
    if (!explains(line, file.exchange().symptom())) {
      return Optional.of(
          Opinion.doubts(
              cause,
              DOUBTFUL,
              "The server's log says so ("
                  + line.line()
                  + "), but that does not look like "
                  + file.exchange().symptom().code()
                  + "."));
    }
    return Optional.of(
        Opinion.logged(
            cause,
            line.confidence(),
            "The server's log says so "
                + (line.tied()
                    ? "of this very request, whose id it names"
                    : "within a minute before the failure")
                + " ("
                + line.source()
                + ", "
                + line.at().truncatedTo(ChronoUnit.SECONDS)
                + "): "
                + line.line(),
            file.parameters("log", line.source(), "line", line.line())));
  }

  /// A server that is itself a gateway says so by its status; where that is another than a
  /// gateway's, its log does.
  private static Optional<Opinion> behind(CaseFile file, TellingLine line) {
    return file.failure(UpstreamStatus.class)
        .filter(status -> status.status() == 503 || status.status() == 500)
        .map(status ->
            Opinion.logged(
                Cause.APPLICATION_GATEWAY_ERROR,
                line.confidence(),
                "The server is itself a gateway, and its log says how a server behind it fails: "
                    + line.line(),
                file.parameters(
                    "log",
                    line.source(),
                    "line",
                    line.line(),
                    "status",
                    Integer.toString(status.status()))));
  }

  /// What the log of a gateway before the application says of why it answers as it does.
  static Optional<String> reasonBehind(CaseFile file) {
    return lines(file)
        .filter(line -> line.sign() == Sign.BEHIND_FAILED)
        .reduce((a, b) -> b)
        .map(TellingLine::line);
  }

  private static boolean explains(TellingLine line, Symptom symptom) {
    if (line.sign() == Sign.REQUEST_FAILED) {
      return symptom == Symptom.CLOSED
          || symptom == Symptom.RESET
          || symptom == Symptom.TRUNCATED
          || symptom == Symptom.UPSTREAM_STATUS;
    }
    if (line.tied() && symptom != Symptom.CONNECT_REFUSED && symptom != Symptom.CONNECT_TIMEOUT) {
      return true;
    }
    boolean surely = line.confidence() >= SURELY_ITS_OWN;
    return switch (symptom) {
      case CONNECT_REFUSED ->
          line.reach() == Reach.SERVER
              && line.sign() != Sign.WORKERS_EXHAUSTED
              && line.sign() != Sign.WORKER_TIMEOUT;
      case CONNECT_TIMEOUT ->
          surely
              && line.reach() == Reach.SERVER
              && (line.sign() == Sign.WORKERS_EXHAUSTED || line.sign() == Sign.OUT_OF_MEMORY);
      case CLOSED, RESET, TRUNCATED, SEND_FAILED, UPSTREAM_STATUS -> true;
      case RESPONSE_TIMEOUT, TLS_TIMEOUT -> surely;
      case MALFORMED, PROTOCOL_ERROR ->
          surely && line.sign() != Sign.WORKERS_EXHAUSTED && line.sign() != Sign.WORKER_TIMEOUT;
      case RESOLVE_FAILED,
          CONNECT_FAILED,
          CONNECT_UNREACHABLE,
          TLS_FAILED,
          NO_ENDPOINT,
          LIMIT,
          OWN_CERTIFICATE ->
          false;
    };
  }

  private static Cause cause(Sign sign) {
    return switch (sign) {
      case OUT_OF_MEMORY -> Cause.APPLICATION_OUT_OF_MEMORY;
      case CRASHED, REQUEST_FAILED -> Cause.APPLICATION_CRASHED;
      case DATABASE_UNAVAILABLE -> Cause.APPLICATION_DATABASE_UNAVAILABLE;
      case DISK_FULL -> Cause.APPLICATION_DISK_FULL;
      case WORKERS_EXHAUSTED -> Cause.APPLICATION_WORKERS_EXHAUSTED;
      case WORKER_TIMEOUT -> Cause.APPLICATION_TIMEOUT;
      case BEHIND_FAILED -> Cause.APPLICATION_GATEWAY_ERROR;
    };
  }
}
