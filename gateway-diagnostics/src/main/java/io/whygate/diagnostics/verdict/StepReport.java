package io.whygate.diagnostics.verdict;

import java.util.List;

/// How one of the seven checks came out, and what it found.
///
/// @param note the sentence that says it; its text in each language is the page's
/// @param arguments what fills the sentence's places: numbers and durations only, never an address,
///   a name or a line of a log
public record StepReport(Step step, StepState state, StepNote note, List<Object> arguments) {
  public StepReport {
    arguments = List.copyOf(arguments);
  }

  public static StepReport of(Step step, StepState state, StepNote note, Object... arguments) {
    return new StepReport(step, state, note, List.of(arguments));
  }

  /// Whether more answers could make it come out otherwise.
  boolean mayChange() {
    return state == StepState.UNKNOWN || state == StepState.FAILED || note == StepNote.DNS_RESOLVES;
  }
}
