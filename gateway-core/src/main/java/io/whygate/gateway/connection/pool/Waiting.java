package io.whygate.gateway.connection.pool;

import io.netty.util.concurrent.Future;
import io.whygate.gateway.upstream.ConnectionPermits;
import org.jspecify.annotations.Nullable;

/// An acquisition in the queue for a connection: served by one that comes free on its loop, or by a
/// permit that comes free on any.
final class Waiting extends ConnectionPermits.Waiter {
  private final EndpointPool pool;
  private final Acquisition acquisition;
  private @Nullable Future<?> limit;

  Waiting(EndpointPool pool, Acquisition acquisition, boolean starving) {
    super(pool.permits(), starving);
    this.pool = pool;
    this.acquisition = acquisition;
  }

  Acquisition acquisition() {
    return acquisition;
  }

  /// Sets what ends the wait.
  void limitedBy(Future<?> timer) {
    limit = timer;
  }

  /// Takes it out of the queue for a connection of this loop; false where a permit is on its way.
  boolean take() {
    if (!claim()) {
      return false;
    }
    ended();
    return true;
  }

  void giveUp() {
    take();
  }

  /// Forgets the wait.
  void ended() {
    acquisition.waiting = null;
    Future<?> timer = limit;
    if (timer != null) {
      timer.cancel(false);
    }
  }

  @Override
  protected void granted() {
    pool.loop().execute(() -> pool.granted(this));
  }
}
