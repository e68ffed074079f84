package io.whygate.gateway.upstream;

import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/// Takes the endpoints in turn.
///
/// One that returns from an ejection is passed over in part, until it has its full weight again.
public final class RoundRobin implements LoadBalancer {
  private final AtomicInteger turn = new AtomicInteger();

  @Override
  public EndpointState pick(List<EndpointState> candidates) {
    int size = candidates.size();
    int start = Math.floorMod(turn.getAndIncrement(), size);
    for (int i = 0; i < size; i++) {
      EndpointState endpoint = candidates.get((start + i) % size);
      double weight = endpoint.weight();
      if (weight >= 1 || ThreadLocalRandom.current().nextDouble() < weight) {
        return endpoint;
      }
    }
    return candidates.get(start);
  }
}
