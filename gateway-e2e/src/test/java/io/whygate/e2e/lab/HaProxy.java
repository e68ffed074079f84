package io.whygate.e2e.lab;

import java.net.URI;

/// A real HAProxy with a configuration of its own.
public final class HaProxy implements AutoCloseable {
  private final Folder folder;
  private final int port;
  private final LabProcess process;

  private HaProxy(Folder folder, int port) {
    this.folder = folder;
    this.port = port;
    this.process =
        LabProcess.start(
                Place.HERE,
                folder.path(),
                "/usr/sbin/haproxy",
                "-db",
                "-f",
                folder.path().resolve("haproxy.cfg").toString())
            .awaitPort(Place.HERE, port);
  }

  /// Before one server, with more lines for its `defaults` section.
  public static HaProxy before(URI server, String defaults) {
    return with(defaults, "", "server site " + server.getAuthority());
  }

  /// One proxy, with more lines for its `defaults` section, options of its `bind`, and the lines
  /// that follow that.
  public static HaProxy with(String defaults, String bind, String lines) {
    int port = Place.HERE.freePort();
    Folder folder = Folder.create("haproxy");
    folder.write(
        "haproxy.cfg",
        """
        defaults
          mode http
          timeout connect 5s
          timeout server 10s
        %s
        listen site
          bind 127.0.0.1:%d %s
        %s
        """
            .formatted(defaults.indent(2), port, bind, lines.indent(2)));
    return new HaProxy(folder, port);
  }

  /// Where it answers.
  public URI uri() {
    return URI.create("http://127.0.0.1:" + port);
  }

  @Override
  public void close() {
    process.close();
    folder.close();
  }
}
