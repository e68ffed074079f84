package io.whygate.diagnostics.probe.own;

import io.whygate.diagnostics.probe.Finding.OwnInspected;
import io.whygate.diagnostics.probe.HeapUse;
import io.whygate.diagnostics.probe.Inquiry;
import io.whygate.diagnostics.probe.Probe;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// Looks at what may make the gateway itself fail: late event loops, a full heap, a full table of
/// tracked connections, a wrong clock. Sends nothing.
public final class OwnProbe implements Probe {
  private static final long NANOS_PER_MICRO = 1_000;

  /// How long before a request a loop may have fallen behind.
  private static final Duration BEFORE = Duration.ofMillis(500);

  private final OwnSigns signs;
  private final Path proc;

  public OwnProbe(OwnSigns signs) {
    this(signs, Path.of("/proc"));
  }

  /// @param proc where the `proc` file system is mounted
  public OwnProbe(OwnSigns signs, Path proc) {
    this.signs = signs;
    this.proc = proc;
  }

  @Override
  public void ask(Inquiry inquiry) {
    long started = System.nanoTime();
    long since = started - inquiry.exchange().elapsedMicros() * NANOS_PER_MICRO - BEFORE.toNanos();
    inquiry.report(
        new OwnInspected(
            signs.loopLagMicros(since),
            heap(since),
            number("nf_conntrack_count"),
            number("nf_conntrack_max"),
            signs.clocks()),
        started);
  }

  private HeapUse heap(long since) {
    Runtime runtime = Runtime.getRuntime();
    return new HeapUse(
        runtime.totalMemory() - runtime.freeMemory(),
        runtime.maxMemory(),
        kept(),
        signs.collecting(since));
  }

  private static long kept() {
    long sum = -1;
    for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
      MemoryUsage left = pool.getType() == MemoryType.HEAP ? pool.getCollectionUsage() : null;
      if (left != null) {
        sum = Math.max(0, sum) + left.getUsed();
      }
    }
    return sum;
  }

  private long number(String setting) {
    try {
      // By lines: a setting gives nothing more to who reads it in pieces, as for a single string.
      List<String> lines = Files.readAllLines(proc.resolve("sys/net/netfilter").resolve(setting));
      return lines.isEmpty() ? -1 : Long.parseLong(lines.getFirst().strip());
    } catch (IOException | NumberFormatException e) {
      return -1;
    }
  }
}
