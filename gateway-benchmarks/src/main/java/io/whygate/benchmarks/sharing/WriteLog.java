package io.whygate.benchmarks.sharing;

import java.util.Arrays;

/// How often a thread wrote to which object at which place: a table of its own, which writes to
/// nothing that is traced.
final class WriteLog {
  /// Of entries; a log that is full counts what it leaves out.
  private static final int MOST = 1 << 22;

  private final String thread;
  private Object[] targets = new Object[1 << 12];
  private int[] sites = new int[1 << 12];
  private long[] counts = new long[1 << 12];
  private int size;
  private long leftOut;

  WriteLog(String thread) {
    this.thread = thread;
  }

  /// What is told of an entry.
  interface Visitor {
    void visit(Object target, int site, long count);
  }

  String thread() {
    return thread;
  }

  /// Writes that found no room.
  long leftOut() {
    return leftOut;
  }

  void add(Object target, int site) {
    int at = find(targets, sites, target, site);
    if (targets[at] == null) {
      if (size == MOST) {
        leftOut++;
        return;
      }
      targets[at] = target;
      sites[at] = site;
      size++;
      counts[at]++;
      if (size * 2 > targets.length) {
        grow();
      }
    } else {
      counts[at]++;
    }
  }

  void each(Visitor visitor) {
    for (int i = 0; i < targets.length; i++) {
      if (targets[i] != null) {
        visitor.visit(targets[i], sites[i], counts[i]);
      }
    }
  }

  @SuppressWarnings("ReferenceEquality") // of objects, not of what they stand for
  private static int find(Object[] targets, int[] sites, Object target, int site) {
    int mask = targets.length - 1;
    int at = (System.identityHashCode(target) * 31 + site * 0x9e3779b1) & mask;
    while (targets[at] != null && (targets[at] != target || sites[at] != site)) {
      at = (at + 1) & mask;
    }
    return at;
  }

  private void grow() {
    Object[] oldTargets = targets;
    int[] oldSites = sites;
    long[] oldCounts = counts;
    targets = Arrays.copyOf(new Object[0], oldTargets.length * 2);
    sites = new int[targets.length];
    counts = new long[targets.length];
    for (int i = 0; i < oldTargets.length; i++) {
      if (oldTargets[i] != null) {
        int at = find(targets, sites, oldTargets[i], oldSites[i]);
        targets[at] = oldTargets[i];
        sites[at] = oldSites[i];
        counts[at] = oldCounts[i];
      }
    }
  }
}
