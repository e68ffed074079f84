package io.whygate.benchmarks.sharing;

import java.lang.instrument.Instrumentation;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/// The writes of event loops to objects that another thread writes to as well.
final class SharedWrites {
  private static final String LOOP = "IoEventLoop";

  /// Rarer than this, a request, a write is not of a request's way.
  private static final double RARE = 0.005;

  private final Map<String, Long> operations = new HashMap<>();
  private final Map<String, Long> handed = new HashMap<>();
  private final Lines lines;
  private long all;
  private long leftOut;

  private SharedWrites(Lines lines) {
    this.lines = lines;
  }

  static SharedWrites of(List<WriteLog> logs, Instrumentation jvm) {
    IdentityHashMap<Object, SortedSet<String>> writers = new IdentityHashMap<>();
    for (WriteLog log : logs) {
      log.each((target, _, _) ->
          writers.computeIfAbsent(target, _ -> new TreeSet<>()).add(log.thread()));
    }
    SharedWrites found = new SharedWrites(new Lines(jvm));
    for (WriteLog log : logs) {
      found.leftOut += log.leftOut();
      if (isLoop(log.thread())) {
        log.each((target, site, count) ->
            found.add(target, site, count, log, writers.getOrDefault(target, new TreeSet<>())));
      }
    }
    return found;
  }

  private static boolean isLoop(String thread) {
    return thread.contains(LOOP);
  }

  private void add(Object target, int site, long count, WriteLog log, SortedSet<String> writers) {
    all += count;
    if (writers.size() == 1) {
      lines.add(target, count, log.thread());
    } else {
      boolean betweenLoops = writers.stream().filter(SharedWrites::isLoop).count() > 1;
      String what = target.getClass().getTypeName() + " by " + Writes.site(site);
      if (betweenLoops) {
        operations.merge(what, count, Long::sum);
      } else {
        writers.remove(log.thread());
        handed.merge(what + " (with " + String.join(", ", writers) + ")", count, Long::sum);
        writers.add(log.thread());
      }
    }
  }

  /// What was found, as lines for a person.
  ///
  /// @param requests how many were served meanwhile
  String text(long requests) {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            "%d requests, %.0f writes to the heap each, %d not recorded%n",
            requests, (double) all / requests, leftOut));
    table(text, "Written by more than one event loop, a request:", operations, requests);
    table(
        text, "Written by one event loop and a thread that is none, a request:", handed, requests);
    table(
        text,
        "May meet on one line of the cache, objects that one event loop alone writes to, a request:",
        lines.met(),
        requests);
    return text.toString();
  }

  private static void table(
      StringBuilder text, String title, Map<String, Long> counts, long requests) {
    text.append(title).append('\n');
    double sum = 0;
    for (Map.Entry<String, Long> each :
        counts.entrySet().stream()
            .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
            .toList()) {
      double share = (double) each.getValue() / requests;
      sum += share;
      if (share >= RARE) {
        text.append(String.format("  %6.3f  %s%n", share, each.getKey()));
      }
    }
    text.append(String.format("  %6.3f  together%n", sum));
  }
}
