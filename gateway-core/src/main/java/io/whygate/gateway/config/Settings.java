package io.whygate.gateway.config;

import io.whygate.diagnostics.facts.UpstreamFacts;
import io.whygate.diagnostics.incident.RecordingSettings;
import io.whygate.diagnostics.memory.ComparisonSettings;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A whole configuration, validated: what a gateway runs by until the next reload.
///
/// @param name the gateway's own name in Via, Proxy-Status and CDN-Loop
/// @param eventLoops threads that serve requests; 0 means one per core
/// @param reservedDescriptors how many are kept back for when no more can be had
/// @param splicePipes through how many pipes an event loop passes large answers on; 0 copies them
/// @param shutdownGrace how long requests in flight may take once the gateway is told to stop
/// @param listeners where clients are served
/// @param acme how certificates are had from an authority
/// @param certificateWarnings when certificates that run out are warned of
/// @param ocspStapling how proofs are had that certificates were not revoked
/// @param admin the operators' interface
/// @param dns how names are resolved
/// @param upstreams by name
/// @param routes in the order of the file
/// @param diagnostics limits of diagnosis
/// @param state what is kept over a restart
/// @param accessLog where finished exchanges are written
/// @param page how the visitor's page looks
/// @param syslog what servers on other hosts may send
/// @param notifications who is told of incidents
/// @param tracing whether exchanges are traced
public record Settings(
    String name,
    int eventLoops,
    int reservedDescriptors,
    int splicePipes,
    Duration shutdownGrace,
    List<ListenerSettings> listeners,
    AcmeSettings acme,
    CertificateWarnings certificateWarnings,
    OcspStapling ocspStapling,
    AdminSettings admin,
    DnsSettings dns,
    Map<String, UpstreamSettings> upstreams,
    List<RouteSettings> routes,
    Diagnostics diagnostics,
    StateSettings state,
    AccessLogSettings accessLog,
    PageSettings page,
    SyslogSettings syslog,
    NotificationSettings notifications,
    TracingSettings tracing) {
  public Settings {
    listeners = List.copyOf(listeners);
    upstreams = Map.copyOf(upstreams);
    routes = List.copyOf(routes);
  }

  /// How names are resolved.
  ///
  /// @param servers resolvers, in order; the system's where the configuration names none
  /// @param authoritativePort the port at which name servers are asked
  /// @param timeout a resolver that has not answered by then counts as silent
  /// @param minTtl answers are kept at least so long
  /// @param maxTtl and at most so long
  /// @param maxStale an answer that cannot be refreshed is used for so long after it ran out (RFC
  ///   8767)
  public record DnsSettings(
      List<InetSocketAddress> servers,
      int authoritativePort,
      Duration timeout,
      Duration minTtl,
      Duration maxTtl,
      Duration maxStale) {
    public DnsSettings {
      servers = List.copyOf(servers);
    }
  }

  /// Limits of diagnosis.
  ///
  /// @param enabled whether failures are examined at all
  /// @param budget how long a page may wait for the examination
  /// @param patience how long what the budget cut short is gone on with in the background; zero for
  ///   not at all
  /// @param keep how long a diagnosis is shared with later failures of the same kind
  /// @param maxConcurrent examinations at the same time
  /// @param maxProbesPerSecond probes of all examinations together
  /// @param maxIncidents incidents that are remembered
  /// @param keepIncidents how long one is remembered after it ended
  /// @param maxEndpoints endpoints of which it is remembered what is normal
  /// @param checkSites how often the addresses in use are checked; zero for never
  /// @param recording how much is kept of failed exchanges
  /// @param comparison how much is counted of what fails and what is answered meanwhile
  /// @param contacts whether, and where, registries are asked for contacts
  public record Diagnostics(
      boolean enabled,
      Duration budget,
      Duration patience,
      Duration keep,
      int maxConcurrent,
      int maxProbesPerSecond,
      int maxIncidents,
      Duration keepIncidents,
      int maxEndpoints,
      Duration checkSites,
      RecordingSettings recording,
      ComparisonSettings comparison,
      ContactLookup contacts) {}

  /// Whether, and where, registries are asked for contacts.
  ///
  /// @param enabled whether they are
  /// @param bootstrap the folder with the lists of registries, with a slash at its end
  /// @param timeout the limit of one question
  public record ContactLookup(boolean enabled, URI bootstrap, Duration timeout) {}

  /// What is kept over a restart.
  ///
  /// @param directory the folder; empty for none
  /// @param saveEvery how often what is normal is written
  /// @param maxMemory the largest file of what is normal, bytes
  /// @param maxJournal the largest journal of incidents, bytes
  public record StateSettings(
      Optional<Path> directory, Duration saveEvery, int maxMemory, long maxJournal) {
    public static final StateSettings NONE =
        new StateSettings(Optional.empty(), Duration.ofMinutes(1), 1 << 20, 1 << 20);
  }

  /// Where finished exchanges are written.
  ///
  /// @param enabled whether they are
  /// @param file a file's path, or `stdout`
  /// @param queue lines that may wait to be written; beyond it lines are dropped and counted
  /// @param format how a line is written
  /// @param rotation when the file gives way to a new one
  public record AccessLogSettings(
      boolean enabled, String file, int queue, LogFormat format, Rotation rotation) {}

  /// When a log file gives way to a new one.
  ///
  /// @param size the largest file, bytes; empty for any
  /// @param every the oldest file; empty for any
  /// @param keep earlier files that are kept
  public record Rotation(Optional<Long> size, Optional<Duration> every, int keep) {
    public static final Rotation NONE = new Rotation(Optional.empty(), Optional.empty(), 0);
  }

  /// How the visitor's page looks.
  ///
  /// @param title the site's name; empty for none
  /// @param color the accent, as `#rrggbb`
  /// @param colorDark the accent on dark pages
  /// @param logo an image as a data URI; empty for none
  /// @param contact whom visitors may turn to
  /// @param texts own texts by language tag and text key
  /// @param frameAncestors who may show the page in a frame
  /// @param template the source of an own page; empty for the built-in one
  /// @param waiting how pages wait for a site, and are let in
  public record PageSettings(
      String title,
      String color,
      String colorDark,
      String logo,
      UpstreamFacts.Contact contact,
      Map<String, Map<String, String>> texts,
      List<String> frameAncestors,
      String template,
      WaitingSettings waiting) {
    public PageSettings {
      texts = Map.copyOf(texts);
      frameAncestors = List.copyOf(frameAncestors);
    }
  }

  /// How pages wait for a site, and how those who waited are let in when it answers again.
  ///
  /// @param maxPages pages that listen at the same time, and numbers that may be out at an upstream
  /// @param admitFirst how many are let in a second at first
  /// @param admitMost and at most
  /// @param doubleEvery how long the server has to stand a pace before it is doubled
  /// @param heartbeat how often a page that listens is told that nothing is new
  public record WaitingSettings(
      int maxPages, int admitFirst, int admitMost, Duration doubleEvery, Duration heartbeat) {}
}
