package io.whygate.e2e.lab;

import java.net.URI;
import java.util.List;
import java.util.Map;

/// A real Node server: a program that gets its port in `process.env.PORT`.
public final class NodeServer implements AutoCloseable {
  private final Folder folder;
  private final int port;
  private final LabProcess process;

  private NodeServer(Folder folder, int port) {
    this.folder = folder;
    this.port = port;
    this.process =
        LabProcess.start(
            Place.HERE,
            folder.path(),
            Map.of("PORT", Integer.toString(port)),
            List.of("node", "server.js"));
    process.awaitPort(Place.HERE, port);
  }

  /// Runs this program.
  public static NodeServer running(String program) {
    Folder folder = Folder.create("node");
    folder.write("server.js", program);
    return new NodeServer(folder, Place.HERE.freePort());
  }

  public URI uri() {
    return URI.create("http://127.0.0.1:" + port);
  }

  /// What it printed, an uncaught exception included.
  public String output() {
    return process.output();
  }

  @Override
  public void close() {
    process.close();
    folder.close();
  }
}
