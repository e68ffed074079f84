package io.whygate.gateway.http2;

/// How often something may be done within a time. The clock is asked only where the number is used
/// up. Confined to its event loop.
public final class Budget {
  private final int limit;
  private final long windowNanos;
  private int spent;
  private long windowStart = System.nanoTime();

  public Budget(int limit, long windowNanos) {
    this.limit = limit;
    this.windowNanos = windowNanos;
  }

  /// Takes one; false where none is left.
  public boolean spend() {
    if (++spent <= limit) {
      return true;
    }
    long now = System.nanoTime();
    if (now - windowStart < windowNanos) {
      spent = limit;
      return false;
    }
    windowStart = now;
    spent = 1;
    return true;
  }

  /// Gives some back.
  public void earn(int count) {
    spent = Math.max(0, spent - count);
  }
}
