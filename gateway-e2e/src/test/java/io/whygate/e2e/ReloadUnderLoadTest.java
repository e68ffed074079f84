package io.whygate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.e2e.lab.Await;
import io.whygate.e2e.lab.Folder;
import io.whygate.e2e.lab.GatewayProcess;
import io.whygate.e2e.lab.Nginx;
import io.whygate.e2e.lab.Place;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/// A reload swaps the configuration whole while requests pass, and loses none of them.
@Needs("nginx")
class ReloadUnderLoadTest {
  private static final int VISITORS = 16;
  private static final int RELOADS = 12;

  @Test
  void losesNoRequestWhileTheConfigurationChanges() throws Exception {
    try (Folder one = Folder.create("one");
        Folder two = Folder.create("two")) {
      one.write("index.html", "one");
      two.write("index.html", "two");
      try (Nginx first = Nginx.serving(Place.HERE, one.path(), "");
          Nginx second = Nginx.serving(Place.HERE, two.path(), "");
          GatewayProcess gateway = GatewayProcess.before(first.uri(), "");
          Load load = new Load(gateway.uri())) {
        for (int reload = 1; reload <= RELOADS; reload++) {
          Nginx next = reload % 2 == 1 ? second : first;
          String expected = reload % 2 == 1 ? "two" : "one";
          gateway.rewriteConfiguration(GatewayProcess.oneSite(next.uri(), ""));
          Await.until(
              "reload " + reload + " is in force",
              Duration.ofSeconds(15),
              () -> gateway.get("/").body().equals(expected),
              gateway::warnings);
        }
        assertThat(load.stop()).as("answers other than 200, and their number").isEmpty();
        assertThat(load.answered()).isGreaterThan(VISITORS * RELOADS);
      }
    }
  }

  @Test
  void keepsWhatIsInForceWhenTheNewConfigurationIsWrongAndSaysWhy() throws Exception {
    try (Folder root = Folder.create("root")) {
      root.write("index.html", "still here");
      try (Nginx nginx = Nginx.serving(Place.HERE, root.path(), "");
          GatewayProcess gateway = GatewayProcess.before(nginx.uri(), "")) {
        gateway.rewriteConfiguration(GatewayProcess.oneSite(nginx.uri(), "conect-timeout = 2s"));
        var answer = gateway.adminPost("/api/config/reload", "");

        assertThat(answer.statusCode()).isEqualTo(422);
        assertThat(answer.body()).contains("conect-timeout").contains("connect-timeout");
        assertThat(gateway.get("/").body()).isEqualTo("still here");
        assertThat(gateway.admin("/metrics").body())
            .containsPattern("whygate_config_reloads_total\\{result=\"[a-z]+\"} [1-9]");
      }
    }
  }

  @Test
  void finishesWhatIsInFlightWhenItIsToldToStop() throws Exception {
    try (Folder root = Folder.create("root")) {
      root.write("big.bin", "x".repeat(3_000_000));
      try (Nginx nginx = Nginx.serving(Place.HERE, root.path(), "limit_rate 1m;");
          GatewayProcess gateway = GatewayProcess.before(nginx.uri(), "");
          HttpClient client = HttpClient.newHttpClient()) {
        var answer =
            client.sendAsync(
                HttpRequest.newBuilder(URI.create(gateway.uri() + "/big.bin")).build(),
                HttpResponse.BodyHandlers.ofByteArray());
        Await.until(
            "the request is at the server",
            Duration.ofSeconds(30),
            () ->
                gateway.admin("/metrics").body().contains("state=\"active\"} 1")
                    || gateway
                        .admin("/metrics")
                        .body()
                        .matches("(?s).*whygate_upstream_connections\\{[^}]*} 1.*"));
        gateway.process().signal("TERM");

        assertThat(answer.get().body()).hasSize(3_000_000);
        assertThat(gateway.process().awaitExit(Duration.ofSeconds(20))).isZero();
      }
    }
  }

  /// Visitors who ask again and again until they are stopped.
  private static final class Load implements AutoCloseable {
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final AtomicLong answered = new AtomicLong();
    private final Map<String, Long> failures = new ConcurrentHashMap<>();
    private final List<Thread> visitors = new ArrayList<>();
    private final HttpClient client =
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    Load(URI uri) {
      for (int i = 0; i < VISITORS; i++) {
        visitors.add(Thread.ofVirtual().start(() -> visit(uri)));
      }
    }

    private void visit(URI uri) {
      HttpRequest request = HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(10)).build();
      while (!stopped.get()) {
        String outcome = outcome(request);
        if (outcome.equals("200")) {
          answered.incrementAndGet();
        } else {
          failures.merge(outcome, 1L, Long::sum);
        }
      }
    }

    private String outcome(HttpRequest request) {
      try {
        return Integer.toString(
            client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode());
      } catch (IOException e) {
        return e.toString();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return e.toString();
      }
    }

    long answered() {
      return answered.get();
    }

    Map<String, Long> stop() throws InterruptedException {
      stopped.set(true);
      for (Thread visitor : visitors) {
        visitor.join();
      }
      return Map.copyOf(failures);
    }

    @Override
    public void close() {
      stopped.set(true);
      client.shutdownNow();
      client.close();
    }
  }
}
