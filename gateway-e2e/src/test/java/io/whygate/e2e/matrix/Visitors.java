package io.whygate.e2e.matrix;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;

/// Visitors who keep coming, each on a connection of its own, and what they are told.
final class Visitors {
  private final URI at;
  private final List<Thread> threads = new ArrayList<>();
  private final Map<String, Integer> told = new TreeMap<>();

  private Visitors(URI at) {
    this.at = at;
  }

  /// Has them come at a pace for a while, and waits until all have left.
  ///
  /// @return how many saw each cause; the status stands for one where there is none
  static Map<String, Integer> come(URI at, int perSecond, Duration time)
      throws InterruptedException {
    Visitors visitors = new Visitors(at);
    long end = System.nanoTime() + time.toNanos();
    long pause = Duration.ofSeconds(1).dividedBy(perSecond).toNanos();
    for (long next = System.nanoTime(); next < end; next += pause) {
      LockSupport.parkNanos(next - System.nanoTime());
      // A thread of the system's is in the same network as the one that starts it.
      visitors.threads.add(Thread.ofPlatform().start(visitors::visit));
    }
    for (Thread each : visitors.threads) {
      each.join();
    }
    return visitors.told;
  }

  private void visit() {
    String seen;
    try {
      Answer answer = Client.get(at, "/");
      seen = answer.cause().isEmpty() ? Integer.toString(answer.status()) : answer.cause();
    } catch (IOException e) {
      seen = e.toString();
    }
    synchronized (told) {
      told.merge(seen, 1, Integer::sum);
    }
  }
}
