package io.whygate.diagnostics.verdict;

import io.whygate.diagnostics.facts.Endpoint;
import java.net.InetAddress;
import java.util.List;

/// Addresses that took over an endpoint's name and proved to be the same site: the gateway may send
/// the request there.
///
/// @param ttlSeconds how long to use the addresses, seconds: as long as the old answer lives on in
///   the resolver in use, or, where there was none, as the new one holds
public record Remedy(Endpoint endpoint, List<InetAddress> addresses, long ttlSeconds) {
  public Remedy {
    addresses = List.copyOf(addresses);
  }
}
