package io.whygate.gateway;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.whygate.diagnostics.Diagnostician;
import io.whygate.diagnostics.DiagnosticsSettings;
import io.whygate.diagnostics.SiteWatch;
import io.whygate.diagnostics.contact.ContactSettings;
import io.whygate.diagnostics.contact.HostContacts;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.UpstreamFacts;
import io.whygate.diagnostics.incident.Incident;
import io.whygate.diagnostics.incident.IncidentBook;
import io.whygate.diagnostics.incident.IncidentSettings;
import io.whygate.diagnostics.incident.Recordings;
import io.whygate.diagnostics.incident.RecoveryWatch;
import io.whygate.diagnostics.memory.Change;
import io.whygate.diagnostics.memory.Clocks;
import io.whygate.diagnostics.memory.Memory;
import io.whygate.diagnostics.memory.RecentCounts;
import io.whygate.diagnostics.memory.Scope;
import io.whygate.diagnostics.page.OperatorNotes;
import io.whygate.diagnostics.probe.Finding.OwnInspected.ServerClock;
import io.whygate.diagnostics.probe.HeapUse.Collecting;
import io.whygate.diagnostics.probe.log.ReceivedLogs;
import io.whygate.diagnostics.probe.own.OwnSigns;
import io.whygate.diagnostics.verdict.Diagnosis;
import io.whygate.gateway.address.AddressBook;
import io.whygate.gateway.config.Settings;
import io.whygate.gateway.config.SyslogSettings;
import io.whygate.gateway.config.TracingSettings;
import io.whygate.gateway.config.UpstreamSettings;
import io.whygate.gateway.exchange.SiteDoubts;
import io.whygate.gateway.telemetry.Metrics;
import io.whygate.gateway.upstream.EndpointState;
import io.whygate.gateway.upstream.Upstream;
import io.whygate.gateway.upstream.Upstreams;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What explains failures and keeps the book of them.
final class Explanations implements AutoCloseable, SiteDoubts {
  private final Memory memory;
  private final Clocks clocks = new Clocks(Clock.systemUTC());
  private final ReceivedLogs received;
  private final Diagnostician diagnostician;
  private final IncidentBook incidents;
  private final Recordings recordings;
  private final RecentCounts counts;
  private final HostContacts contacts;
  private final Cache<String, Scope> lastScopes;
  private final RecoveryWatch watch;
  private final KeptState kept;
  private volatile @Nullable SiteWatch sites;
  private volatile Function<String, Optional<Upstream>> upstreams = _ -> Optional.empty();
  private final Supplier<Settings> settings;

  /// @param settings those in force at the moment of the call
  /// @param recovered hears of an upstream whose last open incident has ended
  Explanations(Supplier<Settings> settings, Metrics metrics, Consumer<String> recovered) {
    this.settings = settings;
    Settings.Diagnostics limits = settings.get().diagnostics();
    memory = new Memory(Clock.systemUTC(), limits.maxEndpoints());
    kept = new KeptState(settings.get().state(), memory);
    memory.changed(Change.Kind.START, "", "the gateway's start");
    SyslogSettings syslog = settings.get().syslog();
    received =
        new ReceivedLogs(
            new ReceivedLogs.Limits(
                syslog.maxSenders(), syslog.maxMessages(), syslog.maxMessageSize()));
    diagnostician =
        new Diagnostician(
            new DiagnosticsSettings(
                limits.budget(),
                limits.patience(),
                limits.keep(),
                limits.maxConcurrent(),
                limits.maxProbesPerSecond()),
            memory,
            received,
            signs(metrics));
    IncidentSettings standard = IncidentSettings.STANDARD;
    IncidentSettings bounds =
        new IncidentSettings(
            limits.maxIncidents(),
            limits.keepIncidents(),
            standard.firstCheck(),
            standard.slowestCheck());
    incidents =
        new IncidentBook(
            bounds,
            Clock.systemUTC(),
            (facts, until) -> memory.changesBefore(until, facts.endpoints()));
    recordings = new Recordings(limits.recording());
    contacts =
        new HostContacts(
            new ContactSettings(
                limits.contacts().enabled(),
                limits.contacts().bootstrap(),
                limits.contacts().timeout(),
                settings.get().state().directory().map(state -> state.resolve("registries"))),
            Clock.systemUTC());
    counts = new RecentCounts(limits.comparison(), Clock.systemUTC());
    lastScopes = Caffeine.newBuilder().maximumSize(limits.maxIncidents()).build();
    watch = new RecoveryWatch(incidents, bounds);
    diagnostician.onDiagnosed(each ->
        metrics.diagnosed(
            each.exchange().upstream(),
            each.cause(),
            each.elapsedMicros() * 1000,
            exportedTrace(each)));
    incidents.onChange(each -> {
      if (each.state() == Incident.State.OPEN) {
        lastScopes.invalidate(each.id());
        placeOf(each).ifPresent(contacts::lookUp);
      }
      if (each.state() == Incident.State.RECOVERED) {
        // It may be told of again: what was counted until its end is what counts.
        if (lastScopes.getIfPresent(each.id()) == null) {
          lastScopes.put(each.id(), scopeOf(each));
        }
        ended(each.upstream(), recovered);
      }
    });
  }

  /// The trace of the exchange that was examined, where failures are exported; empty for none.
  private String exportedTrace(Diagnosis diagnosis) {
    TracingSettings tracing = settings.get().tracing();
    return tracing.enabled() && tracing.sampling().failures()
        ? diagnosis.exchange().request().trace()
        : "";
  }

  /// An incident ended: with the last one its upstream works again; before that, another cause took
  /// its place.
  private void ended(String upstream, Consumer<String> recovered) {
    if (incidents.openCount(upstream) > 0) {
      diagnostician.refresh(upstream);
      return;
    }
    diagnostician.forget(upstream);
    counts.forget(upstream);
    recovered.accept(upstream);
  }

  private OwnSigns signs(Metrics metrics) {
    return new OwnSigns() {
      @Override
      public long loopLagMicros(long sinceNanos) {
        long nanos = metrics.worstLagNanos(sinceNanos);
        return nanos < 0 ? -1 : nanos / 1_000;
      }

      @Override
      public Collecting collecting(long sinceNanos) {
        return metrics.collecting(sinceNanos);
      }

      @Override
      public List<ServerClock> clocks() {
        return clocks.now();
      }
    };
  }

  Clocks clocks() {
    return clocks;
  }

  /// A file, or folder, of the folder for what is kept; null where there is none, or another
  /// gateway has it.
  @Nullable Path stateFile(String name) {
    return kept.file(name);
  }

  /// Tells endpoints what was learned of their servers before a restart: when they close
  /// connections that lie idle.
  void recall(Upstreams all) {
    for (Upstream each : all.all()) {
      for (EndpointState state : each.endpoints()) {
        long millis = memory.idleClose(state.endpoint());
        if (millis > 0) {
          state.idleClose().remembered(TimeUnit.MILLISECONDS.toNanos(millis));
        }
      }
    }
  }

  Memory memory() {
    return memory;
  }

  /// What servers on other hosts send.
  ReceivedLogs received() {
    return received;
  }

  Diagnostician diagnostician() {
    return diagnostician;
  }

  IncidentBook incidents() {
    return incidents;
  }

  Recordings recordings() {
    return recordings;
  }

  RecentCounts counts() {
    return counts;
  }

  /// What a contact is wanted for; empty where the configuration names one, or nothing was tried.
  private static Optional<HostContacts.Place> placeOf(Incident incident) {
    return incident.contact().isEmpty()
        ? incident
            .diagnosis()
            .exchange()
            .subject()
            .filter(attempt -> !attempt.endpoint().isUnix())
            .map(attempt ->
                new HostContacts.Place(
                    attempt.address(),
                    attempt.endpoint().host(),
                    incident.cause().category().equals("dns")))
        : Optional.empty();
  }

  /// What operators are told of an incident beside its diagnosis.
  OperatorNotes notesOn(Incident incident) {
    Scope scope =
        incident.state() == Incident.State.RECOVERED
            ? Objects.requireNonNullElse(lastScopes.getIfPresent(incident.id()), Scope.NONE)
            : scopeOf(incident);
    return new OperatorNotes(
        recordings.of(incident.id()), scope, placeOf(incident).flatMap(contacts::known));
  }

  private Scope scopeOf(Incident incident) {
    int servers =
        upstreams.apply(incident.upstream()).map(each -> each.endpoints().size()).orElse(0);
    return counts.scopeOf(incident.diagnosis().exchange(), servers);
  }

  /// Takes back what was kept over a restart, and keeps what comes.
  ///
  /// @param upstreams finds an upstream of the configuration in force by its name
  /// @param inForce the upstreams of the configuration in force
  void begin(
      Function<String, Optional<Upstream>> upstreams,
      Supplier<Collection<Upstream>> inForce,
      AddressBook addresses) {
    this.upstreams = upstreams;
    kept.begin(incidents, recordings, name -> upstreams.apply(name).map(this::factsOf));
    addresses.onAnswer(memory::resolved);
    diagnostician.onRefined((before, found) -> {
      found.remedy().ifPresent(addresses::heal);
      incidents.refined(before, found);
    });
    Duration interval = settings.get().diagnostics().checkSites();
    sites =
        new SiteWatch(
            diagnostician,
            memory,
            () -> sitesOf(inForce.get(), addresses),
            interval,
            found -> recycled(found, addresses));
  }

  /// Other upstreams are in force.
  void reconfigured() {
    incidents.reconfigured(name -> upstreams.apply(name).map(this::factsOf));
  }

  private List<SiteWatch.Site> sitesOf(Collection<Upstream> upstreams, AddressBook addresses) {
    List<SiteWatch.Site> found = new ArrayList<>();
    for (Upstream upstream : upstreams) {
      UpstreamFacts facts = factsOf(upstream);
      for (Endpoint endpoint : facts.endpoints()) {
        addresses
            .entry(endpoint.host())
            .filter(entry -> !endpoint.isUnix() && !endpoint.isTcp() && entry.origin().isByDns())
            .ifPresent(entry -> found.add(new SiteWatch.Site(facts, endpoint, entry.addresses())));
      }
    }
    return found;
  }

  /// An address in use is another site's: requests go to where the site is now, once that has
  /// proved itself.
  private void recycled(SiteWatch.Found found, AddressBook addresses) {
    Diagnosis diagnosis = found.diagnosis();
    if (diagnosis.remedy().isPresent()) {
      addresses.heal(diagnosis.remedy().get());
      incidents.healed(diagnosis, found.facts());
    } else {
      incidents.failed(diagnosis, found.facts(), false);
    }
  }

  @Override
  public CompletionStage<Boolean> isElsewhere(Endpoint endpoint, InetAddress address) {
    SiteWatch current = sites;
    return current == null
        ? CompletableFuture.completedStage(false)
        : current.isElsewhere(endpoint, address, settings.get().diagnostics().budget());
  }

  @Override
  public void suspect(Endpoint endpoint, boolean differs) {
    SiteWatch current = sites;
    if (current != null) {
      current.suspect(endpoint, differs);
    }
  }

  /// Prepares for the first failure of these upstreams.
  void warmUp(Collection<Upstream> upstreams) {
    diagnostician.warmUp(upstreams.stream().map(this::factsOf).toList());
  }

  /// What the configuration says of an upstream, as far as its failures can be explained by it.
  UpstreamFacts factsOf(Upstream upstream) {
    UpstreamSettings own = upstream.settings();
    Settings all = settings.get();
    return new UpstreamFacts(
        own.name(),
        own.endpoints(),
        all.dns().servers(),
        all.dns().authoritativePort(),
        own.tls().trusted(),
        own.tls().verify(),
        own.tls().serverName(),
        own.connectTimeout(),
        own.responseTimeout(),
        own.logs(),
        own.contact().isEmpty() ? all.page().contact() : own.contact(),
        upstream.maintenance(),
        own.platform(),
        own.protocol(),
        own.tls()
            .client()
            .map(pair -> new UpstreamFacts.ClientCertificate(pair.key(), pair.chain())),
        own.proxyProtocol(),
        new UpstreamFacts.AnswerLimits(
            own.maxResponseHeader(), own.maxResponseHeaderCount(), own.maxInterimResponses()));
  }

  @Override
  public void close() {
    SiteWatch current = sites;
    if (current != null) {
      current.close();
    }
    watch.close();
    contacts.close();
    diagnostician.close();
    kept.close();
  }
}
