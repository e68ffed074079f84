package io.whygate.diagnostics.verdict.rules;

import io.whygate.diagnostics.facts.ExchangeFailure.AttemptsExhausted;
import io.whygate.diagnostics.probe.Finding.LogsRead;
import io.whygate.diagnostics.probe.Finding.LogsRead.Sign;
import io.whygate.diagnostics.probe.Finding.LogsRead.TellingLine;
import io.whygate.diagnostics.verdict.CaseFile;
import io.whygate.diagnostics.verdict.Cause;
import io.whygate.diagnostics.verdict.Opinion;
import io.whygate.diagnostics.verdict.VerdictRule;
import java.util.List;

/// What the server's own log says: it knows more than the wire shows.
///
/// Only for failures that a server can cause; a name that is not found is not explained by a crash.
public final class LogRules implements VerdictRule {

  @Override
  public List<Opinion> judge(CaseFile file) {
    if (!(file.exchange().failure() instanceof AttemptsExhausted) || isElsewhere(file)) {
      return List.of();
    }
    return file.findings(LogsRead.class)
        .flatMap(read -> read.lines().stream())
        .map(line -> opinion(file, line))
        .toList();
  }

  private static boolean isElsewhere(CaseFile file) {
    return switch (file.exchange().symptom()) {
      case RESOLVE_FAILED, CONNECT_FAILED, CONNECT_UNREACHABLE, TLS_FAILED -> true;
      default -> false;
    };
  }

  private static Opinion opinion(CaseFile file, TellingLine line) {
    return Opinion.logged(
        cause(line.sign()),
        confidence(line.sign()),
        "The server's log says so within a minute before the failure: " + line.line(),
        file.parameters("log", line.file().toString(), "line", line.line()));
  }

  private static Cause cause(Sign sign) {
    return switch (sign) {
      case OUT_OF_MEMORY -> Cause.APPLICATION_OUT_OF_MEMORY;
      case CRASHED -> Cause.APPLICATION_CRASHED;
      case DATABASE_UNAVAILABLE -> Cause.APPLICATION_DATABASE_UNAVAILABLE;
      case DISK_FULL -> Cause.APPLICATION_DISK_FULL;
      case WORKERS_EXHAUSTED -> Cause.APPLICATION_WORKERS_EXHAUSTED;
      case WORKER_TIMEOUT -> Cause.APPLICATION_TIMEOUT;
    };
  }

  /// What fills a disk or a memory explains crashes and time-outs, not the other way round.
  private static double confidence(Sign sign) {
    return switch (sign) {
      case OUT_OF_MEMORY -> 0.95;
      case DISK_FULL -> 0.94;
      case DATABASE_UNAVAILABLE -> 0.93;
      case CRASHED -> 0.9;
      case WORKERS_EXHAUSTED -> 0.88;
      case WORKER_TIMEOUT -> 0.86;
    };
  }
}
