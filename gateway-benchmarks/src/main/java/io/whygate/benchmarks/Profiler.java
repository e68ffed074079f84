package io.whygate.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Samples where a running JVM spends its time, or what it allocates, by
/// [async-profiler](https://github.com/async-profiler/async-profiler), which is loaded into it.
///
/// Of processor time it sees the kernel's part too where it may use the system's own counters: as
/// root, or where `kernel.perf_event_paranoid` is below 2.
final class Profiler {
  private final long pid;
  private final Path library;

  private Profiler(long pid, Path library) {
    this.pid = pid;
    this.library = library;
  }

  /// What is sampled.
  enum Event {
    /// Processor time, a sample each millisecond.
    CPU("cpu", "interval=1ms"),
    /// Allocation, a sample each 64 KiB.
    ALLOC("alloc", "alloc=64k");

    private final String key;
    private final String options;

    Event(String key, String options) {
      this.key = key;
      this.options = options;
    }

    String key() {
      return key;
    }
  }

  /// Makes the profiler ready for a JVM.
  ///
  /// @param folder where its native library may be put
  /// @throws IOException where there is none for this machine
  static Profiler of(long pid, Path folder) throws IOException {
    String resource = "/linux-" + architecture() + "/libasyncProfiler.so";
    Path library = folder.resolve("libasyncProfiler.so");
    try (InputStream in = Profiler.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IOException("no async-profiler for this machine: " + resource);
      }
      Files.copy(in, library);
    }
    return new Profiler(pid, library);
  }

  private static String architecture() {
    String name = System.getProperty("os.arch");
    return switch (name) {
      case "amd64" -> "x64";
      case "aarch64" -> "arm64";
      default -> name;
    };
  }

  /// Begins to sample.
  void start(Event event) throws IOException, InterruptedException {
    command("start,event=" + event.key + "," + event.options + ",threads");
  }

  /// Ends sampling.
  ///
  /// @param name of the files, without what they end in
  /// @return a flame graph to be looked at in a browser, and a line for each stack with its count
  List<Path> stop(Path name) throws IOException, InterruptedException {
    Path graph = name.resolveSibling(name.getFileName() + ".html");
    Path stacks = name.resolveSibling(name.getFileName() + ".collapsed");
    command("dump,collapsed,file=" + stacks.toAbsolutePath());
    command("stop,flamegraph,file=" + graph.toAbsolutePath());
    for (Path each : List.of(graph, stacks)) {
      if (!Files.exists(each) || Files.size(each) == 0) {
        throw new IOException("the profiler wrote nothing: " + each);
      }
    }
    return List.of(graph, stacks);
  }

  private void command(String options) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString());
    command.add(Long.toString(pid));
    command.add("JVMTI.agent_load");
    command.add(library.toAbsolutePath().toString());
    command.add('"' + options + '"');
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0 || !said.contains("return code: 0")) {
      throw new IOException("jcmd: " + said.strip());
    }
  }
}
