package io.whygate.gateway.telemetry.otlp;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/// A bounded queue from one event loop to the one thread that takes from it; neither ever waits for
/// the other.
final class Ring<T> {
  private final AtomicReferenceArray<@Nullable T> slots;
  private final AtomicLong dropped = new AtomicLong();
  private int head;
  private int tail;

  Ring(int capacity) {
    slots = new AtomicReferenceArray<>(capacity);
  }

  /// Hands over, or drops and counts when the queue is full; for the event loop alone.
  ///
  /// @param weight what it counts for where it is dropped
  void offer(T element, int weight) {
    if (slots.getAcquire(tail) != null) {
      dropped.setRelease(dropped.getPlain() + weight);
      return;
    }
    slots.setRelease(tail, element);
    tail = tail + 1 == slots.length() ? 0 : tail + 1;
  }

  /// Takes the oldest; for the taking thread alone.
  @Nullable T poll() {
    T element = slots.getAcquire(head);
    if (element != null) {
      slots.setRelease(head, null);
      head = head + 1 == slots.length() ? 0 : head + 1;
    }
    return element;
  }

  /// What found the queue full, since it was made.
  long dropped() {
    return dropped.getAcquire();
  }
}
