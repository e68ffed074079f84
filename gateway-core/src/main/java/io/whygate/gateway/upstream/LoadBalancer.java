package io.whygate.gateway.upstream;

import io.whygate.gateway.config.UpstreamSettings;
import java.util.List;

/// Chooses one of several endpoints that are all fit to be tried.
///
/// One instance serves one upstream on all threads.
@FunctionalInterface
public interface LoadBalancer {

  /// One of the candidates.
  ///
  /// @param candidates at least one
  EndpointState pick(List<EndpointState> candidates);

  /// The policy that a setting names.
  static LoadBalancer of(UpstreamSettings.Balance balance) {
    return switch (balance) {
      case LEAST_REQUESTS -> new LeastRequests();
      case ROUND_ROBIN -> new RoundRobin();
      case RANDOM -> new RandomChoice();
    };
  }
}
