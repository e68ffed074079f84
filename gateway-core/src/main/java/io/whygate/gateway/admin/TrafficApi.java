package io.whygate.gateway.admin;

import io.whygate.diagnostics.json.JsonWriter;
import io.whygate.gateway.telemetry.TrafficHistory;
import io.whygate.gateway.telemetry.TrafficHistory.Sample;
import io.whygate.gateway.telemetry.TrafficHistory.Traffic;
import java.util.List;

/// `/api/traffic`: what was served over the last minutes, by upstream.
final class TrafficApi {
  private final TrafficHistory history;

  TrafficApi(TrafficHistory history) {
    this.history = history;
  }

  Answer list() {
    return Answer.json(200, document(history.samples()));
  }

  /// The latest sample alone, in the same form.
  String latest() {
    List<Sample> all = history.samples();
    return document(all.isEmpty() ? all : List.of(all.getLast()));
  }

  private static String document(List<Sample> samples) {
    JsonWriter json =
        new JsonWriter().object().member("interval_s", TrafficHistory.EVERY.toSeconds());
    json.name("samples").array();
    for (Sample sample : samples) {
      json.object().member("at", sample.at());
      json.name("upstreams").array();
      sample.byUpstream().forEach((upstream, traffic) -> traffic(json, upstream, traffic));
      json.end().end();
    }
    return json.end().end().toString();
  }

  private static void traffic(JsonWriter json, String upstream, Traffic traffic) {
    json.object()
        .member("name", upstream)
        .member("requests", traffic.requests())
        .member("server_errors", traffic.serverErrors())
        .member("failed_attempts", traffic.failedAttempts());
    if (traffic.requests() > 0) {
      json.member("p50_ms", millis(traffic.medianSeconds()))
          .member("p95_ms", millis(traffic.p95Seconds()));
    }
    json.end();
  }

  private static double millis(double seconds) {
    return Math.round(seconds * 1e5) / 100.0;
  }
}
