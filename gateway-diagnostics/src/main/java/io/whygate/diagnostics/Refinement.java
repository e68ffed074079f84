package io.whygate.diagnostics;

import io.whygate.diagnostics.verdict.Cause;
import io.whygate.diagnostics.verdict.Diagnosis;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;

/// A diagnosis that is made anew as a longer look learns more. Safe for use by many threads.
final class Refinement {
  private final Diagnosis first;
  private final UnaryOperator<Diagnosis> judge;
  private final BiConsumer<Diagnosis, Diagnosis> changed;
  private Diagnosis current;

  /// @param first what was found within the budget
  /// @param judge judges anew by all that is known by now, given what was found before
  /// @param changed hears of what was found before, and of what takes its place
  Refinement(
      Diagnosis first, UnaryOperator<Diagnosis> judge, BiConsumer<Diagnosis, Diagnosis> changed) {
    this.first = first;
    this.current = first;
    this.judge = judge;
    this.changed = changed;
  }

  /// Judges anew.
  synchronized void refine() {
    Diagnosis before = current;
    Diagnosis found = judge.apply(before);
    if (!saysTheSame(before, found)) {
      current = found;
      changed.accept(before, found);
    }
  }

  /// What has taken the place of a diagnosis; the same where nothing has, or it is another's.
  @SuppressWarnings("ReferenceEquality") // diagnoses are shared as one object
  synchronized Diagnosis latest(Diagnosis of) {
    return of == first ? current : of;
  }

  /// Whether a reader would notice no difference.
  private static boolean saysTheSame(Diagnosis a, Diagnosis b) {
    return a.cause() == b.cause()
        && a.steps().equals(b.steps())
        && a.unfinished().equals(b.unfinished())
        && a.remedy().equals(b.remedy());
  }

  /// Whether what is found later may take the place of a cause: a guess never does, nor what is
  /// less sure.
  static boolean isBetter(Diagnosis found, Diagnosis before) {
    return found.cause() == before.cause()
        || (found.cause() != Cause.UNKNOWN
            && (before.cause() == Cause.UNKNOWN
                || found.verdict().confidence() >= before.verdict().confidence()));
  }
}
