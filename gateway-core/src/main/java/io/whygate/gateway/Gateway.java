package io.whygate.gateway;

import io.netty.channel.EventLoop;
import io.whygate.diagnostics.incident.Incident;
import io.whygate.diagnostics.memory.Change;
import io.whygate.diagnostics.page.Language;
import io.whygate.diagnostics.page.Pages;
import io.whygate.gateway.acme.AcmeCertificates;
import io.whygate.gateway.acme.client.AcmeAuthority;
import io.whygate.gateway.address.AddressBook;
import io.whygate.gateway.admin.AdminServer;
import io.whygate.gateway.admin.Operations;
import io.whygate.gateway.admin.ReloadRecord;
import io.whygate.gateway.config.AdminSettings;
import io.whygate.gateway.config.ListenerSettings;
import io.whygate.gateway.config.LoadedConfig;
import io.whygate.gateway.config.Settings;
import io.whygate.gateway.config.SyslogSettings;
import io.whygate.gateway.connection.dial.Dialer;
import io.whygate.gateway.connection.health.HealthChecks;
import io.whygate.gateway.connection.pool.ConnectionPool;
import io.whygate.gateway.connection.tls.TlsContexts;
import io.whygate.gateway.exchange.DiagnosticExplainer;
import io.whygate.gateway.exchange.FailurePages;
import io.whygate.gateway.exchange.ForwardedFields;
import io.whygate.gateway.exchange.LoopServices;
import io.whygate.gateway.exchange.Recorder;
import io.whygate.gateway.exchange.Trial;
import io.whygate.gateway.exchange.TrialOutcome;
import io.whygate.gateway.http.Deadlines;
import io.whygate.gateway.listener.Listener;
import io.whygate.gateway.notification.NewsDesk;
import io.whygate.gateway.ocsp.OcspStaples;
import io.whygate.gateway.routing.RouteTable;
import io.whygate.gateway.syslog.SyslogReceiver;
import io.whygate.gateway.telemetry.AccessLog;
import io.whygate.gateway.telemetry.Metrics;
import io.whygate.gateway.telemetry.otlp.Tracing;
import io.whygate.gateway.trace.Tracer;
import io.whygate.gateway.transport.DescriptorReserve;
import io.whygate.gateway.transport.SpliceCounts;
import io.whygate.gateway.transport.Transport;
import io.whygate.gateway.upstream.EndpointState;
import io.whygate.gateway.upstream.Upstream;
import io.whygate.gateway.upstream.Upstreams;
import io.whygate.gateway.waiting.IncidentPaths;
import io.whygate.gateway.waiting.WaitingRoom;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A gateway that serves: all its parts, made in order, swapped whole on a reload, and closed in
/// the reverse order.
public final class Gateway implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Gateway.class);
  private static final int RELOADS_KEPT = 20;

  /// What nobody waits for is done once the first requests are served.
  private static final Duration SOON = Duration.ofMillis(300);

  /// The version of the program.
  static final String VERSION =
      Objects.requireNonNullElse(
          Gateway.class.getPackage().getImplementationVersion(), "built from source");

  private static final int REPLAY_LIMIT = 64 * 1024;

  private final ForwardedFields.Identity identity;
  private final ExecutorService writers = Executors.newVirtualThreadPerTaskExecutor();
  private final Transport transport = Transport.best();
  private final EventLoops loops;
  private final AddressBook addresses;
  private final TlsContexts tls;
  private final DescriptorReserve reserve;
  private final Dialer dialer;
  private final HealthChecks health;
  private final Metrics metrics;
  private final Explanations explanations;
  private final WaitingRoom waiting;
  private final IncidentPaths incidentPaths;
  private final Listeners listeners;
  private final AcmeCertificates certificates;
  private final OcspStaples staples;
  private final CertificateWatch certificateWatch = new CertificateWatch(this);
  private @Nullable AdminServer admin;
  private @Nullable SyslogReceiver syslog;
  private final NewsDesk news;

  private volatile LoadedConfig config;
  private volatile Upstreams upstreams;
  private volatile RouteTable routes;
  private volatile Pages pages;
  private volatile Optional<AccessLog> accessLog;
  private volatile @Nullable Tracing tracing;
  private volatile boolean draining;
  private int reloads;
  private final ArrayDeque<ReloadRecord> reloadsOfLate = new ArrayDeque<>();

  private Gateway(LoadedConfig config) {
    Settings settings = config.settings();
    this.config = config;
    this.identity = newIdentity(settings.name());
    this.loops = new EventLoops(settings.eventLoops(), transport, settings.splicePipes());
    this.addresses = new AddressBook(settings.dns());
    this.metrics = new Metrics(loops.count());
    this.explanations = new Explanations(this::settings, metrics, this::recovered);
    this.tls = new TlsContexts(explanations.memory()::accepted);
    this.tls.prepare(settings.upstreams().values());
    this.reserve = new DescriptorReserve(settings.reservedDescriptors());
    this.dialer = new Dialer(transport, addresses, tls, reserve);
    this.health = new HealthChecks(loops.all().getFirst(), dialer);
    this.upstreams = Upstreams.of(settings.upstreams().values(), System::nanoTime);
    explanations.recall(upstreams);
    this.routes = tableOf(settings, upstreams);
    this.pages = Brandings.pages(settings);
    this.accessLog = openLog(settings);
    this.tracing = openTracing(settings);
    this.waiting = new WaitingRoom(explanations.incidents(), () -> settings().page().waiting());
    this.incidentPaths = new IncidentPaths(explanations.incidents(), waiting, () -> pages, writers);
    this.listeners = new Listeners(transport, loops, reserve);
    this.certificates =
        new AcmeCertificates(
            // No method reference: that would load the library at every start.
            (wanted, files, proofs) -> new AcmeAuthority(wanted, files, proofs),
            this::certificateIssued,
            new AcmeCertificates.Results() {
              @Override
              public void ordered(String result) {
                metrics.ordered(result);
              }

              @Override
              public void settled() {
                certificateWatch.wake();
              }
            });
    this.staples =
        new OcspStaples(
            result -> {
              metrics.askedForStaple(result);
              certificateWatch.wake();
            },
            explanations.stateFile("ocsp"));
    this.news =
        new NewsDesk(
            settings.name(), explanations.incidents(), this::documentOf, metrics::notified);
  }

  /// Starts a gateway: once this returns, it serves.
  ///
  /// @param reload what the admin interface calls when it is told to reload; blocks
  /// @throws GatewayStartException where it cannot; nothing of it is left
  public static Gateway start(LoadedConfig config, ReloadAction reload)
      throws GatewayStartException {
    Gateway gateway;
    try {
      gateway = new Gateway(config);
    } catch (IllegalArgumentException | UncheckedIOException e) {
      throw new GatewayStartException(String.valueOf(e.getMessage()), e);
    }
    try {
      gateway.open(reload);
      return gateway;
    } catch (GatewayStartException | RuntimeException e) {
      gateway.close();
      throw e;
    }
  }

  private void open(ReloadAction reload) throws GatewayStartException {
    loops.furnish(dialer, this::furnish);
    health.apply(upstreams);
    explanations.warmUp(upstreams.all());
    explanations.begin(this::upstream, this::upstreams, addresses);
    news.apply(settings().notifications());
    receiveLogs(settings().syslog());
    AcmeCertificates.Plan wantedCertificates = certificates.plan(settings());
    show(wantedCertificates.furnish(settings().listeners()), settings());
    certificates.begin(wantedCertificates);
    certificateWatch.begin();
    metrics.watchLoops(loops.all());
    metrics.measure(new GatewayMeasures(this), Clock.systemUTC());
    AdminSettings wanted = settings().admin();
    if (wanted.enabled()) {
      try {
        admin =
            AdminServer.start(
                wanted, settings().name(), new GatewayOperations(this, reload), metrics);
      } catch (IOException e) {
        throw Listeners.cannotListen("the admin interface", wanted.bind(), e);
      }
    }
    CompletableFuture.delayedExecutor(SOON.toMillis(), TimeUnit.MILLISECONDS, writers)
        .execute(() -> {
          pages.warmUp();
          metrics.measureMachine();
        });
  }

  private void receiveLogs(SyslogSettings wanted) throws GatewayStartException {
    try {
      syslog = SyslogReceiver.start(wanted, explanations.received());
    } catch (IOException e) {
      throw new GatewayStartException("syslog cannot be received: " + e.getMessage(), e);
    }
  }

  private LoopServices furnish(int index, ConnectionPool pool, Deadlines deadlines) {
    return new LoopServices(
        index,
        () -> routes,
        pool,
        deadlines,
        new DiagnosticExplainer(
            explanations.diagnostician(),
            explanations.incidents(),
            explanations.recordings(),
            explanations.counts(),
            explanations.memory(),
            explanations.clocks(),
            addresses,
            explanations,
            explanations::factsOf,
            metrics::healed),
        new FailurePages(() -> pages, writers),
        recorder(),
        REPLAY_LIMIT,
        identity,
        incidentPaths,
        certificates.pending(),
        staples,
        this::tracer);
  }

  private static ForwardedFields.Identity newIdentity(String name) {
    byte[] random = new byte[6];
    new SecureRandom().nextBytes(random);
    return new ForwardedFields.Identity(name, HexFormat.of().formatHex(random));
  }

  private Recorder recorder() {
    return (exchange, loop) -> {
      metrics.finished(exchange, loop);
      Optional<AccessLog> log = accessLog;
      if (log.isPresent()) {
        log.get().finished(exchange, loop);
      }
      Tracing traces = tracing;
      if (traces != null) {
        traces.finished(exchange, loop);
      }
    };
  }

  private @Nullable Tracer tracer() {
    Tracing current = tracing;
    return current == null ? null : current.tracer();
  }

  private @Nullable Tracing openTracing(Settings settings) {
    return settings.tracing().enabled()
        ? new Tracing(
            settings.tracing(),
            loops.count(),
            new Tracing.Self(VERSION, identity.instance()),
            (result, spans) -> metrics.traceSpans(result.label(), spans))
        : null;
  }

  private Optional<AccessLog> openLog(Settings settings) {
    return settings.accessLog().enabled()
        ? Optional.of(new AccessLog(settings.accessLog(), loops.count(), metrics::logLinesDropped))
        : Optional.empty();
  }

  private static RouteTable tableOf(Settings settings, Upstreams upstreams) {
    Map<String, Upstream> byName =
        upstreams.all().stream().collect(Collectors.toMap(Upstream::name, Function.identity()));
    return new RouteTable(settings.routes(), byName);
  }

  /// Puts another configuration in force, whole or not at all. What is in flight goes on by the one
  /// it began with.
  ///
  /// @return what is different now, one sentence each
  /// @throws GatewayStartException where it cannot be put in force; nothing is changed
  public synchronized List<String> apply(LoadedConfig next) throws GatewayStartException {
    refuseIfEnding();
    Settings before = settings();
    Settings after = next.settings();
    List<String> changes = Changes.between(before, after);
    Upstreams newUpstreams = upstreams.rebuild(after.upstreams().values());
    RouteTable newRoutes = tableOf(after, newUpstreams);
    Pages newPages =
        after.page().equals(before.page()) && after.name().equals(before.name())
            ? pages
            : Brandings.pages(after);
    writers.execute(newPages::warmUp);
    try {
      tls.prepare(after.upstreams().values());
    } catch (IllegalArgumentException e) {
      throw new GatewayStartException(String.valueOf(e.getMessage()), e);
    }
    AcmeCertificates.Plan wantedCertificates = certificates.plan(after);
    show(wantedCertificates.furnish(after.listeners()), after);
    certificates.begin(wantedCertificates);
    Upstreams oldUpstreams = upstreams;
    config = next;
    upstreams = newUpstreams;
    pages = newPages;
    routes = newRoutes;
    addresses.apply(after.dns());
    oldUpstreams.retireAllBut(newUpstreams);
    health.apply(newUpstreams);
    if (!after.accessLog().equals(before.accessLog())) {
      Optional<AccessLog> old = accessLog;
      accessLog = openLog(after);
      if (old.isPresent()) {
        loops.awaitPresentTasks();
        old.get().close();
      }
    } else {
      accessLog.ifPresent(AccessLog::reopen);
    }
    if (!after.tracing().equals(before.tracing())) {
      Tracing old = tracing;
      tracing = openTracing(after);
      if (old != null) {
        loops.awaitPresentTasks();
        old.close();
      }
    }
    if (!changes.isEmpty()) {
      reloads++;
      explanations
          .memory()
          .changed(
              Change.Kind.CONFIGURATION,
              "",
              "reload " + reloads + " (" + String.join("; ", changes) + ")");
    }
    explanations.warmUp(newUpstreams.all());
    explanations.reconfigured();
    news.apply(after.notifications());
    certificateWatch.wake();
    metrics.reloaded(true);
    return changes;
  }

  /// Changes the listeners, and sees to the staples of the certificates that they show. What is
  /// shown already stays until there is a staple for a certificate that demands one.
  private void show(List<ListenerSettings> furnished, Settings settings)
      throws GatewayStartException {
    if (!listeners.all().isEmpty()) {
      staples.prepare(settings, furnished);
    }
    try {
      // It may have ended while staples were waited for.
      refuseIfEnding();
      listeners.change(furnished);
    } catch (GatewayStartException | RuntimeException e) {
      staples.takeBack();
      throw e;
    }
    staples.begin(settings, furnished);
  }

  private void refuseIfEnding() throws GatewayStartException {
    if (draining) {
      throw new GatewayStartException("the gateway is being stopped");
    }
  }

  /// Shows a certificate that an authority has just signed, on connections from now on.
  private synchronized void certificateIssued() {
    if (draining) {
      return;
    }
    try {
      show(certificates.furnish(settings().listeners()), settings());
      certificateWatch.wake();
    } catch (GatewayStartException | RuntimeException e) {
      LOG.error("a certificate that was signed cannot be shown", e);
    }
  }

  /// Opens the access log's file anew, because it was moved away.
  public void reopenLogs() {
    accessLog.ifPresent(AccessLog::reopen);
  }

  /// A probe of the gateway's own has shown that an upstream works again: its circuit need not wait
  /// for a request to find out.
  private void recovered(String upstream) {
    upstreams.find(upstream).ifPresent(each -> each.circuit().succeeded());
  }

  /// Remembers a reload that is over, and counts it where nothing was changed by it.
  public void reloaded(ReloadRecord reload) {
    if (reload.outcome() instanceof Operations.Rejected) {
      metrics.reloaded(false);
    }
    synchronized (reloadsOfLate) {
      reloadsOfLate.addFirst(reload);
      if (reloadsOfLate.size() > RELOADS_KEPT) {
        reloadsOfLate.removeLast();
      }
    }
  }

  List<ReloadRecord> reloadsOfLate() {
    synchronized (reloadsOfLate) {
      return List.copyOf(reloadsOfLate);
    }
  }

  /// The settings in force.
  public Settings settings() {
    return config.settings();
  }

  LoadedConfig config() {
    return config;
  }

  Collection<Upstream> upstreams() {
    return upstreams.all();
  }

  Optional<Upstream> upstream(String name) {
    return upstreams.find(name);
  }

  Explanations explanations() {
    return explanations;
  }

  AddressBook addresses() {
    return addresses;
  }

  AcmeCertificates certificates() {
    return certificates;
  }

  OcspStaples staples() {
    return staples;
  }

  NewsDesk news() {
    return news;
  }

  Metrics metrics() {
    return metrics;
  }

  /// An incident as operators see it: a JSON object.
  String documentOf(Incident incident) {
    return pages.operatorJson(incident, Language.ENGLISH, explanations.notesOn(incident));
  }

  SpliceCounts splices() {
    return loops.splices();
  }

  HealthChecks health() {
    return health;
  }

  Pages pages() {
    return pages;
  }

  Collection<Listener> listeners() {
    return listeners.all();
  }

  /// Asks an endpoint on a fresh connection.
  CompletableFuture<TrialOutcome> tryOut(Upstream upstream, EndpointState endpoint, String path) {
    EventLoop loop = loops.all().getFirst();
    return Trial.begin(loop, loops.servicesOf(loop).pool(), upstream, endpoint, path);
  }

  boolean isDraining() {
    return draining;
  }

  /// The URLs of its listeners, such as `http://127.0.0.1:8080`, in the order of the configuration.
  public List<String> listenerUrls() {
    return listeners.all().stream().map(Listeners::urlOf).toList();
  }

  /// Where the admin interface listens, if there is one.
  public Optional<InetSocketAddress> adminAddress() {
    AdminServer server = admin;
    return server == null ? Optional.empty() : Optional.of(server.address());
  }

  /// Where syslog is received, in the order of the configuration.
  public List<InetSocketAddress> syslogAddresses() {
    SyslogReceiver receiver = syslog;
    return receiver == null ? List.of() : receiver.addresses();
  }

  /// Takes no new requests, and returns once those in flight are finished or the grace that the
  /// configuration gives is over.
  public void drain() throws InterruptedException {
    draining = true;
    Duration grace = settings().shutdownGrace();
    listeners.drain(grace);
  }

  @Override
  public void close() {
    draining = true;
    certificateWatch.close();
    certificates.close();
    staples.close();
    listeners.close();
    AdminServer server = admin;
    if (server != null) {
      server.close();
    }
    SyslogReceiver receiver = syslog;
    if (receiver != null) {
      receiver.close();
    }
    news.close();
    health.close();
    loops.close();
    waiting.close();
    explanations.close();
    addresses.close();
    accessLog.ifPresent(AccessLog::close);
    Tracing traces = tracing;
    if (traces != null) {
      traces.close();
    }
    writers.shutdown();
    reserve.close();
  }

  /// What the admin interface calls when it is told to reload.
  @FunctionalInterface
  public interface ReloadAction {
    Operations.Reload reload();
  }
}
