package io.whygate.diagnostics.incident;

import io.whygate.diagnostics.incident.Extent.Hit;
import io.whygate.diagnostics.memory.Change;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/// Counts what an incident hits: its first and its latest request, and how many on which paths.
///
/// Bounded; counted by many threads without a lock.
final class Tally {
  private static final int PATHS = 16;
  private static final int LONGEST_PATH = 256;

  private final List<Change> before;
  private final Map<String, LongAdder> paths = new ConcurrentHashMap<>();
  private final Map<String, String> notes = new ConcurrentHashMap<>();
  private volatile @Nullable Hit first;
  private volatile @Nullable Hit last;

  Tally(List<Change> before) {
    this.before = List.copyOf(before);
  }

  Tally(Extent kept) {
    this(kept.before());
    first = kept.first().orElse(null);
    last = kept.last().orElse(null);
    kept.paths().forEach((path, count) -> of(path).add(count));
    notes.putAll(kept.notes());
  }

  void count(Hit hit) {
    String path =
        hit.path().length() <= LONGEST_PATH ? hit.path() : hit.path().substring(0, LONGEST_PATH);
    if (first == null) {
      first = hit;
    }
    last = hit;
    of(path).increment();
  }

  private LongAdder of(String path) {
    LongAdder known = paths.get(path);
    if (known != null) {
      return known;
    }
    String counted = paths.size() < PATHS ? path : Extent.OTHER_PATHS;
    return paths.computeIfAbsent(counted, _ -> new LongAdder());
  }

  /// Keeps something beside the incident.
  void note(String name, String value) {
    notes.put(name, value);
  }

  Extent extent() {
    Map<String, Long> most = new LinkedHashMap<>();
    paths.entrySet().stream()
        .map(each -> Map.entry(each.getKey(), each.getValue().sum()))
        .sorted(
            Map.Entry.<String, Long>comparingByValue()
                .reversed()
                .thenComparing(Map.Entry.comparingByKey()))
        .forEach(each -> most.put(each.getKey(), each.getValue()));
    return new Extent(Optional.ofNullable(first), Optional.ofNullable(last), most, before, notes);
  }
}
