package io.whygate.gateway.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.Closing;
import io.whygate.diagnostics.facts.ConnectionUse;
import io.whygate.diagnostics.facts.ExchangeFailure.NoEndpoint;
import io.whygate.diagnostics.facts.LocalProblem;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.gateway.config.UpstreamSettings;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class UpstreamTest {
  private static final AttemptFailure REFUSED = new AttemptFailure.ConnectRefused();

  private final ManualClock clock = new ManualClock();

  @Test
  void prefersEndpointsThatWereNotTried() {
    Upstream upstream = upstream(TestUpstreams.ofSize(3));
    List<EndpointState> all = upstream.endpoints();
    for (int i = 0; i < 50; i++) {
      assertThat(upstream.select(all.subList(0, 2))).isEqualTo(all.get(2).chosen());
    }
    assertThat(upstream.select(all)).isInstanceOf(Selection.Chosen.class);
  }

  @Test
  void neverChoosesDrainedEndpoints() {
    Upstream upstream = upstream(TestUpstreams.ofSize(2));
    upstream.endpoints().getFirst().drain();
    for (int i = 0; i < 50; i++) {
      assertThat(upstream.select(List.of())).isEqualTo(upstream.endpoints().get(1).chosen());
    }
    upstream.endpoints().get(1).drain();
    assertThat(upstream.select(List.of()))
        .isEqualTo(new Selection.NothingFit(NoEndpoint.Reason.ALL_DRAINED));
    upstream.endpoints().get(1).undrain();
    assertThat(upstream.select(List.of())).isEqualTo(upstream.endpoints().get(1).chosen());
  }

  @Test
  void saysWhyThereIsNothingToTry() {
    assertThat(upstream(TestUpstreams.of()).select(List.of()))
        .isEqualTo(new Selection.NothingFit(NoEndpoint.Reason.NONE_CONFIGURED));
    assertThat(upstream(TestUpstreams.ofSize(1).maintained()).select(List.of()))
        .isEqualTo(new Selection.NothingFit(NoEndpoint.Reason.MAINTENANCE));
  }

  @Test
  void ejectsAfterConsecutiveFailuresForGrowingTimes() {
    Upstream upstream = upstream(TestUpstreams.ofSize(2).outlier(outlier(3, 50)));
    EndpointState bad = upstream.endpoints().getFirst();

    fail(upstream, bad, 2);
    assertThat(bad.isEjected(now())).isFalse();
    upstream.succeeded(bad);
    fail(upstream, bad, 2);
    assertThat(bad.isEjected(now())).isFalse();
    fail(upstream, bad, 1);
    assertThat(bad.ejectionLeftNanos(now())).isEqualTo(seconds(10));

    clock.advance(Duration.ofSeconds(11));
    assertThat(bad.isEjected(now())).isFalse();
    fail(upstream, bad, 3);
    assertThat(bad.ejectionLeftNanos(now())).isEqualTo(seconds(20));

    clock.advance(Duration.ofSeconds(21 + 60));
    fail(upstream, bad, 3);
    assertThat(bad.ejectionLeftNanos(now())).as("long past, so anew").isEqualTo(seconds(10));
  }

  @Test
  void neverEjectsMoreThanTheShareOrTheLastOne() {
    Upstream three = upstream(TestUpstreams.ofSize(3).outlier(outlier(1, 67)));
    three.endpoints().forEach(each -> fail(three, each, 1));
    assertThat(three.endpoints()).filteredOn(each -> each.isEjected(now())).hasSize(2);

    Upstream one = upstream(TestUpstreams.ofSize(1).outlier(outlier(1, 100)));
    fail(one, one.endpoints().getFirst(), 5);
    assertThat(one.endpoints().getFirst().isEjected(now())).isFalse();

    Upstream drained = upstream(TestUpstreams.ofSize(2).outlier(outlier(1, 100)));
    drained.endpoints().getFirst().drain();
    fail(drained, drained.endpoints().get(1), 5);
    assertThat(drained.endpoints().get(1).isEjected(now())).isFalse();
  }

  @Test
  void triesEjectedEndpointWhenTheFitOnesHaveFailed() {
    Upstream upstream = upstream(TestUpstreams.ofSize(2).outlier(outlier(1, 50)));
    EndpointState bad = upstream.endpoints().getFirst();
    EndpointState good = upstream.endpoints().get(1);
    fail(upstream, bad, 1);
    for (int i = 0; i < 20; i++) {
      assertThat(upstream.select(List.of())).isEqualTo(good.chosen());
    }
    assertThat(upstream.select(List.of(good))).isEqualTo(bad.chosen());
  }

  @Test
  void returnsSlowlyAfterEjection() {
    Upstream upstream = upstream(TestUpstreams.ofSize(2).outlier(outlier(1, 50)));
    EndpointState bad = upstream.endpoints().getFirst();
    assertThat(bad.weight()).isEqualTo(1);
    fail(upstream, bad, 1);
    clock.advance(Duration.ofSeconds(10));
    assertThat(bad.weight()).isEqualTo(0.1);
    clock.advance(Duration.ofSeconds(5));
    assertThat(bad.weight()).isEqualTo(0.5);
    clock.advance(Duration.ofSeconds(5));
    assertThat(bad.weight()).isEqualTo(1);
  }

  @Test
  void countsNothingThatDoesNotSpeakAgainstTheEndpoint() {
    Upstream upstream = upstream(TestUpstreams.ofSize(2).outlier(outlier(1, 50)).circuit(1, ten()));
    EndpointState endpoint = upstream.endpoints().getFirst();
    AttemptFailure lost = new AttemptFailure.ConnectionLost(Phase.AWAIT_RESPONSE, Closing.RESET);
    upstream.failed(
        endpoint, TestUpstreams.failed(endpoint, lost, new ConnectionUse(3, 1000, 900)));
    upstream.failed(
        endpoint,
        TestUpstreams.failed(
            endpoint, new AttemptFailure.NotDialled(LocalProblem.PORTS_EXHAUSTED, "")));
    upstream.failed(
        endpoint, TestUpstreams.failed(endpoint, new AttemptFailure.UpstreamStatus(503, -1, "")));
    assertThat(endpoint.isEjected(now())).isFalse();
    assertThat(upstream.circuit().isOpen()).isFalse();

    upstream.failed(endpoint, TestUpstreams.failed(endpoint, lost));
    assertThat(endpoint.isEjected(now())).isTrue();
    assertThat(upstream.circuit().isOpen()).isTrue();
  }

  @Test
  void opensItsCircuitAndLetsSingleTrialsThrough() {
    Upstream upstream = upstream(TestUpstreams.ofSize(1).circuit(3, ten()));
    EndpointState endpoint = upstream.endpoints().getFirst();
    fail(upstream, endpoint, 3);
    assertThat(upstream.select(List.of()))
        .isEqualTo(new Selection.NothingFit(NoEndpoint.Reason.CIRCUIT_OPEN));
    assertThat(upstream.circuit().nanosToTrial()).isEqualTo(seconds(10));

    clock.advance(ten());
    assertThat(upstream.select(List.of())).isInstanceOf(Selection.Chosen.class);
    assertThat(upstream.select(List.of())).isInstanceOf(Selection.NothingFit.class);
    fail(upstream, endpoint, 1);
    assertThat(upstream.select(List.of())).isInstanceOf(Selection.NothingFit.class);

    clock.advance(ten());
    assertThat(upstream.select(List.of())).isInstanceOf(Selection.Chosen.class);
    upstream.succeeded(endpoint);
    assertThat(upstream.circuit().isOpen()).isFalse();
    fail(upstream, endpoint, 2);
    assertThat(upstream.select(List.of())).isInstanceOf(Selection.Chosen.class);
  }

  @Test
  void givesTheNextTrialWhereOneEndsUndecided() {
    Upstream upstream = upstream(TestUpstreams.ofSize(1).circuit(1, ten()));
    EndpointState endpoint = upstream.endpoints().getFirst();
    fail(upstream, endpoint, 1);
    upstream.circuit().tried();
    assertThat(upstream.circuit().admits()).as("before the first trial is due").isFalse();
    clock.advance(ten());
    assertThat(upstream.circuit().admits()).isTrue();
    upstream.circuit().tried();
    assertThat(upstream.circuit().admits()).isTrue();
    fail(upstream, endpoint, 1);
    upstream.circuit().tried();
    assertThat(upstream.circuit().admits()).as("after a trial that failed").isFalse();
    clock.advance(ten());
    assertThat(upstream.circuit().admits()).isTrue();
    upstream.succeeded(endpoint);
    upstream.circuit().tried();
    assertThat(upstream.circuit().isOpen()).isFalse();
  }

  @Test
  void givesFurtherTrialsWhenOneNeverTellsItsOutcome() {
    Upstream upstream = upstream(TestUpstreams.ofSize(1).circuit(1, ten()));
    fail(upstream, upstream.endpoints().getFirst(), 1);
    clock.advance(ten());
    assertThat(upstream.circuit().admits()).isTrue();
    assertThat(upstream.circuit().admits()).isFalse();
    clock.advance(ten());
    assertThat(upstream.circuit().admits()).isTrue();
  }

  @Test
  void keepsStateOfUnchangedEndpointsOverReload() {
    Upstreams before = Upstreams.of(List.of(TestUpstreams.ofSize(2).settings()), clock);
    EndpointState kept = endpoint(before, 0);
    EndpointState gone = endpoint(before, 1);
    kept.drain();

    Upstreams after =
        before.rebuild(
            List.of(
                TestUpstreams.of(kept.endpoint(), TestUpstreams.ofSize(3).endpoints().get(2))
                    .settings()));
    assertThat(gone.isRetired()).as("not before the swap").isFalse();
    before.retireAllBut(after);

    assertThat(endpoint(after, 0)).isSameAs(kept);
    assertThat(kept.isDrained()).isTrue();
    assertThat(kept.isRetired()).isFalse();
    assertThat(gone.isRetired()).isTrue();
  }

  @Test
  void takesNewStateWhereConnectionsWouldBeMadeOtherwise() {
    TestUpstreams settings = TestUpstreams.ofSize(1);
    Upstreams before = Upstreams.of(List.of(settings.settings()), clock);
    Upstreams after =
        before.rebuild(
            List.of(
                settings
                    .tls(
                        new UpstreamSettings.Tls(
                            false, Optional.empty(), List.of(), Optional.empty()))
                    .settings()));
    assertThat(endpoint(after, 0)).isNotSameAs(endpoint(before, 0));
  }

  @Test
  void keepsSwitchedMaintenanceUntilTheConfigurationSaysOtherwise() {
    TestUpstreams settings = TestUpstreams.ofSize(1);
    Upstreams first = Upstreams.of(List.of(settings.settings()), clock);
    Upstream upstream = first.find("shop").orElseThrow();
    upstream.maintain(new UpstreamSettings.Maintenance(true, settings.maintenance().window()));
    Upstreams same = first.rebuild(List.of(settings.connectTimeout(ten()).settings()));
    assertThat(same.find("shop").orElseThrow().maintenance()).isPresent();
    Upstreams declared = same.rebuild(List.of(settings.maintained().settings()));
    Upstreams ended = declared.rebuild(List.of(settings.settings()));
    assertThat(ended.find("shop").orElseThrow().maintenance()).isEmpty();
  }

  private Upstream upstream(TestUpstreams settings) {
    return new Upstream(settings.settings(), clock);
  }

  private static EndpointState endpoint(Upstreams upstreams, int index) {
    return upstreams.find("shop").orElseThrow().endpoints().get(index);
  }

  private static void fail(Upstream upstream, EndpointState endpoint, int times) {
    for (int i = 0; i < times; i++) {
      upstream.failed(endpoint, TestUpstreams.failed(endpoint, REFUSED));
    }
  }

  private static UpstreamSettings.Outlier outlier(int failures, int percent) {
    return new UpstreamSettings.Outlier(failures, ten(), Duration.ofMinutes(1), percent, ten());
  }

  private static Duration ten() {
    return Duration.ofSeconds(10);
  }

  private long now() {
    return clock.getAsLong();
  }

  private static long seconds(long seconds) {
    return Duration.ofSeconds(seconds).toNanos();
  }
}
