package io.whygate.benchmarks;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/// The server behind every peer: nginx on the load's core, which serves files of 1 KiB, 64 KiB and
/// 1 MiB, takes what is posted, and has `/echo` answered by this program, so that what arrives can
/// be compared.
final class Origin implements AutoCloseable {
  private final HttpServer echo;
  private final PeerProcess nginx;
  private final Path folder;
  private final int port;

  private Origin(HttpServer echo, PeerProcess nginx, Path folder, int port) {
    this.echo = echo;
    this.nginx = nginx;
    this.folder = folder;
    this.port = port;
  }

  static Origin start(Machine machine, Path folder) throws IOException, InterruptedException {
    Path files = Files.createDirectories(folder.resolve("files"));
    Random random = new Random(42);
    write(files, "1k", 1024, random);
    write(files, "64k", 64 * 1024, random);
    write(files, "1m", 1024 * 1024, random);
    HttpServer echo =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
    echo.createContext(
        "/",
        exchange -> {
          byte[] body = exchange.getRequestBody().readAllBytes();
          exchange.sendResponseHeaders(200, body.length == 0 ? -1 : body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    echo.start();
    int port = Machine.freePort();
    Path file = folder.resolve("origin.conf");
    Files.writeString(file, configuration(folder, files, port, echo.getAddress().getPort()));
    PeerProcess nginx =
        PeerProcess.start(
                folder,
                machine.onLoadCore(
                    List.of(
                        "nginx", "-p", folder.toString(), "-c", file.toString(), "-e", "stderr")))
            .awaitPort(port);
    return new Origin(echo, nginx, files, port);
  }

  /// What is posted has been read whole before it is answered: nginx does so before it asks another
  /// server, here itself.
  private static String configuration(Path folder, Path files, int port, int echo) {
    return """
    daemon off;
    worker_processes 1;
    worker_rlimit_nofile 65536;
    %5$s
    pid origin.pid;
    error_log origin.log crit;
    events { worker_connections 32768; }
    http {
      access_log off;
      sendfile on;
      tcp_nopush on;
      etag off;
      open_file_cache max=100 inactive=1h;
      open_file_cache_valid 1h;
      keepalive_requests 100000000;
      keepalive_timeout 1h;
      large_client_header_buffers 4 64k;
      client_body_buffer_size 64k;
      client_body_temp_path body;
      proxy_temp_path proxy;
      fastcgi_temp_path fastcgi;
      uwsgi_temp_path uwsgi;
      scgi_temp_path scgi;
      upstream taken { server unix:%1$s/taken.sock; keepalive 64; }
      server { listen unix:%1$s/taken.sock; location / { return 200 "taken\\n"; } }
      server {
        listen 127.0.0.1:%2$d backlog=4096 reuseport;
        root %3$s;
        rewrite ^/r[0-9]+/(.*)$ /$1;
        location /post {
          proxy_http_version 1.1;
          proxy_set_header Connection "";
          proxy_set_header Content-Length "";
          proxy_pass_request_body off;
          proxy_pass http://taken;
        }
        location /echo { proxy_pass http://127.0.0.1:%4$d; }
      }
    }
    """
        .formatted(folder, port, files, echo, isRoot() ? "user root;" : "");
  }

  private static boolean isRoot() {
    return "root".equals(System.getProperty("user.name"));
  }

  private static void write(Path folder, String name, int size, Random random) throws IOException {
    byte[] bytes = new byte[size];
    random.nextBytes(bytes);
    Files.write(folder.resolve(name), bytes);
  }

  int port() {
    return port;
  }

  /// What a file of it holds.
  byte[] file(String name) throws IOException {
    return Files.readAllBytes(folder.resolve(name));
  }

  @Override
  public void close() {
    nginx.close();
    echo.stop(0);
  }
}
