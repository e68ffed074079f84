package io.whygate.gateway.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.metrics.config.EscapingScheme;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.Closing;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.verdict.Cause;
import io.whygate.gateway.config.TracingSettings.ContinueFrom;
import io.whygate.gateway.config.TracingSettings.Sampling;
import io.whygate.gateway.exchange.FinishedExchange.Outcome;
import io.whygate.gateway.http.FieldSection;
import io.whygate.gateway.trace.Trace;
import io.whygate.gateway.trace.Tracer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class MetricsTest {
  private final Metrics metrics = new Metrics(2);

  @Test
  void sumsWhatEventLoopsCounted() {
    metrics.finished(SampleExchange.answered(200), 0);
    metrics.finished(SampleExchange.answered(200), 1);
    metrics.finished(SampleExchange.answered(404), 1);

    assertThat(scrape())
        .contains(
            "whygate_requests_total{code=\"200\",listener=\"0.0.0.0:8080\",route=\"shop\","
                + "upstream=\"shop\"} 2.0",
            "whygate_requests_total{code=\"404\",listener=\"0.0.0.0:8080\",route=\"shop\","
                + "upstream=\"shop\"} 1.0",
            "whygate_request_duration_seconds_count{listener=\"0.0.0.0:8080\",route=\"shop\","
                + "upstream=\"shop\"} 3",
            "whygate_upstream_attempts_total{outcome=\"success\",upstream=\"shop\"} 3.0");
    assertThat(metrics.totals()).isEqualTo(new Metrics.Totals(3, 0, 0));
  }

  @Test
  void countsEveryAttemptByHowItEnded() {
    AttemptFailure reset = new AttemptFailure.ConnectionLost(Phase.AWAIT_RESPONSE, Closing.RESET);
    metrics.finished(
        SampleExchange.answered(200)
            .withEnd(
                Outcome.COMPLETED,
                List.of(
                    SampleExchange.attempt(0, Optional.of(reset)),
                    SampleExchange.attempt(200, Optional.empty()))),
        0);

    assertThat(scrape())
        .contains(
            "whygate_upstream_attempts_total{outcome=\"failure\",upstream=\"shop\"} 1.0",
            "whygate_upstream_attempts_total{outcome=\"success\",upstream=\"shop\"} 1.0",
            "whygate_upstream_failures_total{symptom=\"reset\",upstream=\"shop\"} 1.0");
  }

  @Test
  void countsAClientThatLeftApartFromTheServersFailures() {
    metrics.finished(
        SampleExchange.answered(0)
            .withEnd(Outcome.ABANDONED, List.of(SampleExchange.attempt(0, Optional.empty()))),
        0);

    assertThat(scrape())
        .contains("code=\"499\"")
        .contains("whygate_upstream_attempts_total{outcome=\"cancelled\",upstream=\"shop\"} 1.0")
        .doesNotContain("whygate_upstream_failures_total{");
  }

  @Test
  void neverTakesALabelFromARequest() {
    metrics.finished(
        SampleExchange.answered(200).withTarget("/secret/path").withUserAgent("agent/9"), 0);

    assertThat(scrape()).doesNotContain("secret", "agent/9", "192.0.2.7", "10.0.0.5", "internal");
  }

  @Test
  void boundsTheCombinationsOfLabels() {
    for (int i = 0; i < SeriesTable.LIMIT + 500; i++) {
      metrics.finished(SampleExchange.answered(200).withRoute("route-" + i), 0);
    }

    String text = scrape();
    assertThat(text.lines().filter(line -> line.startsWith("whygate_requests_total{")))
        .hasSize(SeriesTable.LIMIT + 1);
    assertThat(text)
        .contains(
            "whygate_requests_total{code=\"200\",listener=\"other\",route=\"other\","
                + "upstream=\"other\"} 500.0");
  }

  @Test
  void putsDurationsIntoBucketsThatContainThem() {
    LongStream.of(1_000_000L, 1_000_001L, 999L, 400_000_000_000L).forEach(this::lasting);

    String text = scrape();
    assertThat(bucket(text, "0.001")).isEqualTo(2);
    assertThat(bucket(text, "0.0025")).isEqualTo(3);
    assertThat(bucket(text, "300.0")).isEqualTo(3);
    assertThat(bucket(text, "+Inf")).isEqualTo(4);
    assertThat(text).contains("upstream=\"shop\"} 400.002001");
  }

  @Test
  void givesNativeBucketsOfTheSameDurations() {
    long[] nanos = {1_000_000L, 250_000_000L, 1_000_000_000L, 1_000_000_001L};
    LongStream.of(nanos).forEach(this::lasting);

    var point =
        metrics.registry().scrape().stream()
            .filter(HistogramSnapshot.class::isInstance)
            .map(HistogramSnapshot.class::cast)
            .filter(each -> each.getMetadata().getName().contains("request_duration"))
            .findFirst()
            .orElseThrow()
            .getDataPoints()
            .getFirst();

    assertThat(point.getNativeSchema()).isEqualTo(3);
    var buckets = point.getNativeBucketsForPositiveValues();
    for (int i = 0; i < buckets.size(); i++) {
      double upper = Math.pow(2, buckets.getBucketIndex(i) / 8.0);
      double lower = Math.pow(2, (buckets.getBucketIndex(i) - 1) / 8.0);
      assertThat(LongStream.of(nanos).boxed().toList())
          .as("a duration above %s and up to %s", lower, upper)
          .anyMatch(each -> each / 1e9 > lower && each / 1e9 <= upper);
    }
    assertThat(buckets.stream().mapToLong(each -> each.getCount()).sum()).isEqualTo(nanos.length);
  }

  @Test
  void tellsTheLatestExportedTraceOfEachBucketToWhoTakesOpenMetrics() throws IOException {
    Tracer tracer = new Tracer(ContinueFrom.ALL, new Sampling(1, false));
    Trace older = tracer.begin(FieldSection.empty(), false);
    Trace newer = tracer.begin(FieldSection.empty(), false);
    Trace slow = tracer.begin(FieldSection.empty(), false);
    Trace untold =
        new Tracer(ContinueFrom.ALL, new Sampling(0, false)).begin(FieldSection.empty(), false);
    metrics.finished(SampleExchange.answered(200).withTrace(newer), 1);
    metrics.finished(SampleExchange.answered(200).withTrace(older).startedAt(1), 0);
    metrics.finished(SampleExchange.answered(200).withDuration(70_000_000).withTrace(slow), 0);
    metrics.finished(SampleExchange.answered(200).withTrace(untold), 0);
    metrics.diagnosed("shop", Cause.DNS_DRIFT, 40_000_000, slow.id());

    String text = openMetrics();
    assertThat(text)
        .containsSubsequence(
            "whygate_request_duration_seconds_bucket{listener=\"0.0.0.0:8080\",route=\"shop\","
                + "upstream=\"shop\",le=\"0.025\"} 3 # {",
            "trace_id=\"" + newer.id() + "\"",
            "} 0.0123",
            "le=\"0.1\"} 4 # {",
            "trace_id=\"" + slow.id() + "\"",
            "} 0.07")
        .contains("span_id=\"" + newer.spanId() + "\"")
        .doesNotContain(older.id(), untold.id())
        .endsWith("# EOF\n");
    assertThat(text.lines().filter(line -> line.startsWith("whygate_diagnosis_duration_seconds")))
        .anyMatch(line -> line.contains("# {trace_id=\"" + slow.id() + "\"} 0.04"));
    assertThat(scrape()).doesNotContain(newer.id(), slow.id());
  }

  private String openMetrics() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ExpositionFormats.init()
        .getOpenMetricsTextFormatWriter()
        .write(out, metrics.registry().scrape(), EscapingScheme.UNDERSCORE_ESCAPING);
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void tellsWhatIsRare() {
    metrics.diagnosed("shop", Cause.DNS_DRIFT, 40_000_000, "");
    metrics.healed("shop", Cause.DNS_DRIFT);
    metrics.reloaded(true);
    metrics.reloaded(false);
    metrics.logLinesDropped(AccessLog.DropReason.QUEUE_FULL, 7);
    metrics.measureMachine();

    assertThat(scrape())
        .contains(
            "whygate_diagnoses_total{cause=\"dns.drift\",upstream=\"shop\"} 1.0",
            "whygate_diagnosis_duration_seconds_count 1",
            "whygate_healed_total{cause=\"dns.drift\",upstream=\"shop\"} 1.0",
            "whygate_config_reloads_total{result=\"applied\"} 1.0",
            "whygate_config_reloads_total{result=\"rejected\"} 1.0",
            "whygate_access_log_dropped_total{reason=\"queue-full\"} 7.0",
            "jvm_memory_used_bytes",
            "process_cpu_seconds_total");
  }

  @Test
  void measuresTheStateOfTheGateway() {
    Instant now = Instant.parse("2030-01-01T00:00:00Z");
    metrics.measure(
        new GatewayState() {
          @Override
          public Map<String, UpstreamConnections> upstreamConnections() {
            return Map.of("shop", new UpstreamConnections(3, 2, 1));
          }

          @Override
          public List<DownstreamConnections> downstreamConnections() {
            return List.of(new DownstreamConnections("0.0.0.0:8080", "http1", 5));
          }

          @Override
          public List<DownstreamAbuses> downstreamAbuses() {
            return List.of(new DownstreamAbuses("0.0.0.0:8080", "resets", 7));
          }

          @Override
          public Splicing splicing() {
            return new Splicing(131_072, Map.of("pipes", 2L));
          }

          @Override
          public List<EarlyRequests> earlyRequests() {
            return List.of(new EarlyRequests("0.0.0.0:8443", "held", 6));
          }

          @Override
          public Map<String, Integer> dnsAddresses() {
            return Map.of("shop", 4);
          }

          @Override
          public Map<String, Instant> certificateExpiry() {
            return Map.of("0.0.0.0:8443", now.plusSeconds(3600), "old", now.minusSeconds(60));
          }

          @Override
          public Map<String, Instant> upstreamCertificateExpiry() {
            return Map.of("shop", now.plusSeconds(60));
          }

          @Override
          public List<CertificateWarning> certificateWarnings() {
            return List.of(new CertificateWarning("upstream", "shop", 3));
          }

          @Override
          public Map<String, Integer> handshakes() {
            return Map.of("0.0.0.0:8443", 9);
          }

          @Override
          public Map<String, Instant> stapleExpiry() {
            return Map.of("0.0.0.0:8443/0", now.plusSeconds(90), "none/0", Instant.EPOCH);
          }

          @Override
          public Map<String, Integer> acmeFailures() {
            return Map.of("shop.example.com", 2);
          }

          @Override
          public Map<String, Integer> openIncidents() {
            return Map.of("shop", 1);
          }
        },
        InstantSource.fixed(now));

    assertThat(scrape())
        .contains(
            "whygate_upstream_connections{state=\"active\",upstream=\"shop\"} 3.0",
            "whygate_upstream_connections{state=\"idle\",upstream=\"shop\"} 2.0",
            "whygate_upstream_connections{state=\"pending\",upstream=\"shop\"} 1.0",
            "whygate_downstream_connections{listener=\"0.0.0.0:8080\",protocol=\"http1\"} 5.0",
            "whygate_downstream_abuses_total{kind=\"resets\",listener=\"0.0.0.0:8080\"} 7.0",
            "whygate_early_requests_total{listener=\"0.0.0.0:8443\",result=\"held\"} 6.0",
            "whygate_spliced_bytes_total 131072.0",
            "whygate_splice_fallbacks_total{reason=\"pipes\"} 2.0",
            "whygate_dns_addresses{upstream=\"shop\"} 4.0",
            "whygate_tls_certificate_expiry_seconds{name=\"0.0.0.0:8443\"} 3600.0",
            "whygate_tls_certificate_expiry_seconds{name=\"old\"} -60.0",
            "whygate_tls_ocsp_staple_expiry_seconds{name=\"0.0.0.0:8443/0\"} 90.0",
            "whygate_tls_ocsp_staple_expiry_seconds{name=\"none/0\"} 0.0",
            "whygate_acme_consecutive_failures{name=\"shop.example.com\"} 2.0",
            "whygate_upstream_tls_certificate_expiry_seconds{upstream=\"shop\"} 60.0",
            "whygate_tls_certificate_warnings{name=\"shop\",side=\"upstream\"} 3.0",
            "whygate_downstream_handshakes{listener=\"0.0.0.0:8443\"} 9.0",
            "whygate_incidents_open{upstream=\"shop\"} 1.0");
  }

  @Test
  void noticesAnEventLoopThatIsHeldUp() throws InterruptedException {
    try (var loop = Executors.newSingleThreadScheduledExecutor()) {
      metrics.watchLoops(List.of(loop));
      var entered = new CountDownLatch(1);
      var free = new CountDownLatch(1);
      loop.execute(() -> {
        entered.countDown();
        try {
          free.await(10, TimeUnit.SECONDS);
        } catch (InterruptedException _) {
          Thread.currentThread().interrupt();
        }
      });
      assertThat(entered.await(10, TimeUnit.SECONDS)).isTrue();

      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
      double lag = lag();
      while (lag < 0.05 && System.nanoTime() < deadline) {
        Thread.onSpinWait();
        lag = lag();
      }
      free.countDown();

      assertThat(lag).isBetween(0.05, 10.0);
      loop.shutdownNow();
    }
  }

  private double lag() {
    return scrape()
        .lines()
        .filter(line -> line.startsWith("whygate_event_loop_lag_seconds{loop=\"0\"}"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .findFirst()
        .orElseThrow();
  }

  private void lasting(long nanos) {
    SampleExchange sample = SampleExchange.answered(200);
    metrics.finished(sample.withDuration(nanos), 0);
  }

  private static long bucket(String text, String bound) {
    return text.lines()
        .filter(line -> line.startsWith("whygate_request_duration_seconds_bucket{"))
        .filter(line -> line.contains("le=\"" + bound + "\""))
        .mapToLong(line -> Long.parseLong(line.substring(line.lastIndexOf(' ') + 1)))
        .findFirst()
        .orElseThrow();
  }

  private String scrape() {
    var out = new ByteArrayOutputStream();
    try {
      ExpositionFormats.init()
          .getPrometheusTextFormatWriter()
          .write(out, metrics.registry().scrape(), EscapingScheme.UNDERSCORE_ESCAPING);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return out.toString(StandardCharsets.UTF_8);
  }
}
