package io.whygate.diagnostics.memory;

import java.time.Duration;

/// How much is counted of what fails and what is answered meanwhile.
///
/// @param window counts older than that are forgotten
/// @param values paths, methods, clients and servers of an upstream that are counted by themselves,
///   each of these, by their answers, and as many more by their failures; 0 counts nothing
public record ComparisonSettings(Duration window, int values) {
  public static final ComparisonSettings STANDARD =
      new ComparisonSettings(Duration.ofMinutes(5), 64);
}
