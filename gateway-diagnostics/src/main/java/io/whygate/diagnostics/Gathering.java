package io.whygate.diagnostics;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.facts.UpstreamFacts;
import io.whygate.diagnostics.probe.Finding.Asked;
import io.whygate.diagnostics.probe.Finding.Dialled.Purpose;
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
import java.util.function.LongPredicate;

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
  private final ConcurrentHashMap<FailureKey, Round> underWay = new ConcurrentHashMap<>();
  private final Cache<FailureKey, Round> kept;

  /// Questions that are asked, or were.
  private record Round(long began, CompletableFuture<Answers> answers) {
    /// Whether a path that was answered then has failed since, so that the answers tell what was.
    boolean isContradictedBy(FailedExchange exchange) {
      String method = exchange.request().method();
      return (method.equals("GET") || method.equals("HEAD"))
          && answers.isDone()
          && answers.join().all().stream()
              .filter(each -> each.at().isBefore(exchange.subjectBegan()))
              .anyMatch(each ->
                  each.finding() instanceof Asked asked
                      && asked.purpose() == Purpose.SAME
                      && asked.isAnswered()
                      && asked.path().equals(exchange.request().path()));
    }
  }

  Gathering(DiagnosticsSettings settings, Examination examination) {
    this.settings = settings;
    this.examination = examination;
    slots = new Semaphore(settings.concurrentDiagnoses());
    kept = Caffeine.newBuilder().maximumSize(KEPT).expireAfterWrite(settings.sharedFor()).build();
  }

  /// What was found at a place.
  ///
  /// @param outdated whether what was found then, at a moment as [System#nanoTime()] tells it,
  ///   speaks of what works again
  /// @param beganNanos when the one who asks began to wait ([System#nanoTime()])
  Answers gather(
      FailureKey place,
      FailedExchange exchange,
      UpstreamFacts facts,
      LongPredicate outdated,
      long beganNanos) {
    Round known = kept.getIfPresent(place);
    Round others = underWay.get(place);
    Round latest = others == null ? known : others;
    if (latest != null && !outdated.test(latest.began()) && !latest.isContradictedBy(exchange)) {
      return await(latest.answers(), beganNanos);
    }
    Round mine = new Round(System.nanoTime(), new CompletableFuture<>());
    Round first = latest == null ? underWay.putIfAbsent(place, mine) : null;
    if (first != null) {
      return await(first.answers(), beganNanos);
    }
    underWay.put(place, mine);
    Answers found = Answers.NONE;
    try {
      // Those who asked before may have ended between the look at what is kept and now.
      Round since = latest == null ? kept.getIfPresent(place) : null;
      found = since != null ? since.answers().join() : ask(exchange, facts, beganNanos);
      mine.answers().complete(found);
      kept.put(place, since != null ? since : mine);
    } finally {
      mine.answers().complete(found);
      underWay.remove(place, mine);
    }
    return found;
  }

  /// Drops what was found at the places of an upstream.
  void forget(String upstream) {
    kept.asMap().keySet().removeIf(key -> key.upstream().equals(upstream));
  }

  private Answers ask(FailedExchange exchange, UpstreamFacts facts, long beganNanos) {
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

  private Answers await(CompletableFuture<Answers> others, long beganNanos) {
    try {
      long millis = Math.max(1, left(beganNanos).toNanos() / NANOS_PER_MILLI);
      return others.get(millis, TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      return unasked("the answers to another failure's questions did not come in time");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Answers.NONE;
    }
  }

  private static Answers unasked(String reason) {
    return new Answers(List.of(), List.of(new Observation(new Withheld(reason), Instant.now(), 0)));
  }
}
