package io.whygate.diagnostics.verdict;

import java.util.Map;

/// What one rule holds to be the reason of a failure.
///
/// @param confidence 0 to 1; below 0.5 nobody is told it as a finding
/// @param because one English sentence for operators: the positive evidence, and what rejects the
///   nearest look-alike
/// @param byLog whether a line of the server's log named it, so that the step `logs` carries it
/// @param parameters what fills the places of the operator's texts and fix steps: `host`, `port`,
///   `address`, `new-address`, `ttl`, `not-after`, `names`, `resolver`, ...
public record Verdict(
    Cause cause, double confidence, String because, boolean byLog, Map<String, String> parameters) {
  /// The parameter that names a special case of a cause, which has texts of its own.
  public static final String VARIANT = "variant";

  public Verdict {
    if (!(confidence >= 0 && confidence <= 1)) {
      throw new IllegalArgumentException("confidence: " + confidence + " (expected: 0 to 1)");
    }
    parameters = Map.copyOf(parameters);
  }

  public Verdict(Cause cause, double confidence, String because, Map<String, String> parameters) {
    this(cause, confidence, because, false, parameters);
  }

  /// The special case of the cause that it is, such as `own`; empty for the usual one.
  public String variant() {
    return parameters.getOrDefault(VARIANT, "");
  }
}
