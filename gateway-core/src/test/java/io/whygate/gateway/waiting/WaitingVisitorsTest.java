package io.whygate.gateway.waiting;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.faults.Fault;
import io.whygate.faults.FaultyServer;
import io.whygate.faults.http.Request;
import io.whygate.faults.http.Response;
import io.whygate.gateway.RawClient;
import io.whygate.gateway.RunningGateway;
import io.whygate.gateway.exchange.PublicPaths;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// A server that comes back while a thousand pages wait for it.
final class WaitingVisitorsTest {
  private static final int VISITORS = 1_000;
  private static final int FIRST = 20;
  private static final int MOST = 500;
  private static final long DOUBLE_EVERY_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final Queue<Long> arrivals = new ConcurrentLinkedQueue<>();

  @Test
  void aServerThatComesBackIsMetByAFewFirst() throws Exception {
    long mended;
    try (FaultyServer server = FaultyServer.start();
        RunningGateway gateway = RunningGateway.before("", server.uri());
        ExecutorService visitors = Executors.newVirtualThreadPerTaskExecutor()) {
      server.site(this::arrive);
      server.fault(new Fault.NothingListens());
      String incident;
      try (RawClient client = gateway.client()) {
        incident = client.get("/wanted").answer().field("Whygate-Incident");
      }
      var listening = new CountDownLatch(VISITORS);
      List<Future<Integer>> outcomes = new ArrayList<>();
      for (int i = 0; i < VISITORS; i++) {
        outcomes.add(visitors.submit(() -> visit(gateway, incident, listening)));
      }
      assertThat(listening.await(60, TimeUnit.SECONDS)).isTrue();

      mended = System.nanoTime();
      server.mend();
      for (Future<Integer> outcome : outcomes) {
        assertThat(outcome.get(90, TimeUnit.SECONDS)).isEqualTo(200);
      }
    }
    List<Long> sorted = arrivals.stream().map(each -> each - mended).sorted().toList();
    System.out.println(
        VISITORS + " waiting pages, requests per second at the server: " + paces(sorted));
    assertThat(sorted).hasSize(VISITORS);
    // Nobody is let in before the server is back, and whoever comes late is no burden: however busy
    // the machine, no more can have come than the pace allows since then.
    for (int i = 0; i < VISITORS; i++) {
      assertThat(i + 1)
          .as("visitors within %d ns", sorted.get(i))
          .isLessThanOrEqualTo(allowed(sorted.get(i)));
    }
  }

  /// How many may have come within a time, by a pace that doubles; the first ones come at once.
  private static int allowed(long nanos) {
    double allowed = FIRST;
    int pace = FIRST;
    for (long left = nanos; left > 0; left -= DOUBLE_EVERY_NANOS) {
      allowed += pace * (Math.min(left, DOUBLE_EVERY_NANOS) / 1e9);
      pace = Math.min(2 * pace, MOST);
    }
    return (int) Math.ceil(allowed);
  }

  private static List<Integer> paces(List<Long> sorted) {
    int[] paces = new int[(int) (sorted.getLast() / 1_000_000_000L) + 1];
    sorted.forEach(each -> paces[(int) (each / 1_000_000_000L)]++);
    return Arrays.stream(paces).boxed().toList();
  }

  /// Listens as the page does, and opens the wanted page when it is told to.
  private static int visit(RunningGateway gateway, String incident, CountDownLatch listening)
      throws IOException {
    try (RawClient client = gateway.client()) {
      client.get(PublicPaths.PREFIX + "incidents/" + incident + "/events");
      BufferedReader lines = new BufferedReader(new InputStreamReader(client.in(), UTF_8));
      boolean counted = false;
      boolean admission = false;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (!counted && line.startsWith("data: {")) {
          counted = true;
          listening.countDown();
        }
        if (admission && line.endsWith("\"admit_after_ms\":0}")) {
          break;
        }
        admission = line.equals("event: admission");
      }
    }
    try (RawClient client = gateway.client()) {
      return client.get("/wanted").answer().status();
    }
  }

  private Response arrive(Request request) {
    if (request.head().path().equals("/wanted") && request.head().method().equals("GET")) {
      arrivals.add(System.nanoTime());
    }
    return Response.text(200, "wares");
  }
}
