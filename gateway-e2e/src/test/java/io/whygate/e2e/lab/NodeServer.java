package io.whygate.e2e.lab;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// A real Node server: a program that gets its port in `process.env.PORT`. What it prints goes to
/// its log. It can be started again on the same port.
public final class NodeServer implements AutoCloseable {
  private final Folder folder;
  private final int port;
  private final String options;
  private LabProcess process;

  private NodeServer(Folder folder, int port, String options) {
    this.folder = folder;
    this.port = port;
    this.options = options;
    this.process = launch();
  }

  private LabProcess launch() {
    return LabProcess.start(
            Place.HERE,
            folder.path(),
            Map.of("PORT", Integer.toString(port)),
            List.of("sh", "-c", "exec node " + options + " server.js >> node.log 2>&1"))
        .awaitPort(Place.HERE, port);
  }

  /// Runs this program.
  public static NodeServer running(String program) {
    return running(program, "");
  }

  /// Runs this program with options of Node's, such as `--max-old-space-size=24`.
  public static NodeServer running(String program, String options) {
    Folder folder = Folder.create("node");
    folder.write("server.js", program);
    return new NodeServer(folder, Place.HERE.freePort(), options);
  }

  /// Where it runs.
  public Folder folder() {
    return folder;
  }

  public URI uri() {
    return URI.create("http://127.0.0.1:" + port);
  }

  /// What it printed, an uncaught exception included.
  public String output() {
    return folder.read("node.log");
  }

  /// What it prints as a file, for a gateway that reads it.
  public Path logFile() {
    return folder.path().resolve("node.log");
  }

  /// Asks for what ends it, and waits for its end.
  public void dieBy(String path) {
    try (Socket socket = new Socket("127.0.0.1", port)) {
      socket
          .getOutputStream()
          .write(("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n").getBytes(US_ASCII));
      process.awaitExit(Duration.ofSeconds(30));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Starts it again where it has ended.
  public void start() {
    process.close();
    process = launch();
  }

  @Override
  public void close() {
    process.close();
    folder.close();
  }
}
