package io.whygate.diagnostics.verdict;

import java.util.Locale;

/// How a check came out.
public enum StepState {
  PASSED,
  FAILED,
  HEALED,
  UNKNOWN,
  SKIPPED;

  /// The state as documents write it, such as `passed`.
  public String code() {
    return name().toLowerCase(Locale.ROOT);
  }
}
