package io.whygate.gateway.cli;

import io.whygate.gateway.config.InvalidConfigException;
import io.whygate.gateway.config.LoadedConfig;
import io.whygate.gateway.config.Problem;
import io.whygate.gateway.config.watch.ConfigWatch;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;

/// A gateway's life from its configuration to its end: start, reload when asked, drain.
final class Service {
  private static final Duration LOOK_EVERY = Duration.ofMillis(500);

  private final Terminal terminal;
  private final RunningGateway.Starter starter;
  private final ServiceManager manager;

  Service(Terminal terminal, RunningGateway.Starter starter, ServiceManager manager) {
    this.terminal = terminal;
    this.starter = starter;
    this.manager = manager;
  }

  /// Serves until the program is told to stop.
  ///
  /// @param started is called once the gateway serves, with its announcement already printed
  /// @return the exit code
  int run(ConfigSource source, Runnable started) {
    LoadedConfig config;
    try {
      config = source.load();
    } catch (InvalidConfigException failure) {
      for (Problem problem : failure.problems()) {
        terminal.err().println(problem);
      }
      return ExitCodes.USAGE;
    }
    CompletableFuture<Reloader> reloader = new CompletableFuture<>();
    // Watched from here on: a change while the gateway starts is not missed.
    try (ConfigWatch watch =
            new ConfigWatch(
                config.files(), LOOK_EVERY, () -> reload(reloader.join(), "a file changed"));
        RunningGateway gateway =
            starter.start(
                config, () -> reloader.join().reload("the admin interface was told to"))) {
      reloader.complete(new Reloader(source, gateway, watch::watch));
      config.warnings().forEach(warning -> terminal.err().println("warning: " + warning));
      CountDownLatch stop = hearSignals(reloader.join());
      Signals.on("USR1", gateway::reopenLogs);
      terminal.out().println(announcement(gateway));
      started.run();
      manager.ready();
      stop.await();
      manager.stopping();
      watch.watch(Set.of());
      gateway.drain();
    } catch (CannotRunException failure) {
      terminal.complain(String.valueOf(failure.getMessage()));
      return ExitCodes.FAILED;
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    return ExitCodes.OK;
  }

  /// Counted down once the program is told to stop.
  private CountDownLatch hearSignals(Reloader reloader) {
    CountDownLatch stop = new CountDownLatch(1);
    Signals.on("HUP", () -> Thread.startVirtualThread(() -> reload(reloader, "SIGHUP came")));
    Signals.on("TERM", () -> stopOrHalt(stop));
    Signals.on("INT", () -> stopOrHalt(stop));
    return stop;
  }

  private void reload(Reloader reloader, String because) {
    manager.reloading();
    reloader.reload(because);
    manager.ready();
  }

  /// The second signal is a person who does not want to wait.
  private static void stopOrHalt(CountDownLatch stop) {
    if (stop.getCount() == 0) {
      Runtime.getRuntime().halt(ExitCodes.FAILED);
    }
    stop.countDown();
  }

  private static String announcement(RunningGateway gateway) {
    StringBuilder text =
        new StringBuilder("whygate ")
            .append(Version.number())
            .append(": listening on ")
            .append(String.join(", ", gateway.listenerUrls()));
    gateway.adminUrl().ifPresent(url -> text.append(", admin on ").append(url));
    if (System.getProperty("whygate.built") != null) {
      // The launcher built the program first, as the same process.
      return text.toString();
    }
    ProcessHandle.current()
        .info()
        .startInstant()
        .map(begun -> Duration.between(begun, Instant.now()).toMillis())
        .ifPresent(millis -> text.append(", ready in ").append(millis).append(" ms"));
    return text.toString();
  }
}
