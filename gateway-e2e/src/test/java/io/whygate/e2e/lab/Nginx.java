package io.whygate.e2e.lab;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;

/// A real nginx with a configuration of its own. It can be stopped and started again on the same
/// port.
public final class Nginx implements AutoCloseable {
  /// Its module that passes connections on, as Debian has it.
  public static final Path STREAM = Path.of("/usr/lib/nginx/modules/ngx_stream_module.so");

  private final Place place;
  private final Folder folder;
  private final int port;
  private LabProcess process;

  private Nginx(Place place, Folder folder, int port) {
    this.place = place;
    this.folder = folder;
    this.port = port;
    this.process = launch();
  }

  /// Serves the files of `root`, with more directives for its `server` block.
  public static Nginx serving(Place place, Path root, String directives) {
    int port = place.freePort();
    return with(
        place,
        port,
        "listen " + place.address() + ":" + port + ";\nroot " + root + ";\n" + directives);
  }

  /// A `server` block in full, `listen` included.
  public static Nginx with(Place place, int port, String server) {
    Folder folder = Folder.create("nginx");
    folder.write("nginx.conf", configuration(folder.path(), server));
    return new Nginx(place, folder, port);
  }

  /// One that passes connections on: a `server` block of its module `stream` in full.
  public static Nginx passing(Place place, int port, String server) {
    Folder folder = Folder.create("nginx");
    folder.write(
        "nginx.conf",
        """
        load_module %s;
        daemon off;
        pid %2$s/nginx.pid;
        error_log %2$s/error.log info;
        events { }
        stream {
          server {
        %3$s
          }
        }
        """
            .formatted(STREAM, folder.path(), server));
    return new Nginx(place, folder, port);
  }

  private static String configuration(Path folder, String server) {
    String user = System.getProperty("user.name").equals("root") ? "user root;" : "";
    return """
    %s
    daemon off;
    worker_processes 2;
    pid %2$s/nginx.pid;
    error_log %2$s/error.log info;
    events { worker_connections 4096; }
    http {
      include /etc/nginx/mime.types;
      access_log %2$s/access.log;
      client_max_body_size 0;
      client_body_temp_path %2$s/body;
      proxy_temp_path %2$s/proxy;
      fastcgi_temp_path %2$s/fastcgi;
      uwsgi_temp_path %2$s/uwsgi;
      scgi_temp_path %2$s/scgi;
      server {
    %3$s
      }
    }
    """
        .formatted(user, folder, server);
  }

  private LabProcess launch() {
    return LabProcess.start(
            place,
            folder.path(),
            "/usr/sbin/nginx",
            "-c",
            folder.path().resolve("nginx.conf").toString(),
            "-e",
            folder.path().resolve("error.log").toString())
        .awaitPort(place, port);
  }

  /// Where it answers.
  public URI uri() {
    return URI.create("http://" + place.address() + ":" + port);
  }

  public int port() {
    return port;
  }

  /// The lines of its access log so far.
  public String accessLog() {
    return folder.read("access.log");
  }

  /// Waits until a line of its access log says this: it writes one after it has answered.
  public void awaitAccess(String text) {
    Await.until(
        "a line with " + text,
        Duration.ofSeconds(20),
        () -> accessLog().contains(text),
        () -> accessLog());
  }

  public String errorLog() {
    return folder.read("error.log");
  }

  /// Its error log as a file, for a gateway that reads it.
  public Path errorLogFile() {
    return folder.path().resolve("error.log");
  }

  /// Ends it at once, as a crash or `systemctl stop` does.
  public void stop() {
    process.close();
    process.awaitExit(Duration.ofSeconds(30));
  }

  /// Lets it read its configuration again: new workers take over, the old ones end what they have.
  public void reload() {
    process.signal("HUP");
  }

  /// Sends a signal to all of its processes, by its name without SIG.
  public void signal(String signal) {
    process.signalAll(signal);
  }

  /// Starts it again on the same port.
  public void start() {
    process = launch();
  }

  @Override
  public void close() {
    process.close();
    folder.close();
  }
}
