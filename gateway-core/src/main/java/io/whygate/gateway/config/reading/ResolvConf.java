package io.whygate.gateway.config.reading;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The system's resolvers, as `/etc/resolv.conf` names them.
///
/// Only `nameserver` counts: the names of upstreams are complete, so `search`, `domain` and `ndots`
/// are ignored on purpose. Without such a line the resolver is on this host (resolv.conf(5)).
final class ResolvConf {
  static final Path SYSTEM = Path.of("/etc/resolv.conf");
  private static final int PORT = 53;

  private ResolvConf() {}

  static List<InetSocketAddress> servers(Path file) {
    List<InetSocketAddress> servers = new ArrayList<>();
    for (String line : lines(file)) {
      String[] words = line.strip().split("\\s+", 0);
      if (words.length >= 2 && words[0].equals("nameserver")) {
        Optional<InetAddress> address = Addresses.literal(words[1]);
        address.ifPresent(found -> servers.add(new InetSocketAddress(found, PORT)));
      }
    }
    if (servers.isEmpty()) {
      servers.add(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), PORT));
    }
    return servers;
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException _) {
      return List.of();
    }
  }
}
