package io.whygate.gateway.http;

import io.netty.channel.EventLoop;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The waits of an event loop's connections: each has a moment at which it is over, and one sweep
/// looks at all of them.
///
/// Setting a deadline costs a write to a field: no timer is made or cancelled. They are looked at
/// at a pace, and in between when the next one is over: one that is longer than that is seen a
/// millisecond late, where there are few, and by that pace at most where there are many. Confined
/// to the event loop.
public final class Deadlines {
  private static final long TICK = TimeUnit.MILLISECONDS.toNanos(20);

  /// The least time between two looks, and what each deadline adds to it, so that looking costs
  /// little however many there are.
  private static final long LEAST = TimeUnit.MILLISECONDS.toNanos(1);

  private static final long LEAST_OF_EACH = TimeUnit.MICROSECONDS.toNanos(1);

  private static final Logger LOG = LoggerFactory.getLogger(Deadlines.class);

  private final EventLoop loop;
  private @Nullable Deadline[] entries = new Deadline[64];
  private int count;
  private boolean sweeping;
  private long looked;

  public Deadlines(EventLoop loop) {
    this.loop = loop;
  }

  /// The wait of one connection.
  public static final class Deadline {
    private final Deadlines owner;
    private final Runnable expired;
    private int index = -1;
    private long at;
    private boolean armed;
    private boolean closed;

    private Deadline(Deadlines owner, Runnable expired) {
      this.owner = owner;
      this.expired = expired;
    }

    /// Calls the action once so many nanoseconds from now, unless it is set anew or cleared before.
    public void in(long nanos) {
      if (closed) {
        return;
      }
      long now = System.nanoTime();
      owner.looked = now;
      at = now + nanos;
      armed = true;
      if (index < 0) {
        owner.enter(this);
      }
    }

    /// Calls nothing until it is set again.
    public void clear() {
      armed = false;
    }

    /// Forgets it for good; setting it again does nothing.
    public void close() {
      closed = true;
      armed = false;
      if (index >= 0) {
        owner.leave(this);
      }
    }
  }

  /// A wait that calls the action, on the event loop, when it is over.
  public Deadline add(Runnable expired) {
    return new Deadline(this, expired);
  }

  /// What [System#nanoTime] said when a deadline was last set or looked at: while one is set, as
  /// old as a look at all of them is apart from the next, and for nothing.
  public long recently() {
    return looked;
  }

  private void enter(Deadline deadline) {
    if (count == entries.length) {
      entries = Arrays.copyOf(entries, count * 2);
    }
    deadline.index = count;
    entries[count++] = deadline;
    if (!sweeping) {
      sweeping = true;
      schedule(TICK);
    }
  }

  private void leave(Deadline deadline) {
    int at = deadline.index;
    deadline.index = -1;
    @Nullable Deadline last = entries[--count];
    entries[count] = null;
    if (last != deadline && last != null) {
      entries[at] = last;
      last.index = at;
    }
  }

  private void schedule(long nanos) {
    loop.schedule(this::sweep, nanos, TimeUnit.NANOSECONDS);
  }

  private void sweep() {
    long now = System.nanoTime();
    looked = now;
    long next = TICK;
    for (int i = count - 1; i >= 0; i--) {
      if (i >= count) {
        continue;
      }
      Deadline deadline = entries[i];
      if (deadline == null || !deadline.armed) {
        continue;
      }
      long left = deadline.at - now;
      if (left <= 0) {
        deadline.armed = false;
        expire(deadline);
      } else {
        next = Math.min(next, left);
      }
    }
    if (count > 0) {
      schedule(Math.min(TICK, Math.max(next, LEAST + count * LEAST_OF_EACH)));
    } else {
      sweeping = false;
    }
  }

  /// One action that fails does not cost the others their turn.
  private static void expire(Deadline deadline) {
    try {
      deadline.expired.run();
    } catch (RuntimeException | Error e) {
      LOG.error("an unexpected error at the end of a wait", e);
    }
  }
}
