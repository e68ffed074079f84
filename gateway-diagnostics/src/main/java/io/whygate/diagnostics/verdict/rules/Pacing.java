package io.whygate.diagnostics.verdict.rules;

import io.whygate.diagnostics.facts.AttemptFailure.ConnectRefused;
import io.whygate.diagnostics.memory.Recollection.AddressMemory;
import io.whygate.diagnostics.memory.Recollection.Fate;
import io.whygate.diagnostics.memory.Recollection.Tries;
import io.whygate.diagnostics.verdict.CaseFile;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Optional;
import java.util.stream.IntStream;

/// A limit on connections that lets in fewer than a few a second, as what became of those of late
/// shows: one is let in and served at once, those around it are not, again and again.
///
/// A server that does not keep up serves late those that it lets in, and one that keeps crashing
/// takes a while until it refuses: a refusal has to come soon after an answer. A filter that was
/// just put in place lets nobody in any more, and what failed in another way before it was another
/// fault. A server that is stopped and started by somebody takes turns as well, but seldom as many
/// within a minute, and not by the clock, as a limit does: so turns are wanted in number, at equal
/// distances.
final class Pacing {
  private static final int TURNS_OF_SILENCE = 3;
  private static final int TURNS_OF_REFUSALS = 4;

  /// The longest distance between turns beside the shortest.
  private static final int UNEQUAL = 5;

  /// More than so many at a time are not let in by a slow limit.
  private static final int FEW = 8;

  /// How soon after one that was let in another is refused, where a limit refuses it.
  private static final Duration SOON = Duration.ofMillis(500);

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
    return !refused && runs.stream().anyMatch(run -> isCrowd(run, runs))
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

  private static boolean isCrowd(Tries run, List<Tries> runs) {
    return isServed(run)
        && run.count() <= FEW
        && runs.stream()
            .filter(other -> !isServed(other) && other.count() > 1)
            .anyMatch(
                other -> Duration.between(run.last(), other.first()).abs().compareTo(CROWD) <= 0);
  }
}
