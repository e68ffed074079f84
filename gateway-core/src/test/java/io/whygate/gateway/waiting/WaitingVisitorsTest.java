package io.whygate.gateway.waiting;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.whygate.gateway.RawClient;
import io.whygate.gateway.RunningGateway;
import io.whygate.gateway.exchange.PublicPaths;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/// A server that comes back while a thousand pages wait for it.
final class WaitingVisitorsTest {
  private static final int VISITORS = 1_000;
  private static final int FIRST = 20;
  private static final int MOST = 500;

  private final ConcurrentSkipListMap<Long, AtomicInteger> perSecond =
      new ConcurrentSkipListMap<>();

  @Test
  void aServerThatComesBackIsMetByAFewFirst() throws Exception {
    int port = freePort();
    URI site = URI.create("http://127.0.0.1:" + port);
    try (RunningGateway gateway = RunningGateway.before("", site);
        ExecutorService visitors = Executors.newVirtualThreadPerTaskExecutor()) {
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

      HttpServer server = serve(port);
      try {
        for (Future<Integer> outcome : outcomes) {
          assertThat(outcome.get(90, TimeUnit.SECONDS)).isEqualTo(200);
        }
      } finally {
        server.stop(0);
      }
    }
    long first = perSecond.firstKey();
    List<Integer> paces = new ArrayList<>();
    for (long second = first; second <= perSecond.lastKey(); second++) {
      paces.add(perSecond.getOrDefault(second, new AtomicInteger()).get());
    }
    System.out.println(VISITORS + " waiting pages, requests per second at the server: " + paces);
    assertThat(paces.stream().mapToInt(Integer::intValue).sum()).isEqualTo(VISITORS);
    assertThat(paces.getFirst()).isLessThanOrEqualTo(2 * FIRST);
    assertThat(paces).allMatch(pace -> pace <= MOST + MOST / 4);
    assertThat(paces.size()).isGreaterThan(5);
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

  private HttpServer serve(int port) throws IOException {
    HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 1_024);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext(
        "/",
        exchange -> {
          if (exchange.getRequestURI().getPath().equals("/wanted")
              && exchange.getRequestMethod().equals("GET")) {
            long second = System.nanoTime() / 1_000_000_000L;
            perSecond.computeIfAbsent(second, _ -> new AtomicInteger()).incrementAndGet();
          }
          byte[] body = "wares".getBytes(UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    return server;
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
