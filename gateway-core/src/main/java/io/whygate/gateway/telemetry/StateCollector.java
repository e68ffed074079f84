package io.whygate.gateway.telemetry;

import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.time.InstantSource;

/// Asks a gateway for its state, when somebody scrapes.
final class StateCollector implements MultiCollector {
  private static final String UPSTREAM_CONNECTIONS = "whygate_upstream_connections";
  private static final String DOWNSTREAM_CONNECTIONS = "whygate_downstream_connections";
  private static final String EARLY_REQUESTS = "whygate_early_requests";
  private static final String DOWNSTREAM_ABUSES = "whygate_downstream_abuses";
  private static final String SPLICED_BYTES = "whygate_spliced_bytes";
  private static final String SPLICE_FALLBACKS = "whygate_splice_fallbacks";
  private static final String HANDSHAKES = "whygate_downstream_handshakes";
  private static final String CERTIFICATE_EXPIRY = "whygate_tls_certificate_expiry_seconds";
  private static final String UPSTREAM_CERTIFICATE_EXPIRY =
      "whygate_upstream_tls_certificate_expiry_seconds";
  private static final String CERTIFICATE_WARNINGS = "whygate_tls_certificate_warnings";
  private static final String STAPLE_EXPIRY = "whygate_tls_ocsp_staple_expiry_seconds";
  private static final String ACME_FAILURES = "whygate_acme_consecutive_failures";
  private static final String DNS_ADDRESSES = "whygate_dns_addresses";
  private static final String INCIDENTS_OPEN = "whygate_incidents_open";

  private final GatewayState state;
  private final InstantSource clock;

  StateCollector(GatewayState state, InstantSource clock) {
    this.state = state;
    this.clock = clock;
  }

  @Override
  public MetricSnapshots collect() {
    return MetricSnapshots.of(
        upstreamConnections(),
        downstreamConnections(),
        downstreamAbuses(),
        earlyRequests(),
        splicedBytes(),
        spliceFallbacks(),
        handshakes(),
        certificateExpiry(),
        upstreamCertificateExpiry(),
        certificateWarnings(),
        stapleExpiry(),
        acmeFailures(),
        dnsAddresses(),
        incidentsOpen());
  }

  private GaugeSnapshot upstreamConnections() {
    var gauge =
        GaugeSnapshot.builder()
            .name(UPSTREAM_CONNECTIONS)
            .help("Connections to an upstream that carry a request, lie idle, or are waited for.");
    state
        .upstreamConnections()
        .forEach((upstream, connections) -> {
          gauge.dataPoint(point(connections.active(), "upstream", upstream, "state", "active"));
          gauge.dataPoint(point(connections.idle(), "upstream", upstream, "state", "idle"));
          gauge.dataPoint(point(connections.pending(), "upstream", upstream, "state", "pending"));
        });
    return gauge.build();
  }

  private GaugeSnapshot downstreamConnections() {
    var gauge =
        GaugeSnapshot.builder()
            .name(DOWNSTREAM_CONNECTIONS)
            .help("Connections of clients, by what is spoken on them.");
    for (GatewayState.DownstreamConnections connections : state.downstreamConnections()) {
      gauge.dataPoint(
          point(
              connections.count(),
              "listener",
              connections.listener(),
              "protocol",
              connections.protocol()));
    }
    return gauge.build();
  }

  private CounterSnapshot downstreamAbuses() {
    var counter =
        CounterSnapshot.builder()
            .name(DOWNSTREAM_ABUSES)
            .help("Clients that went beyond a limit, by kind.");
    for (GatewayState.DownstreamAbuses each : state.downstreamAbuses()) {
      counter.dataPoint(
          CounterSnapshot.CounterDataPointSnapshot.builder()
              .value((double) each.count())
              .labels(Labels.of("listener", each.listener(), "kind", each.kind()))
              .build());
    }
    return counter.build();
  }

  private CounterSnapshot earlyRequests() {
    var counter =
        CounterSnapshot.builder()
            .name(EARLY_REQUESTS)
            .help(
                "Requests that came before their handshake was over (0-RTT), by what became of them.");
    for (GatewayState.EarlyRequests each : state.earlyRequests()) {
      counter.dataPoint(
          CounterSnapshot.CounterDataPointSnapshot.builder()
              .value((double) each.count())
              .labels(Labels.of("listener", each.listener(), "result", each.result()))
              .build());
    }
    return counter.build();
  }

  private CounterSnapshot splicedBytes() {
    return CounterSnapshot.builder()
        .name(SPLICED_BYTES)
        .help("Bytes of answers that went from server to client within the kernel.")
        .dataPoint(
            CounterSnapshot.CounterDataPointSnapshot.builder()
                .value((double) state.splicing().bytes())
                .build())
        .build();
  }

  private CounterSnapshot spliceFallbacks() {
    var counter =
        CounterSnapshot.builder()
            .name(SPLICE_FALLBACKS)
            .help("Pieces of large answers that were copied instead, by why.");
    state
        .splicing()
        .fallbacks()
        .forEach((reason, count) ->
            counter.dataPoint(
                CounterSnapshot.CounterDataPointSnapshot.builder()
                    .value((double) count)
                    .labels(Labels.of("reason", reason))
                    .build()));
    return counter.build();
  }

  private GaugeSnapshot handshakes() {
    var gauge =
        GaugeSnapshot.builder().name(HANDSHAKES).help("TLS handshakes of clients under way.");
    state.handshakes().forEach((name, count) -> gauge.dataPoint(point(count, "listener", name)));
    return gauge.build();
  }

  private GaugeSnapshot certificateExpiry() {
    var gauge =
        GaugeSnapshot.builder()
            .name(CERTIFICATE_EXPIRY)
            .help("Time until a certificate of the gateway's own runs out, seconds.");
    double now = clock.millis() / 1e3;
    state
        .certificateExpiry()
        .forEach((name, end) -> gauge.dataPoint(point(end.getEpochSecond() - now, "name", name)));
    return gauge.build();
  }

  private GaugeSnapshot upstreamCertificateExpiry() {
    var gauge =
        GaugeSnapshot.builder()
            .name(UPSTREAM_CERTIFICATE_EXPIRY)
            .help("Time until the first certificate of an upstream's servers runs out, seconds.");
    double now = clock.millis() / 1e3;
    state
        .upstreamCertificateExpiry()
        .forEach(
            (name, end) -> gauge.dataPoint(point(end.getEpochSecond() - now, "upstream", name)));
    return gauge.build();
  }

  private GaugeSnapshot certificateWarnings() {
    var gauge =
        GaugeSnapshot.builder()
            .name(CERTIFICATE_WARNINGS)
            .help("Warnings due of a certificate that runs out; 0 while it has time.");
    state
        .certificateWarnings()
        .forEach(
            each -> gauge.dataPoint(point(each.due(), "side", each.side(), "name", each.name())));
    return gauge.build();
  }

  private GaugeSnapshot stapleExpiry() {
    var gauge =
        GaugeSnapshot.builder()
            .name(STAPLE_EXPIRY)
            .help("Time until the OCSP staple of a certificate runs out, seconds; 0 without one.");
    double now = clock.millis() / 1e3;
    state
        .stapleExpiry()
        .forEach((name, end) ->
            gauge.dataPoint(point(Math.max(0, end.getEpochSecond() - now), "name", name)));
    return gauge.build();
  }

  private GaugeSnapshot acmeFailures() {
    var gauge =
        GaugeSnapshot.builder()
            .name(ACME_FAILURES)
            .help("Orders by ACME that failed since the last that did not, by certificate.");
    state.acmeFailures().forEach((name, count) -> gauge.dataPoint(point(count, "name", name)));
    return gauge.build();
  }

  private GaugeSnapshot dnsAddresses() {
    var gauge =
        GaugeSnapshot.builder()
            .name(DNS_ADDRESSES)
            .help("Addresses in use for the names of an upstream.");
    state
        .dnsAddresses()
        .forEach((upstream, count) -> gauge.dataPoint(point(count, "upstream", upstream)));
    return gauge.build();
  }

  private GaugeSnapshot incidentsOpen() {
    var gauge =
        GaugeSnapshot.builder().name(INCIDENTS_OPEN).help("Incidents that have not ended yet.");
    state
        .openIncidents()
        .forEach((upstream, count) -> gauge.dataPoint(point(count, "upstream", upstream)));
    return gauge.build();
  }

  private static GaugeDataPointSnapshot point(double value, String... labels) {
    return GaugeDataPointSnapshot.builder().value(value).labels(Labels.of(labels)).build();
  }
}
