package io.whygate.gateway.config.reading;

import static io.whygate.gateway.config.reading.Bounds.DAY;
import static io.whygate.gateway.config.reading.Bounds.HOUR;
import static io.whygate.gateway.config.reading.Bounds.MINUTE;
import static io.whygate.gateway.config.reading.Bounds.ZERO;

import io.whygate.diagnostics.incident.RecordingSettings;
import io.whygate.diagnostics.memory.ComparisonSettings;
import io.whygate.gateway.config.AcmeSettings;
import io.whygate.gateway.config.AdminSettings;
import io.whygate.gateway.config.CertificateWarnings;
import io.whygate.gateway.config.ListenerSettings;
import io.whygate.gateway.config.OcspStapling;
import io.whygate.gateway.config.RouteSettings;
import io.whygate.gateway.config.Settings;
import io.whygate.gateway.config.Settings.StateSettings;
import io.whygate.gateway.config.UpstreamSettings;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Reads a whole configuration from its root object.
final class SettingsReader {
  private final Section root;
  private final SourceFiles files;
  private final Certificates certificates;
  private final PassThroughReader passThroughs;

  /// @param root the section `whygate`
  SettingsReader(Section root, SourceFiles files) {
    this.root = root;
    this.files = files;
    this.certificates = new Certificates(files);
    this.passThroughs = new PassThroughReader(new RouteReader(upstreamNames(), Map.of()));
  }

  Settings read() {
    List<ListenerSettings> listeners = listeners();
    AdminSettings admin = new AdminReader(certificates).read(root.section("admin"), listeners);
    StateSettings state = StateReader.read(root.section("state"));
    AcmeSettings acme =
        new AcmeReader(certificates).read(root.section("acme"), listeners, state.directory());
    Map<String, UpstreamSettings> upstreams = upstreams();
    String gateway = name(root.get("name"));
    return new Settings(
        gateway,
        root.get("event-loops").integer(0, 1024),
        root.get("reserved-descriptors").integer(0, 10_000),
        root.get("splice-pipes").integer(0, 10_000),
        root.get("shutdown-grace").duration(ZERO, DAY),
        listeners,
        acme,
        certificateWarnings(root.section("certificate-warnings")),
        ocspStapling(root.section("ocsp-stapling")),
        admin,
        dns(root.section("dns")),
        upstreams,
        routes(listeners, upstreams),
        diagnostics(root.section("diagnostics")),
        state,
        accessLog(root.section("access-log")),
        new PageReader(files).read(root.section("page")),
        new SyslogReader(certificates).read(root.section("syslog")),
        new NotificationReader(upstreamNames(), certificates).read(root.section("notifications")),
        new TracingReader(certificates).read(root.section("tracing"), gateway));
  }

  private static CertificateWarnings certificateWarnings(Section section) {
    return new CertificateWarnings(
        section
            .get("before")
            .each("durations", each -> Optional.of(each.duration(MINUTE, Duration.ofDays(3650)))),
        section.get("every").duration(Duration.ofMillis(100), DAY));
  }

  private static OcspStapling ocspStapling(Section section) {
    return new OcspStapling(
        section.get("enabled").flag(),
        section.get("timeout").duration(Bounds.MS.multipliedBy(100), MINUTE.multipliedBy(5)),
        section.get("max-concurrent").integer(1, 1000),
        section.get("back-off").duration(Bounds.MS.multipliedBy(100), DAY),
        section.get("longest-back-off").duration(Bounds.MS.multipliedBy(100), DAY),
        section.get("refresh").duration(Bounds.MS.multipliedBy(100), Duration.ofDays(7)));
  }

  private static String name(Setting setting) {
    return setting
        .parse(
            "a name of letters, digits, dots and dashes that starts with a letter",
            text -> Optional.of(text).filter(name -> name.matches("[A-Za-z][A-Za-z0-9._-]*")))
        .orElse("");
  }

  private List<ListenerSettings> listeners() {
    Setting setting = root.get("listeners");
    if (setting.isEmptyList()) {
      setting.rejectAbsent("at least one, such as [ { bind = \"0.0.0.0:8080\" } ]");
    }
    Section.Defaults defaults = root.section("listener-defaults").asDefaults();
    ListenerReader reader = new ListenerReader(certificates, passThroughs);
    Map<SocketAddress, Setting> taken = new LinkedHashMap<>();
    return setting.each(
        "listeners",
        element ->
            Section.of(element, defaults)
                .flatMap(section ->
                    reader
                        .read(section)
                        .filter(found -> isFree(section.get("bind"), found.bind(), taken))));
  }

  private static boolean isFree(
      Setting bind, SocketAddress address, Map<SocketAddress, Setting> taken) {
    for (Map.Entry<SocketAddress, Setting> other : taken.entrySet()) {
      if (address.equals(other.getKey()) || AdminReader.overlap(address, other.getKey())) {
        bind.reject(
            bind.found()
                + " overlaps with "
                + other.getValue().key()
                + ", "
                + other.getValue().found(),
            "an address and port of its own");
        return false;
      }
    }
    taken.put(address, bind);
    return true;
  }

  private Settings.DnsSettings dns(Section section) {
    List<InetSocketAddress> servers =
        section.get("servers").each("addresses, such as [\"10.0.0.2:53\"]", Addresses::resolver);
    if (section.get("servers").isEmptyList()) {
      files.depend(ResolvConf.SYSTEM);
      servers = ResolvConf.servers(ResolvConf.SYSTEM);
    }
    Setting longest = section.get("max-ttl");
    Settings.DnsSettings dns =
        new Settings.DnsSettings(
            servers,
            section.get("authoritative-port").integer(1, 65535),
            section.get("timeout").duration(Duration.ofMillis(10), MINUTE),
            section.get("min-ttl").duration(ZERO, DAY),
            longest.duration(ZERO, Duration.ofDays(30)),
            section.get("max-stale").duration(ZERO, Duration.ofDays(30)));
    if (dns.maxTtl().compareTo(dns.minTtl()) < 0) {
      longest.reject("at least min-ttl, " + Units.show(dns.minTtl()));
    }
    return dns;
  }

  private Map<String, UpstreamSettings> upstreams() {
    Section.Defaults defaults = root.section("upstream-defaults").asDefaults();
    UpstreamReader reader = new UpstreamReader(certificates);
    Map<String, UpstreamSettings> upstreams = new LinkedHashMap<>();
    for (Setting entry : root.get("upstreams").entries("upstreams by name")) {
      String name = entry.name();
      if (!name.matches("[A-Za-z0-9_.-]{1,64}")) {
        entry.reject(
            "\"" + name + "\"", "an upstream's name of at most 64 letters, digits, . _ and -");
      }
      Section.of(entry, defaults)
          .ifPresent(section -> upstreams.put(name, reader.read(name, section)));
    }
    return upstreams;
  }

  private List<RouteSettings> routes(
      List<ListenerSettings> listeners, Map<String, UpstreamSettings> upstreams) {
    Setting setting = root.get("routes");
    boolean serves = listeners.stream().anyMatch(each -> each.passThrough().isEmpty());
    if (setting.isEmptyList() && (serves || listeners.isEmpty())) {
      setting.rejectAbsent("at least one, such as [ { path = \"/\", upstream = NAME } ]");
    }
    Section.Defaults defaults = root.section("route-defaults").asDefaults();
    RouteReader reader = new RouteReader(upstreamNames(), upstreams);
    RouteOrder order = new RouteOrder();
    for (Setting element : setting.elements("routes")) {
      Section.of(element, defaults)
          .ifPresent(section ->
              reader
                  .read(section, element.problems())
                  .ifPresent(route -> order.add(route, section)));
    }
    Set<String> routed = new HashSet<>();
    order.routes().forEach(route -> routed.add(route.upstream()));
    checkProtocols(routed, upstreams);
    routed.addAll(passThroughs.upstreams());
    for (Setting upstream : root.get("upstreams").entries("upstreams by name")) {
      if (!routed.contains(upstream.name())) {
        upstream.warn(
            "no route leads to this upstream", "a route with upstream = " + upstream.name());
      }
    }
    return order.routes();
  }

  /// What passes connections on leads to tcp:// alone, what serves HTTP to all others.
  private void checkProtocols(Set<String> routed, Map<String, UpstreamSettings> upstreams) {
    for (Setting entry : root.get("upstreams").entries("upstreams by name")) {
      UpstreamSettings read = upstreams.get(entry.name());
      if (read == null || read.endpoints().isEmpty()) {
        continue;
      }
      boolean byTcp = read.endpoints().getFirst().isTcp();
      if (byTcp && routed.contains(entry.name())) {
        entry.reject(
            "endpoints by tcp:// at the end of a route",
            "http://, https:// or unix:, or a listener with pass-through");
      } else if (!byTcp && passThroughs.upstreams().contains(entry.name())) {
        entry.reject("endpoints that connections are passed on to", "tcp://HOST:PORT");
      }
    }
  }

  /// Those that could not be read count as well: a route to one is not a second problem.
  private List<String> upstreamNames() {
    return root.get("upstreams").entries("upstreams by name").stream().map(Setting::name).toList();
  }

  private static Settings.Diagnostics diagnostics(Section section) {
    return new Settings.Diagnostics(
        section.get("enabled").flag(),
        section.get("budget").duration(Duration.ofMillis(20), MINUTE),
        section.get("patience").duration(ZERO, MINUTE),
        section.get("keep").duration(ZERO, HOUR),
        section.get("max-concurrent").integer(1, 1000),
        section.get("max-probes-per-second").integer(1, 100_000),
        section.get("max-incidents").integer(1, 1_000_000),
        section.get("keep-incidents").duration(HOUR, Duration.ofDays(3650)),
        section.get("max-endpoints").integer(1, 1_000_000),
        section.get("check-sites").duration(ZERO, DAY),
        recording(section.section("recording")),
        comparison(section.section("comparison")),
        contactLookup(section.section("contact-lookup")));
  }

  private static Settings.ContactLookup contactLookup(Section section) {
    URI bootstrap =
        section
            .get("bootstrap")
            .parse(
                "the URL of a folder, such as https://data.iana.org/rdap/", SettingsReader::folder)
            .orElse(URI.create("https://data.iana.org/rdap/"));
    return new Settings.ContactLookup(
        section.get("enabled").flag(),
        bootstrap,
        section.get("timeout").duration(Duration.ofMillis(100), MINUTE));
  }

  private static Optional<URI> folder(String text) {
    try {
      URI uri = new URI(text.endsWith("/") ? text : text + "/");
      boolean web = "https".equals(uri.getScheme()) || "http".equals(uri.getScheme());
      return web && uri.getHost() != null ? Optional.of(uri) : Optional.empty();
    } catch (URISyntaxException _) {
      return Optional.empty();
    }
  }

  private static ComparisonSettings comparison(Section section) {
    return new ComparisonSettings(
        section.get("window").duration(Duration.ofSeconds(1), DAY),
        section.get("values").integer(0, 10_000));
  }

  private static RecordingSettings recording(Section section) {
    return new RecordingSettings(
        section.get("incidents").integer(0, 100_000),
        (int) section.get("head-size").size(1024, 1 << 20),
        (int) section.get("body-size").size(0, 1 << 20));
  }

  private static Settings.AccessLogSettings accessLog(Section section) {
    Setting file = section.get("file");
    String target =
        file.isWord("stdout")
            ? "stdout"
            : SourceFiles.path(file).map(path -> path.toAbsolutePath().toString()).orElse("");
    return new Settings.AccessLogSettings(
        section.get("enabled").flag(),
        target,
        section.get("queue").integer(1, 10_000_000),
        LogFormatReader.read(section.get("format")),
        rotation(section.section("rotate")));
  }

  private static Settings.Rotation rotation(Section section) {
    Setting size = section.get("size");
    Setting every = section.get("every");
    return new Settings.Rotation(
        size.isWord("none") ? Optional.empty() : Optional.of(size.size(4 * Bounds.KIB, Bounds.TIB)),
        every.isWord("none")
            ? Optional.empty()
            : Optional.of(every.duration(Duration.ofSeconds(1), Duration.ofDays(3650))),
        section.get("keep").integer(0, 10_000));
  }
}
