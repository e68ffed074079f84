package io.whygate.diagnostics.probe.log;

import java.time.Instant;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// One line of a log.
///
/// @param source where it stands, as the configuration writes it
/// @param at when it was written
/// @param program the program that wrote it, where its line or its source says so; may be empty
/// @param text what it says, without what its source puts before it
/// @param continues whether it has no time of its own, so that it may go on with what the line
///   before it began
record LogLine(String source, Instant at, String program, String text, boolean continues) {

  /// What syslog daemons put before a line: time, host, program, and its number.
  private static final Pattern SYSLOG =
      Pattern.compile(
          "^(?:<\\d{1,3}>)?(?:[A-Z][a-z]{2} +\\d{1,2} \\d\\d:\\d\\d:\\d\\d|\\d{4}-\\d\\d-\\d\\dT\\S+)"
              + " [\\w.:-]+ (?<program>[\\w./@-]+)(?:\\[\\d+\\])?: ");

  /// The same line with what another says.
  LogLine saying(String otherText) {
    return new LogLine(source, at, program, otherText, continues);
  }

  /// A line as a file has it.
  static LogLine of(String source, Instant at, String line, boolean continues) {
    Matcher matcher = SYSLOG.matcher(line.length() > 300 ? line.substring(0, 300) : line);
    return matcher.find()
        ? new LogLine(
            source, at, matcher.group("program"), line.substring(matcher.end()).strip(), continues)
        : new LogLine(source, at, "", line.strip(), continues);
  }
}
