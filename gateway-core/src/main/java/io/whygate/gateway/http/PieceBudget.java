package io.whygate.gateway.http;

import io.whygate.gateway.config.SmallPieces;

/// Whether content comes in pieces that are worth their work: a chunk or a DATA frame costs the
/// same with one byte as with thousands. What is charged are missing bytes and not pieces, so that
/// a stream of small messages may last as long as it likes; so may a slow one of the smallest, as
/// all is forgotten after a while. The clock is asked only where the limit is reached. Confined to
/// its event loop.
public final class PieceBudget {
  private final int least;
  private final long most;
  private final long windowNanos;
  private long missing;
  private long windowStart = System.nanoTime();

  public PieceBudget(SmallPieces limits) {
    this.least = limits.least();
    this.most = (long) limits.least() * limits.count();
    this.windowNanos = limits.window().toNanos();
  }

  /// A piece came that is neither the first of its message nor the last; false where too many were
  /// too small.
  ///
  /// @param length its content, bytes
  public boolean takes(long length) {
    missing = Math.max(0, missing + least - length);
    if (missing <= most) {
      return true;
    }
    long now = System.nanoTime();
    if (now - windowStart < windowNanos) {
      return false;
    }
    windowStart = now;
    missing = 0;
    return true;
  }
}
