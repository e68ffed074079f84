package io.whygate.benchmarks;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/// What a run has measured: by row and peer, the values of its rounds.
final class Results {
  private final Map<String, Map<String, Outcome>> byRow = new LinkedHashMap<>();

  /// What one peer did in one row.
  static final class Outcome {
    /// What it costs, in the unit of the row, one a round.
    final List<Double> costs = new ArrayList<>();

    /// What the load saw, where there was load.
    final List<Sample> samples = new ArrayList<>();

    /// Rounds of load before the first that counts.
    int warmUps;

    /// Resident memory after the last round, MiB.
    double residentMebibytes = Double.NaN;

    /// Why there is nothing; empty where there is.
    String failure = "";

    double cost() {
      return Results.median(costs);
    }

    double median(ToDoubleFunction<Sample> of) {
      return Results.median(samples.stream().map(of::applyAsDouble).toList());
    }

    long errors() {
      return samples.stream().mapToLong(Sample::errors).sum();
    }
  }

  Outcome of(Row row, String peer) {
    return byRow
        .computeIfAbsent(row.key(), _ -> new LinkedHashMap<>())
        .computeIfAbsent(peer, _ -> new Outcome());
  }

  Map<String, Outcome> row(Row row) {
    return byRow.getOrDefault(row.key(), Map.of());
  }

  static double median(List<Double> values) {
    if (values.isEmpty()) {
      return Double.NaN;
    }
    List<Double> sorted = values.stream().sorted().toList();
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }
}
