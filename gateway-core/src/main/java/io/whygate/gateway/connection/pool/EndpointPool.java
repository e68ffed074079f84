package io.whygate.gateway.connection.pool;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.whygate.diagnostics.facts.ExchangeFailure.LimitReached;
import io.whygate.gateway.address.KnownName;
import io.whygate.gateway.config.UpstreamSettings;
import io.whygate.gateway.connection.ConnectionOwner;
import io.whygate.gateway.connection.ConnectionSetup;
import io.whygate.gateway.connection.UpstreamConnection;
import io.whygate.gateway.connection.dial.DialFailure;
import io.whygate.gateway.connection.dial.Dialer;
import io.whygate.gateway.connection.dial.Establishment;
import io.whygate.gateway.connection.http1.Http1UpstreamConnection;
import io.whygate.gateway.http.HeadLimits;
import io.whygate.gateway.transport.Transport;
import io.whygate.gateway.upstream.ConnectionPermits;
import io.whygate.gateway.upstream.EndpointState;
import io.whygate.gateway.upstream.Upstream;
import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// The connections of one event loop to one endpoint: idle ones, and those who wait for one.
///
/// Confined to its event loop, but for [#idle] and [#giveUpIdle].
final class EndpointPool implements ConnectionOwner, ConnectionPermits.Holder {
  private static final int MOST_FIELDS = 1000;
  private static final int MOST_OF_STATUS_LINE = 8 * 1024;
  private static final LimitReached QUEUE_FULL = new LimitReached(LimitReached.Limit.POOL_QUEUE);
  private static final LimitReached WAITED_LONG = new LimitReached(LimitReached.Limit.POOL_WAIT);

  private final ConnectionPool pool;
  private final EndpointState endpoint;
  private final ConnectionPermits permits;
  private final @Nullable KnownName name;
  private final ArrayDeque<UpstreamConnection> idle = new ArrayDeque<>();
  private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
  private Upstream upstream;
  private ConnectionSetup setup;
  private int connections;
  private final AtomicInteger idleCount = new AtomicInteger();

  EndpointPool(ConnectionPool pool, Upstream upstream, EndpointState endpoint) {
    this.pool = pool;
    this.endpoint = endpoint;
    this.permits = endpoint.permits();
    this.upstream = upstream;
    this.setup = setup(upstream.settings());
    this.name = name(pool, endpoint);
    permits.join(this);
  }

  /// The name whose addresses may change; null where they cannot.
  private static @Nullable KnownName name(ConnectionPool pool, EndpointState endpoint) {
    if (endpoint.endpoint().isUnix()) {
      return null;
    }
    KnownName name = pool.dialer().addresses().name(endpoint.endpoint().host());
    return name.isFixed() ? null : name;
  }

  private ConnectionSetup setup(UpstreamSettings settings) {
    int most = settings.maxResponseHeader();
    int statusLine = Math.min(MOST_OF_STATUS_LINE, most / 2);
    return new ConnectionSetup(
        settings.responseTimeout(),
        settings.idleTimeout(),
        new HeadLimits(statusLine, most - statusLine, MOST_FIELDS),
        pool.deadlines());
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
      setup = setup(upstream.settings());
    }
    if (!acquisition.freshOnly()) {
      UpstreamConnection connection = takeIdle(acquisition);
      if (connection != null) {
        acquisition.acquired(connection.stream(), Establishment.POOLED);
        return;
      }
    }
    if (permits.tryAcquire(limits().maxConnections())) {
      dial(acquisition);
    } else {
      enqueue(acquisition);
    }
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
          && (acquisition.isRepeatable() || !Transport.hasPeerEnded(connection.channel()))) {
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
    pool.dialer()
        .dial(
            loop(),
            upstream.settings(),
            endpoint,
            acquisition.excluded(),
            new Dialer.Listener() {
              @Override
              public void dialled(
                  Channel channel, Optional<InetAddress> address, Establishment how) {
                add(acquisition, channel, address, how);
              }

              @Override
              public void notDialled(DialFailure failure) {
                gone();
                if (!acquisition.isCancelled()) {
                  acquisition.notDialled(failure);
                }
              }

              @Override
              public void nothingToDial() {
                gone();
                if (!acquisition.isCancelled()) {
                  acquisition.nothingToDial();
                }
              }
            });
  }

  private void add(
      Acquisition acquisition, Channel channel, Optional<InetAddress> address, Establishment how) {
    Http1UpstreamConnection connection =
        new Http1UpstreamConnection(channel, endpoint, address, this, setup);
    channel.pipeline().addLast(connection);
    if (acquisition.isCancelled()) {
      released(connection);
    } else {
      acquisition.acquired(connection.stream(), how);
    }
  }

  private void gone() {
    connections--;
    permits.release(limits().maxConnections());
  }

  @Override
  public void released(UpstreamConnection connection) {
    if (!connection.isReusable() || pool.isClosed() || endpoint.isRetired()) {
      connection.close();
    } else if (permits.pending() == 0) {
      idle.addLast(connection);
      noteIdle();
    } else {
      handOver(connection);
    }
  }

  /// Gives a connection to who waits on this loop; gives its permit away where others wait, and
  /// come first.
  private void handOver(UpstreamConnection connection) {
    Waiting next = permits.isStarving() ? null : waiting.peekFirst();
    while (next != null) {
      Acquisition acquisition = next.acquisition();
      if (acquisition.freshOnly()
          || isExcluded(connection, acquisition)
          || !isStillMeant(connection)) {
        break;
      }
      waiting.removeFirst();
      if (next.take()) {
        acquisition.acquired(connection.stream(), Establishment.POOLED);
        return;
      }
      next = waiting.peekFirst();
    }
    connection.close();
  }

  @Override
  public void closed(UpstreamConnection connection, boolean whileIdle, boolean byPeer) {
    if (whileIdle) {
      if (idle.removeFirstOccurrence(connection)) {
        noteIdle();
      }
      if (byPeer && connection.requests() > 0) {
        endpoint.idleClose().observed(System.nanoTime() - connection.idleSinceNanos());
      }
    }
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
    }
  }

  /// Closes idle connections that may not be used any more.
  ///
  /// @param all whether none may
  /// @return whether this pool is still of use
  boolean sweep(boolean all) {
    long now = System.nanoTime();
    boolean none = all || endpoint.isRetired();
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
    noteIdle();
    if (connections == 0 && waiting.isEmpty() && endpoint.isRetired()) {
      permits.leave(this);
      return false;
    }
    return true;
  }

  private void noteIdle() {
    idleCount.lazySet(idle.size());
  }
}
