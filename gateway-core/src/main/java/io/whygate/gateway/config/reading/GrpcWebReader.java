package io.whygate.gateway.config.reading;

import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.gateway.config.GrpcWebSettings;
import io.whygate.gateway.config.UpstreamSettings;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Reads how calls of gRPC-Web clients are carried.
final class GrpcWebReader {
  private static final String ORIGIN =
      "https?://[a-z0-9._-]+(:[0-9]{1,5})?|https?://\\[[0-9a-f:.]+](:[0-9]{1,5})?";

  private GrpcWebReader() {}

  /// Empty where they are not, or cannot be: a gRPC server speaks HTTP/2. What is said for all
  /// routes is off for those whose upstream does not; what a route says itself is wrong there.
  ///
  /// @param upstream where the route leads; null where that could not be read
  static Optional<GrpcWebSettings> read(Section section, @Nullable UpstreamSettings upstream) {
    Setting enabled = section.get("enabled");
    boolean isEnabled = enabled.flag();
    var settings =
        new GrpcWebSettings(
            section
                .get("allow-origins")
                .each("origins, such as [\"https://shop.example.com\"]", GrpcWebReader::origin));
    if (isEnabled && upstream != null && isHttp1(upstream)) {
      isEnabled = false;
      if (section.isSet("enabled")) {
        enabled.reject(
            enabled.found() + ", but upstream " + upstream.name() + " speaks HTTP/1.1 alone",
            "false, or an upstream with protocol = http2, or with endpoints by https:// and"
                + " protocol = auto");
      }
    }
    return isEnabled ? Optional.of(settings) : Optional.empty();
  }

  /// Whether nothing but HTTP/1.1 is spoken, whichever endpoint it is.
  private static boolean isHttp1(UpstreamSettings upstream) {
    return switch (upstream.protocol()) {
      case HTTP1 -> true;
      case HTTP2 -> false;
      case AUTO -> {
        List<Endpoint> endpoints = upstream.endpoints();
        yield !endpoints.isEmpty() && endpoints.stream().noneMatch(GrpcWebReader::mayBeHttp2);
      }
    };
  }

  /// Connections that are passed on are no concern of routes, which is told elsewhere.
  private static boolean mayBeHttp2(Endpoint endpoint) {
    return endpoint.isTls() || endpoint.isTcp();
  }

  private static Optional<String> origin(Setting setting) {
    return setting.parse(
        "an origin such as https://shop.example.com, without a path, or *",
        text ->
            Optional.of(text.toLowerCase(Locale.ROOT))
                .filter(origin -> origin.equals(GrpcWebSettings.ANY) || origin.matches(ORIGIN)));
  }
}
