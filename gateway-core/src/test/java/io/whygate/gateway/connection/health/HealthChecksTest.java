package io.whygate.gateway.connection.health;

import static io.whygate.gateway.RunningGateway.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.faults.Fault;
import io.whygate.faults.FaultyServer;
import io.whygate.gateway.config.UpstreamSettings;
import io.whygate.gateway.connection.dial.Dials;
import io.whygate.gateway.transport.Transport;
import io.whygate.gateway.upstream.EndpointState;
import io.whygate.gateway.upstream.TestUpstreams;
import io.whygate.gateway.upstream.Upstreams;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HealthChecksTest {
  private Dials dials;
  private FaultyServer server;
  private HealthChecks checks;

  @BeforeEach
  void start() throws IOException {
    dials = new Dials(Transport.best(), 1);
    server = FaultyServer.start();
    checks = new HealthChecks(dials.loops.next(), dials.dialer);
  }

  @AfterEach
  void stop() {
    checks.close();
    server.close();
    dials.close();
  }

  @Test
  void takesEndpointOutAndPutsItBack() {
    EndpointState endpoint = check(health(true, 200));
    awaitFinding(endpoint, "200");
    await(() -> !endpoint.isUnhealthy());

    server.fault(new Fault.Overloaded503());
    await(endpoint::isUnhealthy);
    awaitFinding(endpoint, "503");
    assertThat(endpoint.isFit(System.nanoTime())).isFalse();

    server.mend();
    await(() -> !endpoint.isUnhealthy());
    assertThat(endpoint.weight()).as("it returns slowly").isLessThan(1);
  }

  @Test
  void saysWhatFailed() {
    EndpointState endpoint = check(health(true, 200));
    server.fault(new Fault.NothingListens());
    awaitFinding(endpoint, "connect-refused");
    server.fault(new Fault.AcceptThenSilence());
    awaitFinding(endpoint, "timeout");
    server.fault(new Fault.GarbageResponse());
    awaitFinding(endpoint, "no-status");
  }

  @Test
  void endpointThatIsCheckedNoLongerCountsAsHealthy() {
    server.fault(new Fault.NothingListens());
    TestUpstreams settings = settings(health(true, 200));
    Upstreams upstreams = Upstreams.of(List.of(settings.settings()), System::nanoTime);
    EndpointState endpoint = only(upstreams);
    checks.apply(upstreams);
    await(endpoint::isUnhealthy);
    Upstreams unchecked =
        upstreams.rebuild(List.of(settings.health(health(false, 200)).settings()));
    assertThat(only(unchecked)).isSameAs(endpoint);
    checks.apply(unchecked);
    await(() -> !endpoint.isUnhealthy());
    assertThat(checks.last(endpoint)).isEmpty();
  }

  private EndpointState check(UpstreamSettings.Health health) {
    Upstreams upstreams = Upstreams.of(List.of(settings(health).settings()), System::nanoTime);
    checks.apply(upstreams);
    return only(upstreams);
  }

  private TestUpstreams settings(UpstreamSettings.Health health) {
    return TestUpstreams.of(new Endpoint(Endpoint.Scheme.HTTP, "127.0.0.1", server.port()))
        .health(health);
  }

  private static EndpointState only(Upstreams upstreams) {
    return upstreams.find("shop").orElseThrow().endpoints().getFirst();
  }

  private static UpstreamSettings.Health health(boolean enabled, int status) {
    return new UpstreamSettings.Health(
        enabled, "/", Duration.ofMillis(50), Duration.ofMillis(500), 2, 2, status, status);
  }

  private void awaitFinding(EndpointState endpoint, String finding) {
    await(
        () -> checks.last(endpoint).map(HealthResult::finding).filter(finding::equals).isPresent());
  }
}
