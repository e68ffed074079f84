package io.whygate.diagnostics.probe;

import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// How many probes may still be sent in this second, over all diagnoses.
///
/// Safe for use by many threads; lock-free.
public final class Allowance {
  private final long perSecond;
  private final AtomicLong window = new AtomicLong();
  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong withheld = new AtomicLong();
  private final @Nullable Allowance whole;

  public Allowance(int perSecond) {
    this(perSecond, null);
  }

  private Allowance(long perSecond, @Nullable Allowance whole) {
    if (perSecond < 1) {
      throw new IllegalArgumentException("probesPerSecond: " + perSecond + " (expected: >= 1)");
    }
    this.perSecond = perSecond;
    this.whole = whole;
  }

  /// A part of it for what nobody waits for: at most half of what there is, so that the rest is
  /// left to others. What it gives counts here too.
  public Allowance half() {
    return new Allowance(Math.max(1, perSecond / 2), this);
  }

  /// Takes one, where one is left.
  public boolean take() {
    return takeOwn() && (whole == null || whole.take());
  }

  private boolean takeOwn() {
    long second = System.nanoTime() / 1_000_000_000L & 0xFFFF_FFFFL;
    while (true) {
      long seen = window.get();
      long count = seen >>> 32 == second ? seen & 0xFFFF_FFFFL : 0;
      if (count >= perSecond) {
        withheld.incrementAndGet();
        return false;
      }
      if (window.compareAndSet(seen, second << 32 | (count + 1))) {
        sent.incrementAndGet();
        return true;
      }
    }
  }

  /// How many were sent since the start.
  public long sent() {
    return sent.get();
  }

  /// How many were withheld since the start, because the limit was reached.
  public long withheld() {
    return withheld.get();
  }
}
