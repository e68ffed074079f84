package io.whygate.gateway;

import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.whygate.diagnostics.incident.Incident;
import io.whygate.gateway.admin.Operations;
import io.whygate.gateway.config.LoadedConfig;
import io.whygate.gateway.config.reading.ConfigReader;
import io.whygate.gateway.listener.client.Abuse;
import io.whygate.gateway.upstream.CircuitBreaker;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A gateway in this process, on a free port of 127.0.0.1, that writes its access log to a file of
/// its own.
public final class RunningGateway implements AutoCloseable {
  private final Path folder;
  private final Path log;
  private final Gateway gateway;

  private RunningGateway(Path folder, Gateway gateway) {
    this.folder = folder;
    this.log = folder.resolve("access.log");
    this.gateway = gateway;
  }

  /// One in front of these endpoints.
  ///
  /// @param settings what the upstream says beside its endpoints, in HOCON
  public static RunningGateway before(String settings, URI... endpoints) throws Exception {
    return before("", settings, endpoints);
  }

  /// One in front of these endpoints.
  ///
  /// @param settings what the configuration says beside its listener, upstream and route, in HOCON
  public static RunningGateway with(String settings, String upstream, URI... endpoints)
      throws Exception {
    return start("", upstream, settings, endpoints);
  }

  /// One in front of these endpoints.
  ///
  /// @param listener what the listener says beside its address, in HOCON
  /// @param upstream what the upstream says beside its endpoints, in HOCON
  public static RunningGateway before(String listener, String upstream, URI... endpoints)
      throws Exception {
    return start(listener, upstream, "", endpoints);
  }

  /// One in front of these endpoints, all of whose parts have settings of their own.
  public static RunningGateway start(
      String listener, String upstream, String more, URI... endpoints) throws Exception {
    Path folder = Files.createTempDirectory("running-gateway");
    try {
      Gateway gateway =
          Gateway.start(
              read(folder, listener, upstream, more, endpoints),
              () -> new Operations.Applied(List.of()));
      return new RunningGateway(folder, gateway);
    } catch (Exception | Error e) {
      delete(folder);
      throw e;
    }
  }

  /// One with the listeners, upstreams and routes of this HOCON.
  public static RunningGateway of(String settings) throws Exception {
    Path folder = Files.createTempDirectory("running-gateway");
    try {
      LoadedConfig config = parse(folder, settings);
      return new RunningGateway(
          folder, Gateway.start(config, () -> new Operations.Applied(List.of())));
    } catch (Exception | Error e) {
      delete(folder);
      throw e;
    }
  }

  /// Puts other listeners, upstreams and routes in force.
  public void apply(String settings) throws Exception {
    gateway.apply(parse(folder, settings));
  }

  private static LoadedConfig parse(Path folder, String settings) throws Exception {
    Path file = folder.resolve("gateway.conf");
    Files.writeString(
        file,
        """
        whygate {
          event-loops = 1
          shutdown-grace = 60s
          admin { enabled = false }
          access-log { file = "%s" }
          %s
        }
        """
            .formatted(folder.resolve("access.log"), settings));
    return new ConfigReader().read(file);
  }

  /// Puts other settings in force.
  public void apply(String listener, String upstream, URI... endpoints) throws Exception {
    gateway.apply(read(folder, listener, upstream, "", endpoints));
  }

  private static LoadedConfig read(
      Path folder, String listener, String upstream, String more, URI... endpoints)
      throws Exception {
    String urls =
        Arrays.stream(endpoints)
            .map(each -> '"' + each.toString() + '"')
            .collect(Collectors.joining(", "));
    return parse(
        folder,
        """
        listeners = [ { bind = "127.0.0.1:0", %s } ]
        upstreams { site { endpoints = [%s], %s } }
        routes = [ { path = "/", upstream = site } ]
        %s
        """
            .formatted(listener, urls, upstream, more));
  }

  public Gateway gateway() {
    return gateway;
  }

  /// Where it listens.
  public InetSocketAddress address() {
    URI url = URI.create(gateway.listenerUrls().getFirst());
    return new InetSocketAddress(url.getHost(), url.getPort());
  }

  public RawClient client() throws IOException {
    return new RawClient(address());
  }

  /// How often clients went beyond a limit that is made against abuse.
  public long abuses(Abuse kind) {
    return gateway.listeners().stream().mapToLong(each -> each.counts().abuses(kind)).sum();
  }

  public List<io.whygate.gateway.listener.Listener> listeners() {
    return List.copyOf(gateway.listeners());
  }

  /// Connections that speak HTTP/2.
  public int http2Connections() {
    return gateway.listeners().stream().mapToInt(each -> each.counts().http2Connections()).sum();
  }

  /// Requests that are under way at all endpoints.
  public int outstanding() {
    return gateway.upstreams().stream()
        .flatMap(each -> each.endpoints().stream())
        .mapToInt(each -> each.outstanding())
        .sum();
  }

  /// Endpoints that scheduled checks found unhealthy.
  public long unhealthy() {
    return gateway.upstreams().stream()
        .flatMap(each -> each.endpoints().stream())
        .filter(each -> each.isUnhealthy())
        .count();
  }

  /// The circuit of its only upstream.
  public CircuitBreaker circuit() {
    return gateway.upstreams().iterator().next().circuit();
  }

  /// Endpoints that are passed over for their failures.
  public long ejected() {
    return gateway.upstreams().stream()
        .flatMap(each -> each.endpoints().stream())
        .filter(each -> each.isEjected(System.nanoTime()))
        .count();
  }

  /// The lines of the access log, once there are so many; each is an exchange as JSON.
  public List<String> records(int count) {
    List<String> lines = new ArrayList<>();
    await(() -> {
      lines.clear();
      lines.addAll(lines());
      return lines.size() >= count;
    });
    return lines;
  }

  private List<String> lines() {
    try {
      return Files.exists(log) ? Files.readAllLines(log) : List.of();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /// Spans by what became of them.
  public long spans(String result) {
    return counted("whygate_trace_spans", "result", result);
  }

  /// The sum of a counter's values whose label is this.
  public long counted(String counter, String label, String value) {
    return gateway.metrics().registry().scrape().stream()
        .filter(each -> each.getMetadata().getName().equals(counter))
        .flatMap(each -> ((CounterSnapshot) each).getDataPoints().stream())
        .filter(each -> value.equals(each.getLabels().get(label)))
        .mapToLong(each -> (long) each.getValue())
        .sum();
  }

  /// All incidents that are kept, newest first.
  public List<Incident> incidents() {
    return gateway.explanations().incidents().all();
  }

  /// An incident as operators see it.
  public String document(String incident) {
    return gateway.documentOf(gateway.explanations().incidents().find(incident).orElseThrow());
  }

  /// Waits for something that others do.
  public static void await(BooleanSupplier reached) {
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!reached.getAsBoolean()) {
      if (System.nanoTime() - end > 0) {
        throw new AssertionError("it did not come about in time");
      }
      LockSupport.parkNanos(2_000_000);
    }
  }

  @Override
  public void close() throws IOException {
    gateway.close();
    delete(folder);
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path each : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    }
  }
}
