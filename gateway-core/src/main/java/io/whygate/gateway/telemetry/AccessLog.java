package io.whygate.gateway.telemetry;

import io.whygate.gateway.config.Settings.AccessLogSettings;
import io.whygate.gateway.exchange.FinishedExchange;
import io.whygate.gateway.exchange.Recorder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One line for each exchange.
///
/// An event loop formats the line and leaves it in a queue of its own; one thread takes the lines
/// of all loops and writes them in batches. Where the file cannot take them, or not fast enough,
/// lines are dropped and counted, and the gateway goes on.
public final class AccessLog implements Recorder, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AccessLog.class);
  private static final int BATCH_BYTES = 64 * 1024;
  private static final long BETWEEN_BATCHES_NANOS = Duration.ofMillis(10).toNanos();
  private static final long IDLE_AFTER_NANOS = Duration.ofSeconds(1).toNanos();
  private static final long CHECK_FILE_NANOS = Duration.ofSeconds(1).toNanos();
  private static final long BETWEEN_WARNINGS_NANOS = Duration.ofMinutes(1).toNanos();
  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(2);

  /// Why a line was lost.
  public enum DropReason {
    /// More lines came than could be written.
    QUEUE_FULL("queue-full"),
    /// The file could not be written.
    WRITE_FAILED("write-failed");

    private final String label;

    DropReason(String label) {
      this.label = label;
    }

    /// The reason as metrics write it.
    public String label() {
      return label;
    }
  }

  /// Hears of lines that were lost; called on the writing thread.
  public interface DropCount {
    void dropped(DropReason reason, long lines);
  }

  private final String name;
  private final List<Loop> loops;
  private final DropCount drops;
  private final LogFile file;
  private final Thread writer;
  private final AtomicBoolean reopen = new AtomicBoolean();
  private volatile boolean closing;
  private volatile boolean asleep;

  private final ByteBuffer batch = ByteBuffer.allocateDirect(BATCH_BYTES);
  private int batchLines;
  private long seenFull;
  private boolean failing;
  private long warnedAt = System.nanoTime() - BETWEEN_WARNINGS_NANOS;
  private long failedAt = System.nanoTime() - CHECK_FILE_NANOS;

  private record Loop(LineFormat line, LineQueue queue) {}

  /// Starts writing.
  ///
  /// @param eventLoops how many event loops there are
  /// @param drops hears of lines that were lost
  public AccessLog(AccessLogSettings settings, int eventLoops, DropCount drops) {
    this.name = settings.file();
    this.drops = drops;
    this.file = LogFile.of(settings.file(), settings.rotation());
    int share = Math.max(1, settings.queue() / eventLoops);
    this.loops =
        Stream.generate(() -> new Loop(LineFormat.of(settings.format()), new LineQueue(share)))
            .limit(eventLoops)
            .toList();
    this.writer = Thread.ofPlatform().daemon().name("access-log").unstarted(this::writeLines);
    writer.start();
  }

  @Override
  public void finished(FinishedExchange exchange, int loop) {
    Loop own = loops.get(loop);
    own.line.format(exchange, own.queue);
    if (asleep) {
      asleep = false;
      LockSupport.unpark(writer);
    }
  }

  /// Opens the file anew before the next line, because it was rotated away. For any thread.
  public void reopen() {
    reopen.set(true);
    LockSupport.unpark(writer);
  }

  /// Writes what is queued and ends; returns within two seconds even where the file takes nothing.
  @Override
  public void close() {
    closing = true;
    LockSupport.unpark(writer);
    try {
      writer.join(CLOSE_WITHIN);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void writeLines() {
    prepare();
    long now = System.nanoTime();
    long busyAt = now;
    long checkedAt = now;
    while (true) {
      boolean last = closing;
      boolean any = drain();
      now = System.nanoTime();
      if (any) {
        busyAt = now;
      }
      countFull();
      if (reopen.getAndSet(false)) {
        file.release();
      } else if (now - checkedAt > CHECK_FILE_NANOS) {
        checkedAt = now;
        if (file.isRotated()) {
          file.release();
        }
        rotate();
      }
      if (last) {
        file.release();
        return;
      }
      if (now - busyAt < IDLE_AFTER_NANOS) {
        LockSupport.parkNanos(this, BETWEEN_BATCHES_NANOS);
      } else {
        sleep();
      }
    }
  }

  /// Waits for a line without waking up for nothing. A line that is offered while this falls asleep
  /// is found after a second at the latest.
  private void sleep() {
    asleep = true;
    if (!closing && !reopen.get()) {
      LockSupport.parkNanos(this, CHECK_FILE_NANOS);
    }
    asleep = false;
  }

  private boolean drain() {
    boolean any = false;
    for (Loop loop : loops) {
      any |= loop.queue.drain(this::add);
    }
    flush();
    return any;
  }

  private void add(ByteBuffer lines, int count) {
    if (lines.remaining() > batch.remaining()) {
      flush();
    }
    if (lines.remaining() > batch.capacity()) {
      write(lines, count);
      return;
    }
    batch.put(lines);
    batchLines += count;
  }

  private void flush() {
    if (batchLines > 0) {
      batch.flip();
      write(batch, batchLines);
      batch.clear();
      batchLines = 0;
    }
  }

  private void write(ByteBuffer lines, int count) {
    try {
      if (failing && System.nanoTime() - failedAt < CHECK_FILE_NANOS) {
        drops.dropped(DropReason.WRITE_FAILED, count);
      } else {
        file.write(lines);
        recovered();
        rotate();
      }
    } catch (IOException e) {
      drops.dropped(DropReason.WRITE_FAILED, linesIn(lines));
      failed(e);
    }
  }

  /// Puts the file away where it is large or old enough. Where it cannot be moved, it grows on.
  private void rotate() {
    try {
      file.rotate();
    } catch (IOException e) {
      long now = System.nanoTime();
      if (now - warnedAt >= BETWEEN_WARNINGS_NANOS) {
        warnedAt = now;
        LOG.warn("access log {}: cannot be rotated: {}", name, reason(e));
      }
    }
  }

  private void recovered() {
    if (failing) {
      failing = false;
      LOG.info("access log {}: written again", name);
    }
  }

  private void prepare() {
    try {
      file.prepare();
    } catch (IOException e) {
      failed(e);
    }
  }

  private void failed(IOException e) {
    failing = true;
    failedAt = System.nanoTime();
    file.release();
    if (failedAt - warnedAt >= BETWEEN_WARNINGS_NANOS) {
      warnedAt = failedAt;
      LOG.warn(
          "access log {}: {}; lines are dropped until it can be written (make room, or mend the"
              + " path or its permissions)",
          name,
          reason(e));
    }
  }

  /// Lines of which not all is in the file.
  private static int linesIn(ByteBuffer left) {
    int lines = 0;
    for (int i = left.position(); i < left.limit(); i++) {
      if (left.get(i) == '\n') {
        lines++;
      }
    }
    return lines;
  }

  private static String reason(IOException e) {
    return switch (e) {
      case NoSuchFileException _ -> "its folder does not exist";
      case AccessDeniedException _ -> "permission denied";
      case FileSystemException f when f.getReason() != null -> f.getReason();
      default -> String.valueOf(e.getMessage());
    };
  }

  private void countFull() {
    long full = 0;
    for (Loop loop : loops) {
      full += loop.queue.dropped();
    }
    if (full > seenFull) {
      drops.dropped(DropReason.QUEUE_FULL, full - seenFull);
      seenFull = full;
    }
  }
}
