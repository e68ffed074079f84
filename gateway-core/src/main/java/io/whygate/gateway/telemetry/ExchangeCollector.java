package io.whygate.gateway.telemetry;

import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Exemplars;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.whygate.gateway.config.CompressionSettings.Coding;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Sums what the event loops counted, when somebody asks.
final class ExchangeCollector implements MultiCollector {
  private static final String REQUESTS = "whygate_requests";
  private static final String DURATION = "whygate_request_duration_seconds";
  private static final String ATTEMPTS = "whygate_upstream_attempts";
  private static final String FAILURES = "whygate_upstream_failures";
  private static final String COMPRESSED = "whygate_compressed_responses";
  private static final String COMPRESSED_BYTES = "whygate_compressed_bytes";

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
    Map<String, UpstreamSums> upstreams = upstreamSums();
    for (var entry : upstreams.entrySet()) {
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
    List<MetricSnapshot> all = new ArrayList<>(compressed(upstreams));
    all.addAll(List.of(requests.build(), durations.build(), attempts.build(), failures.build()));
    return new MetricSnapshots(all);
  }

  private static List<MetricSnapshot> compressed(Map<String, UpstreamSums> upstreams) {
    var answers = CounterSnapshot.builder().name(COMPRESSED).help("Answers that were compressed.");
    var bytes =
        CounterSnapshot.builder()
            .name(COMPRESSED_BYTES)
            .help("Content of answers that were compressed, before and after, bytes.");
    upstreams.forEach((upstream, sums) -> {
      for (Coding coding : UpstreamSeries.CODINGS) {
        int cell = UpstreamSeries.encodingCell(coding);
        if (sums.encodings[cell] > 0) {
          Labels labels =
              Labels.of("upstream", upstream, "coding", coding.name().toLowerCase(Locale.ROOT));
          answers.dataPoint(point(sums.encodings[cell], labels));
          bytes.dataPoint(point(sums.encodings[cell + 1], labels.add("stage", "before")));
          bytes.dataPoint(point(sums.encodings[cell + 2], labels.add("stage", "after")));
        }
      }
    });
    return List.of(answers.build(), bytes.build());
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
        series.encodings().addTo(sum.encodings);
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
    final long[] encodings = new long[UpstreamSeries.CODINGS.size() * UpstreamSeries.AMOUNTS];
  }
}
