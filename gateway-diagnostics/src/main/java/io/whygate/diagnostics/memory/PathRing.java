package io.whygate.diagnostics.memory;

import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLongArray;

/// The answers of the last minute by second, and the latest answer by path, in as many places as
/// there are: two paths that share one place push each other out. Lock-free.
final class PathRing {
  private static final int SECONDS = 60;
  private static final int PATHS = 64;

  private final AtomicLongArray answersBySecond = new AtomicLongArray(SECONDS);
  private final AtomicLongArray secondOf = new AtomicLongArray(SECONDS);
  private final AtomicLongArray pathAnswered = new AtomicLongArray(PATHS);
  private final AtomicLongArray pathHash = new AtomicLongArray(PATHS);
  private final AtomicIntegerArray pathStatus = new AtomicIntegerArray(PATHS);

  /// What was seen within the last minute; moments in milliseconds, -1 for never.
  ///
  /// @param others how many other paths answered
  /// @param same when this path answered last
  /// @param other when another one did
  record Seen(long answers, long others, long same, long other) {}

  void answered(String path, int status, long now) {
    long second = now / 1_000;
    int slot = (int) (second % SECONDS);
    if (secondOf.get(slot) != second) {
      secondOf.set(slot, second);
      answersBySecond.set(slot, 0);
    }
    answersBySecond.incrementAndGet(slot);
    int place = place(path);
    pathHash.set(place, path.hashCode());
    pathStatus.set(place, status);
    pathAnswered.set(place, now);
  }

  private static int place(String path) {
    int hash = path.hashCode();
    return (hash ^ hash >>> 16) & (PATHS - 1);
  }

  /// Whether the latest answer to a path that is remembered was a success.
  boolean answeredWell(String path) {
    int place = place(path);
    int status = pathStatus.get(place);
    return pathHash.get(place) == path.hashCode() && status >= 200 && status < 400;
  }

  Seen seen(String path, long now) {
    long answers = 0;
    for (int slot = 0; slot < SECONDS; slot++) {
      if (now / 1_000 - secondOf.get(slot) < SECONDS) {
        answers += answersBySecond.get(slot);
      }
    }
    long same = Baseline.NEVER;
    long other = Baseline.NEVER;
    long others = 0;
    for (int place = 0; place < PATHS; place++) {
      long answered = pathAnswered.get(place);
      if (answered > 0 && now - answered < SECONDS * 1_000L) {
        if (pathHash.get(place) == path.hashCode()) {
          same = answered;
        } else {
          other = Math.max(other, answered);
          others++;
        }
      }
    }
    return new Seen(answers, others, same, other);
  }
}
