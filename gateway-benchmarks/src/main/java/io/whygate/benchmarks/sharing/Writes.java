package io.whygate.benchmarks.sharing;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/// Where the traced code of a gateway reports each object that it is about to write to. Loaded by
/// the boot loader, so that the JDK's classes see it.
///
/// Each thread has a log of its own; they are looked at once recording has ended.
public final class Writes {
  private static final AtomicBoolean RECORDING = new AtomicBoolean();
  private static final List<String> SITES = new ArrayList<>();
  private static final List<WriteLog> LOGS = new ArrayList<>();
  private static final ThreadLocal<WriteLog> LOG =
      ThreadLocal.withInitial(() -> {
        WriteLog log = new WriteLog(Thread.currentThread().getName());
        synchronized (LOGS) {
          LOGS.add(log);
        }
        return log;
      });

  private Writes() {}

  /// The number of a place in the code.
  static int site(String method) {
    synchronized (SITES) {
      SITES.add(method);
      return SITES.size() - 1;
    }
  }

  /// The place that has this number.
  static String site(int number) {
    synchronized (SITES) {
      return SITES.get(number);
    }
  }

  /// Called before each write.
  ///
  /// @param target the object or array; null where the write is going to fail
  /// @param site where in the code
  public static void to(Object target, int site) {
    if (RECORDING.get() && target != null) {
      LOG.get().add(target, site);
    }
  }

  static void begin() {
    RECORDING.set(true);
  }

  /// Ends recording.
  ///
  /// @return what each thread wrote to; those that were about to write may still add a few
  static List<WriteLog> end() {
    RECORDING.set(false);
    synchronized (LOGS) {
      return List.copyOf(LOGS);
    }
  }
}
