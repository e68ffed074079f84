package io.whygate.gateway.exchange;

/// Bytes of another protocol that go both ways between a client and an endpoint, each direction
/// until it is ended. Confined to its event loop.
final class Tunnel {
  private final Attempt attempt;
  private final Downstream downstream;
  private boolean clientEnded;
  private boolean upstreamEnded;

  Tunnel(Attempt attempt, Downstream downstream) {
    this.attempt = attempt;
    this.downstream = downstream;
  }

  /// The client ended its direction.
  ///
  /// @return whether both are ended
  boolean clientEnded() {
    clientEnded = true;
    attempt.endTunnelOutput();
    return upstreamEnded;
  }

  /// The endpoint ended its direction.
  ///
  /// @return whether both are ended
  boolean upstreamEnded() {
    upstreamEnded = true;
    downstream.flush();
    downstream.endTunnelOutput();
    return clientEnded;
  }
}
