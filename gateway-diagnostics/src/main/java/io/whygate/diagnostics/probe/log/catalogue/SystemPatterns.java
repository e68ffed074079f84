package io.whygate.diagnostics.probe.log.catalogue;

import static io.whygate.diagnostics.probe.Finding.LogsRead.Reach.SERVER;
import static io.whygate.diagnostics.probe.Finding.LogsRead.Sign.CRASHED;
import static io.whygate.diagnostics.probe.Finding.LogsRead.Sign.DISK_FULL;
import static io.whygate.diagnostics.probe.Finding.LogsRead.Sign.OUT_OF_MEMORY;
import static io.whygate.diagnostics.probe.Finding.LogsRead.Sign.WORKERS_EXHAUSTED;

import java.util.List;

/// What the system itself says: disks, the kernel, the service manager, containers.
final class SystemPatterns {

  /// The same error number means used-up file watches, semaphores and shared memory too.
  private static final String NO_DISK =
      "(?i)inotify|file watch|watchers|semget|semaphore|accept[- ]?(mutex|lock)|AH00023"
          + "|shared memory|/dev/shm|shmget|epoll_ctl|memfd";

  static final List<LogPattern> ALL =
      List.of(
          LogPattern.of(DISK_FULL, SERVER, "(?i)No space left on device").unless(NO_DISK),
          LogPattern.of(DISK_FULL, SERVER, "\\bENOSPC\\b").unless(NO_DISK),
          LogPattern.of(DISK_FULL, SERVER, "Disk quota exceeded|\\bEDQUOT\\b"),
          LogPattern.of(
              DISK_FULL, SERVER, "(?i)Disk (is )?full writing|(OS )?err(no|code): ?28\\b"),
          LogPattern.of(DISK_FULL, SERVER, "There is not enough space on the disk"),
          // The one that invoked the killer is not the one that was killed: that line names nobody.
          LogPattern.of(
              OUT_OF_MEMORY,
              SERVER,
              "(?i)out of memory: kill(ed)? process (?<pid>\\d+),? \\((?<program>[^)]+)\\)"),
          LogPattern.of(
              OUT_OF_MEMORY, SERVER, "oom-kill:.*,task=(?<program>[^,]+),pid=(?<pid>\\d+)"),
          LogPattern.of(
              OUT_OF_MEMORY,
              SERVER,
              "(?<program>\\S+\\.(service|scope)): (A process of this unit has been killed by the OOM"
                  + " killer|Failed with result 'oom-kill')"),
          LogPattern.of(OUT_OF_MEMORY, SERVER, "(?i)\\bcannot allocate memory\\b|\\bENOMEM\\b"),
          // No descriptor is left: no connection is taken, no file is read.
          LogPattern.of(
              WORKERS_EXHAUSTED,
              SERVER,
              "(?i)\\b(24: |EMFILE: |errno 24\\] |24\\))too many open files"),
          LogPattern.of(OUT_OF_MEMORY, SERVER, "\\bOOMKilled\\b").unless("OOMKilled\\W{1,4}false"),
          LogPattern.of(
              CRASHED,
              SERVER,
              "(?<program>[^\\s\\[\\]:]+)\\[(?<pid>\\d+)\\]: segfault at [0-9a-f]+"),
          LogPattern.of(
              CRASHED,
              SERVER,
              "traps: (?<program>[^\\[]+)\\[(?<pid>\\d+)\\]:? (general protection|trap )"),
          // A stop that was asked for ends by TERM or INT, or with 128 and their numbers.
          LogPattern.of(
              CRASHED,
              SERVER,
              "(?<program>\\S+\\.service): Main process exited, code=(killed|dumped),"
                  + " status=(?!15/TERM|2/INT|1/HUP)\\d+"),
          LogPattern.of(
              CRASHED,
              SERVER,
              "(?<program>\\S+\\.service): Main process exited, code=exited,"
                  + " status=(?!0/|130/|143/)\\d+"),
          LogPattern.of(
              CRASHED,
              SERVER,
              "(?<program>\\S+\\.service): (Failed with result '(core-dump|watchdog)'|Start request"
                  + " repeated too quickly)"),
          LogPattern.of(
              CRASHED,
              SERVER,
              "Process (?<pid>\\d+) \\((?<program>[^)]+)\\) of user .* dumped core"));

  private SystemPatterns() {}
}
