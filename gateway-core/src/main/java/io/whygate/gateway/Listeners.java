package io.whygate.gateway;

import io.whygate.gateway.config.ListenerSettings;
import io.whygate.gateway.listener.Listener;
import io.whygate.gateway.transport.DescriptorReserve;
import io.whygate.gateway.transport.Transport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// The listeners in force, by the address that each is configured with.
final class Listeners implements AutoCloseable {
  private final Transport transport;
  private final EventLoops loops;
  private final DescriptorReserve reserve;
  private volatile Map<SocketAddress, Listener> open = Map.of();
  private volatile boolean closed;

  Listeners(Transport transport, EventLoops loops, DescriptorReserve reserve) {
    this.reserve = reserve;
    reserve.onChange(() -> open.values().forEach(Listener::descriptorsChanged));
    this.transport = transport;
    this.loops = loops;
  }

  /// Binds what is new, changes what stays, drains what is gone; where something new cannot be
  /// bound, nothing is changed.
  void change(List<ListenerSettings> wanted) throws GatewayStartException {
    Map<SocketAddress, Listener> before = open;
    Map<SocketAddress, Listener> after = new LinkedHashMap<>();
    List<Listener> fresh = new ArrayList<>();
    List<Listener.Change> changes = new ArrayList<>();
    try {
      for (ListenerSettings each : wanted) {
        Listener known = before.get(each.bind());
        if (known == null) {
          known = bind(each);
          fresh.add(known);
        } else if (!known.settings().equals(each)) {
          changes.add(known.prepare(each));
        }
        after.put(each.bind(), known);
      }
    } catch (GatewayStartException | RuntimeException e) {
      fresh.forEach(Listener::close);
      changes.forEach(each -> each.giveUp().run());
      throw e;
    }
    changes.forEach(each -> each.use().run());
    open = after;
    if (closed) {
      // Whoever closed them meanwhile did not know of these.
      fresh.forEach(Listener::close);
    }
    before.forEach((address, listener) -> {
      if (!after.containsKey(address)) {
        listener.drain();
      }
    });
  }

  private Listener bind(ListenerSettings settings) throws GatewayStartException {
    try {
      return Listener.bind(transport, settings, loops.services(), reserve);
    } catch (IOException e) {
      throw cannotListen("a listener", settings.bind(), e);
    } catch (IllegalArgumentException e) {
      throw new GatewayStartException(
          "cannot listen on " + settings.name() + ": " + e.getMessage(), e);
    }
  }

  static GatewayStartException cannotListen(String what, SocketAddress at, IOException why) {
    String mend = at instanceof InetSocketAddress inet ? mend(inet, why) : mendUnix(at, why);
    return new GatewayStartException(
        what + " cannot listen on " + ListenerSettings.nameOf(at) + ": " + mend, why);
  }

  private static String mend(InetSocketAddress at, IOException why) {
    String reason = String.valueOf(why.getMessage());
    String lower = reason.toLowerCase(Locale.ROOT);
    return lower.contains("in use")
        ? "the port is taken: stop what listens there (ss -ltnp 'sport = :"
            + at.getPort()
            + "'), or bind another"
        : lower.contains("permission denied")
            ? "the port needs a privilege: bind one from 1024 up, or give the program CAP_NET_BIND_SERVICE"
            : lower.contains("assign")
                ? "the address is not this machine's: see ip address"
                : reason;
  }

  private static String mendUnix(SocketAddress at, IOException why) {
    String reason = String.valueOf(why.getMessage());
    String lower = reason.toLowerCase(Locale.ROOT);
    if (lower.contains("in use")) {
      return "it is taken: stop what listens there (ss -lxp src " + at + "), or bind another";
    }
    if (lower.contains("permission denied") || why instanceof AccessDeniedException) {
      return "its folder may not be written to: give the program's user the right to, or bind another";
    }
    if (lower.contains("no such file") || why instanceof NoSuchFileException) {
      return "its folder does not exist: make it, or bind another";
    }
    return why instanceof FileSystemException failed && failed.getReason() != null
        ? failed.getReason() + ": move it away, or bind another"
        : reason;
  }

  Collection<Listener> all() {
    return open.values();
  }

  static String urlOf(Listener listener) {
    ListenerSettings settings = listener.settings();
    String scheme =
        settings.passThrough().isPresent()
            ? "tcp://"
            : settings.tls().isPresent() ? "https://" : "http://";
    String at = ListenerSettings.nameOf(listener.address());
    return at.startsWith("unix:") ? at : scheme + at;
  }

  /// Stops listening, and waits until no client is left or the time is over.
  void drain(Duration most) throws InterruptedException {
    open.values().forEach(Listener::drain);
    long end = System.nanoTime() + most.toNanos();
    while (connections() > 0 && System.nanoTime() - end < 0) {
      Thread.sleep(20);
    }
  }

  private int connections() {
    return open.values().stream().mapToInt(Listener::connections).sum();
  }

  @Override
  public void close() {
    closed = true;
    open.values().forEach(Listener::close);
  }
}
