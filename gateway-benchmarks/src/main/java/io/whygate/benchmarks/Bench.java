package io.whygate.benchmarks;

import io.whygate.benchmarks.peer.Peer;
import io.whygate.benchmarks.peer.Site;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// Measures rows: starts the peers, warms them, and lets them work by turns.
final class Bench {
  private static final double STILL_FALLING = 0.97;

  /// Of a round's processor time; beyond it, what is measured is compiling.
  private static final double MOST_FOR_COMPILERS = 0.02;

  private static final int STARTS = 7;

  /// Until what a start left behind has been given back.
  private static final int AT_REST_AFTER_SECONDS = 12;

  private final Machine machine;
  private final Path folder;
  private final Origin origin;
  private final Plan plan;
  private final PrintStream progress;
  private final LoadRunner loads;
  private final Verification verification = new Verification();
  private int sites;

  /// How much is measured.
  ///
  /// @param rounds that count, of each peer in each row
  /// @param seconds how long one takes
  /// @param warmUps rounds at most before the first that counts
  record Plan(List<Peer> peers, int rounds, int seconds, int warmUps) {}

  /// A peer that runs.
  private record Running(Peer peer, Site site, PeerProcess process) {}

  Bench(Machine machine, Path folder, Origin origin, Plan plan, PrintStream progress) {
    this.machine = machine;
    this.folder = folder;
    this.origin = origin;
    this.plan = plan;
    this.progress = progress;
    this.loads = new LoadRunner(machine, folder);
  }

  void measure(Row row, Results results) throws InterruptedException {
    progress.print(row.title() + " ");
    progress.flush();
    switch (row.work()) {
      case Row.Work.Loaded loaded -> underLoad(row, loaded, results);
      case Row.Work.Idle idle -> idle(row, idle, results);
      case Row.Work.Start _ -> starts(row, results);
      case Row.Work.Rest _ -> rest(row, results);
    }
    progress.println();
  }

  /// Samples a gateway at the work of a row once it is warm.
  ///
  /// @param into the folder for what comes of it
  /// @return the files
  List<Path> profile(Row row, Path into) throws IOException, InterruptedException {
    if (!(row.work() instanceof Row.Work.Loaded work)) {
      throw new IOException(
          "--profile: " + row.key() + " (expected: a row that is put under load)");
    }
    Files.createDirectories(into);
    List<Path> written = new ArrayList<>();
    Running running = start(plan.peers().getFirst(), site(work.routes(), work.upstreams()));
    try (IdleConnections _ = IdleConnections.open(running.site().port(), work.idle())) {
      verification.check(work.load(), running.site(), origin);
      warmUp(running, work.load(), new Results.Outcome());
      Profiler profiler = Profiler.of(running.process().pid(), running.site().folder());
      for (Profiler.Event event : Profiler.Event.values()) {
        profiler.start(event);
        Sample sample = round(running, work.load(), plan.seconds());
        progress.printf(
            "%s: %d requests, %.1f us each%n", event.key(), sample.requests(), sample.cpuMicros());
        written.addAll(profiler.stop(into.resolve("profile-" + row.key() + "-" + event.key())));
      }
    } finally {
      running.process().close();
    }
    return written;
  }

  /// Counts what the event loops of a gateway write in common at the work of a row.
  String shared(Row row, List<String> launcher) throws IOException, InterruptedException {
    if (!(row.work() instanceof Row.Work.Loaded work)) {
      throw new IOException("--shared: " + row.key() + " (expected: a row that is put under load)");
    }
    Site site = site(work.routes(), work.upstreams());
    return new SharingRun(folder, loads).count(launcher, site, work.load());
  }

  private Site site(int routes, int upstreams) throws IOException {
    Path own = Files.createDirectories(folder.resolve("site" + sites++));
    return new Site(
        own,
        Machine.freePort(),
        Machine.freePort(),
        origin.port(),
        Machine.freePort(),
        folder.resolve("site.pem"),
        folder.resolve("site.key"),
        routes,
        upstreams);
  }

  private Running start(Peer peer, Site site) throws IOException, InterruptedException {
    PeerProcess process = PeerProcess.start(site.folder(), machine.onProxyCore(peer.prepare(site)));
    try {
      process.awaitPort(site.port()).awaitPort(site.tlsPort());
      return new Running(peer, site, process);
    } catch (IOException e) {
      process.close();
      throw e;
    }
  }

  /// Each that fails is left out, and why is told.
  private interface Part {
    void run() throws IOException, InterruptedException;
  }

  private void attempt(Results.Outcome outcome, Part part) throws InterruptedException {
    try {
      part.run();
    } catch (IOException e) {
      outcome.failure = e.getMessage() == null ? e.toString() : e.getMessage();
      progress.print(" (" + outcome.failure.strip() + ") ");
    }
  }

  private void underLoad(Row row, Row.Work.Loaded work, Results results)
      throws InterruptedException {
    Map<Running, IdleConnections> running = new LinkedHashMap<>();
    try {
      for (Peer peer : plan.peers()) {
        if (work.routes() > 0 && !peer.takesManyRoutes()) {
          continue;
        }
        Results.Outcome outcome = results.of(row, peer.name());
        attempt(
            outcome,
            () -> {
              Running started = start(peer, site(work.routes(), work.upstreams()));
              running.put(started, IdleConnections.open(started.site().port(), work.idle()));
              verification.check(work.load(), started.site(), origin);
              warmUp(started, work.load(), outcome);
            });
      }
      running.keySet().removeIf(each -> isOut(row, each, results, running));
      List<Running> turns = new ArrayList<>(running.keySet());
      for (int round = 0; round < plan.rounds(); round++) {
        for (int i = 0; i < turns.size(); i++) {
          Running each = turns.get((i + round) % turns.size());
          Results.Outcome outcome = results.of(row, each.peer().name());
          attempt(outcome, () -> record(outcome, round(each, work.load(), plan.seconds())));
          progress.print('.');
          progress.flush();
        }
      }
      for (Running each : turns) {
        Results.Outcome outcome = results.of(row, each.peer().name());
        attempt(
            outcome,
            () -> {
              verification.check(work.load(), each.site(), origin);
              outcome.residentMebibytes = each.process().residentBytes() / 1048576.0;
            });
      }
    } finally {
      running.values().forEach(IdleConnections::close);
      running.keySet().forEach(each -> each.process().close());
    }
  }

  private static boolean isOut(
      Row row, Running each, Results results, Map<Running, IdleConnections> running) {
    if (results.of(row, each.peer().name()).failure.isEmpty()) {
      return false;
    }
    IdleConnections idle = running.get(each);
    if (idle != null) {
      idle.close();
    }
    each.process().close();
    return true;
  }

  private static void record(Results.Outcome outcome, Sample sample) {
    outcome.samples.add(sample);
    outcome.costs.add(sample.cpuMicros());
  }

  private Sample round(Running peer, Load load, int seconds)
      throws IOException, InterruptedException {
    return loads.run(load, peer.site(), peer.process(), seconds);
  }

  /// Until for two rounds its cost has not fallen and its compilers had next to nothing to do.
  private void warmUp(Running peer, Load load, Results.Outcome outcome)
      throws IOException, InterruptedException {
    double best = round(peer, load, 1).cpuMicros();
    outcome.warmUps = 1;
    if (!peer.peer().warmsUp()) {
      return;
    }
    int steady = 0;
    while (steady < 2 && outcome.warmUps < plan.warmUps()) {
      double compiled = peer.process().compilerSeconds();
      Sample sample = round(peer, load, 2);
      compiled = peer.process().compilerSeconds() - compiled;
      outcome.warmUps++;
      boolean isSteady =
          sample.cpuMicros() >= best * STILL_FALLING
              && compiled <= sample.cpuSeconds() * MOST_FOR_COMPILERS;
      steady = isSteady ? steady + 1 : 0;
      best = Math.min(best, sample.cpuMicros());
    }
  }

  private void idle(Row row, Row.Work.Idle work, Results results) throws InterruptedException {
    for (Peer peer : plan.peers()) {
      Results.Outcome outcome = results.of(row, peer.name());
      attempt(
          outcome,
          () -> {
            Running running = start(peer, site(0, 0));
            try {
              // What the first connections cost, code and buffers, is not the matter here.
              round(running, Load.get(64, "/1k"), 3);
              TimeUnit.SECONDS.sleep(1);
              double before = running.process().residentBytes();
              try (IdleConnections _ =
                  IdleConnections.open(running.site().port(), work.connections())) {
                TimeUnit.SECONDS.sleep(2);
                double more = running.process().residentBytes() - before;
                outcome.costs.add(more / 1024 / work.connections());
              }
            } finally {
              running.process().close();
            }
          });
      progress.print('.');
      progress.flush();
    }
  }

  private void starts(Row row, Results results) throws InterruptedException {
    for (Peer peer : plan.peers()) {
      Results.Outcome outcome = results.of(row, peer.name());
      attempt(
          outcome,
          () -> {
            // What the first start leaves behind for the next, it leaves behind.
            timeOfStart(peer);
            for (int i = 0; i < STARTS; i++) {
              outcome.costs.add(timeOfStart(peer));
            }
          });
      progress.print('.');
      progress.flush();
    }
  }

  private double timeOfStart(Peer peer) throws IOException, InterruptedException {
    Site site = site(0, 0);
    List<String> command = machine.onProxyCore(peer.prepare(site));
    long begun = System.nanoTime();
    try (PeerProcess process = PeerProcess.start(site.folder(), command)) {
      while (!serves(site.port())) {
        if (!process.isRunning()) {
          throw new IOException("it ended: " + process.said());
        }
        TimeUnit.MICROSECONDS.sleep(500);
      }
      return (System.nanoTime() - begun) / 1e6;
    }
  }

  private static boolean serves(int port) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
      socket.setSoTimeout(10_000);
      socket
          .getOutputStream()
          .write(
              "GET /1k HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      byte[] answer = socket.getInputStream().readAllBytes();
      String head = new String(answer, StandardCharsets.ISO_8859_1);
      return head.startsWith("HTTP/1.1 200") && answer.length > 1024;
    } catch (IOException _) {
      return false;
    }
  }

  private void rest(Row row, Results results) throws InterruptedException {
    for (Peer peer : plan.peers()) {
      Results.Outcome outcome = results.of(row, peer.name());
      attempt(
          outcome,
          () -> {
            Running running = start(peer, site(0, 0));
            try {
              IdleConnections.open(running.site().port(), 1).close();
              TimeUnit.SECONDS.sleep(AT_REST_AFTER_SECONDS);
              outcome.costs.add(running.process().residentBytes() / 1048576.0);
            } finally {
              running.process().close();
            }
          });
      progress.print('.');
      progress.flush();
    }
  }
}
