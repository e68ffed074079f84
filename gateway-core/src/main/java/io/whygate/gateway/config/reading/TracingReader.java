package io.whygate.gateway.config.reading;

import static io.whygate.gateway.config.reading.Bounds.HOUR;
import static io.whygate.gateway.config.reading.Bounds.MINUTE;
import static io.whygate.gateway.config.reading.Bounds.MS;

import io.whygate.gateway.config.ListenerSettings.KeyPair;
import io.whygate.gateway.config.TracingSettings;
import io.whygate.gateway.config.TracingSettings.Collector;
import io.whygate.gateway.config.TracingSettings.ContinueFrom;
import io.whygate.gateway.config.TracingSettings.Pace;
import io.whygate.gateway.config.TracingSettings.Sampling;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// Reads whether exchanges are traced, and where their spans go.
final class TracingReader {
  private enum Compression {
    GZIP,
    NONE
  }

  private final Certificates certificates;

  TracingReader(Certificates certificates) {
    this.certificates = certificates;
  }

  TracingSettings read(Section section, String gateway) {
    Section sampling = section.section("sampling");
    return new TracingSettings(
        section.get("enabled").flag(),
        section.get("continue-from").choice(ContinueFrom.class),
        new Sampling(sampling.get("ratio").share(), sampling.get("failures").flag()),
        section.get("service-name").optionalText().orElse(gateway),
        texts(section.get("attributes")),
        collector(section.section("otlp")));
  }

  private Collector collector(Section section) {
    URI url =
        Addresses.url(
                section.get("url"), "the URL of a collector, such as http://otel:4318/v1/traces")
            .orElse(URI.create("http://127.0.0.1:4318/v1/traces"));
    if (url.getUserInfo() != null) {
      section.get("url").reject("a URL without a user: headers say who sends");
    }
    return new Collector(
        url,
        headers(section.get("headers")),
        certificates.chains(section.get("trusted-certificates")),
        shown(section),
        section.get("compression").choice(Compression.class) == Compression.GZIP,
        new Pace(
            section.get("queue").integer(1, 1_000_000),
            section.get("batch").integer(1, 10_000),
            section.get("every").duration(Duration.ofMillis(10), HOUR),
            section.get("attempts").integer(1, 100),
            section.get("timeout").duration(Duration.ofMillis(100), MINUTE),
            section.get("back-off").duration(MS, HOUR),
            section.get("longest-back-off").duration(MS, HOUR)));
  }

  private Optional<KeyPair> shown(Section section) {
    Setting certificate = section.get("client-certificate");
    Setting key = section.get("client-key");
    if (certificate.optionalText().isEmpty() && key.optionalText().isEmpty()) {
      return Optional.empty();
    }
    return certificates.keyPair(certificate, key);
  }

  private static Map<String, String> texts(Setting setting) {
    Map<String, String> found = new LinkedHashMap<>();
    for (Setting each : setting.entries("texts by name")) {
      found.put(each.name(), each.text());
    }
    return found;
  }

  /// What it says is never shown: it may be what the collector lets in.
  private static Map<String, String> headers(Setting setting) {
    Map<String, String> found = new LinkedHashMap<>();
    for (Setting each : setting.entries("field values by name")) {
      if (!each.name().matches("[A-Za-z0-9!#$%&'*+.^_`|~-]+")) {
        each.reject("\"" + each.name() + "\"", "the name of a field, such as Authorization");
      } else if (isOwn(each.name())) {
        each.reject("\"" + each.name() + "\"", "a field that the gateway does not write itself");
      } else if (!each.text().matches("[\\x20-\\x7e\\t]*")) {
        each.reject("\"***\"", "a value in one line of ASCII characters");
      } else {
        found.put(each.name(), each.text());
      }
    }
    return found;
  }

  private static boolean isOwn(String name) {
    return name.matches(
        "(?i)content-(type|length|encoding)|host|connection|expect|upgrade|transfer-encoding");
  }
}
