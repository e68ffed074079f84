package io.whygate.diagnostics.probe.log.catalogue;

import static io.whygate.diagnostics.probe.Finding.LogsRead.Reach.SERVER;
import static io.whygate.diagnostics.probe.Finding.LogsRead.Reach.WORKER;
import static io.whygate.diagnostics.probe.Finding.LogsRead.Sign.BEHIND_FAILED;
import static io.whygate.diagnostics.probe.Finding.LogsRead.Sign.CRASHED;
import static io.whygate.diagnostics.probe.Finding.LogsRead.Sign.WORKERS_EXHAUSTED;

import java.util.List;

/// nginx, Apache, HAProxy and Caddy: their own workers, and how servers behind them fail.
final class WebServerPatterns {
  static final List<LogPattern> ALL =
      List.of(
          LogPattern.of(WORKERS_EXHAUSTED, SERVER, "\\d+ worker_connections are not enough"),
          // The queue of a Unix socket is full: nobody behind it takes connections any more.
          LogPattern.of(
              WORKERS_EXHAUSTED,
              SERVER,
              "connect\\(\\) to unix:\\S+ failed \\(11: Resource temporarily unavailable\\)"),
          LogPattern.of(
              CRASHED, WORKER, "worker process (?<pid>\\d+) exited on signal (4|6|7|8|9|11)\\b"),
          behind("connect\\(\\) (to \\S+ )?failed \\(\\d+: [^)]+\\) while connecting to upstream"),
          behind(
              "upstream timed out \\(110: [^)]+\\) while|upstream prematurely closed connection"),
          behind(
              "no live upstreams while connecting to upstream|recv\\(\\) failed .* from upstream"),
          behind("upstream sent (too big header|invalid|no valid|duplicate|unsupported)"),
          behind("SSL_do_handshake\\(\\) failed .* while SSL handshaking to upstream"),
          behind("\\S+ could not be resolved \\(\\d+: [^)]+\\)"),
          // Apache.
          LogPattern.of(
              WORKERS_EXHAUSTED,
              SERVER,
              "server reached (MaxRequestWorkers|MaxClients) setting|AH0028[68]: |scoreboard is full"),
          LogPattern.of(
              CRASHED,
              WORKER,
              "child pid (?<pid>\\d+) exit signal (Segmentation fault|Abort|Bus error|Illegal"
                  + " instruction|Floating point|Killed)"),
          behind(
              "AH00957: .*attempt to connect to .* failed|AH00898: |AH01079: |AH01114: |AH02454: "),
          behind("AH01102: error reading status line|AH01067: |AH01075: |AH10507: "),
          // HAProxy, Caddy.
          behind("(backend|proxy) \\S+ has no server available|Server \\S+/\\S+ is DOWN, reason: "),
          behind("\"logger\":\"http\\.log\\.error.*dial (tcp|unix) "));

  private WebServerPatterns() {}

  private static LogPattern behind(String regex) {
    return LogPattern.of(BEHIND_FAILED, SERVER, regex);
  }
}
