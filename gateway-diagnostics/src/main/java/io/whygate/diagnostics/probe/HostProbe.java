package io.whygate.diagnostics.probe;

import io.whygate.diagnostics.probe.Finding.HostInspected;
import io.whygate.diagnostics.probe.Finding.HostInspected.Neighbour;
import io.whygate.diagnostics.probe.icmp.SystemSockets;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.DatagramChannel;
import java.nio.channels.UnsupportedAddressTypeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Looks at the gateway's own host: descriptors, local ports, routes and neighbours, as Linux tells
/// them under `/proc`.
public final class HostProbe implements Probe {
  private static final int ANY_PORT = 9;

  private final Path proc;

  public HostProbe() {
    this(Path.of("/proc"));
  }

  /// @param proc where the `proc` file system is mounted
  public HostProbe(Path proc) {
    this.proc = proc;
  }

  @Override
  public void ask(Inquiry inquiry) {
    long started = System.nanoTime();
    Optional<InetAddress> address = inquiry.address();
    inquiry.report(
        new HostInspected(
            descriptors(),
            descriptorLimit(),
            ports(),
            portRange(),
            address.map(HostProbe::isRouted).orElse(true),
            address.map(this::neighbour).orElse(Neighbour.NOT_LISTED)),
        started);
  }

  private long descriptors() {
    try (Stream<Path> open = Files.list(proc.resolve("self/fd"))) {
      return open.count();
    } catch (IOException e) {
      return -1;
    }
  }

  private long descriptorLimit() {
    return lines("self/limits").stream()
        .filter(line -> line.startsWith("Max open files"))
        .map(line -> line.substring("Max open files".length()).strip().split("\\s+", -1)[0])
        .mapToLong(HostProbe::number)
        .findFirst()
        .orElse(-1);
  }

  /// Connections that hold a local port, those in TIME_WAIT too.
  private long ports() {
    for (String line : lines("net/sockstat")) {
      if (line.startsWith("TCP:")) {
        String[] words = line.split(" ", -1);
        return words.length > 6 ? number(words[2]) + number(words[6]) : -1;
      }
    }
    return -1;
  }

  private long portRange() {
    List<String> lines = lines("sys/net/ipv4/ip_local_port_range");
    if (lines.isEmpty()) {
      return -1;
    }
    String[] bounds = lines.getFirst().strip().split("\\s+", -1);
    return bounds.length == 2 ? number(bounds[1]) - number(bounds[0]) + 1 : -1;
  }

  /// Whether the system's routes have a way to an address: all of its tables and rules, as a
  /// datagram socket that is connected asks for them and sends nothing.
  static boolean isRouted(InetAddress address) {
    try (var socket = DatagramChannel.open()) {
      return isRouted(socket, address);
    } catch (IOException e) {
      // No descriptor is left: nothing is known of routes.
      return true;
    }
  }

  private static boolean isRouted(DatagramChannel socket, InetAddress address) {
    try {
      socket.connect(new InetSocketAddress(address, ANY_PORT));
      return true;
    } catch (IOException e) {
      return false;
    } catch (UnsupportedAddressTypeException e) {
      // The JVM was told to do without IPv6.
      return false;
    }
  }

  private Neighbour neighbour(InetAddress address) {
    if (address instanceof Inet6Address) {
      return SystemSockets.find()
          .flatMap(sockets -> sockets.isAnsweringNeighbour(address))
          .map(answered -> answered ? Neighbour.REACHABLE : Neighbour.MISSING)
          .orElse(Neighbour.NOT_LISTED);
    }
    String text = address.getHostAddress();
    for (String line : lines("net/arp")) {
      String[] words = line.split("\\s+", -1);
      if (words.length > 3 && words[0].equals(text)) {
        return words[3].equals("00:00:00:00:00:00") ? Neighbour.MISSING : Neighbour.REACHABLE;
      }
    }
    return Neighbour.NOT_LISTED;
  }

  private List<String> lines(String file) {
    try {
      return Files.readAllLines(proc.resolve(file));
    } catch (IOException e) {
      return List.of();
    }
  }

  private static long number(String word) {
    try {
      return Long.parseLong(word);
    } catch (NumberFormatException e) {
      return -1;
    }
  }
}
