package io.whygate.e2e.lab;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;

/// A real php-fpm with one pool on a Unix socket.
public final class PhpFpm implements AutoCloseable {
  private final Folder folder;
  private LabProcess process;

  private PhpFpm(Folder folder) {
    this.folder = folder;
    this.process = launch();
  }

  /// Starts a pool of `workers`, with more lines for the pool's section, such as
  /// `request_terminate_timeout = 2s` or `php_admin_value[memory_limit] = 16M`.
  public static PhpFpm start(int workers, String poolLines) {
    Folder folder = Folder.create("php");
    boolean root = System.getProperty("user.name").equals("root");
    folder.write(
        "php-fpm.conf",
        """
        [global]
        error_log = %1$s/php-fpm.log
        pid = %1$s/php-fpm.pid
        daemonize = no
        [www]
        %2$s
        listen = %1$s/php.sock
        listen.mode = 0666
        pm = static
        pm.max_children = %3$d
        catch_workers_output = yes
        php_admin_value[upload_max_filesize] = 32M
        php_admin_value[post_max_size] = 32M
        php_admin_value[error_log] = %1$s/php-error.log
        php_admin_flag[log_errors] = on
        %4$s
        """
            .formatted(folder.path(), root ? "user = root\ngroup = root" : "", workers, poolLines));
    return new PhpFpm(folder);
  }

  /// The program, whose name has PHP's version in it.
  public static Optional<String> program() {
    try (Stream<Path> files = Files.list(Path.of("/usr/sbin"))) {
      return files
          .map(Path::toString)
          .filter(name -> name.contains("/php-fpm"))
          .sorted()
          .findFirst();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private LabProcess launch() {
    LabProcess started =
        LabProcess.start(
            Place.HERE,
            folder.path(),
            program().orElseThrow(),
            "--nodaemonize",
            "--allow-to-run-as-root",
            "--fpm-config",
            folder.path().resolve("php-fpm.conf").toString());
    Await.until(
        "php-fpm accepts on its socket",
        Duration.ofSeconds(60),
        () -> {
          try (SocketChannel asked = SocketChannel.open(UnixDomainSocketAddress.of(socket()))) {
            return asked.isConnected();
          }
        },
        () -> started.output() + folder.read("php-fpm.log"));
    return started;
  }

  public Path socket() {
    return folder.path().resolve("php.sock");
  }

  /// Its own log, for a gateway that reads it.
  public Path logFile() {
    return folder.path().resolve("php-fpm.log");
  }

  /// PHP's own log, for a gateway that reads it.
  public Path errorFile() {
    return folder.path().resolve("php-error.log");
  }

  /// What the pool and PHP itself have logged so far.
  public String log() {
    return folder.read("php-fpm.log") + folder.read("php-error.log");
  }

  /// What an nginx `location` needs to hand PHP files over.
  public String nginxLocation() {
    return """
    location ~ \\.php$ {
      include /etc/nginx/fastcgi_params;
      fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
      # Debian's own line leaves the port out.
          fastcgi_param HTTP_HOST $http_host;
      fastcgi_pass unix:%s;
      fastcgi_read_timeout 30s;
    }
    """
        .formatted(socket());
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
