package io.whygate.diagnostics.probe.log.catalogue;

import static io.whygate.diagnostics.probe.Finding.LogsRead.Reach.REQUEST;
import static io.whygate.diagnostics.probe.Finding.LogsRead.Reach.SERVER;
import static io.whygate.diagnostics.probe.Finding.LogsRead.Sign.CRASHED;
import static io.whygate.diagnostics.probe.Finding.LogsRead.Sign.OUT_OF_MEMORY;
import static io.whygate.diagnostics.probe.Finding.LogsRead.Sign.WORKERS_EXHAUSTED;

import java.util.List;

/// Runtimes in which one process serves everybody: Node, Java with Tomcat and Spring, .NET, Go.
final class RuntimePatterns {
  static final List<LogPattern> ALL =
      List.of(
          // Node; the last line of an uncaught error is its version alone.
          LogPattern.of(OUT_OF_MEMORY, SERVER, "JavaScript heap out of memory"),
          LogPattern.of(CRASHED, SERVER, "^Node\\.js v\\d+\\.\\d+\\.\\d+$"),
          LogPattern.of(
              CRASHED,
              SERVER,
              "\\[UnhandledPromiseRejection: |UnhandledPromiseRejection\\]? .*ERR_"),
          LogPattern.of(CRASHED, SERVER, "App \\[\\S+\\] exited with code \\[[1-9]\\d*\\]"),
          LogPattern.of(
              CRASHED,
              SERVER,
              "npm ERR! code ELIFECYCLE|\\[nodemon\\] app crashed|Error: listen EADDRINUSE"),
          // Java. The names of options with OutOfMemoryError in them are no errors.
          LogPattern.of(OUT_OF_MEMORY, SERVER, "java\\.lang\\.OutOfMemoryError"),
          LogPattern.of(OUT_OF_MEMORY, SERVER, "Terminating due to java\\.lang\\.OutOfMemory"),
          LogPattern.of(
              OUT_OF_MEMORY,
              SERVER,
              "There is insufficient memory for the Java Runtime Environment"),
          LogPattern.of(
              CRASHED, SERVER, "A fatal error has been detected by the Java Runtime Environment"),
          LogPattern.of(
              CRASHED,
              SERVER,
              "APPLICATION FAILED TO START|Application run failed|Exception in thread \"main\" "),
          LogPattern.of(CRASHED, REQUEST, "Exception in thread \"[^\"]+\" [a-z][\\w.$]+"),
          LogPattern.of(
              WORKERS_EXHAUSTED,
              SERVER,
              "All threads \\(\\d+\\) are currently busy, waiting|Maximum number of threads"
                  + " \\(\\d+\\) created for connector"),
          LogPattern.of(WORKERS_EXHAUSTED, SERVER, "RejectedExecutionException")
              .unless("(?i)terminated|shut(ting)? ?down"),
          LogPattern.of(CRASHED, REQUEST, "Servlet\\.service\\(\\) for servlet .* threw exception"),
          // .NET.
          LogPattern.of(OUT_OF_MEMORY, SERVER, "System\\.OutOfMemoryException"),
          LogPattern.of(
              CRASHED, REQUEST, "An unhandled exception has occurred while executing the request"),
          LogPattern.of(CRASHED, SERVER, "Unhandled exception\\. \\S|Hosting failed to start"),
          // Go.
          LogPattern.of(
              OUT_OF_MEMORY, SERVER, "fatal error: runtime: (cannot allocate|out of) memory"),
          LogPattern.of(CRASHED, REQUEST, "http: panic serving "),
          LogPattern.of(
              CRASHED,
              SERVER,
              "^panic: |panic: runtime error|fatal error: (all goroutines|concurrent map)"),
          // What shells and supervisors say of any program.
          LogPattern.of(
              CRASHED, SERVER, "(Segmentation fault|Aborted|Bus error)( \\(core dumped\\))"));

  private RuntimePatterns() {}
}
