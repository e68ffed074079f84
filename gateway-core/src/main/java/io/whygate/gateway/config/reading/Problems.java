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
  private final Set<List<Object>> seen = new HashSet<>();

  void add(ConfigOrigin origin, String key, String found, String expected) {
    add(problem(origin, key, found, expected));
  }

  /// Adds it, unless the same value was already reported: one default may be wrong for many
  /// upstreams.
  void add(Problem problem) {
    List<Object> place =
        problem.line() > 0
            ? List.of(problem.file(), problem.line(), problem.found(), problem.expected())
            : List.of(problem);
    if (seen.add(place)) {
      problems.add(problem);
    }
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
