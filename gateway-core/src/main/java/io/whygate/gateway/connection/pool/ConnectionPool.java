package io.whygate.gateway.connection.pool;

import io.netty.channel.EventLoop;
import io.whygate.diagnostics.facts.UpstreamFacts.ProxyProtocol;
import io.whygate.gateway.connection.dial.Dialer;
import io.whygate.gateway.http.Deadlines;
import io.whygate.gateway.proxyprotocol.ClientConnection;
import io.whygate.gateway.upstream.EndpointState;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// The connections of one event loop to all endpoints; used on that loop alone.
///
/// The connection that became idle last is used first. How many may exist, and how many requests
/// may wait for one, is counted per endpoint over all loops (see
/// [io.whygate.gateway.upstream.ConnectionPermits]).
public final class ConnectionPool {
  private static final long SWEEP_MILLIS = 500;

  private final EventLoop loop;
  private final Dialer dialer;
  private final Deadlines deadlines;
  private final IdentityHashMap<EndpointState, EndpointPool> endpoints = new IdentityHashMap<>();
  private final Map<ForClient, EndpointPool> forClients = new HashMap<>();
  private boolean sweeping;
  private boolean closed;

  public ConnectionPool(EventLoop loop, Dialer dialer, Deadlines deadlines) {
    this.loop = loop;
    this.dialer = dialer;
    this.deadlines = deadlines;
  }

  /// Whose connections are told from others: an endpoint's for one client's connection.
  private record ForClient(EndpointState endpoint, ClientConnection client) {}

  /// Finds a connection for an acquisition; may call it before this returns.
  public void acquire(Acquisition acquisition) {
    EndpointPool pool = endpoints.get(acquisition.endpoint());
    if (pool == null) {
      pool = EndpointPool.forAll(this, acquisition.upstream(), acquisition.endpoint());
      endpoints.put(acquisition.endpoint(), pool);
      sweepLater();
    }
    if (acquisition.upstream().settings().proxyProtocol() != ProxyProtocol.NONE) {
      pool = forClient(pool, acquisition);
    }
    pool.acquire(acquisition);
  }

  /// The connections for one client's connection: its servers are told of it at their start.
  private EndpointPool forClient(EndpointPool all, Acquisition acquisition) {
    ClientConnection client = acquisition.client();
    return client == null
        ? all
        : forClients.computeIfAbsent(
            new ForClient(acquisition.endpoint(), client),
            _ -> all.forClient(acquisition.upstream(), client));
  }

  /// Closes the idle connections now and the others once they are released.
  public void close() {
    closed = true;
    endpoints.values().forEach(each -> each.sweep(true));
    forClients.values().forEach(each -> each.sweep(true));
  }

  private void sweepLater() {
    if (!sweeping) {
      sweeping = true;
      loop.schedule(this::sweep, SWEEP_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void sweep() {
    sweeping = false;
    endpoints.values().removeIf(each -> !each.sweep(closed));
    forClients.values().removeIf(each -> !each.sweep(closed));
    if (!(endpoints.isEmpty() && forClients.isEmpty()) && !closed) {
      sweepLater();
    }
  }

  EventLoop loop() {
    return loop;
  }

  Dialer dialer() {
    return dialer;
  }

  Deadlines deadlines() {
    return deadlines;
  }

  boolean isClosed() {
    return closed;
  }
}
