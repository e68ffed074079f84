package io.whygate.benchmarks.sharing;

import java.lang.instrument.Instrumentation;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/// Finds lines of the cache on which different threads write to different objects (false sharing).
///
/// It sees where objects lie after a full collection, and how often each is written to, not where
/// in it: so it tells what may meet, and that it is no more.
final class Lines {
  /// Bytes of a line, on x86-64 and most of aarch64.
  private static final int LINE = 64;

  private final Instrumentation jvm;
  private final IdentityHashMap<Object, Map<String, Long>> writes = new IdentityHashMap<>();

  Lines(Instrumentation jvm) {
    this.jvm = jvm;
  }

  /// An object that one thread writes to, and how often it did.
  void add(Object target, long count, String thread) {
    writes.computeIfAbsent(target, _ -> new HashMap<>()).merge(thread, count, Long::sum);
  }

  /// How often what lies on such lines was written to by another thread than the one that writes
  /// there most, by the types of the objects.
  Map<String, Long> met() {
    References references = References.open();
    Object[] objects = writes.keySet().toArray();
    System.gc();
    Map<Long, List<Object>> byLine = new HashMap<>();
    for (int i = 0; i < objects.length; i++) {
      long at = references.address(objects, i);
      long end = at + jvm.getObjectSize(objects[i]) - 1;
      for (long line = at / LINE; line <= end / LINE; line++) {
        byLine.computeIfAbsent(line, _ -> new ArrayList<>()).add(objects[i]);
      }
    }
    Map<String, Long> met = new HashMap<>();
    for (List<Object> line : byLine.values()) {
      Map<String, Long> byThread = new HashMap<>();
      TreeSet<String> types = new TreeSet<>();
      for (Object each : line) {
        writes.getOrDefault(each, Map.of()).forEach((key, n) -> byThread.merge(key, n, Long::sum));
        types.add(each.getClass().getTypeName());
      }
      long others =
          byThread.values().stream().mapToLong(n -> n).sum()
              - byThread.values().stream().mapToLong(n -> n).max().orElse(0);
      if (others > 0) {
        met.merge(String.join(" + ", types), others, Long::sum);
      }
    }
    return met;
  }

  /// Where objects lie, which Java tells nobody but `sun.misc.Unsafe`.
  ///
  /// @param unsafe the only one
  /// @param read its `getInt` of an object at an offset
  /// @param base the offset of an array's first element
  private record References(Object unsafe, Method read, long base) {
    static References open() {
      try {
        Class<?> type = Class.forName("sun.misc.Unsafe");
        Field only = type.getDeclaredField("theUnsafe");
        only.setAccessible(true);
        return new References(
            only.get(null),
            type.getMethod("getInt", Object.class, long.class),
            type.getField("ARRAY_OBJECT_BASE_OFFSET").getLong(null));
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
    }

    /// A reference is the address itself, in four bytes, where the heap lies below 4 GiB.
    long address(Object[] array, int index) {
      try {
        return (int) read.invoke(unsafe, array, base + 4L * index) & 0xffffffffL;
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
