package io.whygate.gateway.upstream;

import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.ExchangeFailure.NoEndpoint;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.UpstreamFacts;
import io.whygate.gateway.config.UpstreamSettings;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/// A set of endpoints that serve the same thing: chooses one, and hears how it went.
///
/// Immutable but for the states that it refers to; shared by all threads.
public final class Upstream {
  private static final Selection DRAINED = new Selection.NothingFit(NoEndpoint.Reason.ALL_DRAINED);
  private static final Selection NONE = new Selection.NothingFit(NoEndpoint.Reason.NONE_CONFIGURED);
  private static final Selection OPEN = new Selection.NothingFit(NoEndpoint.Reason.CIRCUIT_OPEN);
  private static final Selection MAINTAINED =
      new Selection.NothingFit(NoEndpoint.Reason.MAINTENANCE);

  private final UpstreamSettings settings;
  private final List<EndpointState> endpoints;
  private final LoadBalancer balancer;
  private final OutlierEjection ejection;
  private final CircuitBreaker circuit;
  private final RetryBudget retries;
  private final AtomicReference<UpstreamSettings.Maintenance> maintenance;
  private final LongSupplier nanos;

  /// An upstream without a past.
  ///
  /// @param nanos the clock, as [System#nanoTime]
  public Upstream(UpstreamSettings settings, LongSupplier nanos) {
    this.settings = settings;
    this.nanos = nanos;
    this.endpoints =
        settings.endpoints().stream().map(each -> new EndpointState(each, nanos)).toList();
    this.balancer = LoadBalancer.of(settings.balance());
    this.ejection = new OutlierEjection(settings.outlier(), nanos);
    this.circuit = new CircuitBreaker(settings.circuitBreaker(), nanos);
    this.retries = new RetryBudget(settings.retry().budgetPercent(), nanos);
    this.maintenance = new AtomicReference<>(settings.maintenance());
  }

  /// An upstream that goes on from the state of an earlier one, where its settings allow.
  private Upstream(UpstreamSettings settings, Upstream before) {
    UpstreamSettings old = before.settings;
    this.settings = settings;
    this.nanos = before.nanos;
    boolean sameConnections =
        settings.tls().equals(old.tls()) && settings.protocol() == old.protocol();
    this.endpoints =
        settings.endpoints().stream()
            .map(each ->
                (sameConnections ? before.endpoint(each) : Optional.<EndpointState>empty())
                    .orElseGet(() -> new EndpointState(each, before.nanos)))
            .toList();
    this.balancer =
        settings.balance() == old.balance() ? before.balancer : LoadBalancer.of(settings.balance());
    this.ejection = new OutlierEjection(settings.outlier(), nanos);
    this.circuit =
        settings.circuitBreaker().equals(old.circuitBreaker())
            ? before.circuit
            : new CircuitBreaker(settings.circuitBreaker(), nanos);
    this.retries =
        settings.retry().budgetPercent() == before.retries.percent()
            ? before.retries
            : new RetryBudget(settings.retry().budgetPercent(), nanos);
    this.maintenance =
        settings.maintenance().equals(old.maintenance())
            ? before.maintenance
            : new AtomicReference<>(settings.maintenance());
  }

  /// The same upstream under new settings: an endpoint that stayed keeps its state.
  Upstream rebuild(UpstreamSettings newSettings) {
    return new Upstream(newSettings, this);
  }

  public String name() {
    return settings.name();
  }

  public UpstreamSettings settings() {
    return settings;
  }

  public List<EndpointState> endpoints() {
    return endpoints;
  }

  /// The state of an endpoint of this upstream.
  public Optional<EndpointState> endpoint(Endpoint wanted) {
    return endpoints.stream().filter(each -> each.endpoint().equals(wanted)).findFirst();
  }

  public CircuitBreaker circuit() {
    return circuit;
  }

  public RetryBudget retries() {
    return retries;
  }

  /// The maintenance that is on: declared in the configuration or switched by an operator.
  public Optional<UpstreamFacts.Maintenance> maintenance() {
    UpstreamSettings.Maintenance current = maintenance.get();
    return current.enabled() ? Optional.of(current.window()) : Optional.empty();
  }

  /// Switches maintenance, until a configuration says otherwise.
  public void maintain(UpstreamSettings.Maintenance wanted) {
    maintenance.set(wanted);
  }

  /// An endpoint to try.
  ///
  /// Fit ones that were not tried come first; then ones that were not tried and are ejected or
  /// unhealthy, since the fit ones have just failed; then fit ones once more. Drained ones never.
  ///
  /// @param tried those that the exchange has tried already
  public Selection select(Collection<EndpointState> tried) {
    if (maintenance.get().enabled()) {
      return MAINTAINED;
    }
    if (endpoints.isEmpty()) {
      return NONE;
    }
    List<EndpointState> candidates = candidates(tried, nanos.getAsLong());
    if (candidates.isEmpty()) {
      return DRAINED;
    }
    if (!circuit.admits()) {
      return OPEN;
    }
    return balancer.pick(candidates).chosen();
  }

  private List<EndpointState> candidates(Collection<EndpointState> tried, long now) {
    if (tried.isEmpty() && allFit(now)) {
      return endpoints;
    }
    List<EndpointState> found = only(each -> each.isFit(now) && !tried.contains(each));
    if (found.isEmpty()) {
      found = only(each -> !each.isDrained() && !tried.contains(each));
    }
    if (found.isEmpty()) {
      found = only(each -> each.isFit(now));
    }
    return found.isEmpty() ? only(each -> !each.isDrained()) : found;
  }

  private boolean allFit(long now) {
    for (int i = 0; i < endpoints.size(); i++) {
      if (!endpoints.get(i).isFit(now)) {
        return false;
      }
    }
    return true;
  }

  private List<EndpointState> only(Predicate<EndpointState> wanted) {
    List<EndpointState> found = new ArrayList<>(endpoints.size());
    for (EndpointState each : endpoints) {
      if (wanted.test(each)) {
        found.add(each);
      }
    }
    return found;
  }

  /// Tells that an attempt at the endpoint succeeded.
  public void succeeded(EndpointState endpoint) {
    endpoint.succeeded();
    circuit.succeeded();
  }

  /// Tells that an attempt at the endpoint failed. What says nothing against the endpoint is not
  /// counted: a pooled connection that it had closed, the gateway's own trouble, an answer that was
  /// passed through.
  public void failed(EndpointState endpoint, FailedAttempt attempt) {
    if (!speaksAgainst(attempt)) {
      return;
    }
    ejection.failed(endpoint, endpoints);
    circuit.failed();
  }

  private static boolean speaksAgainst(FailedAttempt attempt) {
    return switch (attempt.failure()) {
      case AttemptFailure.ConnectionLost _ ->
          !attempt.use().isReused() || attempt.bytesReceived() > 0;
      case AttemptFailure.NotDialled(var problem, _) ->
          switch (problem) {
            case SOCKET_MISSING, BACKLOG_FULL, PERMISSION_DENIED -> true;
            case PORTS_EXHAUSTED, DESCRIPTORS_EXHAUSTED, SYSTEM_DESCRIPTORS_EXHAUSTED, OTHER ->
                false;
          };
      case AttemptFailure.StreamFailed(_, _, boolean processed, _) -> processed;
      case AttemptFailure.UpstreamStatus _ -> false;
      case AttemptFailure.NameNotResolved _,
          AttemptFailure.ConnectRefused _,
          AttemptFailure.Unreachable _,
          AttemptFailure.TlsRejected _,
          AttemptFailure.TimedOut _,
          AttemptFailure.MalformedResponse _ ->
          true;
    };
  }
}
