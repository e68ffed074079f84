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

  public List<Row> all() {
    List<Row> all = new ArrayList<>(new PhpRows(php).all());
    all.addAll(RuntimeRows.all());
    all.addAll(OpenSslRows.all());
    all.addAll(Http2AloneRows.all());
    all.addAll(new WordPressRows(site).all());
    return List.copyOf(all);
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
