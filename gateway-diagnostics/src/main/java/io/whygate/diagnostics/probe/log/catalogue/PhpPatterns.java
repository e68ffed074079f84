package io.whygate.diagnostics.probe.log.catalogue;

import static io.whygate.diagnostics.probe.Finding.LogsRead.Reach.REQUEST;
import static io.whygate.diagnostics.probe.Finding.LogsRead.Reach.SERVER;
import static io.whygate.diagnostics.probe.Finding.LogsRead.Reach.WORKER;
import static io.whygate.diagnostics.probe.Finding.LogsRead.Sign.CRASHED;
import static io.whygate.diagnostics.probe.Finding.LogsRead.Sign.OUT_OF_MEMORY;
import static io.whygate.diagnostics.probe.Finding.LogsRead.Sign.WORKERS_EXHAUSTED;
import static io.whygate.diagnostics.probe.Finding.LogsRead.Sign.WORKER_TIMEOUT;

import java.util.List;

/// PHP and its process manager, php-fpm.
///
/// No sign: a pool that 'seems busy' (it starts children), a script that runs slowly (a warning), a
/// child that ends by TERM or QUIT (a restart).
final class PhpPatterns {
  static final List<LogPattern> ALL =
      List.of(
          LogPattern.of(
              OUT_OF_MEMORY,
              REQUEST,
              "PHP Fatal error: +(Allowed memory size of \\d+ bytes exhausted|Out of memory)"),
          LogPattern.of(
              WORKER_TIMEOUT, REQUEST, "PHP Fatal error: +Maximum execution time of \\d+ seconds?"),
          LogPattern.of(CRASHED, REQUEST, "PHP (Fatal error|Parse error|Compile error): "),
          LogPattern.of(
              WORKERS_EXHAUSTED, SERVER, "server reached (pm\\.)?max_children setting \\(\\d+\\)"),
          LogPattern.of(
              WORKER_TIMEOUT,
              WORKER,
              "child (?<pid>\\d+), script '.*execution timed out \\([\\d.]+ sec\\), terminating"),
          LogPattern.of(
              CRASHED,
              WORKER,
              "child (?<pid>\\d+) exited on signal (4|5|6|7|8|9|11|24|25|31) \\(SIG"),
          LogPattern.of(
              CRASHED, WORKER, "\\] child (?<pid>\\d+) exited with code (?!0\\b)\\d+ after"),
          LogPattern.of(
              CRASHED, SERVER, "ERROR: FPM initialization failed|unable to bind listening"));

  private PhpPatterns() {}
}
