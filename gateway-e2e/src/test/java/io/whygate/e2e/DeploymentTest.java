package io.whygate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.e2e.lab.Await;
import io.whygate.e2e.lab.Folder;
import io.whygate.e2e.lab.GatewayProcess;
import io.whygate.e2e.lab.LabProcess;
import io.whygate.e2e.lab.Nginx;
import io.whygate.e2e.lab.Place;
import io.whygate.faults.tls.Certificates;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// What the files for deployment take for granted of a running gateway.
@Needs("nginx")
class DeploymentTest {
  private static final Pattern METRIC = Pattern.compile("whygate_[a-z_]+");

  /// The names that people may rely on.
  private static final Set<String> PROMISED =
      Set.of(
          "whygate_requests_total",
          "whygate_request_duration_seconds",
          "whygate_upstream_attempts_total",
          "whygate_upstream_failures_total",
          "whygate_diagnoses_total",
          "whygate_diagnosis_duration_seconds",
          "whygate_healed_total",
          "whygate_incidents_open",
          "whygate_upstream_connections",
          "whygate_downstream_connections",
          "whygate_config_reloads_total",
          "whygate_tls_certificate_expiry_seconds",
          "whygate_dns_addresses",
          "whygate_event_loop_lag_seconds");

  /// Metrics by the name in the exposition: a histogram's series have endings.
  private static Set<String> metricsIn(String text) {
    return METRIC
        .matcher(text)
        .results()
        .map(found -> found.group().replaceAll("_(bucket|sum|count)$", ""))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /// A gateway that has met all that has a metric: a certificate of its own, a failure that a
  /// second endpoint made good, and one that a visitor saw.
  @Test
  void theDashboardAndTheAlertsAskForMetricsThatThereAre() throws Exception {
    try (Folder root = Folder.create("root")) {
      root.write("index.html", "hello");
      Certificates.leaf("www.example.com")
          .dns("www.example.com")
          .responderAt(URI.create("http://127.0.0.1:" + Place.HERE.freePort()))
          .selfSigned()
          .writeTo(root.path(), "site");
      try (Nginx nginx = Nginx.serving(Place.HERE, root.path(), "");
          GatewayProcess gateway =
              GatewayProcess.start(
                  """
                  listeners += { bind = "127.0.0.1:%1$d", tls { certificates = [
                    { certificate = "%2$s/site.pem", key = "%2$s/site.key" } ], acme.names = ["www.example.com"] },
                    http3 { enabled = true, early-data = true } }
                  acme { directory = "https://127.0.0.1:%4$d/dir", agree-to-terms = true, storage = "%2$s/acme" }
                  upstreams { site { endpoints = ["%3$s", "http://127.0.0.1:%4$d"] } }
                  routes = [ { path = "/", upstream = site } ]
                  notifications { gather = 0s, attempts = 1, channels = [
                    { name = nobody, type = webhook, url = "http://127.0.0.1:%4$d" } ] }
                  tracing { enabled = true, otlp {
                    url = "http://127.0.0.1:%4$d/v1/traces", attempts = 1, every = 100ms } }
                  """
                      .formatted(
                          Place.HERE.freePort(),
                          root.path(),
                          nginx.uri(),
                          Place.HERE.freePort()))) {
        Await.until(
            "a request has met the endpoint that is not there, and was answered by the other",
            Duration.ofSeconds(20),
            () ->
                gateway.get("/").statusCode() == 200
                    && gateway.admin("/metrics").body().contains("whygate_healed_total{"));
        nginx.stop();
        assertThat(gateway.get("/").statusCode()).isBetween(502, 503);

        Await.until(
            "nobody could be told",
            Duration.ofSeconds(20),
            () -> gateway.admin("/metrics").body().contains("whygate_notifications_total{"));
        Await.until(
            "no responder of OCSP was there",
            Duration.ofSeconds(20),
            () -> gateway.admin("/metrics").body().contains("whygate_ocsp_requests_total{"));
        Await.until(
            "no collector was there",
            Duration.ofSeconds(20),
            () -> gateway.admin("/metrics").body().contains("whygate_trace_spans_total{"));

        String exposed =
            gateway
                .admin("/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith("# TYPE "))
                .collect(Collectors.joining("\n"));
        Set<String> wanted = metricsIn(Repository.read("config/compose/grafana/whygate.json"));
        wanted.addAll(metricsIn(Repository.read("config/compose/alerts.yml")));
        wanted.addAll(PROMISED);
        assertThat(wanted).hasSizeGreaterThan(10);
        assertThat(metricsIn(exposed)).containsAll(wanted);
      }
    }
  }

  @Test
  @Needs("promtool")
  void prometheusTakesTheMetrics() throws Exception {
    try (Folder root = Folder.create("root")) {
      root.write("index.html", "hello");
      try (Nginx nginx = Nginx.serving(Place.HERE, root.path(), "");
          GatewayProcess gateway = GatewayProcess.before(nginx.uri(), "")) {
        assertThat(gateway.get("/").statusCode()).isEqualTo(200);
        root.write("metrics", gateway.admin("/metrics").body());
        String said =
            LabProcess.run(
                Place.HERE,
                root.path(),
                "sh",
                "-c",
                "promtool check metrics <metrics; test $? -ne 1");
        assertThat(said.lines().filter(line -> line.startsWith("whygate_"))).isEmpty();
      }
    }
  }

  @Test
  @Needs("prometheus")
  void prometheusKeepsTheTraceBehindALatency() throws Exception {
    String trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    int port = Place.HERE.freePort();
    try (Folder root = Folder.create("root")) {
      root.write("index.html", "hello");
      try (Nginx nginx = Nginx.serving(Place.HERE, root.path(), "");
          GatewayProcess gateway =
              GatewayProcess.start(
                  GatewayProcess.oneSite(nginx.uri(), "")
                      + "\ntracing { enabled = true, otlp { url = \"http://127.0.0.1:"
                      + Place.HERE.freePort()
                      + "\" } }")) {
        String parent = "00-" + trace + "-00f067aa0ba902b7-01";
        assertThat(gateway.get("/", "traceparent", parent).statusCode()).isEqualTo(200);
        root.write(
            "prometheus.yml",
            """
            global: { scrape_interval: 1s }
            scrape_configs: [ { job_name: whygate, static_configs: [ { targets: ["%s"] } ] } ]
            """
                .formatted(gateway.adminUri().getAuthority()));
        try (LabProcess prometheus =
            LabProcess.start(
                    Place.HERE,
                    root.path(),
                    "prometheus",
                    "--config.file=prometheus.yml",
                    "--storage.tsdb.path=data",
                    "--enable-feature=exemplar-storage",
                    "--web.listen-address=127.0.0.1:" + port)
                .awaitPort(Place.HERE, port)) {
          Await.until(
              "Prometheus tells the trace",
              Duration.ofSeconds(60),
              () -> exemplars(port).contains(trace),
              prometheus::output);
        }
      }
    }
  }

  private static String exemplars(int port) throws Exception {
    long now = Instant.now().getEpochSecond();
    URI asked =
        URI.create(
            "http://127.0.0.1:"
                + port
                + "/api/v1/query_exemplars?query=whygate_request_duration_seconds_bucket&start="
                + (now - 3600)
                + "&end="
                + (now + 3600));
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client
          .send(HttpRequest.newBuilder(asked).build(), HttpResponse.BodyHandlers.ofString())
          .body();
    }
  }

  @Test
  void answersHealthChecksAndEndsWithinItsGrace() throws Exception {
    try (Folder root = Folder.create("root");
        Nginx nginx = Nginx.serving(Place.HERE, root.path(), "");
        GatewayProcess gateway = GatewayProcess.before(nginx.uri(), "")) {
      assertThat(gateway.admin("/healthz").statusCode()).isEqualTo(200);
      assertThat(gateway.admin("/readyz").statusCode()).isEqualTo(200);
      gateway.process().signal("TERM");
      assertThat(gateway.process().awaitExit(Duration.ofSeconds(20))).isIn(0, 143);
    }
  }
}
