package io.whygate.diagnostics.probe.log.catalogue;

import static io.whygate.diagnostics.probe.Finding.LogsRead.Reach.REQUEST;
import static io.whygate.diagnostics.probe.Finding.LogsRead.Reach.SERVER;
import static io.whygate.diagnostics.probe.Finding.LogsRead.Reach.WORKER;
import static io.whygate.diagnostics.probe.Finding.LogsRead.Sign.CRASHED;
import static io.whygate.diagnostics.probe.Finding.LogsRead.Sign.OUT_OF_MEMORY;
import static io.whygate.diagnostics.probe.Finding.LogsRead.Sign.WORKERS_EXHAUSTED;
import static io.whygate.diagnostics.probe.Finding.LogsRead.Sign.WORKER_TIMEOUT;

import java.util.List;

/// Puma, Unicorn, Passenger, and Rails in them.
final class RubyPatterns {
  static final List<LogPattern> ALL =
      List.of(
          LogPattern.of(WORKER_TIMEOUT, WORKER, "! Terminating timed out worker.*: (?<pid>\\d+)"),
          LogPattern.of(
              WORKER_TIMEOUT, WORKER, "worker=\\d+ PID:(?<pid>\\d+) timeout \\(\\d+s > \\d+s\\)"),
          LogPattern.of(
              CRASHED,
              WORKER,
              "reaped #<Process::Status: pid (?<pid>\\d+) SIG(KILL|SEGV|ABRT|BUS|ILL)"),
          LogPattern.of(CRASHED, WORKER, "\\[BUG\\] (Segmentation fault|Bus Error)"),
          LogPattern.of(CRASHED, SERVER, "! Unable to (load application|start worker)"),
          LogPattern.of(OUT_OF_MEMORY, REQUEST, "NoMemoryError|failed to allocate memory"),
          LogPattern.of(WORKERS_EXHAUSTED, SERVER, "Request queue (is )?full"),
          LogPattern.of(
              CRASHED,
              REQUEST,
              // What a visitor asked for wrongly is no crash.
              "FATAL -- : (\\[[^\\]]*\\] ?)* *[A-Z][\\w:]*(?<!Routing)(Error|Exception)\\b"));

  private RubyPatterns() {}
}
