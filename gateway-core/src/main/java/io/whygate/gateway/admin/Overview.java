package io.whygate.gateway.admin;

import io.whygate.diagnostics.incident.Incident;
import io.whygate.diagnostics.json.JsonWriter;
import io.whygate.gateway.notification.ChannelStatus;
import io.whygate.gateway.telemetry.Metrics;
import java.time.Instant;

/// The few numbers that say how a gateway is.
final class Overview {
  private final String gateway;
  private final Operations operations;
  private final Metrics metrics;
  private final Instant startedAt = Instant.now();

  Overview(String gateway, Operations operations, Metrics metrics) {
    this.gateway = gateway;
    this.operations = operations;
    this.metrics = metrics;
  }

  String document() {
    Metrics.Totals totals = metrics.totals();
    long open =
        operations.incidents().stream().filter(each -> each.state() == Incident.State.OPEN).count();
    return new JsonWriter()
        .object()
        .member("name", gateway)
        .member("ready", operations.isReady())
        .member("started", startedAt)
        .member("now", Instant.now())
        .member("requests", totals.requests())
        .member("server_errors", totals.serverErrors())
        .member("failed_attempts", totals.failedAttempts())
        .member("open_incidents", open)
        .member(
            "failing_channels",
            operations.channels().stream().filter(ChannelStatus::isFailing).count())
        .end()
        .toString();
  }
}
