package io.whygate.benchmarks.peer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Caddy, one processor.
public final class Caddy implements Peer {
  @Override
  public String name() {
    return "caddy";
  }

  @Override
  public String debianPackage() {
    return "caddy";
  }

  @Override
  public List<String> versionCommand() {
    return List.of("caddy", "version");
  }

  @Override
  public List<String> prepare(Site site) throws IOException {
    Path file = site.folder().resolve("Caddyfile");
    Files.writeString(
        file,
        """
        {
          admin off
          auto_https off
          storage file_system %1$s
          servers {
            protocols h1 h2
          }
        }
        (site) {
          log {
            output file %1$s/access.log
          }
          handle /dead* {
            reverse_proxy 127.0.0.1:%6$d
          }
          handle {
            reverse_proxy 127.0.0.1:%7$d {
              transport http {
                keepalive_idle_conns_per_host 256
              }
            }
          }
        }
        http://127.0.0.1:%2$d, http://localhost:%2$d {
          import site
        }
        https://127.0.0.1:%3$d, https://localhost:%3$d {
          tls %4$s %5$s
          import site
        }
        """
            .formatted(
                site.folder(),
                site.port(),
                site.tlsPort(),
                site.certificate(),
                site.key(),
                site.dead(),
                site.origin()));
    return List.of(
        "env",
        "GOMAXPROCS=1",
        "HOME=" + site.folder(),
        "caddy",
        "run",
        "--adapter",
        "caddyfile",
        "--config",
        file.toString());
  }
}
