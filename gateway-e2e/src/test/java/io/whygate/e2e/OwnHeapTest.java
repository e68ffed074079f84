package io.whygate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.whygate.e2e.lab.Await;
import io.whygate.e2e.lab.GatewayProcess;
import io.whygate.e2e.lab.LabProcess;
import io.whygate.e2e.lab.Place;
import io.whygate.e2e.matrix.Client;
import io.whygate.faults.Fault;
import io.whygate.faults.FaultyServer;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// A gateway whose heap is too small says that it is its heap, and one whose heap is small but
/// enough never does.
class OwnHeapTest {
  private static final int VISITORS = 120;
  private static final int SERVED = 300;
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String HEAP = "The gateway was out of memory of its own: ";

  /// From this part of the heap on, each collection frees too little; with more, the next visitors
  /// might end the gateway.
  private static final double FULL = 0.88;

  private static final Pattern KEPT =
      Pattern.compile("(?m)^jvm_memory_pool_collection_used_bytes\\{.*} (\\S+)$");
  private static final Pattern SILENT =
      Pattern.compile(
          "(?m)^whygate_upstream_connections\\{state=\"active\",upstream=\"silent\"} (\\S+)$");
  private static final Pattern MAX =
      Pattern.compile("(?m)^jvm_memory_max_bytes\\{area=\"heap\"} (\\S+)$");

  /// A request that gets no answer, and a large head, which the gateway keeps meanwhile.
  private static final byte[] HEAVY =
      ("GET /held HTTP/1.1\r\nHost: www.lab.test\r\n"
              + ("X-Much: " + "y".repeat(3_990) + "\r\n").repeat(60)
              + "\r\n")
          .getBytes(StandardCharsets.US_ASCII);

  private static GatewayProcess gateway(FaultyServer site, FaultyServer silent, String limit) {
    return GatewayProcess.startUnwatched(
        "80m",
        ", limits { header-size = 1MiB }",
        """
        event-loops = 1
        upstreams {
          site {
            endpoints = ["%s"], response-timeout = %s, retry.attempts = 1
            circuit-breaker.consecutive-failures = 0, outlier.consecutive-failures = 0
          }
          silent { endpoints = ["%s"], response-timeout = 5m, pool.max-connections = 1000 }
        }
        routes = [ { path = "/held", upstream = silent }, { path = "/", upstream = site } ]
        access-log { enabled = false }
        diagnostics { budget = 2s, keep = 1s }
        """
            .formatted(site.uri(), limit, silent.uri()));
  }

  private static double kept(GatewayProcess gateway) throws IOException, InterruptedException {
    String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    LabProcess.run(
        Place.HERE, Path.of("/"), jcmd, Long.toString(gateway.process().pid()), "GC.run");
    String metrics = gateway.admin("/metrics").body();
    return sum(KEPT, metrics) / sum(MAX, metrics);
  }

  /// How many of those that are held have come to the server that answers nobody.
  private static double passedOn(GatewayProcess gateway) throws IOException, InterruptedException {
    return sum(SILENT, gateway.admin("/metrics").body());
  }

  private static double sum(Pattern samples, String metrics) {
    return samples
        .matcher(metrics)
        .results()
        .mapToDouble(r -> Double.parseDouble(r.group(1)))
        .sum();
  }

  private static void hold(GatewayProcess gateway, Deque<Socket> held) throws IOException {
    Socket visitor = new Socket(gateway.uri().getHost(), gateway.uri().getPort());
    held.add(visitor);
    visitor.getOutputStream().write(HEAVY);
  }

  /// Fills the heap, nearer with each look at it.
  private static void fill(GatewayProcess gateway, Deque<Socket> held) throws Exception {
    double atFirst = kept(gateway);
    double each = 0.006;
    for (double now = atFirst; now < FULL; now = kept(gateway)) {
      if (now > 2 * atFirst) {
        each = (now - atFirst) / held.size();
      }
      for (int more = (int) Math.ceil((FULL - now) / each * 0.8); more > 0; more--) {
        hold(gateway, held);
      }
      Await.until(
          "all are held", PATIENCE, () -> passedOn(gateway) >= held.size(), gateway::warnings);
    }
  }

  private static void visit(GatewayProcess gateway, AtomicBoolean over, AtomicInteger served) {
    while (!over.get()) {
      try {
        int status =
            Client.send(gateway.uri(), "GET", "/", "", "X-Some: " + "z".repeat(6_000)).status();
        served.addAndGet(status == 200 ? 1 : 0);
      } catch (IOException | RuntimeException e) {
        // It is out of memory, after all.
        Thread.yield();
      }
    }
  }

  /// The incident of a cause in full, with what was found last.
  private static Optional<JsonObject> incident(GatewayProcess gateway, String cause)
      throws IOException, InterruptedException {
    JsonArray found =
        JsonParser.parseString(gateway.admin("/api/incidents?cause=" + cause).body())
            .getAsJsonObject()
            .getAsJsonArray("incidents");
    if (found.isEmpty()) {
      return Optional.empty();
    }
    String id = found.get(0).getAsJsonObject().get("incident").getAsString();
    return Optional.of(
        JsonParser.parseString(gateway.admin("/api/incidents/" + id).body()).getAsJsonObject());
  }

  @Test
  void aHeapThatIsTooSmallIsTheGatewaysOwnFault() throws Exception {
    Deque<Socket> held = new ArrayDeque<>();
    AtomicBoolean over = new AtomicBoolean();
    AtomicReference<JsonObject> found = new AtomicReference<>();
    try (FaultyServer site = FaultyServer.start();
        FaultyServer silent = FaultyServer.start();
        GatewayProcess gateway = gateway(site, silent, "12ms")) {
      silent.fault(new Fault.AcceptThenSilence());
      fill(gateway, held);
      for (int i = 0; i < VISITORS; i++) {
        Thread.ofVirtual().start(() -> visit(gateway, over, new AtomicInteger()));
      }
      Await.until(
          "it says that it is its heap",
          PATIENCE,
          () -> {
            Optional<JsonObject> now = incident(gateway, "gateway.overloaded");
            now.filter(each -> each.get("because").getAsString().startsWith(HEAP))
                .ifPresent(found::set);
            return now.isPresent() && found.get() != null;
          },
          gateway::warnings);
      over.set(true);

      assertThat(found.get().get("because").getAsString())
          .contains("MB of heap in use")
          .contains("after its last collections, collecting for");
      assertThat(found.get().getAsJsonArray("fix").toString()).contains("WHYGATE_JAVA_OPTS=-Xmx");
    } finally {
      over.set(true);
      for (Socket each : held) {
        each.close();
      }
    }
  }

  /// The same heap, with no more in it than it can bear, and a server that answers one path late.
  @Test
  void aHeapThatIsEnoughIsNotBlamedForWhatTheServerDoes() throws Exception {
    AtomicBoolean over = new AtomicBoolean();
    AtomicInteger served = new AtomicInteger();
    try (FaultyServer site = FaultyServer.start();
        FaultyServer silent = FaultyServer.start();
        GatewayProcess gateway = gateway(site, silent, "1s")) {
      site.fault(new Fault.PathFailure("/sick", new Fault.AcceptThenSilence()));
      for (int i = 0; i < VISITORS / 4; i++) {
        Thread.ofVirtual().start(() -> visit(gateway, over, served));
      }
      Await.until("visitors are served", PATIENCE, () -> served.get() > SERVED, gateway::warnings);
      assertThat(Client.get(gateway.uri(), "/sick").status()).isEqualTo(504);
      over.set(true);
      JsonArray all =
          JsonParser.parseString(gateway.admin("/api/incidents").body())
              .getAsJsonObject()
              .getAsJsonArray("incidents");
      assertThat(all).isNotEmpty();
      for (JsonElement each : all) {
        assertThat(each.getAsJsonObject().get("because").getAsString()).doesNotContain(HEAP);
      }
    } finally {
      over.set(true);
    }
  }
}
