package io.whygate.benchmarks.peer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// nginx, as its tuning guide advises: connections kept and reused a hundred thousand times,
/// buffers that take a whole large answer, a buffered log, cached TLS sessions.
public final class Nginx implements Peer {
  @Override
  public String name() {
    return "nginx";
  }

  @Override
  public String debianPackage() {
    return "nginx-light";
  }

  @Override
  public List<String> versionCommand() {
    return List.of("nginx", "-v");
  }

  @Override
  public List<String> prepare(Site site) throws IOException {
    Path file = site.folder().resolve("nginx.conf");
    Files.writeString(
        file,
        """
        daemon off;
        worker_processes 1;
        worker_rlimit_nofile 65536;
        pid nginx.pid;
        error_log error.log crit;
        events { worker_connections 32768; }
        http {
          access_log access.log combined buffer=64k flush=1s;
          server_tokens off;
          sendfile on;
          tcp_nopush on;
          keepalive_requests 1000000;
          keepalive_timeout 300s;
          client_body_temp_path body;
          proxy_temp_path proxy;
          fastcgi_temp_path fastcgi;
          uwsgi_temp_path uwsgi;
          scgi_temp_path scgi;
          client_max_body_size 0;
          client_body_buffer_size 64k;
          large_client_header_buffers 4 32k;
          proxy_buffer_size 8k;
          proxy_buffers 64 32k;
          proxy_busy_buffers_size 1m;
          proxy_max_temp_file_size 0;
          proxy_http_version 1.1;
          proxy_set_header Connection "";
          proxy_set_header Host $host;
          proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
          proxy_set_header X-Forwarded-Proto $scheme;
          ssl_protocols TLSv1.2 TLSv1.3;
          ssl_session_cache shared:tls:10m;
          upstream origin { server 127.0.0.1:%d; keepalive 256; keepalive_requests 1000000; }
          upstream dead { server 127.0.0.1:%d; keepalive 256; }
          server {
            listen 127.0.0.1:%d backlog=4096;
            listen 127.0.0.1:%d ssl http2 backlog=4096;
            ssl_certificate %s;
            ssl_certificate_key %s;
            location / { proxy_pass http://origin; }
            location /dead { proxy_pass http://dead; }
          }
        }
        """
            .formatted(
                site.origin(),
                site.dead(),
                site.port(),
                site.tlsPort(),
                site.certificate(),
                site.key()));
    return List.of("nginx", "-p", site.folder().toString(), "-c", file.toString(), "-e", "stderr");
  }
}
