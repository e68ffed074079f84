package io.whygate.e2e.lab;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/// A real Apache httpd with a configuration of its own.
public final class ApacheServer implements AutoCloseable {
  private static final List<String> MODULES =
      List.of(
          "mpm_event",
          "authz_core",
          "mime",
          "dir",
          "alias",
          "rewrite",
          "headers",
          "setenvif",
          "proxy",
          "proxy_http",
          "proxy_fcgi",
          "reqtimeout",
          "deflate",
          "filter");

  private final Folder folder;
  private final int port;
  private final LabProcess process;

  private ApacheServer(Folder folder, int port) {
    this.folder = folder;
    this.port = port;
    this.process =
        LabProcess.start(
                Place.HERE,
                folder.path(),
                "/usr/sbin/apache2",
                "-D",
                "FOREGROUND",
                "-f",
                folder.path().resolve("httpd.conf").toString())
            .awaitPort(Place.HERE, port);
  }

  /// Serves the files of `root`, with more directives, such as `ProxyPass`.
  public static ApacheServer serving(Path root, String directives) {
    Folder folder = Folder.create("apache");
    int port = Place.HERE.freePort();
    String modules =
        MODULES.stream()
            .map(name ->
                "LoadModule " + name + "_module /usr/lib/apache2/modules/mod_" + name + ".so")
            .collect(Collectors.joining("\n"));
    folder.write(
        "httpd.conf",
        """
        ServerRoot %1$s
        ServerName localhost
        Listen 127.0.0.1:%2$d
        PidFile %1$s/httpd.pid
        DefaultRuntimeDir %1$s
        ErrorLog %1$s/error.log
        %3$s
        User www-data
        Group www-data
        TypesConfig /etc/mime.types
        DocumentRoot %4$s
        <Directory />
          Require all granted
        </Directory>
        %5$s
        """
            .formatted(folder.path(), port, modules, root, directives));
    return new ApacheServer(folder, port);
  }

  public URI uri() {
    return URI.create("http://127.0.0.1:" + port);
  }

  /// Its own log, for a gateway that reads it.
  public Path errorLogFile() {
    return folder.path().resolve("error.log");
  }

  @Override
  public void close() {
    process.close();
    folder.close();
  }
}
