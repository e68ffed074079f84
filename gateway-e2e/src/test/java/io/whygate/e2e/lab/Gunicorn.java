package io.whygate.e2e.lab;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// A real gunicorn with a small WSGI program.
public final class Gunicorn implements AutoCloseable {
  private final Folder folder;
  private final int port;
  private final LabProcess process;

  private Gunicorn(Folder folder, int port, List<String> options) {
    this.folder = folder;
    this.port = port;
    this.process =
        LabProcess.start(
            Place.HERE,
            folder.path(),
            Map.of("PYTHONDONTWRITEBYTECODE", "1"),
            Stream.of(
                    List.of("gunicorn", "--bind=127.0.0.1:" + port),
                    options,
                    List.of(
                        "--error-logfile=" + folder.path().resolve("gunicorn.log"),
                        "--capture-output",
                        "wsgi_site:application"))
                .flatMap(List::stream)
                .toList());
    process.awaitPort(Place.HERE, port);
  }

  /// Serves `application(environ, start_response)` of this Python program; a worker that is silent
  /// for longer than `timeout` is killed, as gunicorn does.
  public static Gunicorn serving(String program, int workers, Duration timeout) {
    return serving(program, "--workers=" + workers, "--timeout=" + timeout.toSeconds());
  }

  /// The same with options of gunicorn's, such as `--keep-alive=2`.
  public static Gunicorn serving(String program, String... options) {
    Folder folder = Folder.create("gunicorn");
    folder.write("wsgi_site.py", program);
    return new Gunicorn(folder, Place.HERE.freePort(), List.of(options));
  }

  /// Where it runs.
  public Folder folder() {
    return folder;
  }

  public URI uri() {
    return URI.create("http://127.0.0.1:" + port);
  }

  /// Its own log, for a gateway that reads it.
  public Path logFile() {
    return folder.path().resolve("gunicorn.log");
  }

  @Override
  public void close() {
    process.close();
    folder.close();
  }
}
