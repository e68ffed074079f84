package io.whygate.gateway;

import io.whygate.diagnostics.Diagnostician;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.facts.RequestProcessed;
import io.whygate.diagnostics.facts.UpstreamFacts;
import io.whygate.diagnostics.incident.Incident;
import io.whygate.diagnostics.incident.Recording;
import io.whygate.diagnostics.page.Form;
import io.whygate.diagnostics.page.Language;
import io.whygate.diagnostics.page.Page;
import io.whygate.diagnostics.page.Preview;
import io.whygate.diagnostics.page.recording.CurlCommand;
import io.whygate.diagnostics.page.recording.HarDocument;
import io.whygate.diagnostics.verdict.Cause;
import io.whygate.diagnostics.verdict.Diagnosis;
import io.whygate.gateway.admin.Operations;
import io.whygate.gateway.admin.ReloadRecord;
import io.whygate.gateway.admin.UpstreamView;
import io.whygate.gateway.admin.UpstreamView.AddressView;
import io.whygate.gateway.admin.UpstreamView.CheckView;
import io.whygate.gateway.admin.UpstreamView.EndpointView;
import io.whygate.gateway.config.Problem;
import io.whygate.gateway.config.UpstreamSettings;
import io.whygate.gateway.exchange.TrialOutcome;
import io.whygate.gateway.notification.ChannelStatus;
import io.whygate.gateway.upstream.EndpointState;
import io.whygate.gateway.upstream.Upstream;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// What operators may ask of this gateway and do to it.
final class GatewayOperations implements Operations {
  private final Gateway gateway;
  private final Gateway.ReloadAction reload;
  private final UpstreamDetails details;

  GatewayOperations(Gateway gateway, Gateway.ReloadAction reload) {
    this.gateway = gateway;
    this.reload = reload;
    this.details = new UpstreamDetails(gateway);
  }

  @Override
  public boolean isReady() {
    return !gateway.isDraining() && !gateway.listeners().isEmpty();
  }

  @Override
  public List<Incident> incidents() {
    return gateway.explanations().incidents().all();
  }

  @Override
  public String document(Incident incident) {
    return gateway.documentOf(incident);
  }

  @Override
  public Optional<UpstreamSettings> upstreamOf(Endpoint endpoint) {
    return gateway.settings().upstreams().values().stream()
        .filter(each -> each.endpoints().contains(endpoint))
        .findFirst();
  }

  @Override
  public List<Language> languages() {
    return gateway.pages().languages().all();
  }

  @Override
  public List<String> pageWarnings() {
    return gateway.config().warnings().stream()
        .filter(each -> each.key().startsWith("whygate.page"))
        .map(Problem::toString)
        .toList();
  }

  @Override
  public Page preview(
      Cause cause, Language language, Form form, boolean repeatable, RequestProcessed processed) {
    Preview preview =
        new Preview(cause, repeatable, processed, gateway.settings().page().contact());
    return gateway.pages().preview(preview, language, form);
  }

  @Override
  public Optional<String> archive(Incident incident) {
    List<Recording> kept = gateway.explanations().recordings().of(incident.id());
    return kept.isEmpty()
        ? Optional.empty()
        : Optional.of(HarDocument.of(Gateway.VERSION, incident, kept));
  }

  @Override
  public Optional<String> command(Incident incident) {
    Optional<UpstreamFacts> facts =
        gateway.upstream(incident.upstream()).map(gateway.explanations()::factsOf);
    return gateway
        .explanations()
        .recordings()
        .last(incident.id())
        .map(recording -> CurlCommand.of(recording, facts));
  }

  @Override
  public List<UpstreamView> upstreams() {
    return gateway.upstreams().stream()
        .sorted(Comparator.comparing(Upstream::name))
        .map(this::view)
        .toList();
  }

  private UpstreamView view(Upstream upstream) {
    String circuit =
        !upstream.circuit().isOpen()
            ? "closed"
            : upstream.circuit().nanosToTrial() > 0 ? "open" : "half-open";
    return new UpstreamView(
        upstream.name(),
        circuit,
        upstream.maintenance(),
        upstream.endpoints().stream().map(this::view).toList());
  }

  private EndpointView view(EndpointState state) {
    long now = System.nanoTime();
    int idle = state.idleConnections();
    return new EndpointView(
        state.endpoint().url(),
        stateOf(state, now),
        Duration.ofNanos(state.ejectionLeftNanos(now)),
        state.consecutiveFailures(),
        state.outstanding(),
        Math.max(0, state.permits().open() - idle),
        idle,
        state.permits().pending(),
        gateway
            .health()
            .last(state)
            .map(found -> new CheckView(found.passed(), found.finding(), found.at())),
        addresses(state));
  }

  private static UpstreamView.State stateOf(EndpointState state, long now) {
    if (state.isDrained()) {
      return UpstreamView.State.DRAINED;
    }
    if (state.isEjected(now)) {
      return UpstreamView.State.EJECTED;
    }
    return state.isUnhealthy() ? UpstreamView.State.UNHEALTHY : UpstreamView.State.HEALTHY;
  }

  private List<AddressView> addresses(EndpointState state) {
    Endpoint endpoint = state.endpoint();
    if (endpoint.isUnix()) {
      return List.of(new AddressView(endpoint.host(), "unix", Optional.empty(), false));
    }
    return gateway
        .addresses()
        .entry(endpoint.host())
        .map(entry -> {
          String source =
              switch (entry.origin()) {
                case LITERAL, LOCALHOST, HOSTS_FILE -> "configured";
                case DNS -> "dns";
                case DNS_STALE -> "stale";
                case OVERRIDE -> "healed";
              };
          Optional<Instant> until =
              source.equals("configured")
                  ? Optional.empty()
                  : Optional.of(Instant.now().plus(entry.left()));
          return entry.addresses().stream()
              .map(each ->
                  new AddressView(
                      each.getHostAddress(), source, until, state.addresses().hasFailed(each)))
              .toList();
        })
        .orElse(List.of());
  }

  @Override
  public Optional<String> detail(String upstream) {
    return gateway.upstream(upstream).map(details::of);
  }

  @Override
  public String certificates() {
    return CertificateDocument.of(gateway);
  }

  @Override
  public List<ChannelStatus> channels() {
    return gateway.news().channels();
  }

  @Override
  public List<ReloadRecord> reloads() {
    return gateway.reloadsOfLate();
  }

  @Override
  public String configuration() {
    return gateway.config().rendering().get();
  }

  @Override
  public Reload reload() {
    return reload.reload();
  }

  @Override
  public boolean drain(String upstream, String url, boolean drained) {
    Optional<EndpointState> found =
        gateway.upstream(upstream).stream()
            .flatMap(each -> each.endpoints().stream())
            .filter(each -> each.endpoint().url().equals(url))
            .findFirst();
    found.ifPresent(each -> {
      if (drained) {
        each.drain();
      } else {
        each.undrain();
      }
    });
    return found.isPresent();
  }

  @Override
  public boolean maintain(String upstream, UpstreamSettings.Maintenance maintenance) {
    Optional<Upstream> found = gateway.upstream(upstream);
    found.ifPresent(each -> {
      each.maintain(maintenance);
      if (!maintenance.enabled()) {
        gateway.explanations().incidents().recovered(upstream, Cause.SERVER_MAINTENANCE);
        gateway.explanations().diagnostician().forget(upstream);
      }
    });
    return found.isPresent();
  }

  @Override
  public Optional<Examination> diagnose(String upstream) {
    return gateway
        .upstream(upstream)
        .filter(each -> !each.endpoints().isEmpty())
        .map(each -> examine(each, "/"));
  }

  /// Tries each endpoint, and explains the first that does not answer as it should.
  Examination examine(Upstream upstream, String path) {
    UpstreamFacts facts = gateway.explanations().factsOf(upstream);
    for (EndpointState each : upstream.endpoints()) {
      Optional<Examination> found =
          switch (gateway.tryOut(upstream, each, path).join()) {
            case TrialOutcome.Answered() -> Optional.empty();
            case TrialOutcome.Healed(FailedExchange exchange, Optional<InetAddress> servedBy) ->
                Optional.of(
                    examination(
                        diagnostician().healed(exchange, facts, servedBy).healed(),
                        Incident.State.HEALED,
                        each,
                        facts));
            case TrialOutcome.Failed failed ->
                Optional.of(
                        diagnostician()
                            .diagnose(failed.exchange(), facts)
                            .toCompletableFuture()
                            .join())
                    .filter(failed::isConfirmedBy)
                    .map(diagnosis -> examination(diagnosis, Incident.State.OPEN, each, facts));
          };
      if (found.isPresent()) {
        return found.get();
      }
    }
    return new Examination(upstream.endpoints().getFirst().endpoint().url(), true, "{}");
  }

  private Diagnostician diagnostician() {
    return gateway.explanations().diagnostician();
  }

  private Examination examination(
      Diagnosis diagnosis, Incident.State state, EndpointState endpoint, UpstreamFacts facts) {
    Instant at = diagnosis.exchange().at();
    Incident unfiled =
        new Incident(
            "", facts.name(), state, at, at, Optional.empty(), 0, 0, diagnosis, facts.contact());
    return new Examination(endpoint.endpoint().url(), false, document(unfiled));
  }
}
