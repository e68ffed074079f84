package io.whygate.gateway.telemetry;

import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Exemplars;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Sums what the event loops counted, when somebody asks.
final class ExchangeCollector implements MultiCollector {
  private static final String REQUESTS = "whygate_requests";
  private static final String DURATION = "whygate_request_duration_seconds";
  private static final String ATTEMPTS = "whygate_upstream_attempts";
  private static final String FAILURES = "whygate_upstream_failures";

  private final List<LoopCounters> loops;

  ExchangeCollector(List<LoopCounters> loops) {
    this.loops = List.copyOf(loops);
  }

  @Override
  public MetricSnapshots collect() {
    var requests = CounterSnapshot.builder().name(REQUESTS).help("Requests that are over.");
    var durations =
        HistogramSnapshot.builder()
            .name(DURATION)
            .help("Time from a request's head to the end of its answer, seconds.");
    for (var entry : exchangeSums().entrySet()) {
      Labels labels = entry.getKey();
      ExchangeSums sums = entry.getValue();
      for (int cell = 0; cell < sums.codes.length; cell++) {
        if (sums.codes[cell] > 0) {
          Labels withCode = labels.add("code", ExchangeSeries.codeLabel(cell));
          requests.dataPoint(point(sums.codes[cell], withCode));
        }
      }
      durations.dataPoint(Durations.point(sums.durations, labels, sums.exemplars()));
    }

    var attempts =
        CounterSnapshot.builder().name(ATTEMPTS).help("Tries at an endpoint that are over.");
    var failures =
        CounterSnapshot.builder()
            .name(FAILURES)
            .help("Tries that failed, by what they saw on the wire.");
    for (var entry : upstreamSums().entrySet()) {
      UpstreamSums sums = entry.getValue();
      for (int i = 0; i < sums.outcomes.length; i++) {
        attempts.dataPoint(
            point(
                sums.outcomes[i],
                Labels.of("upstream", entry.getKey(), "outcome", UpstreamSeries.OUTCOMES.get(i))));
      }
      for (int i = 0; i < sums.symptoms.length; i++) {
        if (sums.symptoms[i] > 0) {
          String symptom = UpstreamSeries.SYMPTOMS.get(i).code();
          failures.dataPoint(
              point(sums.symptoms[i], Labels.of("upstream", entry.getKey(), "symptom", symptom)));
        }
      }
    }
    return MetricSnapshots.of(
        requests.build(), durations.build(), attempts.build(), failures.build());
  }

  private static CounterDataPointSnapshot point(long value, Labels labels) {
    return CounterDataPointSnapshot.builder().value((double) value).labels(labels).build();
  }

  private Map<Labels, ExchangeSums> exchangeSums() {
    var sums = new TreeMap<Labels, ExchangeSums>();
    for (LoopCounters loop : loops) {
      for (ExchangeSeries series : loop.exchanges()) {
        Labels labels =
            Labels.of(
                "listener", series.listener(),
                "route", series.route(),
                "upstream", series.upstream());
        ExchangeSums sum = sums.computeIfAbsent(labels, _ -> new ExchangeSums());
        series.codes().addTo(sum.codes);
        series.durations().addTo(sum.durations);
        series.exemplary().mergeInto(sum.marks);
      }
    }
    return sums;
  }

  private Map<String, UpstreamSums> upstreamSums() {
    var sums = new TreeMap<String, UpstreamSums>();
    for (LoopCounters loop : loops) {
      for (UpstreamSeries series : loop.upstreams()) {
        UpstreamSums sum = sums.computeIfAbsent(series.upstream(), _ -> new UpstreamSums());
        series.outcomes().addTo(sum.outcomes);
        series.symptoms().addTo(sum.symptoms);
      }
    }
    return sums;
  }

  private static final class ExchangeSums {
    final long[] codes = new long[ExchangeSeries.CODES];
    final long[] durations = new long[Durations.CELLS];
    final Exemplary.@Nullable Mark[] marks = new Exemplary.Mark[Durations.CLASSIC];

    Exemplars exemplars() {
      Exemplars.Builder found = Exemplars.builder();
      for (Exemplary.@Nullable Mark each : marks) {
        if (each != null) {
          found.exemplar(each.exemplar());
        }
      }
      return found.build();
    }
  }

  private static final class UpstreamSums {
    final long[] outcomes = new long[UpstreamSeries.OUTCOMES.size()];
    final long[] symptoms = new long[UpstreamSeries.SYMPTOMS.size()];
  }
}
