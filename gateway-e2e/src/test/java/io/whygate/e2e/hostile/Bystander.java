package io.whygate.e2e.hostile;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// A client that asks one thing after the other on a connection of its own, and takes the times.
interface Bystander extends AutoCloseable {

  /// Asks, and waits for the answer.
  ///
  /// @throws IOException where it is another than the right one
  void ask() throws IOException, InterruptedException;

  /// Asks for so long.
  default Times watch(Duration time) throws IOException, InterruptedException {
    List<Duration> times = new ArrayList<>();
    long end = System.nanoTime() + time.toNanos();
    while (System.nanoTime() < end) {
      long start = System.nanoTime();
      ask();
      times.add(Duration.ofNanos(System.nanoTime() - start));
    }
    return new Times(times.stream().sorted().toList());
  }

  @Override
  void close() throws IOException;

  /// The times of answers.
  record Times(List<Duration> sorted) {
    Duration percentile(int share) {
      return sorted.get(Math.min(sorted.size() - 1, sorted.size() * share / 100));
    }
  }
}
