package io.whygate.diagnostics.probe.log.catalogue;

import java.util.Optional;
import java.util.regex.Pattern;

/// Lines by which a program says that it has started and serves: what went wrong before it then no
/// longer explains a failure that began later.
public enum Starts {
  /// A database takes connections again.
  DATABASE(
      "(mysqld|mariadbd): ready for connections|LOG: +database system is ready to accept conn"),
  /// The server serves again, or has a new worker in place of one that ended.
  SERVER(
      "\\[INFO\\] (Listening at: |Booting worker with pid)"
          + "|NOTICE: (ready to handle connections|fpm is running|\\[pool \\S+\\] child \\d+ started)"
          + "|\\* Listening on (http|unix|ssl|tcp)|Worker \\d+ \\(PID: \\d+\\) booted"
          + "|spawned uWSGI worker \\d+|Respawned uWSGI worker \\d+|WSGI app \\d+ .*ready in"
          + "|Started \\S+ in [\\d.]+ seconds|Server startup in \\[?\\d+|Tomcat started on port"
          + "|Application startup complete|Uvicorn running on|App \\[\\S+\\] online"
          + "|Now listening on: http|resuming normal operations|start worker process \\d+"
          + "|systemd\\[\\d+\\]: Started ");

  private final Pattern pattern;

  Starts(String regex) {
    pattern = Pattern.compile(regex);
  }

  /// What a line says has started.
  public static Optional<Starts> of(String line) {
    for (Starts each : values()) {
      if (each.pattern.matcher(line).find()) {
        return Optional.of(each);
      }
    }
    return Optional.empty();
  }
}
