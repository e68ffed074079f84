package io.whygate.gateway.upstream;

import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// How many connections to one endpoint may exist, over all event loops, and who waits for one.
///
/// Lock-free. A freed permit goes straight to the waiter that came first; nobody can overtake it.
/// The limit is given with each call, since a reload may change it while connections exist.
public final class ConnectionPermits {
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicInteger pending = new AtomicInteger();
  private final ConcurrentLinkedQueue<Waiter> waiters = new ConcurrentLinkedQueue<>();
  private final List<Holder> holders = new CopyOnWriteArrayList<>();

  /// Somebody who holds connections, some of them perhaps idle. Called on any thread.
  public interface Holder {
    /// How many of them are idle.
    int idle();

    /// Asks it to close an idle connection, if it has one, since somebody waits.
    void giveUpIdle();
  }

  /// Somebody who waits for a permit or for a connection. Whoever wins [#claim] serves it, and
  /// nobody else does.
  public abstract static class Waiter {
    private final boolean starving;
    private final AtomicBoolean claimed = new AtomicBoolean();
    private final ConnectionPermits permits;

    /// @param starving whether its event loop has no connection that could come free
    protected Waiter(ConnectionPermits permits, boolean starving) {
      this.permits = permits;
      this.starving = starving;
    }

    /// Takes it out of the queue; true for the one caller who may serve it.
    public final boolean claim() {
      if (!claimed.compareAndSet(false, true)) {
        return false;
      }
      permits.pending.decrementAndGet();
      return true;
    }

    /// Hands it a permit. Called on the thread that freed it.
    protected abstract void granted();
  }

  /// Takes a permit if one is free and nobody waits for it.
  public boolean tryAcquire(int limit) {
    return pending.get() == 0 && tryIncrement(limit);
  }

  /// Gives a permit back: to the first waiter, if there is one.
  ///
  /// @param limit the limit in force; above it, permits are not handed on
  public void release(int limit) {
    open.decrementAndGet();
    grant(limit);
  }

  /// Lets a waiter queue. It may be granted before this returns.
  ///
  /// @return whether there was room for it
  public boolean enqueue(Waiter waiter, int maxPending, int limit) {
    if (pending.incrementAndGet() > maxPending) {
      pending.decrementAndGet();
      return false;
    }
    waiters.add(waiter);
    grant(limit);
    return true;
  }

  /// Adds a holder.
  public void join(Holder holder) {
    holders.add(holder);
  }

  /// Removes a holder.
  public void leave(Holder holder) {
    holders.remove(holder);
  }

  /// Asks all holders to give up idle connections.
  public void askForIdle() {
    holders.forEach(Holder::giveUpIdle);
  }

  /// Whether the waiter that comes next runs on a loop that has no connection to wait for.
  public boolean isStarving() {
    Waiter head = head();
    return head != null && head.starving;
  }

  /// Connections that exist or are being made.
  public int open() {
    return open.get();
  }

  /// Connections that lie idle, over all holders.
  int idle() {
    int sum = 0;
    for (Holder each : holders) {
      sum += each.idle();
    }
    return sum;
  }

  /// Those who wait.
  public int pending() {
    return pending.get();
  }

  private void grant(int limit) {
    while (head() != null && tryIncrement(limit)) {
      Waiter next = waiters.poll();
      while (next != null && !next.claim()) {
        next = waiters.poll();
      }
      if (next == null) {
        open.decrementAndGet();
      } else {
        next.granted();
      }
    }
  }

  private boolean tryIncrement(int limit) {
    int now = open.get();
    while (now < limit) {
      int seen = open.compareAndExchange(now, now + 1);
      if (seen == now) {
        return true;
      }
      now = seen;
    }
    return false;
  }

  /// The first waiter that nobody has claimed; claimed ones before it are dropped.
  private @Nullable Waiter head() {
    Waiter head = waiters.peek();
    while (head != null && head.claimed.get()) {
      waiters.remove(head);
      head = waiters.peek();
    }
    return head;
  }
}
