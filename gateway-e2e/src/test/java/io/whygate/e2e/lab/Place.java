package io.whygate.e2e.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;

/// Where a server runs: an address, and what comes before a command to run it there.
///
/// @param address the address that servers there listen on
/// @param prefix the words before a command: none here, `ip netns exec NAME` in a namespace
public record Place(String address, List<String> prefix) {
  /// This machine's loopback.
  public static final Place HERE = new Place("127.0.0.1", List.of());

  public Place {
    prefix = List.copyOf(prefix);
  }

  /// Another host on this machine: any address of 127.0.0.0/8.
  public static Place loopback(String address) {
    return new Place(address, List.of());
  }

  /// `command` as it is run here.
  public List<String> command(List<String> command) {
    List<String> all = new ArrayList<>(prefix);
    all.addAll(command);
    return all;
  }

  /// A TCP port that nothing listened on a moment ago.
  public int freePort() {
    if (!prefix.isEmpty()) {
      // A namespace of the test's own: nobody else listens there.
      return 20_000 + (int) (System.nanoTime() % 20_000);
    }
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.getByName(address), 0));
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
