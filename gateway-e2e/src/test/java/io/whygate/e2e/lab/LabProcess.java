package io.whygate.e2e.lab;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// A program that a test started, with what it printed. Closing it ends it and what it started.
public final class LabProcess implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final String name;
  private final Process process;
  private final StringBuffer output = new StringBuffer();
  private final Thread lastResort = Thread.ofPlatform().unstarted(this::killAll);
  private final Thread collector;

  private LabProcess(String name, Process process) {
    this.name = name;
    this.process = process;
    // A platform thread: a virtual one keeps its carrier for as long as it reads from a pipe, of
    // which a machine with two processors has two.
    collector = Thread.ofPlatform().daemon().name("output of " + name).start(this::collect);
    Runtime.getRuntime().addShutdownHook(lastResort);
  }

  /// Starts `command` at `place` in `folder`; its output and errors are collected.
  public static LabProcess start(
      Place place, Path folder, Map<String, String> environment, List<String> command) {
    ProcessBuilder builder =
        new ProcessBuilder(place.command(command))
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
    builder.environment().putAll(environment);
    try {
      return new LabProcess(Path.of(command.getFirst()).getFileName().toString(), builder.start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The same, with this process's environment.
  public static LabProcess start(Place place, Path folder, String... command) {
    return start(place, folder, Map.of(), List.of(command));
  }

  /// Runs `command` to its end and returns what it printed.
  ///
  /// @throws AssertionError when it fails, or takes longer than three minutes
  public static String run(Place place, Path folder, String... command) {
    try (LabProcess run = start(place, folder, command)) {
      int status = run.awaitExit(Duration.ofMinutes(3));
      if (status != 0) {
        throw new AssertionError(
            String.join(" ", command) + ": exit " + status + "\n" + run.output());
      }
      return run.output();
    }
  }

  /// What it has printed so far, to either stream.
  public String output() {
    return output.toString();
  }

  /// The id of the process.
  public long pid() {
    return process.pid();
  }

  /// Whether it still runs.
  public boolean isRunning() {
    return process.isAlive();
  }

  /// Waits until something accepts connections at `port` of `place`.
  public LabProcess awaitPort(Place place, int port) {
    if (!place.prefix().isEmpty()) {
      Await.until(
          name + " listens on port " + port,
          PATIENCE,
          () -> {
            alive();
            return run(place, Path.of("/"), "ss", "-Hltn", "sport = :" + port).contains("LISTEN");
          },
          this::output);
      return this;
    }
    Await.until(
        name + " accepts on port " + port,
        PATIENCE,
        () -> {
          alive();
          try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(place.address(), port), 1_000);
            return true;
          }
        },
        this::output);
    return this;
  }

  /// Waits until it has printed `text`.
  public LabProcess awaitOutput(String text) {
    Await.until(
        name + " prints \"" + text + "\"",
        PATIENCE,
        () -> {
          if (output().contains(text)) {
            return true;
          }
          alive();
          return false;
        },
        this::output);
    return this;
  }

  /// Sends a signal, by its name without SIG.
  public void signal(String signal) {
    run(Place.HERE, Path.of("/"), "kill", "-" + signal, Long.toString(pid()));
  }

  /// Sends a signal to what it started, then to itself.
  public void signalAll(String signal) {
    process
        .descendants()
        .forEach(
            each -> run(Place.HERE, Path.of("/"), "kill", "-" + signal, Long.toString(each.pid())));
    signal(signal);
  }

  /// Waits for its end and returns its exit status.
  public int awaitExit(Duration limit) {
    try {
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new AssertionError(name + " still runs after " + limit + "\n" + output());
      }
      if (!collector.join(PATIENCE)) {
        throw new AssertionError(
            "the output of "
                + name
                + " does not end: "
                + Arrays.toString(collector.getStackTrace())
                + "\n"
                + output());
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private void alive() {
    if (!process.isAlive()) {
      throw new AssertionError(
          name + " ended with status " + process.exitValue() + "\n" + output());
    }
  }

  private void collect() {
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        output.append(line).append('\n');
      }
    } catch (IOException e) {
      output.append(e).append('\n');
    }
  }

  /// Asks it to end, and kills it, and what it started, where it does not.
  @Override
  public void close() {
    List<ProcessHandle> children = process.descendants().toList();
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor(5, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    children.forEach(ProcessHandle::destroyForcibly);
    try {
      Runtime.getRuntime().removeShutdownHook(lastResort);
    } catch (IllegalStateException e) {
      // The machine shuts down: the hook runs, and finds nothing left to do.
      return;
    }
  }

  private void killAll() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}
