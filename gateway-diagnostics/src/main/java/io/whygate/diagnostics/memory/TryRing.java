package io.whygate.diagnostics.memory;

import io.whygate.diagnostics.memory.Recollection.Fate;
import io.whygate.diagnostics.memory.Recollection.Tries;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/// What became of the new connections to one address of late: runs of those that were served at
/// once, and runs of those that were not let in, as they follow each other.
///
/// Nothing but the last good one is noted while none is lost. Bounded; safe for use by many
/// threads.
final class TryRing {
  private static final int RUNS = 16;
  private static final long KEPT = 60_000;

  private final Deque<Run> runs = new ArrayDeque<>();
  private volatile boolean watching;
  private volatile long lastServed;

  /// As [Tries], with moments in milliseconds.
  private record Run(Fate fate, long first, long last, int count) {
    private Run with(long begun) {
      return new Run(fate, Math.min(first, begun), Math.max(last, begun), count + 1);
    }

    private Tries told() {
      return new Tries(fate, Instant.ofEpochMilli(first), Instant.ofEpochMilli(last), count);
    }
  }

  /// A connection was let in at this moment, and what was asked on it answered at once.
  void served(long at) {
    lastServed = at;
    if (watching) {
      note(Fate.SERVED, at);
    }
  }

  /// A connection that began at this moment was not let in.
  void lost(long begun, Fate fate) {
    note(fate, begun);
  }

  private synchronized void note(Fate fate, long begun) {
    if (!watching && begun - lastServed < KEPT) {
      runs.add(new Run(Fate.SERVED, lastServed, lastServed, 1));
    }
    watching = true;
    Run last = runs.peekLast();
    if (last != null && last.fate() == fate) {
      runs.removeLast();
      runs.addLast(last.with(begun));
    } else {
      runs.addLast(new Run(fate, begun, begun, 1));
    }
    while (runs.size() > RUNS || begun - runs.getFirst().last() > KEPT) {
      runs.removeFirst();
    }
    watching = runs.stream().anyMatch(run -> run.fate() != Fate.SERVED);
    if (!watching) {
      runs.clear();
    }
  }

  /// The runs that are remembered, oldest first.
  synchronized List<Tries> runs() {
    return runs.stream().map(Run::told).toList();
  }
}
