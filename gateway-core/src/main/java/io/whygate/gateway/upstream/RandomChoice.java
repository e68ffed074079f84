package io.whygate.gateway.upstream;

import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/// Takes an endpoint at random, each as often as its weight says.
public final class RandomChoice implements LoadBalancer {

  @Override
  public EndpointState pick(List<EndpointState> candidates) {
    double total = 0;
    for (int i = 0; i < candidates.size(); i++) {
      total += candidates.get(i).weight();
    }
    double left = ThreadLocalRandom.current().nextDouble() * total;
    for (int i = 0; i < candidates.size(); i++) {
      left -= candidates.get(i).weight();
      if (left < 0) {
        return candidates.get(i);
      }
    }
    return candidates.getLast();
  }
}
