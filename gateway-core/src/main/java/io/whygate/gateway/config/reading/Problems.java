package io.whygate.gateway.config.reading;

import com.typesafe.config.ConfigOrigin;
import io.whygate.gateway.config.Problem;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// What was found wrong so far while one configuration is read.
final class Problems {
  private final List<Problem> problems = new ArrayList<>();
  private final List<Problem> warnings = new ArrayList<>();
  private final Set<Problem> seen = new HashSet<>();

  void add(ConfigOrigin origin, String key, String found, String expected) {
    add(problem(origin, key, found, expected));
  }

  /// Adds it, unless it is there: one default may be wrong for many upstreams.
  void add(Problem problem) {
    if (seen.add(problem)) {
      problems.add(problem);
    }
  }

  /// Adds what may be used but is hardly meant.
  void warn(ConfigOrigin origin, String key, String found, String expected) {
    warnings.add(problem(origin, key, found, expected));
  }

  List<Problem> warnings() {
    return warnings;
  }

  static Problem problem(ConfigOrigin origin, String key, String found, String expected) {
    Place place = Place.of(origin);
    return new Problem(place.file(), place.line(), key, found, expected);
  }

  int count() {
    return problems.size();
  }

  boolean isEmpty() {
    return problems.isEmpty();
  }

  /// In the order of the files and their lines.
  List<Problem> inOrder() {
    return problems.stream()
        .sorted(Comparator.comparing(Problem::file).thenComparingInt(Problem::line))
        .toList();
  }
}
