package io.whygate.diagnostics.probe.log.catalogue;

import static io.whygate.diagnostics.probe.Finding.LogsRead.Reach.REQUEST;
import static io.whygate.diagnostics.probe.Finding.LogsRead.Reach.SERVER;
import static io.whygate.diagnostics.probe.Finding.LogsRead.Reach.WORKER;
import static io.whygate.diagnostics.probe.Finding.LogsRead.Sign.CRASHED;
import static io.whygate.diagnostics.probe.Finding.LogsRead.Sign.OUT_OF_MEMORY;
import static io.whygate.diagnostics.probe.Finding.LogsRead.Sign.WORKERS_EXHAUSTED;
import static io.whygate.diagnostics.probe.Finding.LogsRead.Sign.WORKER_TIMEOUT;

import java.util.List;

/// Gunicorn, uWSGI and what runs in them.
///
/// A worker that was killed after its time-out did not run out of memory: [Sequence] tells by its
/// number.
final class PythonPatterns {
  static final List<LogPattern> ALL =
      List.of(
          LogPattern.of(WORKER_TIMEOUT, WORKER, "WORKER TIMEOUT \\(pid: ?(?<pid>\\d+)\\)"),
          LogPattern.of(
                  OUT_OF_MEMORY,
                  WORKER,
                  "Worker \\(pid: ?(?<pid>\\d+)\\) was sent SIGKILL! Perhaps out of memory")
              .surely(0.8),
          LogPattern.of(
              CRASHED,
              WORKER,
              "Worker \\(pid: ?(?<pid>\\d+)\\) was sent (code \\d+|SIG(ABRT|BUS|FPE|ILL|SEGV|SYS|TRAP))"),
          LogPattern.of(
              CRASHED,
              WORKER,
              "Worker with pid (?<pid>\\d+) was terminated due to signal (4|5|6|7|8|9|11)\\b"),
          LogPattern.of(CRASHED, WORKER, "Worker \\(pid: ?(?<pid>\\d+)\\) exited with code [1-9]"),
          LogPattern.of(
              CRASHED, SERVER, "Exception in worker process|HaltServer|Worker failed to boot"),
          LogPattern.of(CRASHED, REQUEST, "Error handling request (?<path>/\\S*)"),
          LogPattern.of(CRASHED, REQUEST, "Internal Server Error: (?<path>/\\S*)"),
          LogPattern.of(
              CRASHED,
              REQUEST,
              "Exception in ASGI application|mod_wsgi \\(pid=\\d+\\): Exception occurred processing"),
          // The servers of its own library (http.server, socketserver, wsgiref).
          LogPattern.of(
              CRASHED, REQUEST, "^Exception (occurred|happened) during processing of request from"),
          LogPattern.of(OUT_OF_MEMORY, REQUEST, "^MemoryError\\b"),
          LogPattern.of(WORKER_TIMEOUT, WORKER, "HARAKIRI ON WORKER \\d+ \\(pid: (?<pid>\\d+)"),
          LogPattern.of(WORKERS_EXHAUSTED, SERVER, "uWSGI listen queue of socket .* full"),
          LogPattern.of(
              CRASHED,
              WORKER,
              "DAMN ! worker \\d+ \\(pid: (?<pid>\\d+)\\) died, killed by signal (4|6|7|8|9|11)"),
          LogPattern.of(CRASHED, WORKER, "uWSGI process (?<pid>\\d+) got Segmentation Fault"),
          LogPattern.of(CRASHED, SERVER, "no python application found, check your startup logs"));

  private PythonPatterns() {}
}
