package io.whygate.gateway.telemetry;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Exemplar;
import io.prometheus.metrics.model.snapshots.Labels;
import io.whygate.diagnostics.probe.HeapUse.Collecting;
import io.whygate.diagnostics.verdict.Cause;
import io.whygate.gateway.exchange.FinishedExchange;
import io.whygate.gateway.exchange.Recorder;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The numbers of a running gateway, as Prometheus reads them.
///
/// What happens for each request is counted by each event loop for itself and summed when somebody
/// asks; what is rare goes to the client library's own counters. Label values come from the
/// configuration and from closed lists alone: never a path, an address or a field of a request.
public final class Metrics implements Recorder {
  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final List<LoopCounters> loops;
  private final Counter diagnoses;
  private final Histogram diagnosisDuration;
  private final Counter healed;
  private final Counter reloads;
  private final Counter logLinesDropped;
  private final Counter notifications;
  private final Counter traceSpans;
  private final Counter acmeOrders;
  private final Counter ocspRequests;
  private volatile @Nullable LoopLag lag;
  private volatile @Nullable CollectionTimes collections;

  /// @param eventLoops how many event loops there are
  public Metrics(int eventLoops) {
    loops = Stream.generate(LoopCounters::new).limit(eventLoops).toList();
    registry.register(new ExchangeCollector(loops));
    diagnoses =
        Counter.builder()
            .name("whygate_diagnoses_total")
            .help("Examinations of failures, by the cause that they named.")
            .labelNames("upstream", "cause")
            .register(registry);
    diagnosisDuration =
        Histogram.builder()
            .name("whygate_diagnosis_duration_seconds")
            .help("Time that an examination of a failure took, seconds.")
            .classicUpperBounds(
                0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.5, 1, 2.5)
            .register(registry);
    healed =
        Counter.builder()
            .name("whygate_healed_total")
            .help("Requests that met a failure and were answered nevertheless.")
            .labelNames("upstream", "cause")
            .register(registry);
    reloads =
        Counter.builder()
            .name("whygate_config_reloads_total")
            .help("Reloads of the configuration that were applied or rejected.")
            .labelNames("result")
            .register(registry);
    reloads.initLabelValues("applied");
    reloads.initLabelValues("rejected");
    logLinesDropped =
        Counter.builder()
            .name("whygate_access_log_dropped_total")
            .help("Lines of the access log that were not written: a full queue, a failing file.")
            .labelNames("reason")
            .register(registry);
    for (AccessLog.DropReason reason : AccessLog.DropReason.values()) {
      logLinesDropped.initLabelValues(reason.label());
    }
    notifications =
        Counter.builder()
            .name("whygate_notifications_total")
            .help("News of incidents, by channel and what became of them: sent, failed, dropped.")
            .labelNames("channel", "result")
            .register(registry);
    traceSpans =
        Counter.builder()
            .name("whygate_trace_spans_total")
            .help("Spans by what became of them: exported, dropped, failed, rejected.")
            .labelNames("result")
            .register(registry);
    acmeOrders =
        Counter.builder()
            .name("whygate_acme_orders_total")
            .help("Certificates that were ordered by ACME: issued, failed, rate-limited.")
            .labelNames("result")
            .register(registry);
    ocspRequests =
        Counter.builder()
            .name("whygate_ocsp_requests_total")
            .help("Questions to OCSP responders by what came of them: good, revoked, failed.")
            .labelNames("result")
            .register(registry);
  }

  /// Measures the Java machine on each scrape from now on; to be called once. To find all that it
  /// has to tell takes as long as a tenth of a start: nothing waits for it.
  public void measureMachine() {
    JvmMetrics.builder().register(registry);
  }

  /// Measures a gateway's state on each scrape from now on; to be called once.
  public void measure(GatewayState state, InstantSource clock) {
    registry.register(new StateCollector(state, clock));
  }

  /// Measures from now on how late these event loops are, and how long collections of garbage stop
  /// them; to be called once.
  public void watchLoops(List<? extends ScheduledExecutorService> eventLoops) {
    LoopLag watching = new LoopLag(eventLoops);
    lag = watching;
    collections = new CollectionTimes(eventLoops.getFirst());
    registry.register(watching);
  }

  /// How late an event loop ran a task at worst since a moment of the last half minute,
  /// nanoseconds; -1 where nobody watches.
  ///
  /// @param sinceNanos the moment ([System#nanoTime()])
  public long worstLagNanos(long sinceNanos) {
    LoopLag watching = lag;
    return watching == null ? -1 : watching.worstNanosSince(sinceNanos);
  }

  /// How long collections of garbage stopped all loops since a moment of the last ten seconds.
  ///
  /// @param sinceNanos the moment ([System#nanoTime()])
  public Collecting collecting(long sinceNanos) {
    CollectionTimes watching = collections;
    return watching == null ? Collecting.NONE : watching.since(sinceNanos);
  }

  @Override
  public void finished(FinishedExchange exchange, int loop) {
    loops.get(loop).count(exchange);
  }

  /// A failure was examined.
  ///
  /// @param trace the exported trace of the exchange that failed; empty for none
  public void diagnosed(String upstream, Cause cause, long tookNanos, String trace) {
    diagnoses.labelValues(upstream, cause.code()).inc();
    if (trace.isEmpty()) {
      diagnosisDuration.observe(tookNanos / 1e9);
    } else {
      diagnosisDuration.observeWithExemplar(tookNanos / 1e9, Labels.of(Exemplar.TRACE_ID, trace));
    }
  }

  /// A request met a failure and was answered nevertheless.
  public void healed(String upstream, Cause cause) {
    healed.labelValues(upstream, cause.code()).inc();
  }

  /// News of incidents were told, or not.
  ///
  /// @param channel a channel of the configuration
  /// @param result `sent`, `failed` or `dropped`
  public void notified(String channel, String result, int news) {
    notifications.labelValues(channel, result).inc(news);
  }

  /// A certificate was ordered by ACME.
  ///
  /// @param result `issued`, `failed` or `rate-limited`
  public void ordered(String result) {
    acmeOrders.labelValues(result).inc();
  }

  /// An OCSP responder was asked about a certificate of the gateway's own.
  ///
  /// @param result `good`, `revoked` or `failed`
  public void askedForStaple(String result) {
    ocspRequests.labelValues(result).inc();
  }

  /// Spans were exported, or not.
  ///
  /// @param result from a closed list
  public void traceSpans(String result, long spans) {
    traceSpans.labelValues(result).inc((double) spans);
  }

  /// A configuration was read again.
  public void reloaded(boolean applied) {
    reloads.labelValues(applied ? "applied" : "rejected").inc();
  }

  /// Lines of the access log were lost.
  public void logLinesDropped(AccessLog.DropReason reason, long lines) {
    logLinesDropped.labelValues(reason.label()).inc((double) lines);
  }

  /// The sums over everything that was served.
  public Totals totals() {
    long requests = 0;
    long serverErrors = 0;
    long failedAttempts = 0;
    for (LoopCounters loop : loops) {
      for (ExchangeSeries series : loop.exchanges()) {
        for (int cell = 0; cell < ExchangeSeries.CODES; cell++) {
          long count = series.codes().get(cell);
          requests += count;
          serverErrors += ExchangeSeries.isServerError(cell) ? count : 0;
        }
      }
      for (UpstreamSeries series : loop.upstreams()) {
        failedAttempts += series.outcomes().get(UpstreamSeries.FAILURE);
      }
    }
    return new Totals(requests, serverErrors, failedAttempts);
  }

  /// Remembers the traffic from now on, once somebody takes samples.
  public TrafficHistory history(Duration reach) {
    return new TrafficHistory(this::traffic, InstantSource.system(), reach);
  }

  private Map<String, TrafficSums> traffic() {
    Map<String, TrafficSums> sums = new TreeMap<>();
    for (LoopCounters loop : loops) {
      for (ExchangeSeries series : loop.exchanges()) {
        long requests = 0;
        long serverErrors = 0;
        for (int cell = 0; cell < ExchangeSeries.CODES; cell++) {
          long count = series.codes().get(cell);
          requests += count;
          serverErrors += ExchangeSeries.isServerError(cell) ? count : 0;
        }
        long[] durations = new long[Durations.CELLS];
        series.durations().addTo(durations);
        sums.merge(
            series.upstream(),
            new TrafficSums(requests, serverErrors, 0, durations),
            TrafficSums::plus);
      }
      for (UpstreamSeries series : loop.upstreams()) {
        long failed = series.outcomes().get(UpstreamSeries.FAILURE);
        sums.merge(
            series.upstream(),
            new TrafficSums(0, 0, failed, new long[Durations.CELLS]),
            TrafficSums::plus);
      }
    }
    return sums;
  }

  /// Sums since the start.
  ///
  /// @param serverErrors requests that were answered with 500 to 599
  public record Totals(long requests, long serverErrors, long failedAttempts) {}

  /// All that can be scraped.
  public PrometheusRegistry registry() {
    return registry;
  }
}
