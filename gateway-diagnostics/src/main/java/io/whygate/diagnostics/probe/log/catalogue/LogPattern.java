package io.whygate.diagnostics.probe.log.catalogue;

import io.whygate.diagnostics.probe.Finding.LogsRead.Reach;
import io.whygate.diagnostics.probe.Finding.LogsRead.Sign;
import java.util.regex.Pattern;

/// A line as one program writes it, and what it says.
///
/// The groups `program` and `pid` of the pattern, where it has them, name the process that the line
/// speaks of; `path` names the request.
///
/// @param confidence how surely such a line means what the sign says, 0 to 1
/// @param pattern found anywhere in the message
/// @param unless a line with this is a look-alike
record LogPattern(Sign sign, Reach reach, double confidence, Pattern pattern, Pattern unless) {
  private static final Pattern NEVER = Pattern.compile("(?!)");

  static LogPattern of(Sign sign, Reach reach, String regex) {
    return new LogPattern(sign, reach, confidence(sign), Pattern.compile(regex), NEVER);
  }

  /// The same, but for lines with this.
  LogPattern unless(String regex) {
    return new LogPattern(sign, reach, confidence, pattern, Pattern.compile(regex));
  }

  /// The same, less or more sure.
  LogPattern surely(double howSurely) {
    return new LogPattern(sign, reach, howSurely, pattern, unless);
  }

  /// What fills a disk or a memory explains crashes and time-outs, not the other way round: the
  /// deeper the reason, the higher it stands.
  private static double confidence(Sign sign) {
    return switch (sign) {
      case OUT_OF_MEMORY -> 0.95;
      case DISK_FULL -> 0.94;
      case DATABASE_UNAVAILABLE -> 0.93;
      case CRASHED -> 0.9;
      case WORKERS_EXHAUSTED -> 0.88;
      case WORKER_TIMEOUT -> 0.86;
      case BEHIND_FAILED -> 0.84;
      case REQUEST_FAILED -> 0.8;
    };
  }
}
