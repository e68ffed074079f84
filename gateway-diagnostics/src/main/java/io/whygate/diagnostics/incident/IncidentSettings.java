package io.whygate.diagnostics.incident;

import java.time.Duration;

/// How many incidents are kept, and how a recovery is looked for.
///
/// @param limit how many incidents are kept; the oldest that ended goes first
/// @param keptFor how long one is kept after it ended
/// @param firstCheck how soon the first look at a recovery is taken
/// @param slowestCheck how far apart looks may grow while visitors wait
public record IncidentSettings(
    int limit, Duration keptFor, Duration firstCheck, Duration slowestCheck) {
  public static final IncidentSettings STANDARD =
      new IncidentSettings(
          1_000, Duration.ofDays(30), Duration.ofMillis(500), Duration.ofSeconds(5));

  public IncidentSettings {
    if (limit < 1) {
      throw new IllegalArgumentException("limit: " + limit + " (expected: >= 1)");
    }
    if (!firstCheck.isPositive()) {
      throw new IllegalArgumentException("firstCheck: " + firstCheck + " (expected: > 0)");
    }
    if (slowestCheck.compareTo(firstCheck) < 0) {
      throw new IllegalArgumentException(
          "slowestCheck: " + slowestCheck + " (expected: >= " + firstCheck + ")");
    }
  }
}
