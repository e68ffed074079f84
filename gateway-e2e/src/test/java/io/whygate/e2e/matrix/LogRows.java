package io.whygate.e2e.matrix;

import io.whygate.faults.Fault;
import io.whygate.faults.FaultyServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;

/// Faults that a line of the server's log names, and lines that name nothing of the kind.
final class LogRows {
  private static final String KILLED =
      "kernel: [98231.412345] Out of memory: Killed process 4242 (%s) total-vm:1622516kB,"
          + " anon-rss:912344kB, file-rss:0kB, shmem-rss:0kB, UID:1000 oom_score_adj:0";

  private LogRows() {}

  static List<Row> all() {
    Expected closed = Expected.unsent("server.port-closed", 502, "connection_refused");
    return List.of(
        Row.of(
            "nothing listens, and the kernel has killed the server",
            Expected.unsent("application.out-of-memory", 502, "connection_refused").saidByLog(),
            closed(0, KILLED.formatted("node"))),
        Row.of(
            "nothing listens, and its service has failed",
            Expected.unsent("application.crashed", 502, "connection_refused").saidByLog(),
            closed(
                0, "systemd[1]: site.service: Main process exited, code=dumped, status=11/SEGV")),
        Row.of(
            "nothing listens, and the disk is full",
            Expected.unsent("application.disk-full", 502, "connection_refused").saidByLog(),
            closed(0, "site[812]: OSError: [Errno 28] No space left on device: '/srv/x'")),
        Row.of(
            "nothing listens, and a backup was killed for memory",
            closed,
            closed(0, KILLED.formatted("mysqldump"))),
        Row.of(
            "nothing listens, and the server was killed two minutes ago",
            closed,
            closed(120, KILLED.formatted("node"))),
        Row.of(
            "nothing listens, and the server was stopped",
            closed,
            closed(
                0, "systemd[1]: site.service: Main process exited, code=killed, status=15/TERM")),
        Row.of(
            "nothing listens, and a page had an error",
            closed,
            closed(0, "site[812]: PHP Fatal error:  Uncaught Error: no in /srv/x.php:3")),
        Row.of(
            "closes without an answer, and another service has crashed",
            Expected.page(
                "application.closed-before-response", 502, "connection_terminated", "unknown"),
            logged(
                new Fault.CloseBeforeResponse(),
                "systemd[1]: cron.service: Main process exited, code=dumped, status=11/SEGV")),
        Row.of(
            "closes without an answer, and has no database",
            Expected.page(
                    "application.database-unavailable", 502, "connection_terminated", "unknown")
                .saidByLog(),
            logged(
                new Fault.CloseBeforeResponse(),
                "site[812]: FATAL:  sorry, too many clients already")),
        Row.of(
            "closes without an answer, and was killed long before the gateway looked",
            Expected.page(
                "application.closed-before-response", 502, "connection_terminated", "unknown"),
            scene -> {
              Path log = log(scene);
              write(log, 0, KILLED.formatted("node"));
              FaultyServer server = scene.open(FaultyServer.start());
              scene
                  .upstream(server.uri(), PhpLab.setting(log))
                  .breaks(_ -> server.fault(new Fault.CloseBeforeResponse()), _ -> server.mend());
            }),
        Row.of(
            "nobody is answered, and its log says why",
            Expected.page("application.workers-exhausted", 504, "http_response_timeout", "unknown")
                .saidByLog()
                .because("max_children"),
            Scene.RESPONSE,
            logged(
                new Fault.AcceptThenSilence(),
                "php-fpm[7]: [pool www] server reached pm.max_children setting (5), consider raising"
                    + " it")));
  }

  private static Row.Staging closed(int secondsAgo, String line) {
    return scene -> {
      Path log = log(scene);
      FaultyServer server = scene.open(FaultyServer.start());
      scene
          .upstream(server.uri(), PhpLab.setting(log))
          .breaks(
              _ -> {
                server.stopListening();
                write(log, secondsAgo, line);
              },
              _ -> server.listen());
    };
  }

  private static Row.Staging logged(Fault fault, String line) {
    return scene -> {
      Path log = log(scene);
      FaultyServer server = scene.open(FaultyServer.start());
      scene
          .upstream(server.uri(), PhpLab.setting(log))
          .breaks(
              _ -> {
                server.fault(fault);
                write(log, 0, line);
              },
              _ -> server.mend());
    };
  }

  private static Path log(Scene scene) throws IOException {
    Path log = Files.createTempFile("whygate-matrix", ".log");
    scene.open(() -> Files.deleteIfExists(log));
    return log;
  }

  /// A line as a system's log has it.
  private static void write(Path log, int secondsAgo, String line) throws IOException {
    String stamp =
        DateTimeFormatter.ofPattern("MMM ppd HH:mm:ss", Locale.ENGLISH)
            .format(Instant.now().minusSeconds(secondsAgo).atZone(ZoneId.systemDefault()));
    Files.writeString(log, stamp + " web1 " + line + "\n", StandardOpenOption.APPEND);
  }
}
