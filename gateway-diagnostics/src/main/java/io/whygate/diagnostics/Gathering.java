package io.whygate.diagnostics;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.facts.UpstreamFacts;
import io.whygate.diagnostics.probe.Finding.Withheld;
import io.whygate.diagnostics.probe.Observation;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Has the questions of a failure asked once: those who meet the same failure at the same place
/// meanwhile, or shortly after, share the answers.
///
/// Blocks, so it is called on virtual threads. Bounded in how many ask at once.
final class Gathering {
  private static final int KEPT = 1_000;
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final DiagnosticsSettings settings;
  private final Examination examination;
  private final Semaphore slots;
  private final ConcurrentHashMap<FailureKey, CompletableFuture<List<Observation>>> underWay =
      new ConcurrentHashMap<>();
  private final Cache<FailureKey, List<Observation>> kept;

  Gathering(DiagnosticsSettings settings, Examination examination) {
    this.settings = settings;
    this.examination = examination;
    slots = new Semaphore(settings.concurrentDiagnoses());
    kept = Caffeine.newBuilder().maximumSize(KEPT).expireAfterWrite(settings.sharedFor()).build();
  }

  /// What was found at a place.
  ///
  /// @param beganNanos when the one who asks began to wait ([System#nanoTime()])
  List<Observation> gather(
      FailureKey place, FailedExchange exchange, UpstreamFacts facts, long beganNanos) {
    List<Observation> known = kept.getIfPresent(place);
    if (known != null) {
      return known;
    }
    var mine = new CompletableFuture<List<Observation>>();
    CompletableFuture<List<Observation>> others = underWay.putIfAbsent(place, mine);
    if (others != null) {
      return await(others, beganNanos);
    }
    List<Observation> found = List.of();
    try {
      // Those who asked before may have ended between the look at what is kept and now.
      List<Observation> since = kept.getIfPresent(place);
      found = since != null ? since : ask(exchange, facts, beganNanos);
      kept.put(place, found);
    } finally {
      underWay.remove(place, mine);
      mine.complete(found);
    }
    return found;
  }

  /// Drops what was found at the places of an upstream.
  void forget(String upstream) {
    kept.asMap().keySet().removeIf(key -> key.upstream().equals(upstream));
  }

  private List<Observation> ask(FailedExchange exchange, UpstreamFacts facts, long beganNanos) {
    Duration left = left(beganNanos);
    if (!left.isPositive()) {
      return unasked("the time was up before a question could be asked");
    }
    if (!slots.tryAcquire()) {
      return unasked("the limit on concurrent diagnoses was reached");
    }
    try {
      return examination.examine(exchange, facts, left);
    } finally {
      slots.release();
    }
  }

  private Duration left(long beganNanos) {
    return settings.budget().minusNanos(System.nanoTime() - beganNanos);
  }

  private List<Observation> await(CompletableFuture<List<Observation>> others, long beganNanos) {
    try {
      long millis = Math.max(1, left(beganNanos).toNanos() / NANOS_PER_MILLI);
      return others.get(millis, TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      return unasked("the answers to another failure's questions did not come in time");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return List.of();
    }
  }

  private static List<Observation> unasked(String reason) {
    return List.of(new Observation(new Withheld(reason), Instant.now(), 0));
  }
}
