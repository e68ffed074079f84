package io.whygate.e2e.matrix;

import io.whygate.e2e.lab.ApacheServer;
import io.whygate.e2e.lab.Await;
import io.whygate.e2e.lab.Folder;
import io.whygate.e2e.lab.Nginx;
import io.whygate.e2e.lab.PhpFpm;
import io.whygate.e2e.lab.Place;
import io.whygate.e2e.lab.SmallDisk;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// nginx and Apache before php-fpm, with pages that go wrong once a file says so. Started once for
/// all rows that use it.
final class PhpLab implements AutoCloseable {
  private static final String POOL =
      """
      pm = dynamic
      pm.start_servers = 1
      pm.min_spare_servers = 1
      pm.max_spare_servers = 1
      php_admin_value[memory_limit] = 24M
      """;

  private final SmallDisk disk = new SmallDisk(64);
  private final Folder root = Folder.create("php-root");
  private final PhpFpm php = PhpFpm.start(2, POOL);
  private final Nginx nginx =
      Nginx.serving(
          Place.HERE,
          root.path(),
          "location /upload { client_max_body_size 1k; }\n" + php.nginxLocation());
  private final ApacheServer apache =
      ApacheServer.serving(
          root.path(),
          """
          <FilesMatch \\.php$>
          SetHandler "proxy:unix:%s|fcgi://localhost"
          </FilesMatch>
          """
              .formatted(php.socket()));

  PhpLab() {
    root.write("upload/index.html", "fine");
    page("index", "");
    page("memory", "$all = []; while (true) { $all[] = str_repeat('x', 100000); }");
    page("kill", "posix_kill(getmypid(), 9); sleep(5);");
    page("segv", "posix_kill(getmypid(), 11); sleep(5);");
    page("fatal", "no_such_function();");
    page("header", "header('X-Big: ' . str_repeat('x', 9000));");
    page(
        "disk",
        "if (file_put_contents('%s/cache', str_repeat('x', 20000)) !== 20000) {"
                .formatted(disk.path())
            + " http_response_code(500); exit; }");
    page("sleep", "sleep(30);");
  }

  /// A page that does something once the file of its name is there, and says 'fine'.
  void page(String name, String whenBroken) {
    root.write(
        name + ".php",
        "<?php clearstatcache(); if (file_exists('%s')) { %s } echo 'fine';"
            .formatted(root.path().resolve(name + ".broken"), whenBroken));
  }

  void breakPage(String name) throws IOException {
    Files.writeString(root.path().resolve(name + ".broken"), "");
  }

  void mendPage(String name) throws IOException {
    Files.deleteIfExists(root.path().resolve(name + ".broken"));
  }

  SmallDisk disk() {
    return disk;
  }

  PhpFpm php() {
    return php;
  }

  URI nginx() {
    return nginx.uri();
  }

  URI apache() {
    return apache.uri();
  }

  /// All that the servers log, as the setting `logs`.
  String logs() {
    return setting(php.logFile(), php.errorFile(), nginx.errorLogFile());
  }

  String apacheLogs() {
    return setting(apache.errorLogFile());
  }

  static String setting(Path... files) {
    List<String> quoted = new ArrayList<>();
    for (Path file : files) {
      quoted.add("\"" + file + "\"");
    }
    return "logs = [" + String.join(", ", quoted) + "]";
  }

  /// Keeps every child busy, until it is started anew.
  void occupy(Scene scene) throws IOException {
    long said = exhaustions();
    breakPage("sleep");
    for (int i = 0; i < 4; i++) {
      Socket socket = scene.open(new Socket(nginx().getHost(), nginx().getPort()));
      socket
          .getOutputStream()
          .write("GET /sleep.php HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    }
    Await.until(
        "php-fpm has no child left", Duration.ofSeconds(15), () -> exhaustions() > said, php::log);
  }

  private long exhaustions() {
    return php.log().lines().filter(line -> line.contains("max_children")).count();
  }

  /// Starts php-fpm anew.
  void restart() throws IOException {
    mendPage("sleep");
    php.stop();
    php.start();
  }

  @Override
  public void close() {
    apache.close();
    nginx.close();
    php.close();
    root.close();
    disk.close();
  }
}
