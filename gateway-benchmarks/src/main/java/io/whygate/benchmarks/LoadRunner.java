package io.whygate.benchmarks;

import io.whygate.benchmarks.peer.Site;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Puts load on a peer by wrk or h2load, and reads what they found.
final class LoadRunner {
  private static final Pattern WRK =
      Pattern.compile(
          "RESULT (\\d+) (\\d+) (\\d+) (\\d+) (\\d+) (\\d+) (\\d+) (\\d+) (\\d+) (\\d+)");
  private static final Pattern H2LOAD_TIME = Pattern.compile("finished in ([\\d.]+)(ms|s|us)");
  private static final Pattern H2LOAD_REQUESTS =
      Pattern.compile("(\\d+) succeeded, (\\d+) failed, (\\d+) errored, (\\d+) timeout");

  /// How much longer than it was asked to the load may take, seconds.
  private static final int GRACE = 20;

  private static final int TRIES = 3;

  /// What `timeout` ends with where the time was over.
  private static final int TIMED_OUT = 124;

  private final Machine machine;
  private final Path folder;

  LoadRunner(Machine machine, Path folder) {
    this.machine = machine;
    this.folder = folder;
  }

  Sample run(Load load, Site site, PeerProcess peer, int seconds)
      throws IOException, InterruptedException {
    return load.isHttp2() ? h2load(load, site, peer, seconds) : wrk(load, site, peer, seconds);
  }

  private Sample wrk(Load load, Site site, PeerProcess peer, int seconds)
      throws IOException, InterruptedException {
    Path script = folder.resolve("load.lua");
    Files.writeString(script, load.script());
    double before = peer.cpuSeconds();
    String output = output(load.wrk(site, script.toString(), seconds), seconds);
    double cpu = peer.cpuSeconds() - before;
    Matcher found = WRK.matcher(output);
    if (!found.find()) {
      throw new IOException("wrk: no result: " + output);
    }
    // wrk counts as an error of status what is above 399.
    long answered = number(found, 1);
    long refused = number(found, 5);
    long right = load.expected() < 400 ? answered - refused : refused;
    long wrong = answered - right + number(found, 3) + number(found, 4);
    return new Sample(
        right,
        wrong,
        number(found, 2) / 1e6,
        cpu,
        number(found, 6) / 1e3,
        number(found, 7) / 1e3,
        number(found, 8) / 1e3);
  }

  /// A cold peer on a busy machine may take a connection only after h2load's time is over; that one
  /// is never ended. Then it is begun anew.
  private Sample h2load(Load load, Site site, PeerProcess peer, int seconds)
      throws IOException, InterruptedException {
    for (int i = 1; ; i++) {
      try {
        return h2loadOnce(load, site, peer, seconds);
      } catch (NeverEnds e) {
        if (i == TRIES) {
          throw e;
        }
      }
    }
  }

  /// The load went on beyond its time.
  private static final class NeverEnds extends IOException {
    private static final long serialVersionUID = 1;

    private NeverEnds(List<String> command) {
      super("did not end within " + GRACE + " s of its time: " + command);
    }
  }

  private Sample h2loadOnce(Load load, Site site, PeerProcess peer, int seconds)
      throws IOException, InterruptedException {
    Path log = folder.resolve("h2load.log");
    Files.deleteIfExists(log);
    double before = peer.cpuSeconds();
    String output = output(load.h2load(site, log.toString(), seconds), seconds);
    double cpu = peer.cpuSeconds() - before;
    Matcher time = H2LOAD_TIME.matcher(output);
    Matcher requests = H2LOAD_REQUESTS.matcher(output);
    if (!time.find() || !requests.find()) {
      throw new IOException("h2load: no result: " + output);
    }
    double unit =
        switch (time.group(2)) {
          case "ms" -> 1e-3;
          case "us" -> 1e-6;
          default -> 1;
        };
    long[] micros = latencies(log);
    return new Sample(
        number(requests, 1),
        // Requests that were under way as the time ended are not counted as errors by it.
        number(requests, 2) + number(requests, 3) + number(requests, 4),
        Double.parseDouble(time.group(1)) * unit,
        cpu,
        percentile(micros, 0.50),
        percentile(micros, 0.90),
        percentile(micros, 0.99));
  }

  /// The third column of its log: microseconds from request to answer.
  private static long[] latencies(Path log) throws IOException {
    try (Stream<String> lines = Files.lines(log)) {
      return lines
          .map(line -> List.of(line.split("\t")))
          .filter(fields -> fields.size() == 3)
          .mapToLong(fields -> Long.parseLong(fields.get(2).strip()))
          .sorted()
          .toArray();
    }
  }

  private static double percentile(long[] sorted, double share) {
    return sorted.length == 0
        ? Double.NaN
        : sorted[(int) Math.min(sorted.length - 1L, Math.round(sorted.length * share))] / 1e3;
  }

  private static long number(Matcher found, int group) {
    return Long.parseLong(found.group(group));
  }

  private String output(List<String> command, int seconds)
      throws IOException, InterruptedException {
    List<String> limited =
        new ArrayList<>(List.of("timeout", "-k", "1", Integer.toString(seconds + GRACE)));
    limited.addAll(command);
    Process process =
        new ProcessBuilder(machine.onLoadCore(limited))
            .redirectErrorStream(true)
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int status = process.waitFor();
    if (status == TIMED_OUT) {
      throw new NeverEnds(command);
    }
    if (status != 0) {
      throw new IOException(command + ": " + output);
    }
    return output;
  }
}
