package io.whygate.diagnostics.probe;

import java.io.Closeable;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Closes something at a deadline unless it is done before: for what has no read time-out.
final class Closer implements AutoCloseable {
  private final CountDownLatch done = new CountDownLatch(1);

  private Closer() {}

  static Closer at(Deadline deadline, Closeable what) {
    var closer = new Closer();
    Thread.ofVirtual()
        .name("probe-deadline")
        .start(() -> {
          try {
            if (!closer.done.await(deadline.remainingMillis(), TimeUnit.MILLISECONDS)) {
              what.close();
            }
          } catch (InterruptedException | IOException e) {
            // Nobody interrupts this thread, and a channel that cannot be closed is closed.
            Thread.currentThread().interrupt();
          }
        });
    return closer;
  }

  @Override
  public void close() {
    done.countDown();
  }
}
