package io.whygate.gateway.telemetry;

import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.gateway.compression.EncodedContent;
import io.whygate.gateway.exchange.AttemptRecord;
import io.whygate.gateway.exchange.FinishedExchange;
import io.whygate.gateway.exchange.FinishedExchange.Outcome;
import java.util.List;

/// What one event loop counted: written by that loop alone, read by any thread.
final class LoopCounters {
  private final SeriesTable<ExchangeSeries> exchanges = new SeriesTable<>(ExchangeSeries::new);
  private final SeriesTable<UpstreamSeries> upstreams =
      new SeriesTable<>((upstream, _, _) -> new UpstreamSeries(upstream));

  void count(FinishedExchange exchange) {
    ExchangeSeries series =
        exchanges.get(exchange.listener(), exchange.route(), exchange.upstream());
    series.codes().add(ExchangeSeries.codeCell(Statuses.of(exchange)), 1);
    Durations.record(series.durations(), exchange.durationNanos());
    series.exemplary().note(exchange);

    List<AttemptRecord> attempts = exchange.attempts();
    if (attempts.isEmpty()) {
      return;
    }
    UpstreamSeries upstream = upstreams.get(exchange.upstream(), "", "");
    EncodedContent encoded = exchange.encoded();
    if (encoded != null) {
      int cell = UpstreamSeries.encodingCell(encoded.coding());
      upstream.encodings().add(cell, 1);
      upstream.encodings().add(cell + 1, encoded.plainBytes());
      upstream.encodings().add(cell + 2, exchange.responseBytes());
    }
    for (int i = 0; i < attempts.size(); i++) {
      AttemptRecord attempt = attempts.get(i);
      AttemptFailure failure = attempt.failure().orElse(null);
      if (failure != null) {
        upstream.outcomes().add(UpstreamSeries.FAILURE, 1);
        upstream.symptoms().add(UpstreamSeries.symptomCell(failure.symptom()), 1);
      } else if (exchange.outcome() != Outcome.COMPLETED && i == attempts.size() - 1) {
        // It was given up: by the client, or by the gateway for what the client did.
        boolean isLate = exchange.outcome() == Outcome.EXPIRED;
        upstream.outcomes().add(isLate ? UpstreamSeries.EXPIRED : UpstreamSeries.CANCELLED, 1);
      } else {
        upstream.outcomes().add(UpstreamSeries.SUCCESS, 1);
      }
    }
  }

  List<ExchangeSeries> exchanges() {
    return exchanges.all();
  }

  List<UpstreamSeries> upstreams() {
    return upstreams.all();
  }
}
