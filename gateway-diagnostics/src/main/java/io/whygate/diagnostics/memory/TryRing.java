package io.whygate.diagnostics.memory;

import io.whygate.diagnostics.memory.Recollection.Fate;
import io.whygate.diagnostics.memory.Recollection.Tries;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// What became of the new connections to one address of late, in the order in which they began: one
/// that nothing came of is known later than those that were served meanwhile.
///
/// Nothing but the last good ones is noted while none is lost. Bounded; safe for use by many
/// threads.
final class TryRing {
  private static final int TRIES = 512;
  private static final int RUNS = 64;
  private static final long KEPT = 60_000;

  /// More than may be let in at one moment by what counts as a limit.
  private static final int GOOD_ONES = 16;

  private final List<Try> tries = new ArrayList<>();

  /// When the last good ones began, each where the oldest was. Losing one of two that meet loses
  /// nothing that matters.
  private final long[] good = new long[GOOD_ONES];

  private int next;
  private volatile boolean watching;

  private record Try(long begun, Fate fate) {}

  /// A connection that began at this moment was let in, and what was asked on it answered at once.
  void served(long begun) {
    int at = next;
    good[at & (GOOD_ONES - 1)] = begun;
    next = at + 1;
    if (watching) {
      note(Fate.SERVED, begun);
    }
  }

  /// A connection that began at this moment was not let in.
  void lost(long begun, Fate fate) {
    note(fate, begun);
  }

  private synchronized void note(Fate fate, long begun) {
    if (!watching) {
      for (long each : good) {
        if (each > 0 && begun - each < KEPT) {
          insert(new Try(each, Fate.SERVED));
        }
      }
    }
    watching = true;
    insert(new Try(begun, fate));
    long newest = tries.getLast().begun();
    while (tries.size() > TRIES || newest - tries.getFirst().begun() > KEPT) {
      tries.removeFirst();
    }
    if (fate == Fate.SERVED) {
      watching = tries.stream().anyMatch(each -> each.fate() != Fate.SERVED);
    }
    if (!watching) {
      tries.clear();
    }
  }

  /// Those that began at the same moment as others come before what was lost.
  private void insert(Try added) {
    int at = tries.size();
    while (at > 0 && isAfter(tries.get(at - 1), added)) {
      at--;
    }
    tries.add(at, added);
  }

  private static boolean isAfter(Try known, Try added) {
    return known.begun() > added.begun()
        || (known.begun() == added.begun()
            && known.fate() != Fate.SERVED
            && added.fate() == Fate.SERVED);
  }

  /// The last runs of one fate each, oldest first.
  synchronized List<Tries> runs() {
    List<Tries> runs = new ArrayList<>();
    int end = tries.size();
    while (end > 0 && runs.size() < RUNS) {
      Fate fate = tries.get(end - 1).fate();
      int from = end - 1;
      while (from > 0 && tries.get(from - 1).fate() == fate) {
        from--;
      }
      runs.addFirst(
          new Tries(
              fate,
              Instant.ofEpochMilli(tries.get(from).begun()),
              Instant.ofEpochMilli(tries.get(end - 1).begun()),
              end - from));
      end = from;
    }
    return runs;
  }
}
