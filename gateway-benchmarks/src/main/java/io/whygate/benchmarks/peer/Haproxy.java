package io.whygate.benchmarks.peer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// HAProxy, one thread: connections kept and shared, splicing where it finds it worth while.
public final class Haproxy implements Peer {
  @Override
  public String name() {
    return "haproxy";
  }

  @Override
  public String debianPackage() {
    return "haproxy";
  }

  @Override
  public List<String> versionCommand() {
    return List.of("haproxy", "-v");
  }

  @Override
  public List<String> prepare(Site site) throws IOException {
    Path folder = site.folder();
    // It writes its log to no file by itself; its standard output is one.
    Files.writeString(
        folder.resolve("site.pem"),
        Files.readString(site.certificate()) + Files.readString(site.key()));
    Path file = folder.resolve("haproxy.cfg");
    Files.writeString(
        file,
        """
        global
          nbthread 1
          ssl-default-bind-options ssl-min-ver TLSv1.2
          tune.bufsize 32768
          log stdout format raw local0
        defaults
          mode http
          log global
          option httplog
          option http-keep-alive
          option forwardfor
          option splice-auto
          http-reuse always
          retries 0
          timeout connect 5s
          timeout client 300s
          timeout server 60s
          timeout http-keep-alive 300s
        frontend in
          bind 127.0.0.1:%d backlog 4096
          bind 127.0.0.1:%d backlog 4096 ssl crt %s alpn h2,http/1.1
          http-request set-header X-Forwarded-Proto http
          use_backend dead if { path_beg /dead }
          default_backend origin
        backend origin
          server origin 127.0.0.1:%d pool-max-conn -1
        backend dead
          server dead 127.0.0.1:%d
        """
            .formatted(
                site.port(),
                site.tlsPort(),
                folder.resolve("site.pem"),
                site.origin(),
                site.dead()));
    return List.of("haproxy", "-db", "-f", file.toString());
  }
}
