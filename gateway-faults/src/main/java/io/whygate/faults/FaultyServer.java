package io.whygate.faults;

import io.whygate.faults.http.Site;
import io.whygate.faults.http.StockSite;
import io.whygate.faults.tls.Pki;
import io.whygate.faults.tls.TlsFault;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// An HTTP/1.1 server, with TLS where wanted, that serves a healthy site until it is told to fail.
///
/// ```java
/// try (var server = FaultyServer.start()) {
///   server.fault(new Fault.ResetBeforeResponse());
/// }
/// ```
///
/// The port number stays its own from start to close, also while nothing listens there, so that a
/// closed port is answered by the kernel's RST. Each connection has a virtual thread. Thread-safe.
public final class FaultyServer implements Closeable {
  private final Port port;
  private final Traffic traffic = new Traffic();
  private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
  private final RecentAccepts recentAccepts = new RecentAccepts();
  private final @Nullable TlsDoor tlsDoor;
  private final boolean encryptedByDefault;
  private final Duration idleClose;
  private volatile Site site;
  private volatile Behaviour behaviour;

  private FaultyServer(Builder builder) throws IOException {
    tlsDoor = builder.pki == null ? null : new TlsDoor(builder.pki);
    encryptedByDefault = builder.encrypted;
    behaviour = Behaviour.of(null, null, encryptedByDefault);
    idleClose = builder.idleClose;
    port = new Port(builder.address, builder.portNumber);
    site = builder.site != null ? builder.site : new StockSite("site-" + port.number());
  }

  /// A healthy plain server on 127.0.0.1 and a free port.
  public static FaultyServer start() throws IOException {
    return builder().start();
  }

  /// A healthy server on 127.0.0.1 and a free port that speaks TLS with these certificates.
  public static FaultyServer startTls(Pki pki) throws IOException {
    return builder().tls(pki).start();
  }

  public static Builder builder() {
    return new Builder();
  }

  public InetSocketAddress address() {
    return port.address();
  }

  public int port() {
    return port.number();
  }

  /// The address as `http://127.0.0.1:PORT`, or `https` while it speaks TLS.
  public URI uri() {
    return uriFor(address().getAddress().getHostAddress());
  }

  /// The same with a host name in place of the address.
  public URI uriFor(String host) {
    String bracketed = host.indexOf(':') < 0 ? host : "[" + host + "]";
    String scheme = behaviour.encrypted() ? "https" : "http";
    return URI.create(scheme + "://" + bracketed + ":" + port());
  }

  /// What came and went so far.
  public Traffic traffic() {
    return traffic;
  }

  /// How many connections are open now.
  public int openConnections() {
    return connections.size();
  }

  /// What it does wrong now, or null.
  public @Nullable Fault fault() {
    return behaviour.fault();
  }

  /// What its TLS does wrong now, or null.
  public @Nullable TlsFault tlsFault() {
    return behaviour.tlsFault();
  }

  /// Makes it fail from the next request, connection or SYN on. What hangs under an earlier fault
  /// is closed; a healthy idle connection stays, unless the fault is one of the port or the accept.
  public void fault(Fault fault) {
    become(Behaviour.of(fault, behaviour.tlsFault(), behaviour.encrypted()));
    switch (fault) {
      case Fault.NothingListens() -> stopListening();
      case Fault.BacklogFull() -> {
        port.stopAnswering();
        closeConnections();
      }
      case Fault.OnAccept _ -> {
        listen();
        closeConnections();
      }
      case Fault.OnRequest _ -> listen();
    }
  }

  /// Makes its TLS fail from the next connection on; the open ones are closed.
  public void tlsFault(TlsFault fault) {
    tlsDoor();
    become(Behaviour.of(behaviour.fault(), fault, true));
    closeConnections();
  }

  /// Makes it speak TLS, or plain HTTP, from the next connection on; the open ones are closed.
  public void encrypted(boolean encrypted) {
    if (encrypted) {
      tlsDoor();
    }
    become(Behaviour.of(behaviour.fault(), behaviour.tlsFault(), encrypted));
    closeConnections();
  }

  /// Ends every fault, speaks TLS or plain HTTP as at its start, and listens.
  public void mend() {
    boolean switches = behaviour.encrypted() != encryptedByDefault;
    become(Behaviour.of(null, null, encryptedByDefault));
    if (switches) {
      closeConnections();
    }
    listen();
  }

  /// What it serves while it is healthy.
  public void site(Site next) {
    site = next;
  }

  /// Whether the port is open.
  public boolean isListening() {
    return port.isListening();
  }

  /// Opens the port; nothing where it is open. The number is as before.
  public void listen() {
    port.listen(this::accepted);
  }

  /// Closes the port and every connection, as the end of the process would.
  public void stopListening() {
    port.stopListening();
    closeConnections();
  }

  /// Closes every connection by FIN, idle or not; the port stays as it is.
  public void closeConnections() {
    connections.forEach(Connection::abort);
  }

  @Override
  public void close() {
    become(Behaviour.of(null, null, false));
    port.close();
    closeConnections();
  }

  @Override
  public String toString() {
    return "FaultyServer[" + address() + "]";
  }

  Behaviour behaviour() {
    return behaviour;
  }

  Site site() {
    return site;
  }

  Duration idleClose() {
    return idleClose;
  }

  TlsDoor tlsDoor() {
    if (tlsDoor == null) {
      throw new IllegalStateException("tls: no certificates (expected: given to the builder)");
    }
    return tlsDoor;
  }

  int acceptedInLastSecond() {
    return recentAccepts.inLastSecond();
  }

  void forget(Connection connection) {
    connections.remove(connection);
  }

  private void become(Behaviour next) {
    Behaviour before = behaviour;
    behaviour = next;
    before.over().countDown();
    connections.forEach(connection -> connection.closeFor(next));
  }

  private void accepted(Socket socket) {
    recentAccepts.add();
    var connection = new Connection(this, socket, traffic.connectionAccepted());
    connections.add(connection);
    Thread.ofVirtual().name("faulty-" + port()).start(connection);
    if (!port.isListening()) {
      connection.abort();
    }
  }

  /// The settings of a server that is about to start.
  public static final class Builder {
    private InetAddress address = InetAddress.ofLiteral("127.0.0.1");
    private int portNumber;
    private @Nullable Site site;
    private @Nullable Pki pki;
    private boolean encrypted;
    private Duration idleClose = Duration.ZERO;

    private Builder() {}

    /// The loopback address to bind, as a literal; 127.0.0.1 by default.
    public Builder address(String literal) {
      address = InetAddress.ofLiteral(literal);
      return this;
    }

    /// The port; a free one by default.
    public Builder port(int number) {
      portNumber = number;
      return this;
    }

    /// What it serves; a [StockSite] named after the port by default.
    public Builder site(Site healthy) {
      site = healthy;
      return this;
    }

    /// Speaks TLS with these certificates.
    public Builder tls(Pki certificates) {
      pki = certificates;
      encrypted = true;
      return this;
    }

    /// Has certificates, but speaks plain HTTP until [FaultyServer#encrypted] says otherwise.
    public Builder tlsLater(Pki certificates) {
      pki = certificates;
      return this;
    }

    /// Closes a connection that is idle this long; never by default.
    public Builder idleClose(Duration idle) {
      idleClose = idle;
      return this;
    }

    public FaultyServer start() throws IOException {
      var server = new FaultyServer(this);
      server.listen();
      return server;
    }
  }
}
