package io.whygate.e2e.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;

/// A small network of hosts, each a network namespace, all on one switch (10.77.0.0/24). Root only.
/// Gone after the test, whatever happens in it.
public final class Namespaces implements AutoCloseable {
  private static final AtomicInteger NETWORKS = new AtomicInteger();

  private final String prefix =
      "wg" + ProcessHandle.current().pid() + "-" + NETWORKS.incrementAndGet() + "-";
  private final List<String> names = new ArrayList<>();
  private final Thread cleaner = Thread.ofPlatform().unstarted(this::deleteAll);

  /// The switch alone.
  public Namespaces() {
    Runtime.getRuntime().addShutdownHook(cleaner);
    add("switch");
    inside("switch", "ip link add br0 type bridge");
    inside("switch", "ip link set br0 up");
  }

  /// Adds a host with an address on the switch, such as `10.77.0.2`, and returns where to run
  /// things on it.
  public Place host(String name, String address) {
    add(name);
    int port = names.size();
    inside("switch", "ip link add p" + port + " type veth peer name eth0 netns " + prefix + name);
    inside("switch", "ip link set p" + port + " master br0 up");
    inside(name, "ip addr add " + address + "/24 dev eth0");
    inside(name, "ip link set eth0 up");
    return new Place(address, List.of("ip", "netns", "exec", prefix + name));
  }

  /// Loads nftables rules on a host, such as `add rule ip lab in tcp dport 80 drop`; table `lab`
  /// with chains `in` and `out` is there.
  public void filter(Place host, String... rules) {
    StringBuilder script =
        new StringBuilder(
            """
            add table inet lab
            add chain inet lab in { type filter hook input priority 0; }
            add chain inet lab out { type filter hook output priority 0; }
            """);
    for (String rule : rules) {
      script.append(rule).append('\n');
    }
    try {
      Path file = Files.createTempFile("whygate-nft", ".nft");
      Files.writeString(file, script);
      run(host.command(List.of("nft", "-f", file.toString())));
      Files.delete(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Adds a host without a network yet.
  public Place host(String name) {
    add(name);
    return new Place("0.0.0.0", List.of("ip", "netns", "exec", prefix + name));
  }

  /// Joins two hosts by a line of their own, each with its addresses at its end, such as
  /// `10.78.1.1/24`. The ends are called by these names.
  public void line(
      Place one,
      String end,
      List<String> addresses,
      Place other,
      String otherEnd,
      List<String> theirs) {
    String here = name(one);
    String there = name(other);
    StringBuilder script = new StringBuilder("set -e\n");
    script.append(
        "ip -n %s link add %s type veth peer name %s netns %s\n"
            .formatted(here, end, otherEnd, there));
    up(script, here, end, addresses);
    up(script, there, otherEnd, theirs);
    run(List.of("sh", "-c", script.toString()));
  }

  private static void up(StringBuilder script, String host, String end, List<String> addresses) {
    for (String address : addresses) {
      String now = address.indexOf(':') < 0 ? "" : " nodad";
      script.append("ip -n %s addr add %s dev %s%s\n".formatted(host, address, end, now));
    }
    script.append("ip -n %s link set %s up\n".formatted(host, end));
  }

  /// Runs a shell script on a host.
  public void shell(Place host, String script) {
    run(host.command(List.of("sh", "-ec", script)));
  }

  /// Does something with sockets of a host: on a thread of its own that has entered its network.
  /// Sockets that are opened on other threads meanwhile are not the host's.
  public <T> T inside(Place host, Callable<T> work) throws Exception {
    var task =
        new FutureTask<>(() -> {
          EnteredNetwork.enter(name(host));
          return work.call();
        });
    Thread.ofPlatform().daemon().name("inside " + name(host)).start(task);
    try {
      return task.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Exception cause) {
        throw cause;
      }
      throw new AssertionError(e.getCause());
    }
  }

  private static String name(Place host) {
    return host.prefix().getLast();
  }

  private void add(String name) {
    run(List.of("ip", "netns", "add", prefix + name));
    names.add(name);
    inside(name, "ip link set lo up");
    // Addresses of IPv6 are good at once: until that of its link is, a router asks for no
    // neighbour.
    shell(
        new Place("0.0.0.0", List.of("ip", "netns", "exec", prefix + name)),
        "for each in all default; do echo 0 > /proc/sys/net/ipv6/conf/$each/accept_dad; done");
  }

  private void inside(String name, String command) {
    List<String> words = new ArrayList<>(List.of("ip", "netns", "exec", prefix + name));
    words.addAll(List.of(command.split(" ")));
    run(words);
  }

  private static void run(List<String> command) {
    LabProcess.run(Place.HERE, Path.of("/"), command.toArray(String[]::new));
  }

  private void deleteAll() {
    for (String name : names) {
      try {
        new ProcessBuilder("ip", "netns", "del", prefix + name).start().waitFor();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    names.clear();
  }

  @Override
  public void close() {
    deleteAll();
    Runtime.getRuntime().removeShutdownHook(cleaner);
  }
}
