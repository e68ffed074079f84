package io.whygate.benchmarks;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// A running server, and what `/proc` says of it and of all that descend from it.
final class PeerProcess implements AutoCloseable {
  /// What `/proc` counts processor time in (`getconf CLK_TCK`), on every Linux.
  private static final double TICKS_PER_SECOND = 100;

  /// The threads that compile, of a JVM.
  private static final Pattern COMPILER = Pattern.compile("C[12] Compiler");

  private final Process process;
  private final Path output;

  private PeerProcess(Process process, Path output) {
    this.process = process;
    this.output = output;
  }

  static PeerProcess start(Path folder, List<String> command) throws IOException {
    Path output = folder.resolve("output.log");
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()))
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .start();
    return new PeerProcess(process, output);
  }

  /// Returns once the port takes connections.
  PeerProcess awaitPort(int port) throws IOException, InterruptedException {
    long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(300);
    while (!takesConnections(port)) {
      if (!process.isAlive() || System.nanoTime() > limit) {
        throw new IOException(
            "a server did not start (expected: listening on port " + port + "): " + said());
      }
      Thread.sleep(5);
    }
    return this;
  }

  private static boolean takesConnections(int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
      return true;
    } catch (IOException _) {
      return false;
    }
  }

  boolean isRunning() {
    return process.isAlive();
  }

  long pid() {
    return process.pid();
  }

  /// What it printed, the end of it.
  String said() throws IOException {
    String all = Files.readString(output);
    return all.substring(Math.max(0, all.length() - 2000));
  }

  private Stream<ProcessHandle> family() {
    return Stream.concat(Stream.of(process.toHandle()), process.descendants());
  }

  /// Processor time so far, user and system, of all its threads, seconds.
  double cpuSeconds() {
    return family().mapToLong(each -> ticks(Path.of("/proc/" + each.pid()))).sum()
        / TICKS_PER_SECOND;
  }

  /// What of it the compilers of a Java program took, seconds; 0 of any other.
  double compilerSeconds() {
    long ticks = 0;
    try (DirectoryStream<Path> threads =
        Files.newDirectoryStream(Path.of("/proc/" + process.pid() + "/task"))) {
      for (Path thread : threads) {
        if (COMPILER.matcher(read(thread.resolve("comm"))).lookingAt()) {
          ticks += ticks(thread);
        }
      }
    } catch (IOException _) {
      return 0;
    }
    return ticks / TICKS_PER_SECOND;
  }

  /// The fields 14 and 15 of a `stat`; the second may hold spaces, and ends in a parenthesis.
  private static long ticks(Path processOrThread) {
    String stat = read(processOrThread.resolve("stat"));
    if (stat.isEmpty()) {
      return 0;
    }
    List<String> rest = List.of(stat.substring(stat.lastIndexOf(')') + 2).split(" "));
    return Long.parseLong(rest.get(11)) + Long.parseLong(rest.get(12));
  }

  /// Empty where it has ended meanwhile.
  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException _) {
      return "";
    }
  }

  /// Resident memory, bytes; what its processes share is counted in each.
  long residentBytes() throws IOException {
    long sum = 0;
    for (ProcessHandle each : family().toList()) {
      try {
        for (String line : Files.readAllLines(Path.of("/proc/" + each.pid() + "/status"))) {
          if (line.startsWith("VmRSS:")) {
            sum += Long.parseLong(line.replaceAll("\\D", "")) * 1024;
          }
        }
      } catch (NoSuchFileException _) {
        // It ended meanwhile.
      }
    }
    return sum;
  }

  @Override
  public void close() {
    List<ProcessHandle> family = family().toList();
    process.destroy();
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        family.forEach(ProcessHandle::destroyForcibly);
        process.waitFor();
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    family.forEach(ProcessHandle::destroyForcibly);
  }
}
