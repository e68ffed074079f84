package io.whygate.diagnostics.verdict.rules;

import io.whygate.diagnostics.facts.AttemptFailure.ConnectRefused;
import io.whygate.diagnostics.memory.Recollection.AddressMemory;
import io.whygate.diagnostics.memory.Recollection.Fate;
import io.whygate.diagnostics.memory.Recollection.Tries;
import io.whygate.diagnostics.probe.Finding.Dialled.DialOutcome;
import io.whygate.diagnostics.probe.Finding.Dialled.Purpose;
import io.whygate.diagnostics.verdict.CaseFile;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// A limit on connections, as what became of those of late shows: one is let in and served at once,
/// those around it are not, again and again.
///
/// A server that does not keep up serves late those that it lets in, and one that keeps crashing
/// takes a while until it refuses: a refusal has to come soon after an answer. A filter that was
/// just put in place lets nobody in any more, and what failed in another way before it was another
/// fault. A server that is stopped and started by somebody takes turns as well, but seldom as many
/// within a minute, and not by the clock, as a limit does: so turns are wanted in number, at equal
/// distances. Where many come, those that began before and after it at nearly the same time tell:
/// nobody stops and starts a server as fast.
final class Pacing {
  private static final int TURNS_OF_SILENCE = 3;
  private static final int TURNS_OF_REFUSALS = 4;

  /// The longest distance between turns beside the shortest.
  private static final int UNEQUAL = 5;

  /// More than so many at a time are not let in by a slow limit.
  private static final int FEW = 8;

  /// How soon after one that was let in another is refused, where a limit refuses it.
  private static final Duration SOON = Duration.ofMillis(500);

  /// How soon before and after one that was let in others are refused, where a limit refuses them
  /// and nothing is restarted.
  private static final Duration NEXT_TO = Duration.ofMillis(100);

  private static final int REFUSALS = 3;

  /// How long before the failure others count that were lost.
  private static final Duration BEFORE = Duration.ofSeconds(2);

  /// So many who were served within this time before are no crowd, but those who keep coming.
  private static final int MANY = 5;

  private static final Duration QUIET = Duration.ofSeconds(1);

  /// Connections that began within this time of each other are a crowd.
  private static final Duration CROWD = Duration.ofMillis(15);

  private Pacing() {}

  /// What shows it, in words for operators.
  static Optional<String> of(CaseFile file) {
    Optional<AddressMemory> known =
        file.address().map(address -> file.memory().addresses().get(address));
    if (known.isEmpty() || Reaching.way(file) == Reaching.Way.OPEN) {
      return Optional.empty();
    }
    boolean refused = file.failure(ConnectRefused.class).isPresent();
    if (!refused && file.signOfLife().isEmpty()) {
      return Optional.empty();
    }
    Fate fate = refused ? Fate.REFUSED : Fate.SILENT;
    List<Tries> runs =
        known.get().tries().stream()
            .filter(run -> run.fate() == Fate.SERVED || run.fate() == fate)
            .toList();
    List<Tries> turns =
        runs.stream().filter(run -> isTurn(run, runs, file.attemptBegan(), refused)).toList();
    if (turns.size() >= (refused ? TURNS_OF_REFUSALS : TURNS_OF_SILENCE) && isRegular(turns)) {
      return Optional.of(
          "Within the last minute connections were let in "
              + turns.size()
              + " times and served at once, while those before and after were not.");
    }
    if (refused ? isAmidRefusals(file, runs) : isAmidLost(file, runs)) {
      return Optional.of(
          "Connections that began meanwhile were let in and served at once, while those just before"
              + " and after them were not.");
    }
    return !refused && isCrowd(runs)
        ? Optional.of(
            "Of connections that began at the same moment few were let in, and served at once, and"
                + " the others were not.")
        : Optional.empty();
  }

  private static boolean isRegular(List<Tries> turns) {
    LongSummaryStatistics distances =
        IntStream.range(1, turns.size())
            .mapToLong(
                i -> Duration.between(turns.get(i - 1).first(), turns.get(i).first()).toMillis())
            .summaryStatistics();
    return distances.getMax() <= UNEQUAL * distances.getMin();
  }

  private static boolean isServed(Tries run) {
    return run.fate() == Fate.SERVED;
  }

  /// Whether a few were let in while others before and after them were not.
  private static boolean isTurn(Tries run, List<Tries> runs, Instant failed, boolean soon) {
    if (!isServed(run) || run.count() > FEW) {
      return false;
    }
    Instant limit = soon ? run.last().plus(SOON) : Instant.MAX;
    boolean before =
        runs.stream().anyMatch(other -> !isServed(other) && other.first().isBefore(run.first()));
    boolean after =
        (failed.isAfter(run.last()) && failed.isBefore(limit))
            || runs.stream()
                .filter(other -> !isServed(other))
                .anyMatch(other ->
                    other.last().isAfter(run.last()) && (!soon || isSoonAfter(other, run, limit)));
    return before && after;
  }

  private static boolean isSoonAfter(Tries lost, Tries served, Instant limit) {
    return lost.first().isBefore(limit) && lost.last().isAfter(served.last());
  }

  /// Whether one was served that began after another which was lost, and before one more that was.
  private static boolean isAmidLost(CaseFile file, List<Tries> runs) {
    Instant from = file.attemptBegan().minus(BEFORE);
    boolean isLostNow =
        file.redialled().filter(again -> again.outcome() == DialOutcome.SILENT).isPresent();
    return runs.stream()
        .filter(run -> isServed(run) && run.last().isAfter(file.attemptBegan()))
        .anyMatch(run ->
            isAnyLost(runs, from, run.first())
                && (isLostNow || isAnyLost(runs, run.last(), Instant.MAX)));
  }

  private static boolean isAnyLost(List<Tries> runs, Instant after, Instant before) {
    return runs.stream()
        .anyMatch(
            run -> !isServed(run) && run.last().isAfter(after) && run.first().isBefore(before));
  }

  /// Whether one was served between others that were refused, all within a moment.
  private static boolean isAmidRefusals(CaseFile file, List<Tries> runs) {
    Instant from = file.attemptBegan().minus(BEFORE);
    int refusals =
        runs.stream()
            .filter(run -> !isServed(run) && run.last().isAfter(from))
            .mapToInt(Tries::count)
            .sum();
    boolean isRefusedNow =
        Stream.concat(file.dialled(Purpose.LATER), file.redialled().stream())
            .anyMatch(again -> again.outcome() == DialOutcome.REFUSED);
    return refusals + (isRefusedNow ? 1 : 0) >= REFUSALS
        && runs.stream()
            .filter(run -> isServed(run) && run.count() <= FEW && run.last().isAfter(from))
            .anyMatch(run ->
                isAnyLost(runs, run.first().minus(NEXT_TO), run.first())
                    && isAnyLost(runs, run.last(), run.last().plus(NEXT_TO)));
  }

  /// Whether of several that began at one moment few were served, where few were before, too: of
  /// many who keep coming some are always served just before a filter is put in place.
  private static boolean isCrowd(List<Tries> runs) {
    return runs.stream()
        .filter(run -> !isServed(run) && run.count() > 1)
        .map(Tries::first)
        .anyMatch(lost -> {
          int near = served(runs, lost.minus(CROWD), lost.plus(CROWD));
          int before = served(runs, lost.minus(QUIET), lost.minus(CROWD));
          return near > 0 && near <= FEW && before < MANY;
        });
  }

  /// How many were served of runs that lie within a time.
  private static int served(List<Tries> runs, Instant from, Instant until) {
    return runs.stream()
        .filter(run -> isServed(run) && !run.last().isBefore(from) && !run.last().isAfter(until))
        .mapToInt(Tries::count)
        .sum();
  }
}
