package io.whygate.benchmarks.peer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// This gateway, with all that it does by default: routing, metrics, access log, limits, strict
/// parsing, diagnosis.
///
/// @param name what it is called: several builds may be compared
/// @param launcher how it is started, such as `./whygate`
/// @param eventLoops how many it has
public record Whygate(String name, List<String> launcher, int eventLoops) implements Peer {
  public Whygate {
    launcher = List.copyOf(launcher);
  }

  /// With one event loop, as every peer has one worker.
  public Whygate(String name, List<String> launcher) {
    this(name, launcher, 1);
  }

  @Override
  public String debianPackage() {
    return "";
  }

  @Override
  public List<String> versionCommand() {
    List<String> command = new ArrayList<>(launcher);
    command.add("--version");
    return command;
  }

  @Override
  public List<String> prepare(Site site) throws IOException {
    StringBuilder routes = new StringBuilder();
    StringBuilder upstreams = new StringBuilder();
    for (int i = 1; i <= site.upstreams(); i++) {
      upstreams
          .append("    u")
          .append(i)
          .append(" { endpoints = [\"http://127.0.0.1:")
          .append(site.origin())
          .append("\"] }\n");
    }
    for (int i = 1; i <= site.routes(); i++) {
      routes
          .append("    { path = \"/r")
          .append(i)
          .append("\", upstream = ")
          .append(site.upstreams() == 0 ? "origin" : "u" + (1 + i % site.upstreams()))
          .append(" }\n");
    }
    Path file = site.folder().resolve("gateway.conf");
    Files.writeString(
        file,
        """
        whygate {
          event-loops = %d
          listener-defaults { timeouts { idle = 5m } }
          listeners = [
            { bind = "127.0.0.1:%d" }
            { bind = "127.0.0.1:%d", tls { certificates = [ { certificate = "%s", key = "%s" } ] } }
          ]
          admin { bind = "127.0.0.1:0" }
          access-log { file = "%s" }
          state { directory = "%s" }
          upstreams {
            origin { endpoints = ["http://127.0.0.1:%d"] }
            dead { endpoints = ["http://127.0.0.1:%d"] }
        %s  }
          routes = [
            { path = "/", upstream = origin }
            { path = "/dead", upstream = dead }
        %s  ]
        }
        """
            .formatted(
                eventLoops,
                site.port(),
                site.tlsPort(),
                site.certificate(),
                site.key(),
                site.folder().resolve("access.log"),
                site.folder().resolve("state"),
                site.origin(),
                site.dead(),
                upstreams,
                routes));
    List<String> command = new ArrayList<>(launcher);
    command.addAll(List.of("run", "--config", file.toString()));
    return command;
  }

  @Override
  public boolean warmsUp() {
    return true;
  }

  @Override
  public boolean takesManyRoutes() {
    return true;
  }
}
