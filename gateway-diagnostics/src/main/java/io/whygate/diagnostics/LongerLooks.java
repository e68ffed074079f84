package io.whygate.diagnostics;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.facts.UpstreamFacts;
import io.whygate.diagnostics.verdict.CaseFile;
import io.whygate.diagnostics.verdict.Diagnoser;
import io.whygate.diagnostics.verdict.Diagnosis;
import io.whygate.diagnostics.verdict.Step;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.function.BiConsumer;
import java.util.function.LongPredicate;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Goes on with the questions that the budget cut short, in the background: once per place in a
/// while, so many places at once, each within a limit.
final class LongerLooks {
  private static final Logger LOG = LoggerFactory.getLogger(LongerLooks.class);
  private static final int KEPT = 1_000;
  private static final Duration KEPT_FOR = Duration.ofHours(1);

  /// How many times its own length a look is left alone before the place is looked at anew.
  private static final int PAUSES = 3;

  private final DiagnosticsSettings settings;
  private final Examination examination;
  private final Diagnoser diagnoser;
  private final Semaphore slots;
  private final Cache<FailureKey, LongerLook> byPlace =
      Caffeine.newBuilder().maximumSize(KEPT).expireAfterAccess(KEPT_FOR).build();

  LongerLooks(DiagnosticsSettings settings, Examination examination, Diagnoser diagnoser) {
    this.settings = settings;
    this.examination = examination;
    this.diagnoser = diagnoser;
    slots = new Semaphore(settings.concurrentDiagnoses());
  }

  /// The look at a place that concerns what was found there within the budget; empty where nothing
  /// was cut short. It is begun later, by [#goOn].
  ///
  /// @param outdated whether what was found at a moment speaks of what worked since
  Optional<LongerLook> at(
      FailureKey place,
      FailedExchange exchange,
      UpstreamFacts facts,
      Answers first,
      LongPredicate outdated) {
    if (settings.patience().isZero() || first.cutShort().isEmpty()) {
      return Optional.empty();
    }
    LongerLook known = byPlace.getIfPresent(place);
    boolean isOver = known != null && (known.isOutdated() || outdated.test(known.created()));
    if (known != null && isYoung(known)) {
      return isOver ? Optional.empty() : Optional.of(known);
    }
    var next =
        new LongerLook(
            exchange, facts, first, known == null || isOver ? Map.of() : known.settled());
    LongerLook now =
        byPlace.asMap().compute(place, (_, current) -> current == known ? next : current);
    return Optional.ofNullable(now);
  }

  private boolean isYoung(LongerLook look) {
    long pause = settings.patience().toNanos() * PAUSES;
    return System.nanoTime() - look.created() < pause;
  }

  /// A diagnosis with the checks that looks still go on with, where it can be taken along.
  Diagnosis marked(Diagnosis diagnosis, List<LongerLook> looks) {
    Set<Step> bearing =
        looks.stream()
            .filter(LongerLook::hasRoom)
            .flatMap(look -> look.underWay().stream())
            .flatMap(probe -> examination.stepsOf(probe).stream())
            .collect(Collectors.toSet());
    return bearing.isEmpty() ? diagnosis : diagnosis.goneOnWith(bearing);
  }

  /// Has a diagnosis made anew at each answer that its looks still get.
  ///
  /// @param gathered what was found within the budget, of each try
  /// @param began when its examination began ([System#nanoTime()])
  /// @param changed hears of what was found before, and of what takes its place
  void follow(
      List<Gathered> gathered,
      Diagnosis diagnosis,
      UpstreamFacts facts,
      long began,
      BiConsumer<Diagnosis, Diagnosis> changed) {
    List<LongerLook> looks = gathered.stream().flatMap(each -> each.look().stream()).toList();
    if (looks.stream().allMatch(look -> look.underWay().isEmpty())
        && diagnosis.unfinished().isEmpty()) {
      return;
    }
    UnaryOperator<Diagnosis> judge =
        before -> {
          List<CaseFile> files =
              gathered.stream().map(each -> each.sofar(examination, facts)).toList();
          long micros = (System.nanoTime() - began) / 1_000;
          Diagnosis found = diagnoser.diagnose(files, Instant.now(), micros);
          return marked(
              looks.stream().allMatch(LongerLook::isConclusive)
                      && Refinement.isBetter(found, before)
                  ? found
                  : diagnoser.again(before, files, found.at(), micros),
              looks);
        };
    var refinement = new Refinement(diagnosis, judge, changed);
    long more = looks.stream().filter(look -> look.takes(refinement)).count();
    if (more < looks.size()) {
      refinement.refine();
    }
  }

  /// Goes on with what was cut short at a place, where nobody does. Blocks.
  void goOn(FailureKey place) {
    LongerLook look = byPlace.getIfPresent(place);
    if (look == null || !look.begin()) {
      return;
    }
    try {
      if (!look.isOutdated() && slots.tryAcquire()) {
        try {
          examination.askOn(
              look.exchange(), look.facts(), settings.patience(), look.questions(), look::answered);
        } finally {
          slots.release();
        }
      }
    } catch (RejectedExecutionException _) {
      LOG.debug("A longer look ends with the gateway");
    } catch (RuntimeException | Error e) {
      LOG.error("A longer look failed by itself", e);
    } finally {
      look.end();
    }
  }

  /// What has taken the place of a diagnosis meanwhile; the same where nothing has. Cheap.
  Diagnosis latest(Diagnosis diagnosis) {
    if (byPlace.estimatedSize() == 0) {
      return diagnosis;
    }
    Diagnosis found = diagnosis;
    for (FailedExchange view : diagnosis.exchange().views()) {
      LongerLook look = byPlace.getIfPresent(FailureKey.of(view).place());
      if (look != null && !look.isOutdated()) {
        for (Refinement each : look.refinements()) {
          found = each.latest(found);
        }
      }
    }
    return found;
  }

  /// Drops what was found at the places of an upstream, not when they were asked.
  void forget(String upstream) {
    byPlace
        .asMap()
        .forEach((place, look) -> {
          if (place.upstream().equals(upstream)) {
            look.outdate();
          }
        });
  }
}
