package io.whygate.gateway.config.reading;

import io.whygate.gateway.config.CompressionSettings;
import io.whygate.gateway.config.CompressionSettings.Coding;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Reads how answers are compressed.
final class CompressionReader {
  private static final String TOKEN = "[A-Za-z0-9!#$&^_.+-]+";

  private CompressionReader() {}

  /// Empty where they are not.
  static Optional<CompressionSettings> read(Section section) {
    boolean enabled = section.get("enabled").flag();
    Section levels = section.section("levels");
    var settings =
        new CompressionSettings(
            codings(section.get("codings")),
            section
                .get("types")
                .each("media types, such as [\"text/html\"]", CompressionReader::type),
            section.get("min-size").size(0, 1 << 30),
            section.get("max-concurrent").integer(1, 1_000_000),
            new CompressionSettings.Levels(
                levels.get("gzip").integer(1, 9),
                levels.get("br").integer(0, 6),
                levels.get("zstd").integer(1, 9)));
    return enabled ? Optional.of(settings) : Optional.empty();
  }

  private static List<Coding> codings(Setting setting) {
    List<Coding> codings = new ArrayList<>();
    for (Setting element : setting.elements("codings, such as [br, gzip]")) {
      Coding coding = element.choice(Coding.class);
      if (codings.contains(coding)) {
        element.reject(element.found() + " is there twice", "each coding once");
      }
      codings.add(coding);
    }
    if (setting.isEmptyList()) {
      setting.reject("a list of codings, such as [br, gzip]");
    }
    return codings;
  }

  private static Optional<String> type(Setting setting) {
    return setting.parse(
        "a media type such as text/html, text/* or *+json",
        text ->
            Optional.of(text.toLowerCase(Locale.ROOT))
                .filter(type -> type.matches(TOKEN + "/(" + TOKEN + "|\\*)|\\*\\+" + TOKEN)));
  }
}
