package io.whygate.gateway.telemetry.otlp;

import static io.whygate.gateway.telemetry.otlp.CollectorServer.attributes;
import static io.whygate.gateway.telemetry.otlp.CollectorServer.hex;
import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.proto.collector.trace.v1.ExportTracePartialSuccess;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Span.SpanKind;
import io.opentelemetry.proto.trace.v1.Status.StatusCode;
import io.whygate.faults.tls.Certificates;
import io.whygate.faults.tls.KeyedCertificate;
import io.whygate.gateway.RawClient;
import io.whygate.gateway.RunningGateway;
import io.whygate.gateway.ScriptedServer;
import io.whygate.gateway.telemetry.otlp.CollectorServer.Reply;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A real gateway that tells a collector of what it served, read by OpenTelemetry's definitions.
class TracingTest {
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String PARENT = "00f067aa0ba902b7";
  private static final String TRACEPARENT = "traceparent: 00-" + TRACE + "-" + PARENT + "-";

  private CollectorServer collector;
  private ScriptedServer site;

  @BeforeEach
  void start() throws IOException {
    collector = new CollectorServer();
    site = new ScriptedServer((peer, _) -> peer.serve());
  }

  @AfterEach
  void stop() throws IOException {
    collector.close();
    site.close();
  }

  private RunningGateway gateway(String sampling, String otlp, URI... endpoints) throws Exception {
    return gateway("", sampling, otlp, endpoints);
  }

  private RunningGateway gateway(String more, String sampling, String otlp, URI... endpoints)
      throws Exception {
    return RunningGateway.with(
        """
        diagnostics { keep = 1h }
        tracing {
          enabled = true
          %s
          sampling { %s }
          otlp { url = "%s", every = 10ms, back-off = 5ms, %s }
        }
        """
            .formatted(more, sampling, collector.url(), otlp),
        "retry { budget = 100% }",
        endpoints);
  }

  private static RawClient.Answer get(RunningGateway gateway, String... lines) throws IOException {
    try (RawClient client = gateway.client()) {
      return client
          .send(
              "GET /cart?item=1&password=hunter2 HTTP/1.1\r\nHost: shop.example:8080\r\n"
                  + List.of(lines).stream().map(each -> each + "\r\n").collect(Collectors.joining())
                  + "Connection: close\r\n\r\n")
          .answer();
    }
  }

  private static URI closedPort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
      return URI.create("http://127.0.0.1:" + socket.getLocalPort());
    }
  }

  private static List<Span> of(List<Span> spans, SpanKind kind) {
    return spans.stream().filter(each -> each.getKind() == kind).toList();
  }

  @Test
  void aCallWhoseDeadlineIsOverIsKeptAsAFailure() throws Exception {
    try (ScriptedServer mute = new ScriptedServer((peer, _) -> peer.in().readAllBytes());
        RunningGateway gateway = gateway("ratio = 0%", "", mute.uri())) {
      RawClient.Answer answer =
          get(gateway, "Content-Type: application/grpc", "grpc-timeout: 100m");
      assertThat(answer.status()).isEqualTo(200);
      Span server = of(collector.spans(2), SpanKind.SPAN_KIND_SERVER).getFirst();
      assertThat(server.getStatus().getCode()).isEqualTo(StatusCode.STATUS_CODE_ERROR);
      assertThat(attributes(server.getAttributesList()))
          .containsEntry("error.type", "deadline_exceeded")
          .containsEntry("whygate.outcome", "expired");
    }
  }

  @Test
  void continuesATraceThroughASpanOfItsOwnForTheExchangeAndForTheAttempt() throws Exception {
    Instant before = Instant.now().minusMillis(5);
    try (RunningGateway gateway = gateway("ratio = 0%", "", site.uri())) {
      assertThat(get(gateway, TRACEPARENT + "01", "tracestate: a=1", "tracestate: b=2").status())
          .isEqualTo(200);
      List<Span> spans = collector.spans(2);
      Span server = of(spans, SpanKind.SPAN_KIND_SERVER).getFirst();
      Span client = of(spans, SpanKind.SPAN_KIND_CLIENT).getFirst();

      assertThat(spans).hasSize(2).allMatch(each -> hex(each.getTraceId()).equals(TRACE));
      assertThat(hex(server.getParentSpanId())).isEqualTo(PARENT);
      assertThat(client.getParentSpanId()).isEqualTo(server.getSpanId());
      assertThat(server.getTraceState()).isEqualTo("a=1, b=2");
      assertThat(server.getFlags()).isEqualTo(0x301);
      assertThat(server.getName()).isEqualTo("GET */");
      assertThat(client.getName()).isEqualTo("GET");
      assertThat(site.heads().getFirst())
          .contains("traceparent: 00-" + TRACE + "-" + hex(client.getSpanId()) + "-01\r\n")
          .contains("tracestate: a=1\r\n", "tracestate: b=2\r\n")
          .doesNotContain(PARENT);

      assertThat(attributes(server.getAttributesList()))
          .containsEntry("http.request.method", "GET")
          .containsEntry("http.response.status_code", "200")
          .containsEntry("url.scheme", "http")
          .containsEntry("url.path", "/cart")
          .containsEntry("url.query", "item=1&password=REDACTED")
          .containsEntry("server.address", "shop.example")
          .containsEntry("server.port", "8080")
          .containsEntry("client.address", "127.0.0.1")
          .containsEntry("network.protocol.version", "1.1")
          .containsEntry("whygate.upstream", "site")
          .containsEntry("whygate.outcome", "completed")
          .doesNotContainKeys("error.type", "whygate.cause");
      assertThat(attributes(client.getAttributesList()))
          .containsEntry("http.request.method", "GET")
          .containsEntry("http.response.status_code", "200")
          .containsEntry("url.full", site.uri() + "/cart?item=1&password=REDACTED")
          .containsEntry("server.address", "127.0.0.1")
          .containsEntry("server.port", Integer.toString(site.uri().getPort()))
          .containsEntry("network.peer.address", "127.0.0.1")
          .containsEntry("whygate.connection.reused", "false")
          .doesNotContainKeys("error.type", "http.request.resend_count");
      assertThat(client.getEventsList()).extracting(Span.Event::getName).contains("first byte");
      assertThat(server.getStatus().getCode()).isEqualTo(StatusCode.STATUS_CODE_UNSET);
      assertThat(server.getStartTimeUnixNano())
          .isGreaterThan(nanos(before))
          .isLessThanOrEqualTo(client.getStartTimeUnixNano());
      assertThat(server.getEndTimeUnixNano())
          .isGreaterThanOrEqualTo(client.getEndTimeUnixNano())
          .isLessThan(nanos(Instant.now().plus(Duration.ofMinutes(1))));
    }
  }

  private static long nanos(Instant at) {
    return at.getEpochSecond() * 1_000_000_000 + at.getNano();
  }

  @Test
  void passesAForeignTraceThroughUntouchedWhereNothingIsTraced() throws Exception {
    try (RunningGateway gateway = RunningGateway.before("", site.uri())) {
      get(gateway, TRACEPARENT + "01", "tracestate: a=1");
      assertThat(site.heads().getFirst()).contains(TRACEPARENT + "01\r\n", "tracestate: a=1\r\n");
    }
    assertThat(collector.messages()).isEmpty();
  }

  @Test
  void beginsATraceOfItsOwnWhereAClientIsNotBelieved() throws Exception {
    try (RunningGateway gateway = gateway("continue-from = none", "ratio = 100%", "", site.uri())) {
      get(gateway, TRACEPARENT + "00", "tracestate: a=1");
      List<Span> spans = collector.spans(2);
      assertThat(spans).noneMatch(each -> hex(each.getTraceId()).equals(TRACE));
      assertThat(of(spans, SpanKind.SPAN_KIND_SERVER).getFirst().getParentSpanId()).isEmpty();
      assertThat(site.heads().getFirst()).doesNotContain(TRACE, "tracestate");
    }
  }

  @Test
  void tellsEachTryOfARequestThatWasSentAgain() throws Exception {
    URI closed = closedPort();
    try (RunningGateway gateway = gateway("ratio = 100%", "", closed, site.uri())) {
      // Which endpoint comes first is chosen anew for each request.
      RunningGateway.await(() -> {
        try {
          assertThat(get(gateway).status()).isEqualTo(200);
        } catch (IOException e) {
          throw new AssertionError(e);
        }
        return gateway.records(1).stream().anyMatch(each -> each.contains("connect-refused"));
      });
      RunningGateway.await(() ->
          collector.spans().stream()
              .anyMatch(each ->
                  each.getEventsList().stream()
                      .anyMatch(event -> event.getName().equals("retry"))));
      Span server =
          of(collector.spans(), SpanKind.SPAN_KIND_SERVER).stream()
              .filter(each -> each.getEventsCount() > 0)
              .findFirst()
              .orElseThrow();
      List<Span> tries =
          collector.spans().stream()
              .filter(each -> each.getParentSpanId().equals(server.getSpanId()))
              .filter(each -> each.getKind() == SpanKind.SPAN_KIND_CLIENT)
              .toList();

      assertThat(attributes(server.getEvents(0).getAttributesList()))
          .isEqualTo(Map.of("http.request.resend_count", "1", "error.type", "connect-refused"));
      assertThat(attributes(server.getAttributesList()))
          .containsEntry("whygate.cause", "blip.recovered")
          .containsEntry("http.response.status_code", "200");
      assertThat(server.getStatus().getCode()).isEqualTo(StatusCode.STATUS_CODE_UNSET);
      assertThat(tries).hasSize(2);
      assertThat(attributes(tries.get(0).getAttributesList()))
          .containsEntry("error.type", "connect-refused")
          .containsEntry("server.port", Integer.toString(closed.getPort()));
      assertThat(tries.get(0).getStatus().getCode()).isEqualTo(StatusCode.STATUS_CODE_ERROR);
      assertThat(attributes(tries.get(1).getAttributesList()))
          .containsEntry("http.request.resend_count", "1")
          .containsEntry("http.response.status_code", "200");
    }
  }

  @Test
  void keepsWhatFailedWithItsExaminationThoughNothingElseIsKept() throws Exception {
    try (RunningGateway gateway = gateway("ratio = 0%", "", closedPort())) {
      RawClient.Answer answer = get(gateway, TRACEPARENT + "00");
      assertThat(answer.status()).isEqualTo(502);
      RunningGateway.await(() -> collector.spans().size() >= 4);
      List<Span> spans = collector.spans();
      Span server = of(spans, SpanKind.SPAN_KIND_SERVER).getFirst();
      Span diagnosis =
          spans.stream()
              .filter(each -> each.getName().equals("diagnose"))
              .findFirst()
              .orElseThrow();
      List<Span> probes =
          spans.stream()
              .filter(each -> each.getParentSpanId().equals(diagnosis.getSpanId()))
              .toList();

      assertThat(spans).allMatch(each -> hex(each.getTraceId()).equals(TRACE));
      assertThat(server.getStatus().getCode()).isEqualTo(StatusCode.STATUS_CODE_ERROR);
      assertThat(attributes(server.getAttributesList()))
          .containsEntry("error.type", answer.field("Whygate-Cause"))
          .containsEntry("whygate.cause", "server.port-closed")
          .containsEntry("whygate.incident", answer.field("Whygate-Incident"))
          .containsEntry("whygate.outcome", "replied");
      assertThat(diagnosis.getParentSpanId()).isEqualTo(server.getSpanId());
      assertThat(attributes(diagnosis.getAttributesList()))
          .containsEntry("whygate.cause", "server.port-closed")
          .containsEntry("whygate.symptom", "connect-refused")
          .containsEntry("whygate.examination.shared", "false")
          .containsKeys("whygate.confidence", "whygate.because");
      assertThat(probes).isNotEmpty().extracting(Span::getName).contains("probe connect");
      assertThat(probes)
          .allMatch(each ->
              attributes(each.getAttributesList())
                  .keySet()
                  .containsAll(Set.of("whygate.probe.asked", "whygate.probe.answer")));

      assertThat(gateway.records(1).getFirst()).contains("\"trace_id\":\"" + TRACE + "\"");
      assertThat(gateway.document(answer.field("Whygate-Incident")))
          .contains("\"trace_id\":\"" + TRACE + "\"");

      int before = collector.spans().size();
      assertThat(get(gateway).status()).isEqualTo(502);
      Span shared =
          collector.spans(before + 3).stream()
              .skip(before)
              .filter(each -> each.getName().equals("diagnose"))
              .findFirst()
              .orElseThrow();
      assertThat(attributes(shared.getAttributesList()))
          .containsEntry("whygate.examination.shared", "true");
      assertThat(shared.getLinks(0).getSpanId()).isEqualTo(diagnosis.getSpanId());
      assertThat(shared.getLinks(0).getTraceId()).isEqualTo(diagnosis.getTraceId());
    }
  }

  @Test
  void exportsNothingThatNobodyWanted() throws Exception {
    try (RunningGateway gateway = gateway("ratio = 0%, failures = false", "", closedPort())) {
      get(gateway);
      get(gateway, TRACEPARENT + "00");
      gateway.records(2);
    }
    assertThat(collector.messages()).isEmpty();
  }

  @Test
  void saysWhoItIsWithTheFieldsOfTheConfiguration() throws Exception {
    try (RunningGateway gateway =
        gateway(
            "service-name = edge, attributes { \"deployment.environment.name\" = test }",
            "ratio = 100%",
            "headers { Authorization = \"Bearer t0k3n\" }",
            site.uri())) {
      get(gateway);
      collector.spans(2);
      var resource = collector.messages().getFirst().getResourceSpans(0);
      assertThat(attributes(resource.getResource().getAttributesList()))
          .containsEntry("service.name", "edge")
          .containsEntry("deployment.environment.name", "test")
          .containsKeys("service.version", "service.instance.id");
      assertThat(resource.getScopeSpans(0).getScope().getName()).isEqualTo("io.whygate");
      assertThat(collector.heads().getFirst())
          .containsEntry("Authorization", List.of("Bearer t0k3n"))
          .containsEntry("Content-type", List.of("application/x-protobuf"))
          .containsEntry("Content-encoding", List.of("gzip"));
    }
  }

  @Test
  void showsItsCertificateToACollectorThatItTrusts(@TempDir Path folder) throws Exception {
    KeyedCertificate collectors = Certificates.leaf("localhost").dns("localhost").selfSigned();
    KeyedCertificate own = Certificates.leaf("gateway").dns("gateway").selfSigned();
    KeyedCertificate.PemFiles theirs = collectors.writeTo(folder, "collector");
    KeyedCertificate.PemFiles mine = own.writeTo(folder, "gateway");
    collector.close();
    collector = CollectorServer.secured(collectors.context(own.certificate()));
    String trusting = "trusted-certificates = \"" + theirs.chain() + "\"";
    String showing =
        ", client-certificate = \"" + mine.chain() + "\", client-key = \"" + mine.key() + "\"";
    try (RunningGateway gateway = gateway("ratio = 100%", trusting + showing, site.uri())) {
      get(gateway);
      RunningGateway.await(() -> gateway.spans("exported") == 2);
    }
    try (RunningGateway gateway =
        gateway("ratio = 100%", trusting + ", attempts = 1", site.uri())) {
      get(gateway);
      RunningGateway.await(() -> gateway.spans("failed") == 2);
    }
    try (RunningGateway gateway = gateway("ratio = 100%", "attempts = 1" + showing, site.uri())) {
      get(gateway);
      RunningGateway.await(() -> gateway.spans("failed") == 2);
    }
    assertThat(collector.messages()).hasSize(1);
  }

  @Test
  void triesAgainWhereTheCollectorIsBusy() throws Exception {
    collector.answer(Reply.of(503, ""));
    collector.answer(Reply.of(429, "0"));
    try (RunningGateway gateway = gateway("ratio = 100%", "compression = none", site.uri())) {
      get(gateway);
      RunningGateway.await(() -> gateway.spans("exported") == 2);
      assertThat(collector.messages()).hasSize(3);
      assertThat(Set.copyOf(collector.messages())).as("the same message").hasSize(1);
    }
  }

  @Test
  void countsWhatTheCollectorDoesNotTake() throws Exception {
    collector.answer(Reply.of(400, ""));
    collector.answer(
        new Reply(
            200,
            "",
            ExportTraceServiceResponse.newBuilder()
                .setPartialSuccess(
                    ExportTracePartialSuccess.newBuilder()
                        .setRejectedSpans(1)
                        .setErrorMessage("too old"))
                .build()));
    try (RunningGateway gateway = gateway("ratio = 100%", "", site.uri())) {
      get(gateway);
      RunningGateway.await(() -> gateway.spans("rejected") == 2);
      get(gateway);
      RunningGateway.await(() -> gateway.spans("rejected") == 3);
      assertThat(gateway.spans("exported")).isEqualTo(1);
      assertThat(collector.messages()).as("no second try").hasSize(2);
    }
  }

  @Test
  void countsWhatCouldNotBeDeliveredAndWhatFoundNoRoom() throws Exception {
    collector.close();
    try (RunningGateway gateway =
        gateway("ratio = 100%", "attempts = 1, queue = 1, every = 1h, batch = 10000", site.uri())) {
      for (int i = 0; i < 3; i++) {
        assertThat(get(gateway).status()).isEqualTo(200);
      }
      gateway.records(3);
      gateway.apply("", "", site.uri());
      RunningGateway.await(() -> gateway.spans("failed") + gateway.spans("dropped") == 6);
      assertThat(gateway.spans("dropped")).as("two exchanges, or one of two").isBetween(2L, 4L);
      assertThat(gateway.spans("exported")).isZero();
    }
  }

  @Test
  void sendsWhatWaitsBeforeItEnds() throws Exception {
    try (RunningGateway gateway = gateway("ratio = 100%", "every = 1h", site.uri())) {
      get(gateway);
      gateway.records(1);
    }
    assertThat(collector.spans()).hasSize(2);
  }
}
