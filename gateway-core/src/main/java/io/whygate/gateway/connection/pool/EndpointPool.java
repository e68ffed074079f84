package io.whygate.gateway.connection.pool;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.ConnectionUse;
import io.whygate.diagnostics.facts.ExchangeFailure.LimitReached;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.facts.Timeline;
import io.whygate.diagnostics.facts.UpstreamFacts;
import io.whygate.gateway.address.KnownName;
import io.whygate.gateway.config.UpstreamSettings;
import io.whygate.gateway.connection.ConnectionOwner;
import io.whygate.gateway.connection.ConnectionSetup;
import io.whygate.gateway.connection.UpstreamConnection;
import io.whygate.gateway.connection.dial.DialFailure;
import io.whygate.gateway.connection.dial.Establishment;
import io.whygate.gateway.connection.http1.Http1UpstreamConnection;
import io.whygate.gateway.connection.http2.Http2UpstreamConnection;
import io.whygate.gateway.connection.tcp.TcpUpstreamConnection;
import io.whygate.gateway.proxyprotocol.ClientConnection;
import io.whygate.gateway.transport.Transport;
import io.whygate.gateway.upstream.ConnectionPermits;
import io.whygate.gateway.upstream.EndpointState;
import io.whygate.gateway.upstream.Upstream;
import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// The connections of one event loop to one endpoint, for all clients or for one client's
/// connection alone: idle ones, and those who wait for one.
///
/// Confined to its event loop, but for [#idle] and [#giveUpIdle].
final class EndpointPool implements ConnectionOwner, ConnectionPermits.Holder {
  private static final LimitReached QUEUE_FULL = new LimitReached(LimitReached.Limit.POOL_QUEUE);
  private static final LimitReached WAITED_LONG = new LimitReached(LimitReached.Limit.POOL_WAIT);

  private final ConnectionPool pool;
  private final EndpointState endpoint;
  private final ConnectionPermits permits;
  private final @Nullable KnownName name;
  private final ArrayDeque<UpstreamConnection> idle = new ArrayDeque<>();
  private final SharedConnections shared = new SharedConnections();
  private final List<Dialling> dialling = new ArrayList<>(2);
  private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
  private final Redials redials;
  private final @Nullable ClientConnection client;
  private Upstream upstream;
  private ConnectionSetup setup;
  private int connections;
  private boolean agreedOnHttp2;
  private final AtomicInteger idleCount = new AtomicInteger();

  private EndpointPool(
      ConnectionPool pool,
      Upstream upstream,
      EndpointState endpoint,
      Redials redials,
      @Nullable ClientConnection client) {
    this.pool = pool;
    this.redials = redials;
    this.client = client;
    this.endpoint = endpoint;
    this.permits = endpoint.permits();
    this.upstream = upstream;
    this.setup = ConnectionSetup.of(upstream.settings(), pool.deadlines());
    this.name = name(pool, endpoint);
    permits.join(this);
  }

  /// Connections that any client's requests may use, one after the other.
  static EndpointPool forAll(ConnectionPool pool, Upstream upstream, EndpointState endpoint) {
    return new EndpointPool(pool, upstream, endpoint, new Redials(), null);
  }

  /// Connections for one client's connection, to the same endpoint.
  EndpointPool forClient(Upstream current, ClientConnection one) {
    return new EndpointPool(pool, current, endpoint, redials, one);
  }

  /// The client's connection that all of them are for; null where they are for any.
  @Nullable ClientConnection client() {
    return client;
  }

  /// Whether nobody will use its connections any more.
  private boolean isLeft() {
    return endpoint.isRetired() || (client != null && !client.isOpen());
  }

  /// The name whose addresses may change; null where they cannot.
  private static @Nullable KnownName name(ConnectionPool pool, EndpointState endpoint) {
    if (endpoint.endpoint().isUnix()) {
      return null;
    }
    KnownName name = pool.dialer().addresses().name(endpoint.endpoint().host());
    return name.isFixed() ? null : name;
  }

  EventLoop loop() {
    return pool.loop();
  }

  ConnectionPermits permits() {
    return permits;
  }

  /// Serves an acquisition: by the connection that became idle last, by a new one, or after a wait.
  void acquire(Acquisition acquisition) {
    if (acquisition.upstream() != upstream) {
      upstream = acquisition.upstream();
      setup = ConnectionSetup.of(upstream.settings(), pool.deadlines());
    }
    boolean http1Only = isForHttp1(acquisition);
    if (!acquisition.freshOnly()) {
      UpstreamConnection connection = take(acquisition, http1Only);
      if (connection != null) {
        acquisition.acquired(connection.stream(), Establishment.POOLED);
        noteIdle();
        return;
      }
    }
    if (!http1Only && isSharingLikely() && join(acquisition)) {
      return;
    }
    boolean insists = acquisition.freshOnly() || !acquisition.excluded().isEmpty();
    DialFailure known =
        insists ? null : redials.answer(limits().maxRedialsPerSecond(), System.nanoTime());
    if (known != null) {
      acquisition.notDialled(known);
    } else if (permits.tryAcquire(limits().maxConnections())) {
      dial(acquisition);
    } else {
      enqueue(acquisition);
    }
  }

  /// Whether a connection of HTTP/1.1 is wanted: for a tunnel that no connection of HTTP/2 carries,
  /// where the protocol is open.
  private boolean isForHttp1(Acquisition acquisition) {
    return acquisition.http1Only()
        || (acquisition.wantsTunnel() && protocol() != UpstreamFacts.Protocol.HTTP2);
  }

  private UpstreamFacts.Protocol protocol() {
    return upstream.settings().protocol();
  }

  /// Whether a connection that is being made will carry several exchanges.
  private boolean isSharingLikely() {
    return !endpoint.endpoint().isTcp()
        && switch (protocol()) {
          case HTTP2 -> true;
          case HTTP1 -> false;
          case AUTO -> agreedOnHttp2;
        };
  }

  private boolean join(Acquisition acquisition) {
    int most = capacity();
    for (Dialling each : dialling) {
      if (each.join(acquisition, most)) {
        return true;
      }
    }
    return false;
  }

  private int capacity() {
    return shared.capacity(upstream.settings().http2().maxStreams());
  }

  private @Nullable UpstreamConnection take(Acquisition acquisition, boolean http1Only) {
    long now = System.nanoTime();
    UpstreamConnection found =
        acquisition.http1Only()
            ? null
            : shared.take(
                each -> isKept(each, now),
                each ->
                    (!http1Only || each.carriesTunnels())
                        && !isExcluded(each, acquisition)
                        && (each.carried() > 0 || isThere(each, acquisition)));
    return found == null ? takeIdle(acquisition) : found;
  }

  /// Whether a connection that lay idle will do for a request that must not be sent twice.
  private static boolean isThere(UpstreamConnection connection, Acquisition acquisition) {
    if (acquisition.isRepeatable()) {
      return true;
    }
    long acknowledged = Transport.acknowledgedUnlessEnded(connection.channel());
    acquisition.acknowledged = acknowledged;
    return acknowledged != Transport.ENDED;
  }

  /// Whether a shared connection may be used by further exchanges.
  private boolean isKept(UpstreamConnection connection, long now) {
    boolean young =
        connection.carried() > 0 || now - connection.idleSinceNanos() < idleLimitNanos();
    return young && isStillMeant(connection);
  }

  private @Nullable UpstreamConnection takeIdle(Acquisition acquisition) {
    if (idle.isEmpty()) {
      return null;
    }
    long now = System.nanoTime();
    UpstreamConnection connection = idle.pollLast();
    while (connection != null) {
      noteIdle();
      if (isUsable(connection, now)
          && !isExcluded(connection, acquisition)
          && isThere(connection, acquisition)) {
        return connection;
      }
      connection.close();
      connection = idle.pollLast();
    }
    return null;
  }

  private boolean isUsable(UpstreamConnection connection, long now) {
    return connection.isReusable()
        && now - connection.idleSinceNanos()
            < Math.min(idleLimitNanos(), connection.idleLimitNanos())
        && isStillMeant(connection);
  }

  private boolean isStillMeant(UpstreamConnection connection) {
    KnownName current = name;
    Optional<InetAddress> address = connection.address();
    return current == null || address.isEmpty() || current.stillMeans(address.get());
  }

  private static boolean isExcluded(UpstreamConnection connection, Acquisition acquisition) {
    Optional<InetAddress> address = connection.address();
    return !acquisition.excluded().isEmpty()
        && address.isPresent()
        && acquisition.excluded().contains(address.get());
  }

  private long idleLimitNanos() {
    return endpoint.idleClose().limitNanos(limits().idleTimeout().toNanos());
  }

  private UpstreamSettings.Pool limits() {
    return upstream.settings().pool();
  }

  private void enqueue(Acquisition acquisition) {
    UpstreamSettings.Pool limits = limits();
    Waiting wait = new Waiting(this, acquisition, connections == 0);
    acquisition.waiting = wait;
    wait.limitedBy(
        loop()
            .schedule(
                () -> waitedLong(wait), limits.pendingTimeout().toNanos(), TimeUnit.NANOSECONDS));
    waiting.addLast(wait);
    // An idle connection of another loop makes room for one: that is no wait in the queue.
    int room = limits.maxPending() + endpoint.idleConnections();
    if (!permits.enqueue(wait, room, limits.maxConnections())) {
      waiting.removeLast();
      wait.ended();
      acquisition.rejected(QUEUE_FULL);
      return;
    }
    permits.askForIdle();
  }

  private void waitedLong(Waiting wait) {
    if (wait.take()) {
      waiting.removeFirstOccurrence(wait);
      wait.acquisition().rejected(WAITED_LONG);
    }
  }

  /// A permit came free for an acquisition that waited.
  void granted(Waiting wait) {
    waiting.removeFirstOccurrence(wait);
    wait.ended();
    if (wait.acquisition().isCancelled()) {
      permits.release(limits().maxConnections());
    } else {
      dial(wait.acquisition());
    }
  }

  private void dial(Acquisition acquisition) {
    connections++;
    Dialling begun = new Dialling(this, acquisition);
    dialling.add(begun);
    pool.dialer().dial(loop(), upstream.settings(), endpoint, acquisition.excluded(), begun);
  }

  /// A connection could not be made.
  ///
  /// @param failure null where there was nothing to try
  void notDialled(Dialling ended, @Nullable DialFailure failure) {
    dialling.remove(ended);
    if (failure != null) {
      redials.failed(failure, System.nanoTime());
    }
    gone();
  }

  /// A connection was made.
  void dialled(Dialling ended, Channel channel, Optional<InetAddress> address, Establishment how) {
    dialling.remove(ended);
    redials.worked();
    Acquisition acquisition = ended.acquisition();
    boolean http2 =
        how.alpn().equals(ApplicationProtocolNames.HTTP_2)
            || (protocol() == UpstreamFacts.Protocol.HTTP2
                && !ended.http1Only()
                && !endpoint.endpoint().isTcp());
    if (!ended.http1Only()) {
      agreedOnHttp2 = http2;
    }
    UpstreamConnection connection = add(channel, address, http2);
    if (acquisition.isCancelled()) {
      released(connection);
    } else {
      acquisition.acquired(connection.stream(), how);
    }
    for (Acquisition each : ended.joined()) {
      if (each.isCancelled()) {
        continue;
      }
      if (connection.isShared() && connection.isReusable()) {
        each.acquired(connection.stream(), Establishment.POOLED);
      } else {
        acquire(each);
      }
    }
    noteIdle();
  }

  private UpstreamConnection add(Channel channel, Optional<InetAddress> address, boolean http2) {
    if (endpoint.endpoint().isTcp()) {
      var connection = new TcpUpstreamConnection(channel, address, this, setup);
      channel.pipeline().addLast(connection);
      return connection;
    }
    if (http2) {
      var connection =
          new Http2UpstreamConnection(channel, endpoint, address, this, setup, capacity());
      channel.pipeline().addLast(connection);
      shared.add(connection);
      return connection;
    }
    var connection = new Http1UpstreamConnection(channel, endpoint, address, this, setup);
    channel.pipeline().addLast(connection);
    return connection;
  }

  private void gone() {
    connections--;
    permits.release(limits().maxConnections());
  }

  @Override
  public void released(UpstreamConnection connection) {
    if (connection.isShared()) {
      sharedReleased(connection);
    } else if (!connection.isReusable() || pool.isClosed() || isLeft()) {
      connection.close();
    } else if (permits.pending() == 0) {
      idle.addLast(connection);
      noteIdle();
    } else {
      handOver(connection);
    }
  }

  private void sharedReleased(UpstreamConnection connection) {
    shared.note(connection);
    if (pool.isClosed() || isLeft()) {
      shared.remove(connection);
      connection.retire();
    } else {
      handOver(connection);
    }
    noteIdle();
  }

  /// Gives a connection to who waits on this loop; gives its permit away where others wait, and
  /// come first.
  private void handOver(UpstreamConnection connection) {
    Waiting next = permits.isStarving() ? null : waiting.peekFirst();
    while (next != null && connection.isReusable()) {
      if (!mayCarry(connection, next.acquisition())) {
        break;
      }
      waiting.removeFirst();
      if (next.take()) {
        next.acquisition().acquired(connection.stream(), Establishment.POOLED);
        if (!connection.isShared()) {
          return;
        }
      }
      next = waiting.peekFirst();
    }
    boolean goesOn = connection.isShared() && (connection.carried() > 0 || permits.pending() == 0);
    if (!goesOn) {
      shared.remove(connection);
      connection.close();
    }
  }

  private boolean mayCarry(UpstreamConnection connection, Acquisition acquisition) {
    boolean spoken =
        !connection.isShared()
            || !isForHttp1(acquisition)
            || (connection.carriesTunnels() && !acquisition.http1Only());
    return spoken
        && !acquisition.freshOnly()
        && !isExcluded(connection, acquisition)
        && isStillMeant(connection);
  }

  @Override
  public void unanswered(UpstreamConnection connection) {
    long never = Timeline.NEVER;
    upstream.failed(
        endpoint,
        new FailedAttempt(
            endpoint.endpoint(),
            connection.address(),
            new AttemptFailure.TimedOut(Phase.AWAIT_RESPONSE, setup.verifyTimeout()),
            new Timeline(never, never, never, never, never, 0),
            ConnectionUse.FRESH,
            0,
            0,
            "",
            Optional.empty()));
  }

  @Override
  public void closed(UpstreamConnection connection, boolean whileIdle, boolean byPeer) {
    shared.remove(connection);
    if (whileIdle) {
      if (idle.removeFirstOccurrence(connection)) {
        noteIdle();
      }
      if (byPeer && connection.requests() > 0) {
        endpoint.idleClose().observed(System.nanoTime() - connection.idleSinceNanos());
      }
    }
    noteIdle();
    gone();
  }

  @Override
  public int idle() {
    return idleCount.get();
  }

  @Override
  public void giveUpIdle() {
    if (idleCount.get() > 0) {
      loop().execute(this::closeOldest);
    }
  }

  private void closeOldest() {
    if (permits.pending() == 0) {
      return;
    }
    UpstreamConnection oldest = idle.pollFirst();
    if (oldest != null) {
      noteIdle();
      oldest.close();
    } else if (shared.closeIdle()) {
      noteIdle();
    }
  }

  /// Closes idle connections that may not be used any more.
  ///
  /// @param all whether none may
  /// @return whether this pool is still of use
  boolean sweep(boolean all) {
    long now = System.nanoTime();
    boolean none = all || isLeft();
    for (int i = idle.size(); i > 0; i--) {
      UpstreamConnection connection = idle.pollFirst();
      if (connection == null) {
        break;
      }
      if (none || !isUsable(connection, now)) {
        connection.close();
      } else {
        idle.addLast(connection);
      }
    }
    shared.retireUnless(each -> !none && isKept(each, now));
    if (permits.isStarving()) {
      // Another event loop has no connection, and those here never become idle.
      shared.retireOne();
    }
    noteIdle();
    if (connections == 0 && waiting.isEmpty() && isLeft()) {
      permits.leave(this);
      return false;
    }
    return true;
  }

  private void noteIdle() {
    idleCount.lazySet(idle.size() + shared.idle());
  }
}
