package io.whygate.e2e.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/// Where a server runs: an address, and what comes before a command to run it there.
///
/// @param address the address that servers there listen on
/// @param prefix the words before a command: none here, `ip netns exec NAME` in a namespace
public record Place(String address, List<String> prefix) {
  /// This machine's loopback.
  public static final Place HERE = new Place("127.0.0.1", List.of());

  /// Ports that Linux gives to nobody by itself: those that it chooses, for outgoing connections
  /// too, begin at 32768.
  private static final int FIRST_PORT = 11_000;

  private static final int PORTS = 21_000;
  private static final AtomicInteger NEXT =
      new AtomicInteger(ThreadLocalRandom.current().nextInt(PORTS));

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

  /// A TCP port on which nothing listens, and which nobody else gets until somebody asks for it by
  /// its number: each is given once.
  public int freePort() {
    for (int tried = 0; tried < PORTS; tried++) {
      int port = FIRST_PORT + Math.floorMod(NEXT.getAndIncrement(), PORTS);
      // In a namespace of the test's own nobody else listens.
      if (!prefix.isEmpty() || isFree(port)) {
        return port;
      }
    }
    throw new AssertionError("no port is free from " + FIRST_PORT + " on");
  }

  private boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.getByName(address), port));
      return true;
    } catch (IOException e) {
      if (e instanceof java.net.BindException) {
        return false;
      }
      throw new UncheckedIOException(e);
    }
  }
}
