package io.whygate.diagnostics.probe.log;

import io.whygate.diagnostics.probe.Finding.LogsRead.Sign;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// The lines by which servers name a cause in their logs.
public final class LogCatalogue {
  private static final int LINE_CHARACTERS = 300;
  private static final Pattern SECRET =
      Pattern.compile(
          "(?i)(authorization|cookie|password|passwd|pwd|token|secret|api[-_]?key|session)"
              + "(['\"]?\\s*[=:]\\s*)(?:bearer\\s+|basic\\s+)?[^\\s,;&'\"]+");
  private static final Pattern QUERY = Pattern.compile("\\?[^\\s\"']+");

  private record Entry(Sign sign, Pattern pattern) {
    static Entry of(Sign sign, String regex) {
      return new Entry(sign, Pattern.compile(regex));
    }
  }

  /// The first that matches counts, so the narrower stand before the wider.
  private static final List<Entry> ENTRIES =
      List.of(
          // The kernel, and what service managers say of it.
          Entry.of(
              Sign.OUT_OF_MEMORY, "Out of memory: Kill(ed)? process|oom-kill:|invoked oom-killer"),
          Entry.of(
              Sign.OUT_OF_MEMORY,
              "killed by the OOM killer|Failed with result 'oom-kill'|OOMKilled"),
          // Gunicorn, uWSGI.
          Entry.of(Sign.OUT_OF_MEMORY, "was sent SIGKILL! Perhaps out of memory"),
          Entry.of(Sign.WORKER_TIMEOUT, "WORKER TIMEOUT|HARAKIRI ON WORKER"),
          Entry.of(Sign.WORKERS_EXHAUSTED, "uWSGI listen queue of socket .* full"),
          // PHP.
          Entry.of(
              Sign.OUT_OF_MEMORY, "PHP Fatal error: +Allowed memory size of \\d+ bytes exhausted"),
          Entry.of(Sign.WORKERS_EXHAUSTED, "server reached (pm\\.)?max_children setting"),
          Entry.of(
              Sign.WORKERS_EXHAUSTED, "seems busy \\(you may need to increase pm\\.start_servers"),
          Entry.of(Sign.WORKER_TIMEOUT, "execution timed out \\([\\d.]+ sec\\), terminating"),
          // Node, the JVM.
          Entry.of(
              Sign.OUT_OF_MEMORY, "JavaScript heap out of memory|java\\.lang\\.OutOfMemoryError"),
          // Disks.
          Entry.of(Sign.DISK_FULL, "No space left on device|ENOSPC|Disk quota exceeded"),
          // Databases, as their clients see them.
          Entry.of(
              Sign.DATABASE_UNAVAILABLE,
              "MySQL server has gone away|Lost connection to MySQL server"),
          Entry.of(Sign.DATABASE_UNAVAILABLE, "Can't connect to (local )?(MySQL|MariaDB|server)"),
          Entry.of(
              Sign.DATABASE_UNAVAILABLE, "SQLSTATE\\[HY000\\] \\[(2002|2003|2006|1040|1203)\\]"),
          Entry.of(Sign.DATABASE_UNAVAILABLE, "Error establishing a database connection"),
          Entry.of(Sign.DATABASE_UNAVAILABLE, "could not connect to server: Connection refused"),
          Entry.of(Sign.DATABASE_UNAVAILABLE, "connection to server at .* failed: "),
          Entry.of(
              Sign.DATABASE_UNAVAILABLE,
              "FATAL: +(sorry, too many clients|the database system is)"),
          Entry.of(Sign.DATABASE_UNAVAILABLE, "ECONNREFUSED .*:(3306|5432|27017|6379)"),
          Entry.of(
              Sign.DATABASE_UNAVAILABLE,
              "mysqli(::|_)(real_)?connect\\(\\).*(refused|No such file|gone away)"),
          // Crashes.
          Entry.of(Sign.CRASHED, "segfault at [0-9a-f]+|exited on signal (4|6|7|8|11) "),
          Entry.of(Sign.CRASHED, "SIGSEGV|SIGABRT|core dumped|code=dumped"),
          Entry.of(Sign.CRASHED, "PHP Fatal error: |PHP Parse error: "),
          Entry.of(Sign.CRASHED, "panic: (runtime error|.*goroutine)|fatal error: all goroutines"));

  private LogCatalogue() {}

  /// What this line names, where it names anything.
  public static Optional<Sign> signOf(String line) {
    for (Entry entry : ENTRIES) {
      if (entry.pattern().matcher(line).find()) {
        return Optional.of(entry.sign());
      }
    }
    return Optional.empty();
  }

  /// The line as an operator may see it: without what looks like a secret or a query, and cut.
  public static String redacted(String line) {
    String masked = SECRET.matcher(line).replaceAll("$1$2***");
    masked = QUERY.matcher(masked).replaceAll("?***");
    return masked.length() > LINE_CHARACTERS ? masked.substring(0, LINE_CHARACTERS) : masked;
  }
}
