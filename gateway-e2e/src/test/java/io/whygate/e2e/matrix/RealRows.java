package io.whygate.e2e.matrix;

import io.whygate.e2e.lab.WordPressSite;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// All faults of real servers, and the servers that they share.
public final class RealRows implements AutoCloseable {
  private final PhpLab php = new PhpLab();
  private final WordPressSite site = WordPressSite.start();

  private RealRows() {}

  /// Starts the servers: some ten seconds.
  public static RealRows start() {
    return new RealRows();
  }

  /// Those that break what they share, and so follow each other.
  public List<Row> shared() {
    List<Row> rows = new ArrayList<>(new PhpRows(php).all());
    rows.addAll(new WordPressRows(site).all());
    return List.copyOf(rows);
  }

  /// Those that have a server of their own, and so may run at the same time.
  public static List<Row> alone() {
    List<Row> rows = new ArrayList<>(RuntimeRows.all());
    rows.addAll(OpenSslRows.all());
    rows.addAll(Http2AloneRows.all());
    return List.copyOf(rows);
  }

  /// The settings of a gateway before nginx.
  public String beforeNginx() {
    return PhpRows.upstream(php.nginx().toString(), Duration.ofSeconds(3), php.logs());
  }

  @Override
  public void close() {
    site.close();
    php.close();
  }
}
