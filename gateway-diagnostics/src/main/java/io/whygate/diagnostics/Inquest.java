package io.whygate.diagnostics;

import io.whygate.diagnostics.Recoveries.Recovery;
import io.whygate.diagnostics.facts.AttemptFailure.UpstreamStatus;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.facts.UpstreamFacts;
import io.whygate.diagnostics.memory.Memory;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.stream.Stream;

/// Has all that an exchange raises asked, of each of its tries.
///
/// @param executor runs blocking work, a virtual thread each
record Inquest(
    Memory memory,
    Recoveries recoveries,
    Gathering gathering,
    LongerLooks longer,
    Executor executor) {

  /// What was found of each try; they are looked into side by side, so that several take no longer
  /// than one. Blocks.
  ///
  /// @param views the exchange as each of its tries saw it
  /// @param began when its examination began ([System#nanoTime()])
  List<Gathered> of(List<FailedExchange> views, UpstreamFacts facts, long began) {
    var others =
        views.subList(1, views.size()).stream()
            .map(view -> CompletableFuture.supplyAsync(() -> of(view, facts, began), executor))
            .toList();
    return Stream.concat(
            Stream.of(of(views.getFirst(), facts, began)),
            others.stream().map(CompletableFuture::join))
        .toList();
  }

  private Gathered of(FailedExchange view, UpstreamFacts facts, long began) {
    view.subject()
        .filter(attempt -> !isPage(attempt))
        .map(FailedAttempt::endpoint)
        .ifPresent(memory::failed);
    FailureKey key = FailureKey.of(view);
    Recovery ofPlace = recoveries.ofPlace(key);
    Answers answers = gathering.gather(key.place(), view, facts, ofPlace::ends, began);
    return new Gathered(
        view, answers, longer.at(key.place(), view, facts, answers, ofPlace::isAfter));
  }

  /// An answer that may be the site's own affair.
  private static boolean isPage(FailedAttempt attempt) {
    return attempt.failure() instanceof UpstreamStatus(int status, _, _, _) && status <= 500;
  }

  /// Goes on with what was cut short. Blocks until that of one try is done.
  void goOn(ExchangeKey exchange) {
    List<FailureKey> places =
        exchange.failures().stream().map(FailureKey::place).distinct().toList();
    for (FailureKey other : places.subList(1, places.size())) {
      executor.execute(() -> longer.goOn(other));
    }
    longer.goOn(places.getFirst());
  }
}
