package io.whygate.gateway.config.reading;

import static io.whygate.gateway.config.reading.Bounds.DAY;
import static io.whygate.gateway.config.reading.Bounds.GIB;
import static io.whygate.gateway.config.reading.Bounds.HOUR;
import static io.whygate.gateway.config.reading.Bounds.KIB;
import static io.whygate.gateway.config.reading.Bounds.MIB;
import static io.whygate.gateway.config.reading.Bounds.MS;
import static io.whygate.gateway.config.reading.Bounds.ZERO;

import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.LogSource;
import io.whygate.diagnostics.facts.UpstreamFacts;
import io.whygate.diagnostics.platform.Platform;
import io.whygate.gateway.config.ListenerSettings.KeyPair;
import io.whygate.gateway.config.UpstreamSettings;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Reads one upstream.
final class UpstreamReader {
  private static final int MANY = 1_000_000;

  private final Certificates certificates;

  UpstreamReader(Certificates certificates) {
    this.certificates = certificates;
  }

  UpstreamSettings read(String name, Section section) {
    List<Endpoint> endpoints = endpoints(section.get("endpoints"));
    boolean passes = endpoints.stream().anyMatch(Endpoint::isTcp);
    return new UpstreamSettings(
        name,
        endpoints,
        section.get("connect-timeout").duration(MS, HOUR),
        section.get("response-timeout").duration(MS, DAY),
        section.get("idle-timeout").duration(MS, DAY),
        (int) section.get("max-response-header").size(256, 16 * MIB),
        section.get("max-response-header-count").integer(1, 10_000),
        section.get("max-interim-responses").integer(1, 10_000),
        SmallPiecesReader.read(section.section("small-pieces")),
        section.get("protocol").choice(UpstreamFacts.Protocol.class),
        section.get("proxy-protocol").choice(UpstreamFacts.ProxyProtocol.class),
        proxyProtocolFields(section),
        section.get("host-header").choice(UpstreamSettings.HostHeader.class),
        requestId(section.get("request-id"), passes),
        section.get("balance").choice(UpstreamSettings.Balance.class),
        tls(section.section("tls")),
        pool(section.section("pool")),
        http2(section.section("http2")),
        section.section("grpc").get("max-deadline").duration(ZERO, DAY),
        circuitBreaker(section.section("circuit-breaker")),
        retry(section.section("retry")),
        outlier(section.section("outlier")),
        health(section.section("health")),
        maintenance(section.section("maintenance")),
        logs(section.get("logs")),
        contact(section.section("contact")),
        platform(section.get("platform")));
  }

  /// Only version 2 has a place for them.
  private static Set<UpstreamSettings.ProxyProtocolField> proxyProtocolFields(Section section) {
    Setting setting = section.get("proxy-protocol-fields");
    List<UpstreamSettings.ProxyProtocolField> found =
        setting.each(
            "fields, such as authority",
            each -> Optional.of(each.choice(UpstreamSettings.ProxyProtocolField.class)));
    boolean isV2 =
        section.get("proxy-protocol").choice(UpstreamFacts.ProxyProtocol.class)
            == UpstreamFacts.ProxyProtocol.V2;
    if (!found.isEmpty() && !isV2) {
      setting.reject("none, or proxy-protocol = v2");
    }
    return Set.copyOf(found);
  }

  /// What is passed on has no place for one.
  private static UpstreamSettings.RequestId requestId(Setting setting, boolean passes) {
    UpstreamSettings.RequestId wanted = setting.choice(UpstreamSettings.RequestId.class);
    return passes ? UpstreamSettings.RequestId.PASS : wanted;
  }

  /// Any name is allowed; one that is not known changes nothing.
  private static String platform(Setting setting) {
    String name = setting.text().strip();
    if (!name.isEmpty() && Platform.named(name).isEmpty()) {
      setting.warn(
          setting.found() + " is not known here",
          Stream.of(Platform.values()).map(Platform::id).collect(Collectors.joining(", ")));
    }
    return name;
  }

  private static List<Endpoint> endpoints(Setting setting) {
    Set<Endpoint> seen = new HashSet<>();
    return setting.each(
        "endpoints, such as [\"http://127.0.0.1:3000\"]",
        element -> {
          Optional<Endpoint> endpoint = Addresses.endpoint(element);
          if (endpoint.isPresent()
              && seen.stream().anyMatch(each -> each.isTcp() != endpoint.get().isTcp())) {
            element.reject(
                element.found() + " beside others", "either all of them by tcp://, or none");
            return Optional.empty();
          }
          if (endpoint.isPresent() && !seen.add(endpoint.get())) {
            element.reject(element.found() + " is there twice", "each endpoint once");
            return Optional.empty();
          }
          return endpoint;
        });
  }

  private UpstreamSettings.Tls tls(Section section) {
    return new UpstreamSettings.Tls(
        section.get("verify").flag(),
        serverName(section.get("server-name")),
        certificates.chains(section.get("trusted-certificates")),
        client(section.get("client-certificate"), section.get("client-key")));
  }

  private static Optional<String> serverName(Setting setting) {
    Optional<String> text = setting.optionalText();
    Optional<String> name = text.flatMap(Addresses::host);
    if (text.isPresent() && name.isEmpty()) {
      setting.reject("a host name");
    }
    return name;
  }

  private Optional<KeyPair> client(Setting certificate, Setting key) {
    boolean hasCertificate = certificate.optionalText().isPresent();
    boolean hasKey = key.optionalText().isPresent();
    if (hasCertificate && hasKey) {
      return certificates.keyPair(certificate, key);
    }
    if (hasCertificate) {
      key.reject("missing", "the PEM file of the key of client-certificate");
    } else if (hasKey) {
      certificate.reject("missing", "the PEM file of the certificate of client-key");
    }
    return Optional.empty();
  }

  private static UpstreamSettings.Pool pool(Section section) {
    return new UpstreamSettings.Pool(
        section.get("max-connections").integer(1, MANY),
        section.get("max-pending").integer(0, MANY),
        section.get("pending-timeout").duration(ZERO, HOUR),
        section.get("idle-timeout").duration(ZERO, DAY),
        section.get("max-redials-per-second").integer(0, MANY));
  }

  private static UpstreamSettings.Http2 http2(Section section) {
    Section floods = section.section("floods");
    return new UpstreamSettings.Http2(
        section.get("max-streams").integer(1, MANY),
        (int) section.get("stream-window").size(KIB, GIB),
        (int) section.get("connection-window").size(64 * KIB, GIB),
        (int) section.get("buffer").size(KIB, GIB),
        new UpstreamSettings.Floods(
            floods.get("window").duration(MS, DAY),
            floods.get("frames").integer(1, MANY),
            floods.get("continuations").integer(1, MANY)));
  }

  private static UpstreamSettings.CircuitBreaker circuitBreaker(Section section) {
    return new UpstreamSettings.CircuitBreaker(
        section.get("consecutive-failures").integer(0, MANY),
        section.get("open-for").duration(MS, DAY));
  }

  private static UpstreamSettings.Retry retry(Section section) {
    return new UpstreamSettings.Retry(
        section.get("attempts").integer(1, 20), section.get("budget").percent(0, 100));
  }

  private static UpstreamSettings.Outlier outlier(Section section) {
    Setting longest = section.get("max-ejection");
    UpstreamSettings.Outlier outlier =
        new UpstreamSettings.Outlier(
            section.get("consecutive-failures").integer(0, MANY),
            section.get("base-ejection").duration(MS, DAY),
            longest.duration(MS, DAY),
            section.get("max-ejected").percent(0, 100),
            section.get("slow-start").duration(ZERO, DAY));
    if (outlier.maxEjection().compareTo(outlier.baseEjection()) < 0) {
      longest.reject("at least base-ejection, " + Units.show(outlier.baseEjection()));
    }
    return outlier;
  }

  private static UpstreamSettings.Health health(Section section) {
    Setting path = section.get("path");
    if (!path.text().matches("/[!-~]*")) {
      path.reject("a path such as /health");
    }
    Setting status = section.get("status");
    int[] range = statuses(status.text());
    if (range[0] < 100 || range[1] > 599 || range[0] > range[1]) {
      status.reject("a status or a range of them, 100 to 599, such as 200-399");
    }
    return new UpstreamSettings.Health(
        section.get("enabled").flag(),
        path.text(),
        section.get("interval").duration(Duration.ofMillis(100), DAY),
        section.get("timeout").duration(MS, HOUR),
        section.get("healthy-after").integer(1, 1000),
        section.get("unhealthy-after").integer(1, 1000),
        range[0],
        range[1]);
  }

  private static int[] statuses(String text) {
    String[] ends = text.strip().split("\\s*-\\s*", -1);
    boolean wellFormed = ends.length <= 2 && ends[0].matches("\\d{3}");
    if (!wellFormed || !ends[ends.length - 1].matches("\\d{3}")) {
      return new int[] {0, 0};
    }
    return new int[] {Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1])};
  }

  private static UpstreamSettings.Maintenance maintenance(Section section) {
    return new UpstreamSettings.Maintenance(
        section.get("enabled").flag(),
        new UpstreamFacts.Maintenance(
            instant(section.get("until")), section.get("message").text().strip()));
  }

  private static Optional<Instant> instant(Setting setting) {
    return setting
        .optionalText()
        .flatMap(text -> {
          try {
            return Optional.of(OffsetDateTime.parse(text).toInstant());
          } catch (DateTimeParseException _) {
            setting.reject("a time such as 2026-01-31T18:00:00Z or 2026-01-31T18:00:00+07:00");
            return Optional.empty();
          }
        });
  }

  private static List<LogSource> logs(Setting setting) {
    List<LogSource> logs = new ArrayList<>();
    for (Setting entry : setting.elementsOrOne("log files, journald:UNIT or syslog:HOST")) {
      if (LogSource.isNamed(entry.text())) {
        entry
            .parse("journald:UNIT, syslog:HOST or syslog:HOST/PROGRAM", LogSource::named)
            .ifPresent(logs::add);
      } else {
        SourceFiles.path(entry).ifPresent(path -> logs.add(new LogSource.LogFile(path)));
      }
    }
    return logs;
  }

  static UpstreamFacts.Contact contact(Section section) {
    return new UpstreamFacts.Contact(
        section.get("name").text().strip(),
        matching(section.get("email"), "[^@\\s<>\"]+@[^@\\s<>\"]+", "an e-mail address"),
        section.get("phone").text().strip(),
        matching(section.get("url"), "https?://[^\\s<>\"]+", "http://... or https://..."));
  }

  private static String matching(Setting setting, String pattern, String expected) {
    String text = setting.text().strip();
    if (!text.isEmpty() && !text.matches(pattern)) {
      setting.reject(expected);
    }
    return text;
  }
}
