package io.whygate.diagnostics.probe.own;

import io.whygate.diagnostics.probe.Finding.PortsCounted;
import io.whygate.diagnostics.probe.Inquiry;
import io.whygate.diagnostics.probe.Probe;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/// Counts the local ports in use towards the place that failed: a port serves each destination
/// anew, so that only those count. Reads the system's table of connections, which may be long, and
/// so is asked only where ports are said to have run out.
public final class PortsProbe implements Probe {
  private static final int REMOTE = 2;
  private static final int WORD = 4;
  private static final int V4_BYTES = 4;
  private static final int MAPPED_BYTES = 16;
  private static final String[] NOTHING = {};

  private final Path proc;

  public PortsProbe() {
    this(Path.of("/proc"));
  }

  /// @param proc where the `proc` file system is mounted
  public PortsProbe(Path proc) {
    this.proc = proc;
  }

  @Override
  public void ask(Inquiry inquiry) {
    long started = System.nanoTime();
    inquiry
        .target()
        .ifPresent(
            target -> inquiry.report(new PortsCounted(target, used(target), range()), started));
  }

  private long used(InetSocketAddress target) {
    return Math.max(0, used("net/tcp", target)) + Math.max(0, used("net/tcp6", target));
  }

  private long used(String table, InetSocketAddress target) {
    try (Stream<String> lines = Files.lines(proc.resolve(table))) {
      return lines.skip(1).filter(line -> isTowards(line, target)).count();
    } catch (IOException e) {
      return -1;
    }
  }

  private static boolean isTowards(String line, InetSocketAddress target) {
    String[] words = line.strip().split("\\s+", REMOTE + 2);
    if (words.length <= REMOTE) {
      return false;
    }
    String remote = words[REMOTE];
    int colon = remote.indexOf(':');
    return colon > 0
        && Integer.parseInt(remote.substring(colon + 1), 16) == target.getPort()
        && target.getAddress().equals(address(remote.substring(0, colon)));
  }

  /// An address as the table writes it: words of four bytes, each in the order of the processor,
  /// which is little endian wherever Whygate is built for; IPv4 may stand mapped into IPv6.
  private static InetAddress address(String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex);
    byte[] ordered = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      ordered[i] = bytes[i / WORD * WORD + WORD - 1 - i % WORD];
    }
    if (ordered.length != V4_BYTES && ordered.length != MAPPED_BYTES) {
      throw new IllegalStateException("address: " + hex + " (expected: 8 or 32 digits)");
    }
    try {
      return InetAddress.getByAddress(ordered);
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }

  private long range() {
    try {
      // By lines: a setting gives nothing more to who reads it in pieces, as for a single string.
      List<String> lines = Files.readAllLines(proc.resolve("sys/net/ipv4/ip_local_port_range"));
      String[] bounds = lines.isEmpty() ? NOTHING : lines.getFirst().strip().split("\\s+", -1);
      return bounds.length < 2 ? -1 : Long.parseLong(bounds[1]) - Long.parseLong(bounds[0]) + 1;
    } catch (IOException | NumberFormatException e) {
      return -1;
    }
  }
}
