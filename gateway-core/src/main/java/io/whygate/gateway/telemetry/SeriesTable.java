package io.whygate.gateway.telemetry;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/// The series of one event loop by their labels: the loop finds them without a lock or an
/// allocation, and any thread may list them.
///
/// At most [#LIMIT] combinations are kept apart; what comes after them is counted under the label
/// value `other`, so that no history of reloads can make the metrics grow without bound.
final class SeriesTable<S extends Series> {
  /// How many combinations of labels are kept apart.
  static final int LIMIT = 4096;

  /// The label value of what is not kept apart.
  static final String OTHER = "other";

  /// Makes the series of a combination of labels.
  interface Maker<S> {
    S make(String first, String second, String third);
  }

  private final Maker<S> maker;
  private volatile AtomicReferenceArray<@Nullable S> slots = new AtomicReferenceArray<>(64);
  private int size;
  private @Nullable S latest;

  SeriesTable(Maker<S> maker) {
    this.maker = maker;
  }

  static int hash(String first, String second, String third) {
    int hash = (first.hashCode() * 31 + second.hashCode()) * 31 + third.hashCode();
    return hash ^ (hash >>> 16);
  }

  /// The series of these labels; only ever called by the owning event loop.
  S get(String first, String second, String third) {
    S recent = latest;
    if (recent != null && recent.matches(first, second, third)) {
      return recent;
    }
    S found = find(first, second, third);
    latest = found;
    return found;
  }

  private S find(String first, String second, String third) {
    AtomicReferenceArray<@Nullable S> current = slots;
    int mask = current.length() - 1;
    int at = hash(first, second, third) & mask;
    for (S there = current.getPlain(at); there != null; there = current.getPlain(at)) {
      if (there.matches(first, second, third)) {
        return there;
      }
      at = (at + 1) & mask;
    }
    if (size >= LIMIT && !OTHER.equals(first)) {
      return find(OTHER, OTHER, OTHER);
    }
    S added = maker.make(first, second, third);
    current.setRelease(at, added);
    size++;
    if (size * 2 > current.length()) {
      grow(current);
    }
    return added;
  }

  private void grow(AtomicReferenceArray<@Nullable S> old) {
    var bigger = new AtomicReferenceArray<@Nullable S>(old.length() * 2);
    int mask = bigger.length() - 1;
    for (int i = 0; i < old.length(); i++) {
      S series = old.getPlain(i);
      if (series == null) {
        continue;
      }
      int at = series.labelHash() & mask;
      while (bigger.getPlain(at) != null) {
        at = (at + 1) & mask;
      }
      bigger.setPlain(at, series);
    }
    slots = bigger;
  }

  /// All series, in no order; for any thread.
  List<S> all() {
    AtomicReferenceArray<@Nullable S> current = slots;
    var found = new ArrayList<S>();
    for (int i = 0; i < current.length(); i++) {
      S series = current.getAcquire(i);
      if (series != null) {
        found.add(series);
      }
    }
    return found;
  }
}
