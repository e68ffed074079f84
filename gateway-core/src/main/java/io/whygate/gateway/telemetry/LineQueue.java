package io.whygate.gateway.telemetry;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/// A bounded queue of lines from one event loop to the one thread that writes them; neither ever
/// waits for the other.
///
/// Lines lie one behind the other in chunks of bytes, which are used again: a line that is queued
/// allocates nothing.
final class LineQueue {
  private static final int CHUNK_BYTES = 32 * 1024;
  private static final int SPARE_CHUNKS = 16;

  private final int capacity;
  private final AtomicLong dropped = new AtomicLong();
  private final AtomicLong taken = new AtomicLong();

  /// Chunks on their way back.
  private final AtomicReferenceArray<@Nullable Chunk> spare =
      new AtomicReferenceArray<>(SPARE_CHUNKS);

  // The event loop's.
  private Chunk last = new Chunk(CHUNK_BYTES);
  private long offered;
  private int spareFrom;

  // The writer's.
  private Chunk first = last;
  private int spareTo;

  /// Bytes that fill up once. What is whole is told by one write, so that its reader sees whole
  /// lines: how many bytes, and how many lines.
  private static final class Chunk {
    private static final int LINE_BITS = 32;

    private final byte[] bytes;
    private final AtomicLong filled = new AtomicLong();
    private volatile @Nullable Chunk next;

    /// What its reader has read; its own.
    private int read;

    private long linesRead;

    Chunk(int size) {
      bytes = new byte[size];
    }

    static int bytesOf(long filled) {
      return (int) filled;
    }

    static long linesOf(long filled) {
      return filled >>> LINE_BITS;
    }

    boolean append(byte[] from, int length) {
      long before = filled.getPlain();
      int at = bytesOf(before);
      if (bytes.length - at < length) {
        return false;
      }
      System.arraycopy(from, 0, bytes, at, length);
      filled.setRelease(before + (1L << LINE_BITS) + length);
      return true;
    }

    /// Makes it as new, and lets go of the one behind it.
    void clear() {
      filled.setPlain(0);
      next = null;
      read = 0;
      linesRead = 0;
    }
  }

  /// Takes whole lines as they come: some of them, one behind the other.
  interface Lines {
    void take(ByteBuffer lines, int count);
  }

  /// @param capacity how many lines may wait
  LineQueue(int capacity) {
    this.capacity = capacity;
  }

  /// Hands over a line, or drops and counts it when the queue is full; for the event loop alone.
  ///
  /// @param bytes may be used again at once
  void offer(byte[] bytes, int length) {
    if (offered - taken.getAcquire() >= capacity) {
      dropped.setRelease(dropped.getPlain() + 1);
      return;
    }
    offered++;
    if (!last.append(bytes, length)) {
      Chunk fresh = length > CHUNK_BYTES ? new Chunk(length) : emptyChunk();
      fresh.append(bytes, length);
      last.next = fresh;
      last = fresh;
    }
  }

  private Chunk emptyChunk() {
    Chunk used = spare.getAcquire(spareFrom);
    if (used == null) {
      return new Chunk(CHUNK_BYTES);
    }
    spare.setRelease(spareFrom, null);
    spareFrom = (spareFrom + 1) % SPARE_CHUNKS;
    return used;
  }

  /// Passes on what waits; for the writer alone.
  ///
  /// @return whether there was anything
  boolean drain(Lines to) {
    boolean any = false;
    while (true) {
      Chunk chunk = first;
      // Before what it is filled with: a chunk that has another behind it gets no more.
      Chunk next = chunk.next;
      long filled = chunk.filled.getAcquire();
      int end = Chunk.bytesOf(filled);
      if (end > chunk.read) {
        any = true;
        int count = (int) (Chunk.linesOf(filled) - chunk.linesRead);
        to.take(ByteBuffer.wrap(chunk.bytes, chunk.read, end - chunk.read), count);
        chunk.read = end;
        chunk.linesRead += count;
        taken.setRelease(taken.getPlain() + count);
      }
      if (next == null) {
        return any;
      }
      first = next;
      giveBack(chunk);
    }
  }

  private void giveBack(Chunk chunk) {
    chunk.clear();
    if (chunk.bytes.length == CHUNK_BYTES && spare.getAcquire(spareTo) == null) {
      spare.setRelease(spareTo, chunk);
      spareTo = (spareTo + 1) % SPARE_CHUNKS;
    }
  }

  /// Lines that found the queue full, since it was made.
  long dropped() {
    return dropped.getAcquire();
  }
}
