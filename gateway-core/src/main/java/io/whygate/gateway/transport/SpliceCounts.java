package io.whygate.gateway.transport;

import java.util.Locale;
import java.util.concurrent.atomic.LongAdder;

/// How much went on within the kernel ([Splices]) on all event loops, and how often something had
/// to be copied instead. For all threads.
public final class SpliceCounts {
  private final LongAdder bytes = new LongAdder();
  private final LongAdder pipes = new LongAdder();
  private final LongAdder descriptors = new LongAdder();
  private final LongAdder system = new LongAdder();

  /// Why something is copied.
  public enum Obstacle {
    /// As many pipes as may be hold something.
    PIPES,
    /// The system gave no descriptors for another.
    DESCRIPTORS,
    /// The system does not splice.
    SYSTEM;

    /// The label in metrics.
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private LongAdder of(Obstacle why) {
    return switch (why) {
      case PIPES -> pipes;
      case DESCRIPTORS -> descriptors;
      case SYSTEM -> system;
    };
  }

  void taken(int count) {
    bytes.add(count);
  }

  void copied(Obstacle why) {
    of(why).increment();
  }

  /// Bytes that were taken from servers to go on to clients so.
  public long bytes() {
    return bytes.sum();
  }

  /// Pieces that were copied for a reason.
  public long fallbacks(Obstacle why) {
    return of(why).sum();
  }
}
