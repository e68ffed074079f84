package io.whygate.gateway.connection.pool;

import io.netty.channel.Channel;
import io.whygate.gateway.connection.dial.DialFailure;
import io.whygate.gateway.connection.dial.Dialer;
import io.whygate.gateway.connection.dial.Establishment;
import io.whygate.gateway.proxyprotocol.ClientConnection;
import io.whygate.gateway.upstream.EndpointState;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A connection that is being made for an acquisition, and for others that are to share it.
/// Confined to its event loop.
final class Dialling implements Dialer.Listener {
  private final EndpointPool pool;
  private final Acquisition acquisition;
  private @Nullable List<Acquisition> joined;

  Dialling(EndpointPool pool, Acquisition acquisition) {
    this.pool = pool;
    this.acquisition = acquisition;
  }

  /// Lets another one share what comes of it. Who will not have a connection that was there before
  /// shares none that was on its way then, either: a server that is reloaded closes those alike.
  ///
  /// @param most how many may share it
  /// @return whether it may
  boolean join(Acquisition other, int most) {
    boolean alike =
        acquisition.excluded().isEmpty()
            && other.excluded().isEmpty()
            && !acquisition.http1Only()
            && (acquisition.freshOnly() || !other.freshOnly())
            && acquisition.upstream() == other.upstream();
    List<Acquisition> list = joined;
    int sharing = 1 + (list == null ? 0 : list.size());
    if (!alike || sharing >= most) {
      return false;
    }
    if (list == null) {
      list = new ArrayList<>(4);
      joined = list;
    }
    list.add(other);
    return true;
  }

  Acquisition acquisition() {
    return acquisition;
  }

  /// Those who share it and still want to.
  List<Acquisition> joined() {
    List<Acquisition> list = joined;
    return list == null ? List.of() : list.stream().filter(each -> !each.isCancelled()).toList();
  }

  @Override
  public boolean http1Only() {
    return acquisition.http1Only();
  }

  @Override
  public @Nullable ClientConnection client() {
    return pool.client();
  }

  @Override
  public String requestId() {
    return acquisition.requestId();
  }

  @Override
  public void dialled(Channel channel, Optional<InetAddress> address, Establishment how) {
    pool.dialled(this, channel, address, how);
  }

  @Override
  public void notDialled(DialFailure failure) {
    if (acquisition.isCancelled() && joined().isEmpty()) {
      // All who wanted it have left: it speaks against the endpoint nevertheless.
      EndpointState endpoint = acquisition.endpoint();
      acquisition.upstream().failed(endpoint, failure.at(endpoint.endpoint()));
    }
    pool.notDialled(this, failure);
    if (!acquisition.isCancelled()) {
      acquisition.notDialled(failure);
    }
    joined()
        .forEach(each -> {
          if (!each.isCancelled()) {
            each.notDialled(failure);
          }
        });
  }

  @Override
  public void nothingToDial() {
    pool.notDialled(this, null);
    if (!acquisition.isCancelled()) {
      acquisition.nothingToDial();
    }
    joined().forEach(pool::acquire);
  }
}
