package io.whygate.e2e.lab;

import java.nio.file.Path;

/// A real MariaDB with a data folder of its own, and no password for its `root`.
public final class MariaDb implements AutoCloseable {
  private final Folder folder;
  private final int port;
  private LabProcess process;

  private MariaDb(Folder folder, int port) {
    this.folder = folder;
    this.port = port;
    this.process = launch();
  }

  /// Makes the data folder and starts the server: some seconds.
  public static MariaDb create() {
    Folder folder = Folder.create("mariadb");
    Path data = folder.path().resolve("data");
    LabProcess.run(
        Place.HERE,
        folder.path(),
        "mariadb-install-db",
        "--no-defaults",
        "--auth-root-authentication-method=normal",
        "--skip-test-db",
        "--datadir=" + data,
        "--user=" + System.getProperty("user.name"));
    return new MariaDb(folder, Place.HERE.freePort());
  }

  private LabProcess launch() {
    return LabProcess.start(
            Place.HERE,
            folder.path(),
            "/usr/sbin/mariadbd",
            "--no-defaults",
            "--user=" + System.getProperty("user.name"),
            "--datadir=" + folder.path().resolve("data"),
            "--socket=" + folder.path().resolve("mariadb.sock"),
            "--pid-file=" + folder.path().resolve("mariadb.pid"),
            "--bind-address=127.0.0.1",
            "--port=" + port,
            "--innodb-buffer-pool-size=32M",
            "--innodb-flush-log-at-trx-commit=0",
            "--skip-log-bin")
        .awaitPort(Place.HERE, port);
  }

  public int port() {
    return port;
  }

  public Path socket() {
    return folder.path().resolve("mariadb.sock");
  }

  /// Runs SQL as root, and returns what the client printed.
  public String sql(String statements) {
    return LabProcess.run(
        Place.HERE,
        folder.path(),
        "mariadb",
        "--no-defaults",
        "--user=root",
        "--socket=" + socket(),
        "--batch",
        "--skip-column-names",
        "--execute=" + statements);
  }

  public void stop() {
    process.close();
  }

  public void start() {
    process = launch();
  }

  @Override
  public void close() {
    process.close();
    folder.close();
  }
}
