package io.whygate.gateway.config.reading;

import io.whygate.gateway.config.GrpcWebSettings;
import java.util.Locale;
import java.util.Optional;

/// Reads how calls of gRPC-Web clients are carried.
final class GrpcWebReader {
  private static final String ORIGIN =
      "https?://[a-z0-9._-]+(:[0-9]{1,5})?|https?://\\[[0-9a-f:.]+](:[0-9]{1,5})?";

  private GrpcWebReader() {}

  /// Empty where they are not.
  static Optional<GrpcWebSettings> read(Section section) {
    boolean enabled = section.get("enabled").flag();
    var settings =
        new GrpcWebSettings(
            section
                .get("allow-origins")
                .each("origins, such as [\"https://shop.example.com\"]", GrpcWebReader::origin));
    return enabled ? Optional.of(settings) : Optional.empty();
  }

  private static Optional<String> origin(Setting setting) {
    return setting.parse(
        "an origin such as https://shop.example.com, without a path, or *",
        text ->
            Optional.of(text.toLowerCase(Locale.ROOT))
                .filter(origin -> origin.equals(GrpcWebSettings.ANY) || origin.matches(ORIGIN)));
  }
}
