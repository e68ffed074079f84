package io.whygate.gateway.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.gateway.config.UpstreamSettings.Balance;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LoadBalancerTest {
  private final ManualClock clock = new ManualClock();
  private final List<EndpointState> three =
      TestUpstreams.ofSize(3).endpoints().stream()
          .map(each -> new EndpointState(each, clock))
          .toList();

  @ParameterizedTest
  @EnumSource
  void spreadsEvenlyOverEqualEndpoints(Balance balance) {
    Map<EndpointState, Integer> picks = picks(LoadBalancer.of(balance), 6000);
    assertThat(picks).hasSize(3);
    assertThat(picks.values()).allSatisfy(count -> assertThat(count).isBetween(1700, 2300));
  }

  @Test
  void leastRequestsAvoidsTheBusyEndpoint() {
    for (int i = 0; i < 5; i++) {
      three.getFirst().requestBegan();
    }
    assertThat(picks(new LeastRequests(), 1000)).doesNotContainKey(three.getFirst());
  }

  @Test
  void roundRobinTakesTurns() {
    LoadBalancer balancer = new RoundRobin();
    assertThat(List.of(balancer.pick(three), balancer.pick(three), balancer.pick(three)))
        .isEqualTo(three);
  }

  @ParameterizedTest
  @EnumSource
  void givesReturningEndpointLess(Balance balance) {
    EndpointState returning = three.getFirst();
    returning.healthChanged(false, 0);
    returning.healthChanged(true, 1_000_000_000);
    int picks = picks(LoadBalancer.of(balance), 3000).getOrDefault(returning, 0);
    assertThat(picks).isLessThan(300);
  }

  private Map<EndpointState, Integer> picks(LoadBalancer balancer, int times) {
    Map<EndpointState, Integer> counts = new HashMap<>();
    for (int i = 0; i < times; i++) {
      counts.merge(balancer.pick(three), 1, Integer::sum);
    }
    return counts;
  }
}
