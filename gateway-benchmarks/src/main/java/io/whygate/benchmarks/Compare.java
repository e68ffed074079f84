package io.whygate.benchmarks;

import io.whygate.benchmarks.peer.Apache;
import io.whygate.benchmarks.peer.Caddy;
import io.whygate.benchmarks.peer.Haproxy;
import io.whygate.benchmarks.peer.Nginx;
import io.whygate.benchmarks.peer.Peer;
import io.whygate.benchmarks.peer.Undertow;
import io.whygate.benchmarks.peer.Whygate;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// The program that compares: chooses rows and peers, measures, prints the table.
@Command(
    name = "compare",
    mixinStandardHelpOptions = true,
    description = {
      "Measure what the gateway costs beside nginx, HAProxy, Caddy, Apache and Undertow,",
      "in one run.",
      "The proxy has the first core; load and origin have the second."
    })
public final class Compare implements Callable<Integer> {
  @Option(
      names = "--rows",
      split = ",",
      paramLabel = "KEY",
      description = "Only these rows; a key that ends in * stands for all that begin so.")
  private List<String> wantedRows = List.of();

  @Option(
      names = "--growth",
      description = "Also the rows that show how cost grows with routes, connections, headers.")
  private boolean growth;

  @Option(
      names = "--peers",
      split = ",",
      paramLabel = "NAME",
      description = "Beside the gateway: nginx, haproxy, caddy, apache, undertow.")
  private List<String> wantedPeers = List.of();

  @Option(names = "--rounds", description = "Rounds of each peer in each row; 5 unless given.")
  private int rounds = 5;

  @Option(names = "--seconds", description = "How long a round takes; 4 unless given.")
  private int seconds = 4;

  @Option(
      names = "--warm-ups",
      description =
          "Rounds at most before the first that counts; it ends once cost falls no more and next to nothing is compiled. 25 unless given.")
  private int warmUps = 25;

  @Option(
      names = "--quick",
      description = "Three rounds of two seconds beside nginx and HAProxy: under twelve minutes.")
  private boolean quick;

  @Option(names = "--json", paramLabel = "FILE", description = "Write every round there.")
  private Path json = Path.of("target", "compare.json");

  @Option(names = "--gateway", description = "How the gateway is started; ./whygate unless given.")
  private List<String> gateway = List.of("./whygate");

  @Option(
      names = "--also",
      paramLabel = "NAME=LAUNCHER",
      description = "Another build of the gateway, to be compared with this one.")
  private Map<String, String> also = Map.of();

  @Option(
      names = "--profile",
      paramLabel = "KEY",
      description = {
        "Measure nothing: sample the gateway alone at the work of this row, once it is warm,",
        "and write flame graphs of processor time and of allocation (target/profile-*.html)."
      })
  private String profiled = "";

  @Option(names = "--list", description = "List the rows and end.")
  private boolean list;

  @Option(
      names = "--shared",
      paramLabel = "KEY",
      description =
          "Measure nothing: count what the event loops of one gateway write in common at the work of this row, a request, and what of it lies on one line of the cache.")
  private String shared = "";

  private static final Path PROFILES = Path.of("target");

  private final PrintStream out;

  Compare(PrintStream out) {
    this.out = out;
  }

  public static void main(String[] args) {
    System.exit(run(System.out, args));
  }

  static int run(PrintStream out, String... args) {
    return new CommandLine(new Compare(out)).execute(args);
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (list) {
      Row.all().forEach(row -> out.println(row.key() + "\t" + row.title()));
      return 0;
    }
    String alone = profiled.isEmpty() ? shared : profiled;
    if (!alone.isEmpty()) {
      wantedRows = List.of(alone);
      wantedPeers = List.of("none");
    }
    List<Row> rows = rows();
    List<Peer> peers = peers();
    Path folder = Files.createTempDirectory("whygate-compare");
    Machine machine = Machine.here();
    try {
      certificate(folder);
      Map<String, String> versions = new LinkedHashMap<>();
      for (Peer each : peers) {
        versions.put(each.name(), Machine.firstLine(each.versionCommand()).orElse("unknown"));
      }
      versions.forEach((name, version) -> out.println(name + ": " + version));
      Results results = new Results();
      Report report = new Report(rows, versions, results);
      Bench.Plan plan = new Bench.Plan(peers, quick ? 3 : rounds, quick ? 2 : seconds, warmUps);
      try (Origin origin = Origin.start(machine, folder)) {
        Bench bench = new Bench(machine, folder, origin, plan, out);
        if (!profiled.isEmpty()) {
          bench.profile(rows.getFirst(), PROFILES).forEach(each -> out.println("Written: " + each));
          return 0;
        }
        if (!shared.isEmpty()) {
          out.println(bench.shared(rows.getFirst(), absolute(gateway)));
          return 0;
        }
        for (Row row : rows) {
          bench.measure(row, results);
          write(report);
        }
      }
      out.println();
      out.println(report.table());
      out.println("All rounds: " + json.toAbsolutePath());
      return rows.stream().anyMatch(row -> hasFailed(row, results)) ? 1 : 0;
    } finally {
      delete(folder);
    }
  }

  private static boolean hasFailed(Row row, Results results) {
    return results.row(row).values().stream().anyMatch(each -> !each.failure.isEmpty());
  }

  private void write(Report report) throws IOException {
    Path parent = json.toAbsolutePath().getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    Files.writeString(json, report.json());
  }

  private List<Row> rows() {
    List<Row> all = Row.all();
    if (wantedRows.isEmpty()) {
      return all.stream().filter(row -> growth || !row.isGrowth()).toList();
    }
    List<Row> chosen = new ArrayList<>();
    for (String wanted : wantedRows) {
      List<Row> found = all.stream().filter(row -> fits(wanted, row.key())).toList();
      if (found.isEmpty()) {
        throw new IllegalArgumentException(
            "--rows: " + wanted + " (expected: one of those that --list prints)");
      }
      chosen.addAll(found);
    }
    return chosen;
  }

  private static boolean fits(String wanted, String key) {
    return wanted.endsWith("*")
        ? key.startsWith(wanted.substring(0, wanted.length() - 1))
        : key.equals(wanted);
  }

  private List<Peer> peers() {
    List<Peer> peers = new ArrayList<>();
    peers.add(new Whygate("whygate", absolute(gateway)));
    also.forEach((name, launcher) -> peers.add(new Whygate(name, absolute(List.of(launcher)))));
    List<Peer> others =
        List.of(new Nginx(), new Haproxy(), new Caddy(), new Apache(), new Undertow());
    for (Peer other : others) {
      boolean wanted =
          wantedPeers.isEmpty()
              ? !quick || other.name().equals("nginx") || other.name().equals("haproxy")
              : wantedPeers.contains(other.name());
      if (!wanted) {
        continue;
      }
      if (Machine.firstLine(other.versionCommand()).isPresent()) {
        peers.add(other);
      } else {
        out.println(
            other.name() + ": not installed (expected: Debian's " + other.debianPackage() + ")");
      }
    }
    return peers;
  }

  /// Peers run in folders of their own.
  private static List<String> absolute(List<String> command) {
    List<String> absolute = new ArrayList<>(command);
    if (absolute.getFirst().contains("/")) {
      absolute.set(0, Path.of(absolute.getFirst()).toAbsolutePath().normalize().toString());
    }
    return absolute;
  }

  private static void certificate(Path folder) throws IOException, InterruptedException {
    Process made =
        new ProcessBuilder(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-days",
                "30",
                "-subj",
                "/CN=localhost",
                "-addext",
                "subjectAltName=DNS:localhost,IP:127.0.0.1",
                "-keyout",
                "site.key",
                "-out",
                "site.pem")
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .start();
    String said = new String(made.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (made.waitFor() != 0) {
      throw new IOException("openssl: " + said);
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path each : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(each);
      }
    }
  }
}
