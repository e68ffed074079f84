package io.whygate.gateway.notification;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.whygate.diagnostics.facts.UpstreamFacts;
import io.whygate.diagnostics.incident.Incident;
import io.whygate.diagnostics.incident.IncidentBook;
import io.whygate.diagnostics.incident.IncidentSettings;
import io.whygate.diagnostics.verdict.Cause;
import io.whygate.diagnostics.verdict.Diagnosis;
import io.whygate.gateway.config.NotificationSettings;
import io.whygate.gateway.config.NotificationSettings.Channel;
import io.whygate.gateway.config.NotificationSettings.Pace;
import io.whygate.gateway.config.NotificationSettings.Slack;
import io.whygate.gateway.config.NotificationSettings.Target;
import io.whygate.gateway.config.NotificationSettings.Tries;
import io.whygate.gateway.config.NotificationSettings.Webhook;
import io.whygate.gateway.telemetry.SampleIncident;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What a real HTTP server is told of incidents, and what a failing one costs.
class NewsDeskTest {
  private static final String SECRET = "shared";

  private final IncidentBook incidents =
      new IncidentBook(IncidentSettings.STANDARD, Clock.systemUTC());
  private final Map<String, Integer> results = new ConcurrentHashMap<>();
  private final BlockingQueue<Post> posts = new LinkedBlockingQueue<>();
  private final ConcurrentLinkedQueue<Integer> statuses = new ConcurrentLinkedQueue<>();
  private final CountDownLatch answer = new CountDownLatch(1);
  private volatile boolean holding;
  private HttpServer server;
  private NewsDesk desk;

  private record Post(Map<String, String> fields, String body) {}

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext(
        "/",
        exchange -> {
          Map<String, String> fields = new ConcurrentHashMap<>();
          exchange.getRequestHeaders().forEach((name, all) -> fields.put(name, all.getFirst()));
          String body =
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
          posts.add(new Post(fields, body));
          if (holding) {
            await(answer);
          }
          Integer status = statuses.poll();
          exchange.sendResponseHeaders(status == null ? 200 : status, -1);
          exchange.close();
        });
    server.start();
    desk =
        new NewsDesk(
            "edge",
            incidents,
            each ->
                "{\"title\":\"Down <b>\",\"because\":\"it is\",\"state\":\""
                    + each.state().code()
                    + "\"}",
            (channel, result, news) -> results.merge(channel + " " + result, news, Integer::sum));
  }

  @AfterEach
  void stop() {
    answer.countDown();
    desk.close();
    server.stop(0);
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private URI url() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/hook");
  }

  private NotificationSettings settings(Duration gather, int queue, Target... targets) {
    return settings(gather, queue, List.of(), targets);
  }

  private static NotificationSettings settings(
      Duration gather, int queue, List<String> upstreams, Target... targets) {
    List<Channel> channels =
        List.of(targets).stream()
            .map(each -> new Channel(each.type(), upstreams, each, List.of()))
            .toList();
    return new NotificationSettings(
        channels,
        "https://console.example/",
        new Pace(
            gather,
            Duration.ZERO,
            Duration.ofMinutes(1),
            queue,
            new Tries(3, Duration.ofSeconds(10), Duration.ofMillis(10))));
  }

  private Incident fail(String upstream, Cause cause) {
    Diagnosis diagnosis = SampleIncident.of("x", upstream, cause, Incident.State.OPEN).diagnosis();
    return incidents.failed(diagnosis, facts(upstream), true);
  }

  private static UpstreamFacts facts(String upstream) {
    return new UpstreamFacts(
        upstream,
        List.of(),
        List.of(),
        53,
        List.of(),
        true,
        Optional.empty(),
        Duration.ofSeconds(1),
        Duration.ofSeconds(1),
        List.of(),
        UpstreamFacts.Contact.NONE,
        Optional.empty(),
        "",
        UpstreamFacts.Protocol.AUTO,
        Optional.empty(),
        UpstreamFacts.ProxyProtocol.NONE,
        UpstreamFacts.AnswerLimits.USUAL);
  }

  private Post next() throws InterruptedException {
    Post post = posts.poll(20, TimeUnit.SECONDS);
    assertThat(post).as("a message").isNotNull();
    return post;
  }

  private void nothingMore() throws InterruptedException {
    assertThat(posts.poll(200, TimeUnit.MILLISECONDS)).isNull();
  }

  @Test
  void tellsOpeningAndRecoverySignedAndNothingBetween() throws Exception {
    desk.apply(settings(Duration.ZERO, 10, new Webhook(url(), SECRET)));
    Incident opened = fail("shop", Cause.SERVER_PORT_CLOSED);
    Post first = next();
    fail("shop", Cause.SERVER_PORT_CLOSED);
    fail("shop", Cause.SERVER_PORT_CLOSED);
    nothingMore();
    incidents.recovered(opened.id());
    Post second = next();

    assertThat(first.body())
        .contains(
            "\"event\":\"opened\"", "\"cause\":\"server.port-closed\"", "\"gateway\":\"edge\"")
        .contains("\"url\":\"https://console.example/#/incidents/" + opened.id() + "\"")
        .contains("\"document\":{\"title\"");
    assertThat(first.fields().get("Whygate-signature"))
        .isEqualTo(
            "v1="
                + WebhookDelivery.signature(
                    SECRET, first.fields().get("Whygate-timestamp") + "." + first.body()));
    assertThat(second.body()).contains("\"event\":\"recovered\"", opened.id());
    awaitResult("webhook sent", 2);
  }

  @Test
  void gathersNewsIntoOneMessageAndTellsAnotherCauseAsOneThing() throws Exception {
    desk.apply(settings(Duration.ofSeconds(1), 10, new Webhook(url(), "")));
    fail("shop", Cause.SERVER_PORT_CLOSED);
    fail("blog", Cause.DNS_DRIFT);
    Post both = next();
    fail("shop", Cause.APPLICATION_TIMEOUT);
    Post changed = next();

    assertThat(both.body()).contains("\"upstream\":\"shop\"", "\"upstream\":\"blog\"");
    assertThat(both.fields()).doesNotContainKey("Whygate-signature");
    assertThat(changed.body())
        .contains("\"event\":\"changed\"", "\"cause_before\":\"server.port-closed\"")
        .doesNotContain("recovered\",\"incident");
    nothingMore();
  }

  @Test
  void triesAgainWhatFailedAsTheSameDeliveryAndGivesUpInTheEnd() throws Exception {
    desk.apply(settings(Duration.ZERO, 10, new Webhook(url(), SECRET)));
    statuses.addAll(List.of(503, 429));
    fail("shop", Cause.SERVER_PORT_CLOSED);
    String delivery = next().fields().get("Whygate-delivery");
    assertThat(next().fields().get("Whygate-delivery")).isEqualTo(delivery);
    assertThat(next().fields().get("Whygate-delivery")).isEqualTo(delivery);
    awaitResult("webhook sent", 1);
    assertThat(desk.channels().getFirst().isFailing()).isFalse();

    statuses.addAll(List.of(500, 500, 500));
    fail("blog", Cause.SERVER_PORT_CLOSED);
    awaitResult("webhook failed", 1);
    assertThat(desk.channels().getFirst().isFailing()).isTrue();
    assertThat(desk.channels().getFirst().lastFailure().orElseThrow().why())
        .isEqualTo("answered 500");

    posts.clear();
    statuses.add(404);
    fail("wiki", Cause.SERVER_PORT_CLOSED);
    awaitResult("webhook failed", 2);
    assertThat(posts).as("what is refused is not sent again").hasSize(1);
  }

  private void awaitResult(String what, int count) throws InterruptedException {
    for (int i = 0; i < 400 && results.getOrDefault(what, 0) < count; i++) {
      Thread.sleep(25);
    }
    assertThat(results).containsEntry(what, count);
  }

  @Test
  void neverWaitsForAChannelAndDropsTheOldestBeyondItsRoom() throws Exception {
    holding = true;
    desk.apply(settings(Duration.ZERO, 2, new Webhook(url(), "")));
    fail("first", Cause.SERVER_PORT_CLOSED);
    next();
    for (int i = 0; i < 5; i++) {
      fail("site-" + i, Cause.SERVER_PORT_CLOSED);
    }

    assertThat(results).containsEntry("webhook dropped", 3);
    assertThat(desk.channels().getFirst().waiting()).isEqualTo(2);
    holding = false;
    answer.countDown();
    assertThat(next().body()).contains("site-3", "site-4").doesNotContain("site-0");
  }

  @Test
  void tellsNothingOfWhatHealedOrWasOpenBeforeOrIsNotOfItsUpstreams() throws Exception {
    fail("shop", Cause.SERVER_PORT_CLOSED);
    desk.apply(settings(Duration.ZERO, 10, List.of("shop"), new Webhook(url(), "")));
    fail("shop", Cause.SERVER_PORT_CLOSED);
    fail("blog", Cause.SERVER_PORT_CLOSED);
    incidents.healed(
        SampleIncident.of("x", "shop", Cause.BLIP_RECOVERED, Incident.State.OPEN).diagnosis(),
        facts("shop"));
    nothingMore();
    incidents.recovered("shop", Cause.SERVER_PORT_CLOSED);
    assertThat(next().body()).contains("\"event\":\"recovered\"");
  }

  @Test
  void writesToAChatWithoutMarkupOfOthers() throws Exception {
    desk.apply(settings(Duration.ZERO, 10, new Slack(url())));
    fail("shop", Cause.SERVER_PORT_CLOSED);

    assertThat(next().body())
        .startsWith("{\"text\":\":red_circle: *shop is broken: Down &lt;b&gt;*")
        .contains("`server.port-closed`", "<https://console.example/#/incidents/");
  }

  @Test
  void tellsWhatWaitsBeforeItEnds() throws Exception {
    desk.apply(settings(Duration.ofHours(1), 10, new Webhook(url(), "")));
    fail("shop", Cause.SERVER_PORT_CLOSED);
    desk.close();

    assertThat(next().body()).contains("shop");
    assertThat(desk.channels()).isEmpty();
  }

  @Test
  void foldsALongSubjectWithoutCuttingACharacter() {
    String encoded =
        EmailDelivery.encoded("[edge] shop is broken: Máy chủ của trang web không chạy\r\nBcc: x");

    assertThat(encoded.split("\r\n ", -1))
        .allSatisfy(word -> {
          assertThat(word)
              .hasSizeLessThanOrEqualTo(75)
              .matches("=\\?UTF-8\\?B\\?[A-Za-z0-9+/=]+\\?=");
        });
    assertThat(encoded).doesNotContain("Bcc");
    assertThat(EmailDelivery.encoded("plain")).isEqualTo("plain");
  }
}
