package io.whygate.gateway.connection.dial;

import java.util.List;

/// How a connection came to be at an attempt's disposal: when each phase ended, in microseconds
/// since it was asked for.
///
/// @param failed addresses that were tried beside the one that worked, and failed
/// @param alpn the protocol that TLS settled on; empty where none
public record Establishment(
    long resolved, long connected, long secured, List<FailedAddress> failed, String alpn) {
  /// A connection from the pool.
  public static final Establishment POOLED = new Establishment(0, 0, 0, List.of(), "");

  public Establishment {
    failed = List.copyOf(failed);
  }
}
