package io.whygate.benchmarks;

import io.whygate.benchmarks.peer.Site;
import io.whygate.benchmarks.peer.Whygate;
import io.whygate.benchmarks.sharing.SharingAgent;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;

/// Runs a gateway of two event loops under load with the agent that counts what they write in
/// common.
final class SharingRun {
  private static final int LOOPS = 2;

  /// A heap that is reached by references without a shift; the launcher's is no larger.
  private static final String OPTIONS = "-Xmx1g -XX:+UseSerialGC";

  /// Each object that is written to meanwhile is kept until the end.
  private static final int SECONDS = 1;

  /// Requests, so that what happens beside them does not count.
  private static final int ENOUGH = 300;

  private static final int WARM_UPS = 30;

  private final Path folder;
  private final LoadRunner loads;

  SharingRun(Path folder, LoadRunner loads) {
    this.folder = folder;
    this.loads = loads;
  }

  /// @param launcher how the gateway is started
  /// @param site where it is to listen and what it forwards to
  /// @return what was counted, as text
  String count(List<String> launcher, Site site, Load load)
      throws IOException, InterruptedException {
    int port = Machine.freePort();
    Path agent = agent(folder.resolve("sharing.jar"));
    List<String> command =
        new ArrayList<>(
            List.of(
                "env",
                "WHYGATE_CACHE=off",
                "JAVA_TOOL_OPTIONS=" + OPTIONS + " -javaagent:" + agent + "=" + port));
    command.addAll(new Whygate("whygate", launcher, LOOPS).prepare(site));
    try (PeerProcess gateway = PeerProcess.start(site.folder(), command).awaitPort(site.port())) {
      gateway.awaitPort(site.tlsPort());
      warmUp(load, site, gateway);
      command(port, "begin");
      Sample sample = loads.run(load, site, gateway, SECONDS);
      if (sample.requests() < ENOUGH) {
        throw new IOException("only " + sample.requests() + " requests in the time that counts");
      }
      return command(port, "end " + sample.requests());
    }
  }

  /// Traced and not compiled yet, it is slow.
  private void warmUp(Load load, Site site, PeerProcess gateway)
      throws IOException, InterruptedException {
    for (int i = 0; i < WARM_UPS; i++) {
      if (loads.run(load, site, gateway, SECONDS).requests() > 2 * ENOUGH) {
        return;
      }
    }
  }

  private static String command(int port, String line) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      OutputStream out = socket.getOutputStream();
      out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
      out.flush();
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
      StringBuilder said = new StringBuilder();
      in.lines().forEach(each -> said.append(each).append('\n'));
      return said.toString();
    }
  }

  /// The agent's classes as an archive, which the JVM wants; they are in the boot loader's path as
  /// well, where the JDK's own classes see them.
  private static Path agent(Path jar) throws IOException {
    Manifest manifest = new Manifest();
    Attributes main = manifest.getMainAttributes();
    main.put(Attributes.Name.MANIFEST_VERSION, "1.0");
    main.putValue("Premain-Class", SharingAgent.class.getName());
    main.putValue("Can-Retransform-Classes", "true");
    main.putValue("Boot-Class-Path", jar.getFileName().toString());
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest)) {
      for (String each : classes()) {
        try (InputStream in = SharingAgent.class.getResourceAsStream(each)) {
          if (in == null) {
            throw new IOException("no class " + each);
          }
          out.putNextEntry(
              new JarEntry(SharingAgent.class.getPackageName().replace('.', '/') + "/" + each));
          in.transferTo(out);
        }
      }
    }
    return jar;
  }

  private static List<String> classes() throws IOException {
    Path own =
        Path.of(SharingAgent.class.getProtectionDomain().getCodeSource().getLocation().getPath());
    Path folder = own.resolve(SharingAgent.class.getPackageName().replace('.', '/'));
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(each -> each.getFileName().toString()).sorted().toList();
    }
  }
}
