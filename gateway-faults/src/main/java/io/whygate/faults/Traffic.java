package io.whygate.faults;

import io.whygate.faults.http.RequestHead;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/// What came to a server and went out of it: counts, and the latest request heads. Thread-safe.
public final class Traffic {
  /// How many heads are kept.
  static final int KEPT_HEADS = 10_000;

  private final AtomicLong connections = new AtomicLong();
  private final AtomicLong requests = new AtomicLong();
  private final LongAdder bytesIn = new LongAdder();
  private final LongAdder bytesOut = new LongAdder();
  private final Deque<RequestHead> heads = new ArrayDeque<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition more = lock.newCondition();
  private volatile long lastRequestNanos;

  Traffic() {}

  /// Connections accepted so far, TLS or not.
  public long connections() {
    return connections.get();
  }

  /// Requests whose head was read so far.
  public long requests() {
    return requests.get();
  }

  /// Bytes read so far, inside TLS where there is TLS.
  public long bytesIn() {
    return bytesIn.sum();
  }

  /// Bytes written so far, inside TLS where there is TLS.
  public long bytesOut() {
    return bytesOut.sum();
  }

  /// The latest request heads, oldest first.
  public List<RequestHead> heads() {
    lock.lock();
    try {
      return List.copyOf(heads);
    } finally {
      lock.unlock();
    }
  }

  /// When the latest request came, as of [System#nanoTime()]; 0 before the first.
  public long lastRequestNanos() {
    return lastRequestNanos;
  }

  /// Waits until this many requests came since the start.
  ///
  /// @throws IllegalStateException where they do not come in time
  public void awaitRequests(long count, Duration timeout) throws InterruptedException {
    await(() -> requests.get() >= count, count + " requests", timeout);
  }

  /// Waits until this many connections came since the start.
  ///
  /// @throws IllegalStateException where they do not come in time
  public void awaitConnections(long count, Duration timeout) throws InterruptedException {
    await(() -> connections.get() >= count, count + " connections", timeout);
  }

  long connectionAccepted() {
    long number = connections.incrementAndGet();
    signal();
    return number;
  }

  void requestRead(RequestHead head) {
    lastRequestNanos = System.nanoTime();
    requests.incrementAndGet();
    lock.lock();
    try {
      if (heads.size() == KEPT_HEADS) {
        heads.removeFirst();
      }
      heads.addLast(head);
      more.signalAll();
    } finally {
      lock.unlock();
    }
  }

  void read(long count) {
    bytesIn.add(count);
  }

  void written(long count) {
    bytesOut.add(count);
  }

  private void signal() {
    lock.lock();
    try {
      more.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void await(BooleanSupplier reached, String what, Duration timeout)
      throws InterruptedException {
    lock.lock();
    try {
      long left = timeout.toNanos();
      while (!reached.getAsBoolean()) {
        if (left <= 0) {
          throw new IllegalStateException(
              "traffic: %d connections, %d requests (expected: %s within %s)"
                  .formatted(connections(), requests(), what, timeout));
        }
        left = more.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }
}
