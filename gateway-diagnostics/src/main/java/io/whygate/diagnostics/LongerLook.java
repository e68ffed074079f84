package io.whygate.diagnostics;

import io.whygate.diagnostics.Answers.Answer;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.facts.UpstreamFacts;
import io.whygate.diagnostics.probe.Probe;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/// The questions of one place that had no answer within the budget, asked once more with patience.
///
/// What it finds stands in for what later examinations of the place find cut short, so that they do
/// not come to another verdict for want of time. Safe for use by many threads.
final class LongerLook {
  /// How many diagnoses may wait for one look; those of further paths are made without it.
  private static final int MOST = 100;

  private final FailedExchange exchange;
  private final UpstreamFacts facts;
  private final Answers first;
  private final long created = System.nanoTime();
  private final AtomicBoolean begun = new AtomicBoolean();
  private volatile boolean isOutdated;
  private final Map<Probe, Answer> sofar = new ConcurrentHashMap<>();
  private volatile Map<Probe, Answer> settled;
  private boolean somethingChanged;
  private final Set<Probe> underWay = new HashSet<>();
  private final List<Refinement> waiting = new ArrayList<>();

  /// @param first what was found within the budget
  /// @param before what an earlier look found, which stands until this one has done better
  LongerLook(
      FailedExchange exchange, UpstreamFacts facts, Answers first, Map<Probe, Answer> before) {
    this.exchange = exchange;
    this.facts = facts;
    this.first = first;
    settled = Map.copyOf(before);
    sofar.putAll(before);
    underWay.addAll(first.cutShort());
  }

  FailedExchange exchange() {
    return exchange;
  }

  UpstreamFacts facts() {
    return facts;
  }

  /// What it asks.
  Set<Probe> questions() {
    return first.cutShort();
  }

  /// What has been found so far: it tells how checks come out, and nothing of the cause yet, since
  /// answers that were waited for differently must not be compared.
  Map<Probe, Answer> sofar() {
    return sofar;
  }

  /// What stands in for what is cut short: all that this look found once it is done, and until then
  /// what the one before did.
  Map<Probe, Answer> settled() {
    return settled;
  }

  /// Whether it is done, and what it found may speak of another cause.
  synchronized boolean isConclusive() {
    return underWay.isEmpty() && !somethingChanged;
  }

  /// When it was decided on ([System#nanoTime()]).
  long created() {
    return created;
  }

  /// Says that an incident of its place ended: what it found speaks of what is over. The place is
  /// still left alone for as long as after any look: one that fails and recovers by turns, as under
  /// a limit on connections, would otherwise be asked with patience each time, and the questions
  /// themselves would use the limit up.
  void outdate() {
    isOutdated = true;
  }

  boolean isOutdated() {
    return isOutdated;
  }

  /// True for the one who is to have it done.
  boolean begin() {
    return begun.compareAndSet(false, true);
  }

  /// The questions that have no answer yet.
  synchronized Set<Probe> underWay() {
    return Set.copyOf(underWay);
  }

  /// Whether one more diagnosis may be taken along.
  synchronized boolean hasRoom() {
    return waiting.size() < MOST;
  }

  /// Takes a diagnosis along, to be made anew at each answer; false where no more will come.
  synchronized boolean takes(Refinement refinement) {
    if (hasRoom()) {
      waiting.add(refinement);
    }
    return !underWay.isEmpty();
  }

  /// The diagnoses that it concerns.
  synchronized List<Refinement> refinements() {
    return List.copyOf(waiting);
  }

  /// Takes one answer. One that comes sooner than it was waited for at first shows that something
  /// changed meanwhile, not that the time was too short: a cause is then for the next failure to
  /// tell.
  void answered(Answer answer) {
    boolean isSooner =
        first.byProbe().stream()
            .anyMatch(each -> each.probe().equals(answer.probe()) && answer.nanos() < each.nanos());
    sofar.put(answer.probe(), answer);
    done(Set.of(answer.probe()), isSooner);
  }

  /// No more answers will come.
  void end() {
    Set<Probe> left = underWay();
    done(left, !left.isEmpty());
  }

  private void done(Set<Probe> probes, boolean isInconclusive) {
    boolean changed;
    synchronized (this) {
      somethingChanged |= isInconclusive;
      changed = underWay.removeAll(probes);
      if (isConclusive()) {
        settled = Map.copyOf(sofar);
      }
    }
    if (changed) {
      refinements().forEach(Refinement::refine);
    }
  }
}
