package io.whygate.gateway.config;

import io.whygate.gateway.config.ListenerSettings.KeyPair;
import java.net.URI;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Whether exchanges are traced, and where their spans go.
///
/// @param enabled whether they are
/// @param continueFrom whose traces are continued
/// @param sampling which traces are kept
/// @param serviceName what the spans are shown under
/// @param attributes what is said of the gateway beside its name
/// @param collector where the spans go
public record TracingSettings(
    boolean enabled,
    ContinueFrom continueFrom,
    Sampling sampling,
    String serviceName,
    Map<String, String> attributes,
    Collector collector) {
  public TracingSettings {
    attributes = Map.copyOf(attributes);
  }

  /// Whose traces are continued; anybody else's request begins a new one.
  public enum ContinueFrom {
    ALL,
    TRUSTED_PROXIES,
    NONE
  }

  /// Which traces are kept that no client has decided on.
  ///
  /// @param ratio their share, 0 to 1
  /// @param failures whether an exchange that met a failure is kept, whatever was decided
  public record Sampling(double ratio, boolean failures) {}

  /// Where spans go, by OTLP over HTTP.
  ///
  /// @param url the whole address
  /// @param headers fields that each message bears
  /// @param trusted certificates that are trusted; none for the system's
  /// @param shown the certificate that is shown where one is asked for
  /// @param gzip whether messages are compressed
  /// @param pace how many, how often, and how long it is tried
  public record Collector(
      URI url,
      Map<String, String> headers,
      List<X509Certificate> trusted,
      Optional<KeyPair> shown,
      boolean gzip,
      Pace pace) {
    public Collector {
      headers = Map.copyOf(headers);
      trusted = List.copyOf(trusted);
    }
  }

  /// How spans are sent.
  ///
  /// @param queue exchanges whose spans may wait
  /// @param batch spans of one message
  /// @param every how long a span waits at most until it is sent
  /// @param attempts tries of a message in all
  /// @param timeout the limit of one
  /// @param backOff the time before the second; each further one is twice as long
  /// @param longestBackOff and at most so long, whatever the collector asks for
  public record Pace(
      int queue,
      int batch,
      Duration every,
      int attempts,
      Duration timeout,
      Duration backOff,
      Duration longestBackOff) {}
}
