package io.whygate.faults.dns;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Name;

/// A DNS server on UDP and TCP, authoritative or caching, that answers rightly until it is told not
/// to.
///
/// ```java
/// Zone zone = Zone.of("demo.test").ns("ns1", "127.0.0.1").address("shop", 60, "127.0.0.1");
/// try (var server = DnsServer.authority(zone)) {
///   server.fault("shop.demo.test", new DnsFault.NxDomain());
/// }
/// ```
///
/// Each query has a virtual thread. Thread-safe.
public final class DnsServer implements Closeable {
  private final Role role;
  private final InetSocketAddress address;
  private final List<DnsQuery> queries = new CopyOnWriteArrayList<>();
  private final Map<Name, DnsFault> faults = new ConcurrentHashMap<>();
  private volatile @Nullable DnsFault faultOfAll;
  private @Nullable DnsSockets sockets;

  private DnsServer(Role role, InetAddress host, int port) throws IOException {
    this.role = role;
    DnsSockets opened = DnsSockets.open(host, port, new Answerer(this));
    sockets = opened;
    address = opened.address();
  }

  /// An authority for these zones on 127.0.0.1 and a free port.
  public static DnsServer authority(Zone... zones) throws IOException {
    return start(new Authority(List.of(zones)), "127.0.0.1", 0);
  }

  /// A caching resolver on 127.0.0.1 and a free port that asks one authority about a zone.
  public static DnsServer resolver(String zone, DnsServer authority) throws IOException {
    CachingResolver role = new CachingResolver(Duration.ofMillis(500));
    return start(role.forward(zone, authority.address()), "127.0.0.1", 0);
  }

  /// A server of any role on any address.
  ///
  /// @param literal the address, without a name
  /// @param port the port, 0 for a free one, the same for UDP and TCP
  public static DnsServer start(Role role, String literal, int port) throws IOException {
    return new DnsServer(role, InetAddress.ofLiteral(literal), port);
  }

  public InetSocketAddress address() {
    return address;
  }

  public int port() {
    return address.getPort();
  }

  public Role role() {
    return role;
  }

  /// The queries so far, oldest first.
  public List<DnsQuery> queries() {
    return List.copyOf(queries);
  }

  /// How many queries came for a name and a type such as `A`.
  public long count(String name, String type) {
    String asked = Replies.name(name).toString();
    return queries.stream()
        .filter(query -> query.name().equals(asked) && query.type().equals(type))
        .count();
  }

  /// Answers every query wrongly.
  public void fault(DnsFault fault) {
    faultOfAll = fault;
  }

  /// Answers queries for a name, and for names below it, wrongly.
  public void fault(String name, DnsFault fault) {
    faults.put(Replies.name(name), fault);
  }

  /// Answers rightly again, and listens.
  public void mend() {
    faultOfAll = null;
    faults.clear();
    listen();
  }

  /// Closes the port, UDP and TCP; it keeps its number as long as nobody else takes it.
  public synchronized void stopListening() {
    if (sockets != null) {
      sockets.close();
      sockets = null;
    }
  }

  /// Opens the port again; nothing where it is open.
  public synchronized void listen() {
    if (sockets != null) {
      return;
    }
    try {
      sockets = DnsSockets.open(address.getAddress(), address.getPort(), new Answerer(this));
    } catch (IOException e) {
      throw new UncheckedIOException("listen on " + address, e);
    }
  }

  @Override
  public void close() {
    stopListening();
  }

  @Override
  public String toString() {
    return "DnsServer[" + address + "]";
  }

  void asked(DnsQuery query) {
    queries.add(query);
  }

  @Nullable DnsFault faultFor(Name name) {
    for (Name above = name; above.labels() > 0; above = new Name(above, 1)) {
      DnsFault fault = faults.get(above);
      if (fault != null) {
        return fault;
      }
    }
    return faultOfAll;
  }
}
