package io.whygate.gateway.transport;

import io.netty.channel.unix.Errors.NativeIoException;
import java.io.IOException;
import java.net.SocketException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Descriptors that are kept back for the hour in which the system gives no more: they are let go
/// then, so that the gateway can still take a few clients, look what is wrong, log it and answer,
/// while no connection to a server takes them.
///
/// Short from the first one that was refused until as many can be had again. Safe for use by many
/// threads.
public final class DescriptorReserve implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DescriptorReserve.class);
  private static final long PAUSE_MILLIS = 250;

  /// No more for the whole system, and no more for this process (`errno(3)`).
  private static final int ENFILE = 23;

  private static final int EMFILE = 24;
  private static final Path NOTHING = Path.of("/dev/null");

  private final int size;
  private final Deque<FileChannel> held = new ArrayDeque<>();
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private volatile @Nullable Throwable refusal;
  private @Nullable Thread filling;
  private boolean closed;

  /// Takes them.
  ///
  /// @param size how many; 0 for none, and then nothing is ever short
  public DescriptorReserve(int size) {
    this.size = size;
    fill();
  }

  /// How many are kept back.
  public int size() {
    return size;
  }

  /// Calls a listener whenever they run short, again while they stay so, and when they are there
  /// again.
  public void onChange(Runnable listener) {
    listeners.add(listener);
  }

  /// Why the last descriptor was refused, while they are short.
  public Optional<Throwable> refusal() {
    return Optional.ofNullable(refusal);
  }

  public boolean isShort() {
    return refusal != null;
  }

  /// Something that needed a descriptor failed: where that is because there was none, those that
  /// are kept back are let go.
  public void failed(Throwable why) {
    if (size == 0 || isShort() || !isRefusal(why) || !letGo(why)) {
      return;
    }
    LOG.warn(
        "No descriptor is left; {} that were kept back are let go: {}", size, why.getMessage());
    listeners.forEach(Runnable::run);
  }

  private static boolean isRefusal(Throwable why) {
    for (Throwable each = why; each != null; each = each.getCause()) {
      if (each instanceof NativeIoException error
          && (error.expectedErr() == -EMFILE || error.expectedErr() == -ENFILE)) {
        return true;
      }
      // The JDK's own transport keeps nothing but the system's words.
      if (each instanceof SocketException error
          && String.valueOf(error.getMessage()).startsWith("Too many open files")) {
        return true;
      }
    }
    return false;
  }

  private synchronized boolean letGo(Throwable why) {
    if (closed || refusal != null) {
      return false;
    }
    refusal = why;
    drop();
    filling = Thread.ofVirtual().name("descriptor-reserve").start(this::refill);
    return true;
  }

  private void refill() {
    try {
      while (true) {
        Thread.sleep(PAUSE_MILLIS);
        if (fill()) {
          LOG.warn("Descriptors can be had again");
          listeners.forEach(Runnable::run);
          return;
        }
        listeners.forEach(Runnable::run);
      }
    } catch (InterruptedException e) {
      // Closed.
      Thread.currentThread().interrupt();
    }
  }

  /// Takes as many as are kept back and half as many more, so that some are left beside; all or
  /// none.
  private synchronized boolean fill() {
    if (closed) {
      return true;
    }
    try {
      for (int i = 0; i < size + size / 2; i++) {
        held.push(FileChannel.open(NOTHING, StandardOpenOption.READ));
      }
    } catch (IOException e) {
      drop();
      return false;
    }
    for (int i = 0; i < size / 2; i++) {
      close(held.pop());
    }
    refusal = null;
    return true;
  }

  private void drop() {
    while (!held.isEmpty()) {
      close(held.pop());
    }
  }

  private static void close(FileChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      LOG.debug("Closing {} failed", NOTHING, e);
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (filling != null) {
      filling.interrupt();
    }
    drop();
  }
}
