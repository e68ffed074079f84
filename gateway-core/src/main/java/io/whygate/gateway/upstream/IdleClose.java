package io.whygate.gateway.upstream;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/// After how long without a request an endpoint closes a connection, learned from its own closes.
///
/// Two closes at about the same idle age, at different moments, show a timer; a single one, or many
/// at one moment (a restart), show nothing, nor do closes of connections that were hardly idle:
/// those of servers that are restarted again and again are as alike as a timer's. What was learned
/// is used with a margin, and forgotten after ten minutes in which no close confirmed it, so that a
/// changed setting is noticed.
public final class IdleClose {
  private static final int KEPT = 8;
  private static final long APART = TimeUnit.MILLISECONDS.toNanos(100);
  private static final long SLACK = TimeUnit.MILLISECONDS.toNanos(300);
  private static final long MARGIN = TimeUnit.SECONDS.toNanos(1);
  private static final long VALID = TimeUnit.MINUTES.toNanos(10);

  private final LongSupplier nanos;
  private final Deque<Close> closes = new ArrayDeque<>();
  private volatile Learned learned;

  private record Close(long atNanos, long idleNanos) {}

  private record Learned(long atNanos, long idleNanos) {}

  IdleClose(LongSupplier nanos) {
    this.nanos = nanos;
    this.learned = new Learned(nanos.getAsLong(), 0);
  }

  /// Tells that the endpoint closed a connection that had been idle for so long.
  public synchronized void observed(long idleNanos) {
    if (idleNanos < SLACK) {
      return;
    }
    long now = nanos.getAsLong();
    for (Close earlier : closes) {
      long difference = Math.abs(earlier.idleNanos - idleNanos);
      if (now - earlier.atNanos > APART && difference <= Math.max(SLACK, idleNanos / 10)) {
        learned = new Learned(now, Math.min(earlier.idleNanos, idleNanos));
      }
    }
    closes.addLast(new Close(now, idleNanos));
    if (closes.size() > KEPT) {
      closes.removeFirst();
    }
  }

  /// Takes back what was learned before a restart.
  public synchronized void remembered(long idleNanos) {
    learned = new Learned(nanos.getAsLong(), idleNanos);
  }

  /// The idle age at which the endpoint closes, nanoseconds; 0 where it is not known.
  public long learnedNanos() {
    Learned current = learned;
    return nanos.getAsLong() - current.atNanos > VALID ? 0 : current.idleNanos;
  }

  /// How long a connection may lie idle and still be used.
  ///
  /// @param configuredNanos the limit that the configuration sets
  public long limitNanos(long configuredNanos) {
    long idle = learned.idleNanos;
    if (idle == 0 || learnedNanos() == 0) {
      return configuredNanos;
    }
    return Math.min(configuredNanos, safe(idle));
  }

  /// How long a connection may lie idle that its server closes at this age.
  public static long safe(long idleNanos) {
    return Math.max(idleNanos - Math.max(MARGIN, idleNanos / 10), idleNanos / 2);
  }
}
