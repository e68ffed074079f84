package io.whygate.gateway.upstream;

import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/// Takes two endpoints at random and of them the one with fewer outstanding requests.
///
/// Nearly as even as asking all, without the herd that runs to the one that seems emptiest.
public final class LeastRequests implements LoadBalancer {

  @Override
  public EndpointState pick(List<EndpointState> candidates) {
    int size = candidates.size();
    if (size == 1) {
      return candidates.getFirst();
    }
    ThreadLocalRandom random = ThreadLocalRandom.current();
    int first = random.nextInt(size);
    int second = random.nextInt(size - 1);
    if (second >= first) {
      second++;
    }
    EndpointState one = candidates.get(first);
    EndpointState other = candidates.get(second);
    return load(other) < load(one) ? other : one;
  }

  private static double load(EndpointState endpoint) {
    return (endpoint.outstanding() + 1) / endpoint.weight();
  }
}
