package io.whygate.gateway.telemetry;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/// A bounded queue of lines from one event loop to the one thread that writes them; neither ever
/// waits for the other.
final class LineRing {
  private final AtomicReferenceArray<byte @Nullable []> slots;
  private final AtomicLong dropped = new AtomicLong();
  private int head;
  private int tail;

  LineRing(int capacity) {
    slots = new AtomicReferenceArray<>(capacity);
  }

  /// Hands over a line, or drops and counts it when the queue is full; for the event loop alone.
  void offer(byte[] line) {
    if (slots.getAcquire(tail) != null) {
      dropped.setRelease(dropped.getPlain() + 1);
      return;
    }
    slots.setRelease(tail, line);
    tail = tail + 1 == slots.length() ? 0 : tail + 1;
  }

  /// Takes the oldest line; for the writer alone.
  byte @Nullable [] poll() {
    byte[] line = slots.getAcquire(head);
    if (line != null) {
      slots.setRelease(head, null);
      head = head + 1 == slots.length() ? 0 : head + 1;
    }
    return line;
  }

  /// Lines that found the queue full, since it was made.
  long dropped() {
    return dropped.getAcquire();
  }
}
