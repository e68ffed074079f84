package io.whygate.e2e.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.e2e.lab.GatewayProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Plays attacks on a gateway, one after the other, while bystanders ask: what they meet, what is
/// counted, and the gateway's memory before and after, as rows of a table.
final class Siege {
  /// How long an attack goes on where a busy machine has not yet come to count it.
  private static final Duration LONGEST = Duration.ofSeconds(30);

  private static final long MOST_BYTES = 160L << 20;

  private final GatewayProcess gateway;
  private final Duration lasting;
  private final Duration slowest;
  private final Map<String, Opening> bystanders;
  private final StringBuilder report = new StringBuilder();

  /// Makes a bystander.
  interface Opening {
    Bystander open() throws Exception;
  }

  /// What one attacker does until it is over.
  interface Play {
    void play(BooleanSupplier isOver) throws InterruptedException;
  }

  /// @param lasting how long each attack goes on at least
  /// @param slowest the most that bystanders' 99th percentile may be: far more than is measured, so
  ///   that a busy machine is no failure
  /// @param bystanders by what they speak, in the order of the table
  Siege(
      String title,
      GatewayProcess gateway,
      Duration lasting,
      Duration slowest,
      Map<String, Opening> bystanders) {
    this.gateway = gateway;
    this.lasting = lasting;
    this.slowest = slowest;
    this.bystanders = bystanders;
    String columns =
        bystanders.keySet().stream()
            .map(each -> " %1$s p50 ms | %1$s p99 ms | %1$s longest ms |".formatted(each))
            .collect(Collectors.joining());
    report
        .append("# ")
        .append(title)
        .append(
            "\n\nResident memory is that of a gateway with a heap of 256 MiB and one event loop.")
        .append("\n\n| attack |")
        .append(columns)
        .append(" counted | memory before MiB | after MiB |\n| --- |")
        .append(" ---: |".repeat(3 * bystanders.size() + 3))
        .append('\n');
  }

  /// Lets the bystanders ask in peace, so that what is measured next is a gateway that has run.
  void warmUp() throws Exception {
    watch(() -> {}, () -> false);
  }

  void withstand(String name, String kind, int clients, Play play) throws Exception {
    long memory = gateway.residentBytes();
    long counted = counted(kind);
    var isOver = new AtomicBoolean();
    List<Thread> attackers = new ArrayList<>();
    List<Bystander.Times> times;
    try {
      times =
          watch(
              () -> {
                for (int i = 0; i < clients; i++) {
                  attackers.add(begin(play, isOver));
                }
              },
              () -> !kind.isEmpty() && counted(kind) == counted);
    } finally {
      isOver.set(true);
      long over = System.nanoTime() + Duration.ofSeconds(5).toNanos();
      for (Thread each : attackers) {
        // One that writes to a connection which the gateway has given up, and reads nothing, may
        // wait for ever.
        if (!each.join(Duration.ofNanos(Math.max(1, over - System.nanoTime())))) {
          each.interrupt();
          each.join();
        }
      }
    }
    long abuses = counted(kind) - counted;
    long after = gateway.residentBytes();
    String columns =
        times.stream()
            .flatMap(each ->
                Stream.of(50, 99, 100)
                    .map(share -> " %.1f |".formatted(each.percentile(share).toNanos() / 1e6)))
            .collect(Collectors.joining());
    report.append(
        "| %s |%s %d | %d | %d |\n".formatted(name, columns, abuses, memory >> 20, after >> 20));
    if (!kind.isEmpty()) {
      assertThat(abuses).as("counted as " + kind).isPositive();
    }
    assertThat(times)
        .as("the bystanders' 99th percentiles")
        .allSatisfy(each -> assertThat(each.percentile(99)).isLessThan(slowest));
    assertThat(after - memory).as("memory").isLessThan(MOST_BYTES);
  }

  /// Has all bystanders ask while something goes on that is begun once they are connected, and goes
  /// on while more is wanted.
  private List<Bystander.Times> watch(Runnable begin, Callable<Boolean> wantsMore)
      throws Exception {
    List<Bystander> open = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Opening each : bystanders.values()) {
        open.add(each.open());
      }
      long end = System.nanoTime() + LONGEST.toNanos();
      begin.run();
      List<Bystander.Times> times = all(threads, open, lasting);
      while (wantsMore.call() && System.nanoTime() < end) {
        all(threads, open, lasting.dividedBy(10));
      }
      return times;
    } finally {
      for (Bystander each : open) {
        each.close();
      }
    }
  }

  private static List<Bystander.Times> all(
      ExecutorService threads, List<Bystander> bystanders, Duration time) throws Exception {
    List<Future<Bystander.Times>> watching = new ArrayList<>();
    for (Bystander each : bystanders) {
      watching.add(threads.submit(() -> each.watch(time)));
    }
    List<Bystander.Times> times = new ArrayList<>();
    for (Future<Bystander.Times> each : watching) {
      times.add(each.get());
    }
    return times;
  }

  private static Thread begin(Play play, AtomicBoolean isOver) {
    return Thread.ofVirtual()
        .start(() -> {
          try {
            play.play(isOver::get);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
  }

  private long counted(String kind) throws Exception {
    Matcher line =
        Pattern.compile(
                "whygate_downstream_abuses_total\\{[^}]*kind=\"" + kind + "\"[^}]*} ([0-9.]+)")
            .matcher(gateway.admin("/metrics").body());
    double sum = 0;
    while (line.find()) {
      sum += Double.parseDouble(line.group(1));
    }
    return (long) sum;
  }

  /// Writes the table.
  void report(Path file) throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    Files.writeString(file, report);
  }
}
