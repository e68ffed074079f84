package io.whygate.gateway.listener.client;

import io.whygate.gateway.http.Deadlines;
import java.time.Duration;

/// Whether a client is as fast as it has to be, on average, while the gateway waits for it.
///
/// It begins with a time for which it may be slower. Each second that the gateway waits takes one
/// from it, each second's worth of bytes that moved gives one back, up to a limit: that is how long
/// one that was fast may pause. What moved is looked at when the time would be over, and not as it
/// moves. Confined to its event loop.
public final class LeastRate {
  /// Part of the grace that passes at least between two looks.
  private static final int LOOKS = 10;

  private static final double NANOS_A_SECOND = 1e9;

  private final Deadlines deadlines;
  private final Deadlines.Deadline deadline;
  private final Terms terms;
  private final Progress progress;
  private final Runnable tooSlow;

  private long left;
  private long seen;
  private long since;
  private boolean waiting;
  private boolean armed;

  /// How fast that is.
  ///
  /// @param rate bytes a second; 0 where any will do
  /// @param grace time that a client begins with
  /// @param most that it can have; a grace that is longer is the limit instead
  public record Terms(long rate, Duration grace, Duration most) {}

  /// What the client has moved.
  @FunctionalInterface
  public interface Progress {
    /// Bytes in all so far; below 0 where nobody can tell, or where it is not for the client to
    /// move any now.
    long bytes();

    /// Whether the client was kept from moving any since it was last asked: that time does not
    /// count, and gives nothing back.
    default boolean isHeldUp() {
      return false;
    }
  }

  /// @param tooSlow is called once; the client is given up then
  public LeastRate(Deadlines deadlines, Terms terms, Progress progress, Runnable tooSlow) {
    this.deadlines = deadlines;
    this.terms = terms;
    this.progress = progress;
    this.tooSlow = tooSlow;
    this.deadline = deadlines.add(this::look);
    this.left = terms.grace().toNanos();
  }

  /// Begins anew, with nothing moved.
  public void begin() {
    waiting = false;
    left = terms.grace().toNanos();
    seen = 0;
  }

  /// Says whether the gateway waits for the client from now on.
  public void waits(boolean now) {
    if (now == waiting || terms.rate() == 0) {
      return;
    }
    waiting = now;
    if (!now) {
      left -= deadlines.recently() - since;
    } else if (armed) {
      since = deadlines.recently();
    } else {
      arm();
      since = deadlines.recently();
    }
  }

  private void arm() {
    armed = true;
    deadline.in(Math.max(left, terms.grace().toNanos() / LOOKS));
  }

  private void look() {
    armed = false;
    if (!waiting) {
      return;
    }
    long now = deadlines.recently();
    long passed = now - since;
    since = now;
    boolean counts = !progress.isHeldUp();
    if (counts) {
      left -= passed;
      earn();
    }
    if (left > 0 || !counts) {
      arm();
    } else {
      waiting = false;
      tooSlow.run();
    }
  }

  private void earn() {
    long grace = terms.grace().toNanos();
    long bytes = progress.bytes();
    if (bytes < 0) {
      left = Math.max(left, grace);
      return;
    }
    long earned = (long) (NANOS_A_SECOND * (bytes - seen) / terms.rate());
    seen = bytes;
    long most = Math.max(grace, terms.most().toNanos());
    left += Math.min(earned, most - left);
  }

  /// Forgets it for good.
  public void close() {
    waiting = false;
    deadline.close();
  }
}
