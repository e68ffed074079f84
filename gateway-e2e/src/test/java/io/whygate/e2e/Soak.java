package io.whygate.e2e;

import io.whygate.e2e.lab.GatewayProcess;
import io.whygate.faults.Fault;
import io.whygate.faults.FaultyServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

/// Mixed traffic for a while, with faults and reloads: what is asked of a sound server has to be
/// answered right, what is asked of a failing one has to end in time, and the gateway must not
/// grow.
///
/// `Soak.main` runs it for as many minutes as its argument says and prints what it saw; a second
/// argument names a file for the gateway's own output.
final class Soak {
  private static final Duration HANGING = Duration.ofSeconds(20);
  private static final int VISITORS = 12;
  private static final List<Fault> FAULTS =
      List.of(
          new Fault.NothingListens(),
          new Fault.AcceptThenSilence(),
          new Fault.CloseBeforeResponse(),
          new Fault.ResetBeforeResponse(),
          new Fault.CloseMidBody(1000),
          new Fault.ResetMidBody(1000),
          new Fault.BadChunk(),
          new Fault.ExcessBody(),
          new Fault.GarbageResponse(),
          new Fault.TruncatedHeaders(),
          new Fault.HugeHeaders(200_000),
          new Fault.AmbiguousFraming(),
          new Fault.Overloaded503(),
          new Fault.Maintenance503(Duration.ofSeconds(5)));

  private final FaultyServer sound;
  private final FaultyServer failing;
  private final GatewayProcess gateway;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final AtomicLong answered = new AtomicLong();
  private final AtomicLong slowest = new AtomicLong();
  private final AtomicLong reloads = new AtomicLong();
  private final AtomicLong faults = new AtomicLong();
  private final Map<String, AtomicLong> failures = new ConcurrentHashMap<>();
  private final Map<String, AtomicLong> pages = new ConcurrentHashMap<>();
  private volatile boolean over;

  /// What a run saw.
  ///
  /// @param failures requests to the sound server that were not answered right, and any request
  ///   that hung, by kind
  /// @param pages answers for the failing server, by status and cause
  record Outcome(
      long answered,
      long slowestMillis,
      long reloads,
      long faults,
      Map<String, Long> failures,
      Map<String, Long> pages,
      long residentBefore,
      long residentAfter,
      String output) {
    @Override
    public String toString() {
      return "answered %d, slowest %d ms, %d reloads, %d faults, resident %d to %d MiB%nfailures %s%nfailing server %s"
          .formatted(
              answered,
              slowestMillis,
              reloads,
              faults,
              residentBefore >> 20,
              residentAfter >> 20,
              failures,
              pages);
    }
  }

  private Soak(FaultyServer sound, FaultyServer failing, GatewayProcess gateway) {
    this.sound = sound;
    this.failing = failing;
    this.gateway = gateway;
  }

  public static void main(String[] arguments) throws Exception {
    double minutes = arguments.length == 0 ? 30 : Double.parseDouble(arguments[0]);
    Outcome outcome = run(Duration.ofMillis((long) (minutes * 60_000)));
    System.out.println(outcome);
    if (arguments.length > 1) {
      Files.writeString(Path.of(arguments[1]), outcome.output());
    }
    System.exit(outcome.failures().isEmpty() ? 0 : 1);
  }

  static Outcome run(Duration time) throws Exception {
    try (FaultyServer sound = FaultyServer.start();
        FaultyServer failing = FaultyServer.start();
        GatewayProcess gateway = GatewayProcess.start(settings(sound, failing, 0))) {
      return new Soak(sound, failing, gateway).run(System.nanoTime() + time.toNanos());
    }
  }

  private static String settings(FaultyServer sound, FaultyServer failing, int generation) {
    return """
    upstreams {
      sound { endpoints = ["%s"], response-timeout = %ds }
      failing { endpoints = ["%s"], response-timeout = 2s, connect-timeout = 1s, idle-timeout = 3s }
    }
    routes = [
      { path = "/failing", upstream = failing }
      { path = "/", upstream = sound }
    ]
    """
        .formatted(sound.uri(), 20 + generation % 10, failing.uri());
  }

  private Outcome run(long end) throws Exception {
    visit(VISITORS, 200);
    long before = gateway.residentBytes();
    List<Thread> threads =
        java.util.stream.IntStream.range(0, VISITORS)
            .mapToObj(_ -> Thread.startVirtualThread(this::visitUntilOver))
            .toList();
    Thread breaker = Thread.startVirtualThread(this::breakAndMend);
    int generation = 0;
    while (System.nanoTime() < end) {
      Thread.sleep(3000);
      gateway.rewriteConfiguration(settings(sound, failing, ++generation));
      reloads.incrementAndGet();
    }
    over = true;
    for (Thread each : threads) {
      each.join(HANGING.plusSeconds(10));
      if (each.isAlive()) {
        count(failures, "a visitor that never came to an end");
      }
    }
    breaker.join();
    return new Outcome(
        answered.get(),
        slowest.get(),
        reloads.get(),
        faults.get(),
        plain(failures),
        plain(pages),
        before,
        gateway.residentBytes(),
        gateway.output());
  }

  private void visit(int visitors, int times) throws InterruptedException {
    List<Thread> threads =
        java.util.stream.IntStream.range(0, visitors)
            .mapToObj(_ ->
                Thread.startVirtualThread(() -> {
                  for (int i = 0; i < times; i++) {
                    download("bytes");
                  }
                }))
            .toList();
    for (Thread each : threads) {
      each.join();
    }
  }

  private void visitUntilOver() {
    while (!over) {
      switch (ThreadLocalRandom.current().nextInt(8)) {
        case 0, 1 -> download("bytes");
        case 2 -> download("chunked");
        case 3 -> download("until-close");
        case 4 -> upload();
        case 5 -> leaveEarly();
        default -> askTheFailing();
      }
    }
  }

  private void breakAndMend() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    try {
      while (!over) {
        failing.fault(FAULTS.get(random.nextInt(FAULTS.size())));
        faults.incrementAndGet();
        Thread.sleep(random.nextInt(500, 3000));
        failing.mend();
        Thread.sleep(random.nextInt(100, 1000));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void download(String framing) {
    int size = ThreadLocalRandom.current().nextInt(200_000);
    exchange(
        framing,
        HttpRequest.newBuilder(gateway.uri().resolve("/" + framing + "/" + size)).build(),
        size);
  }

  private void upload() {
    byte[] content = new byte[ThreadLocalRandom.current().nextInt(100_000)];
    exchange(
        "echo",
        HttpRequest.newBuilder(gateway.uri().resolve("/echo"))
            .POST(HttpRequest.BodyPublishers.ofByteArray(content))
            .build(),
        content.length);
  }

  private void exchange(String kind, HttpRequest request, int expected) {
    long began = System.nanoTime();
    try {
      HttpResponse<byte[]> answer =
          client.send(withLimit(request), HttpResponse.BodyHandlers.ofByteArray());
      answered.incrementAndGet();
      slowest.accumulateAndGet((System.nanoTime() - began) / 1_000_000, Math::max);
      if (answer.statusCode() != 200) {
        count(
            failures,
            kind
                + ": "
                + answer.statusCode()
                + " "
                + answer.headers().firstValue("Whygate-Cause").orElse(""));
      } else if (answer.body().length != expected) {
        count(failures, kind + ": " + answer.body().length + " bytes instead of " + expected);
      }
    } catch (IOException e) {
      count(failures, kind + ": " + e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static HttpRequest withLimit(HttpRequest request) {
    return HttpRequest.newBuilder(request, (_, _) -> true).timeout(HANGING).build();
  }

  /// A visitor who goes away in the middle of an answer.
  private void leaveEarly() {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress("127.0.0.1", gateway.uri().getPort()), 5000);
      socket.setSoTimeout((int) HANGING.toMillis());
      socket
          .getOutputStream()
          .write(
              "GET /bytes/5000000 HTTP/1.1\r\nHost: soak\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      InputStream in = socket.getInputStream();
      if (in.readNBytes(10_000).length < 10_000) {
        count(failures, "leaving early: the answer ended before the visitor left");
      }
    } catch (IOException e) {
      count(failures, "leaving early: " + e);
    }
  }

  /// Whatever comes of it, it has to come in time.
  private void askTheFailing() {
    HttpRequest request =
        HttpRequest.newBuilder(gateway.uri().resolve("/failing"))
            .header("Accept", "application/json")
            .build();
    try {
      HttpResponse<String> answer =
          client.send(withLimit(request), HttpResponse.BodyHandlers.ofString());
      count(
          pages,
          answer.statusCode() + " " + answer.headers().firstValue("Whygate-Cause").orElse(""));
    } catch (java.net.http.HttpTimeoutException e) {
      count(failures, "the failing server: no answer within " + HANGING.toSeconds() + " s");
    } catch (IOException e) {
      count(pages, "broken off");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void count(Map<String, AtomicLong> in, String what) {
    in.computeIfAbsent(what, _ -> new AtomicLong()).incrementAndGet();
  }

  private static Map<String, Long> plain(Map<String, AtomicLong> counts) {
    Map<String, Long> found = new TreeMap<>();
    counts.forEach((what, count) -> found.put(what, count.get()));
    return found;
  }
}
