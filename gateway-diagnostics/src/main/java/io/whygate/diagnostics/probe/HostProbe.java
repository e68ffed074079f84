package io.whygate.diagnostics.probe;

import io.whygate.diagnostics.probe.Finding.HostInspected;
import io.whygate.diagnostics.probe.Finding.HostInspected.Neighbour;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Looks at the gateway's own host: descriptors, local ports, routes and neighbours, as Linux tells
/// them under `/proc`.
public final class HostProbe implements Probe {
  private static final long RTF_UP = 1;
  private static final long RTF_REJECT = 0x200;

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
            address.map(this::isRouted).orElse(true),
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

  /// Whether the main route table has a way to an address; true where that cannot be read.
  boolean isRouted(InetAddress address) {
    if (address.isLoopbackAddress()) {
      return true;
    }
    return address instanceof Inet4Address ? isRoutedV4(address) : isRoutedV6(address);
  }

  private boolean isRoutedV4(InetAddress address) {
    List<String> routes = lines("net/route");
    if (routes.isEmpty()) {
      return true;
    }
    int bits = ByteBuffer.wrap(address.getAddress()).order(ByteOrder.LITTLE_ENDIAN).getInt();
    for (String route : routes.subList(1, routes.size())) {
      String[] words = route.strip().split("\\s+", -1);
      if (words.length > 7) {
        int destination = (int) Long.parseLong(words[1], 16);
        int mask = (int) Long.parseLong(words[7], 16);
        long flags = Long.parseLong(words[3], 16);
        if ((flags & RTF_UP) != 0 && (flags & RTF_REJECT) == 0 && (bits & mask) == destination) {
          return true;
        }
      }
    }
    return false;
  }

  private boolean isRoutedV6(InetAddress address) {
    List<String> routes = lines("net/ipv6_route");
    byte[] bits = address.getAddress();
    for (String route : routes) {
      String[] words = route.strip().split("\\s+", -1);
      if (words.length > 8) {
        byte[] destination = HexFormat.of().parseHex(words[0]);
        int length = Integer.parseInt(words[1], 16);
        long flags = Long.parseLong(words[8], 16);
        if ((flags & RTF_UP) != 0
            && (flags & RTF_REJECT) == 0
            && isPrefix(destination, length, bits)) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean isPrefix(byte[] prefix, int length, byte[] bits) {
    for (int bit = 0; bit < length; bit++) {
      int mask = 0x80 >> (bit & 7);
      if ((prefix[bit >> 3] & mask) != (bits[bit >> 3] & mask)) {
        return false;
      }
    }
    return true;
  }

  private Neighbour neighbour(InetAddress address) {
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
