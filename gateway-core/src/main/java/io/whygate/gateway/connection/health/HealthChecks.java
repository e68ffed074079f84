package io.whygate.gateway.connection.health;

import io.netty.channel.EventLoop;
import io.whygate.gateway.connection.dial.Dialer;
import io.whygate.gateway.http.Deadlines;
import io.whygate.gateway.upstream.EndpointState;
import io.whygate.gateway.upstream.Upstream;
import io.whygate.gateway.upstream.Upstreams;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/// The scheduled checks of all endpoints of upstreams that want them, on one event loop.
///
/// An endpoint that fails so many checks in a row is out of the balance until it passes so many.
public final class HealthChecks implements AutoCloseable {
  private final EventLoop loop;
  private final Dialer dialer;
  private final Deadlines deadlines;
  private volatile List<HealthCheck> checks = List.of();

  public HealthChecks(EventLoop loop, Dialer dialer) {
    this.loop = loop;
    this.dialer = dialer;
    this.deadlines = new Deadlines(loop);
  }

  /// Checks the endpoints of these upstreams from now on, and no others. Checks that stay as they
  /// were go on without a break; an endpoint that is checked no longer counts as healthy.
  public void apply(Upstreams upstreams) {
    loop.execute(() -> replace(upstreams.all()));
  }

  private void replace(Collection<Upstream> upstreams) {
    List<HealthCheck> before = new ArrayList<>(checks);
    List<HealthCheck> after = new ArrayList<>();
    for (Upstream upstream : upstreams) {
      if (upstream.settings().health().enabled()) {
        for (EndpointState endpoint : upstream.endpoints()) {
          after.add(keepOrStart(before, upstream, endpoint));
        }
      }
    }
    for (HealthCheck gone : before) {
      gone.stop();
      if (after.stream().noneMatch(each -> each.endpoint().equals(gone.endpoint()))) {
        gone.endpoint().healthChanged(true, 0);
      }
    }
    checks = List.copyOf(after);
  }

  private HealthCheck keepOrStart(
      List<HealthCheck> before, Upstream upstream, EndpointState endpoint) {
    for (HealthCheck each : before) {
      if (each.endpoint().equals(endpoint)
          && each.upstream().settings().equals(upstream.settings())) {
        before.remove(each);
        return each;
      }
    }
    HealthCheck started = new HealthCheck(loop, dialer, deadlines, upstream, endpoint);
    started.start();
    return started;
  }

  /// What the last check of an endpoint found; empty where it is not checked, or not yet.
  public Optional<HealthResult> last(EndpointState endpoint) {
    return checks.stream()
        .filter(each -> each.endpoint().equals(endpoint))
        .findFirst()
        .flatMap(HealthCheck::last);
  }

  /// Stops all checks.
  @Override
  public void close() {
    loop.execute(() -> replace(List.of()));
  }
}
