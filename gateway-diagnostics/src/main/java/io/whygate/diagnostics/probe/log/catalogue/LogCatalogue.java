package io.whygate.diagnostics.probe.log.catalogue;

import io.whygate.diagnostics.probe.Finding.LogsRead.Reach;
import io.whygate.diagnostics.probe.Finding.LogsRead.Sign;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The lines by which servers name a cause in their logs.
///
/// What a visitor could have written into a line (a request, an address, a referer) is left out
/// before it is looked at, and a line of an access log says nothing at all: else anybody could have
/// a failure explained as he likes.
public final class LogCatalogue {
  /// How much of a line is looked at, characters.
  private static final int LOOKED_AT = 2_000;

  /// The first that matches counts, so the deeper stand before the shallower.
  private static final List<LogPattern> PATTERNS =
      Stream.of(
              SystemPatterns.ALL,
              DatabasePatterns.ALL,
              PhpPatterns.ALL,
              PythonPatterns.ALL,
              RubyPatterns.ALL,
              RuntimePatterns.ALL,
              WebServerPatterns.ALL)
          .flatMap(List::stream)
          .toList();

  private static final Pattern ACCESS =
      Pattern.compile(
          "^\\S+ \\S+ .{1,64}?\\[\\d\\d/[A-Z][a-z]{2}/\\d{4}:[^\\]]+\\] \"|^\\{.*\"(request_method|"
              + "user_agent|remote_addr)\":.*\"status\":\\s*\"?[1-4]\\d\\d");
  private static final Pattern BY_VISITOR =
      Pattern.compile(
          ", (client|referrer|host): [^,]*|, request: \"[^\"]*\"|, referer: \\S*|\\[client [^\\]]*\\]"
              + "|request: \"[^\"]*\"");
  private static final Pattern HOST = Pattern.compile(", host: \"(?<host>[^\"]+)\"");
  private static final Pattern REQUEST = Pattern.compile("request: \"[A-Z]+ (?<path>/[^\\s?\"]*)");

  /// The levels of errors as loggers write them; numbers are those of pino and bunyan.
  private static final Pattern ERROR =
      Pattern.compile(
          "\\b(ERROR|FATAL|CRITICAL|SEVERE|PANIC|EMERG|ALERT)\\b"
              + "|\"(level|severity|lvl)\":\\s*(50|60|\"(?i:error|fatal|critical|severe|panic)\")"
              + "|\\b(level|severity|lvl)=\"?(?i:error|fatal|critical|severe|panic)\\b"
              + "|\\[(error|crit|alert|emerg)]|\\b[A-Z]\\w+(Error|Exception)\\b");

  private LogCatalogue() {}

  /// What this line names, where it names anything.
  public static Optional<Reading> read(String line) {
    if (line.length() < 4) {
      return Optional.empty();
    }
    String looked = line.length() > LOOKED_AT ? line.substring(0, LOOKED_AT) : line;
    if (ACCESS.matcher(looked).find()) {
      return Optional.empty();
    }
    String said = BY_VISITOR.matcher(looked).replaceAll("");
    for (LogPattern each : PATTERNS) {
      Matcher matcher = each.pattern().matcher(said);
      if (matcher.find() && !each.unless().matcher(said).find()) {
        String path = group(matcher, "path");
        return Optional.of(
            new Reading(
                each.sign(),
                each.reach(),
                each.confidence(),
                group(matcher, "program"),
                group(matcher, "pid"),
                asked(looked),
                path.isEmpty() ? requested(looked) : path.replaceFirst("\\?.*", "")));
      }
    }
    return Optional.empty();
  }

  /// Reads a line that is known to speak of the request that failed: whether it is an error's.
  public static Optional<Reading> error(String line) {
    String looked = line.length() > LOOKED_AT ? line.substring(0, LOOKED_AT) : line;
    return !ACCESS.matcher(looked).find() && ERROR.matcher(looked).find()
        ? Optional.of(new Reading(Sign.REQUEST_FAILED, Reach.REQUEST, 0.8, "", "", "", ""))
        : Optional.empty();
  }

  private static String asked(String line) {
    Matcher matcher = HOST.matcher(line);
    return matcher.find() ? matcher.group("host") : "";
  }

  private static String requested(String line) {
    Matcher matcher = REQUEST.matcher(line);
    return matcher.find() ? matcher.group("path") : "";
  }

  private static String group(Matcher matcher, String name) {
    if (!matcher.namedGroups().containsKey(name)) {
      return "";
    }
    String found = matcher.group(name);
    return found == null ? "" : found;
  }
}
