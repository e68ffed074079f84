package io.whygate.diagnostics;

import java.time.Duration;

/// How far an examination may go.
///
/// @param budget how long it may take, from the failure to the diagnosis
/// @param patience how long questions that had no answer within the budget are gone on with in the
///   background; zero for not at all
/// @param sharedFor how long a diagnosis answers for the same failure
/// @param concurrentDiagnoses how many examinations may be under way at once
/// @param probesPerSecond how many probes may be sent in one second, over all examinations
public record DiagnosticsSettings(
    Duration budget,
    Duration patience,
    Duration sharedFor,
    int concurrentDiagnoses,
    int probesPerSecond) {
  private static final Duration LEAST_BUDGET = Duration.ofMillis(20);

  public static final DiagnosticsSettings STANDARD =
      new DiagnosticsSettings(
          Duration.ofMillis(300), Duration.ofSeconds(3), Duration.ofSeconds(2), 64, 1_000);

  public DiagnosticsSettings {
    if (budget.compareTo(LEAST_BUDGET) < 0) {
      throw new IllegalArgumentException("budget: " + budget + " (expected: >= 20ms)");
    }
    if (patience.isNegative()) {
      throw new IllegalArgumentException("patience: " + patience + " (expected: >= 0)");
    }
    if (sharedFor.isNegative()) {
      throw new IllegalArgumentException("sharedFor: " + sharedFor + " (expected: >= 0)");
    }
    if (concurrentDiagnoses < 1) {
      throw new IllegalArgumentException(
          "concurrentDiagnoses: " + concurrentDiagnoses + " (expected: >= 1)");
    }
    if (probesPerSecond < 1) {
      throw new IllegalArgumentException(
          "probesPerSecond: " + probesPerSecond + " (expected: >= 1)");
    }
  }
}
