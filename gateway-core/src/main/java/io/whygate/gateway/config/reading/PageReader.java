package io.whygate.gateway.config.reading;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import io.whygate.diagnostics.page.Branding;
import io.whygate.diagnostics.page.BrokenTemplateException;
import io.whygate.diagnostics.page.Language;
import io.whygate.diagnostics.page.OwnTexts;
import io.whygate.diagnostics.page.PageTemplate;
import io.whygate.gateway.config.Settings;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/// Reads how the visitor's page looks and speaks.
final class PageReader {
  private static final int MAX_LOGO = 8 * 1024;
  private static final String LOGO =
      "an SVG, PNG, JPEG, GIF or WebP file of at most 8KiB, or a data:image/... URI";
  private static final String TEMPLATE = "an HTML file with places such as {{title}}";
  private static final String LANGUAGE = "a UTF-8 file of lines KEY = TEXT";

  private final SourceFiles files;

  PageReader(SourceFiles files) {
    this.files = files;
  }

  Settings.PageSettings read(Section section) {
    String color = color(section.get("color"));
    Setting dark = section.get("color-dark");
    String colorDark = dark.text().isBlank() ? color : color(dark);
    Branding.faintness(color, colorDark)
        .forEach(faint -> {
          Setting meant = faint.endsWith("dark page") ? dark : section.get("color");
          meant.warn(faint, "at least 3, so that everybody can see it");
        });
    return new Settings.PageSettings(
        section.get("title").text().strip(),
        color,
        colorDark,
        logo(section.get("logo")),
        UpstreamReader.contact(section.section("contact")),
        texts(section.get("languages"), section.get("texts")),
        section.get("frame-ancestors").each("sources", PageReader::frameAncestor),
        template(section.get("template")),
        waiting(section.section("waiting")));
  }

  /// A template that is broken is no reason to show nothing at all: the built-in page takes its
  /// place, and the operator is told.
  private String template(Setting setting) {
    if (setting.optionalText().isEmpty()) {
      return "";
    }
    Optional<byte[]> file = files.read(setting, TEMPLATE);
    if (file.isEmpty()) {
      return "";
    }
    String source = new String(file.get(), StandardCharsets.UTF_8);
    try {
      PageTemplate.of(source);
      return source;
    } catch (BrokenTemplateException e) {
      setting.warn(setting.found() + ", the built-in page is shown: " + e.found(), e.expected());
      return "";
    }
  }

  private static Settings.WaitingSettings waiting(Section section) {
    int first = section.get("admit-first").integer(1, 100_000);
    return new Settings.WaitingSettings(
        section.get("max-pages").integer(1, 1_000_000),
        first,
        section.get("admit-most").integer(first, 1_000_000),
        section.get("double-every").duration(Duration.ofMillis(100), Duration.ofHours(1)),
        section.get("heartbeat").duration(Duration.ofSeconds(1), Duration.ofMinutes(5)));
  }

  private static Optional<String> frameAncestor(Setting setting) {
    return setting.parse(
        "\"*\", \"'self'\", or a site such as \"https://shop.example.com\"",
        text -> Optional.of(text).filter(Branding::isFrameAncestor));
  }

  private static String color(Setting setting) {
    String color = setting.text().strip();
    if (!color.matches("#[0-9a-fA-F]{6}")) {
      setting.reject("a colour such as \"#2563eb\"");
      return Branding.NONE.colour();
    }
    return color;
  }

  private String logo(Setting setting) {
    Optional<String> text = setting.optionalText();
    if (text.isEmpty()) {
      return "";
    }
    if (text.get().startsWith("data:")) {
      boolean wellFormed = text.get().matches("data:image/[a-z0-9.+-]+(;[a-z0-9=-]+)*,[!-~]*");
      if (!wellFormed || text.get().length() > 2 * MAX_LOGO) {
        setting.reject(LOGO);
      }
      return text.get();
    }
    Optional<byte[]> file = files.read(setting, LOGO);
    if (file.isEmpty()) {
      return "";
    }
    Optional<String> type = imageType(file.get());
    if (type.isEmpty() || file.get().length > MAX_LOGO) {
      setting.reject(LOGO);
      return "";
    }
    return "data:" + type.get() + ";base64," + Base64.getEncoder().encodeToString(file.get());
  }

  private static Optional<String> imageType(byte[] file) {
    String start = new String(file, 0, Math.min(file.length, 1024), StandardCharsets.ISO_8859_1);
    if (start.startsWith("\u0089PNG\r\n\u001a\n")) {
      return Optional.of("image/png");
    }
    if (start.startsWith("\u00ff\u00d8\u00ff")) {
      return Optional.of("image/jpeg");
    }
    if (start.startsWith("GIF87a") || start.startsWith("GIF89a")) {
      return Optional.of("image/gif");
    }
    if (start.startsWith("RIFF") && start.startsWith("WEBP", 8)) {
      return Optional.of("image/webp");
    }
    return start.contains("<svg") ? Optional.of("image/svg+xml") : Optional.empty();
  }

  /// Those of the files, and over them those of the configuration itself.
  private Map<String, Map<String, String>> texts(Setting languages, Setting own) {
    Map<String, Map<String, String>> texts = new LinkedHashMap<>();
    Map<String, Setting> named = new LinkedHashMap<>();
    for (Setting language : languages.entries("a file by language")) {
      named.put(tag(language), language);
      texts.put(tag(language), file(language));
    }
    for (Setting language : own.entries("texts by language")) {
      named.putIfAbsent(tag(language), language);
      Map<String, String> byKey = texts.computeIfAbsent(tag(language), _ -> new LinkedHashMap<>());
      for (Setting text : language.entries("texts by key")) {
        flatten(text, List.of(text.name()), byKey);
      }
    }
    named.forEach((tag, setting) ->
        OwnTexts.check(new Language(tag), texts.getOrDefault(tag, Map.of()))
            .ifPresent(fault -> setting.reject(fault.key() + fault.found(), fault.expected())));
    return texts;
  }

  /// The tag as a built-in language writes it, where it is one.
  private static String tag(Setting language) {
    String name = language.name();
    if (!name.matches("[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")) {
      language.reject("unknown language", "a language tag such as en or pt-BR");
    }
    return Language.BUILT_IN.stream()
        .map(Language::tag)
        .filter(name::equalsIgnoreCase)
        .findFirst()
        .orElse(name);
  }

  private Map<String, String> file(Setting setting) {
    Map<String, String> texts = new LinkedHashMap<>();
    Optional<byte[]> bytes = files.read(setting, LANGUAGE);
    if (bytes.isPresent()) {
      Properties properties = new Properties();
      try {
        properties.load(new StringReader(new String(bytes.get(), StandardCharsets.UTF_8)));
      } catch (IOException | IllegalArgumentException e) {
        setting.reject(setting.found() + ": " + e.getMessage(), LANGUAGE);
      }
      properties.stringPropertyNames().forEach(k -> texts.put(k, properties.getProperty(k)));
    }
    return texts;
  }

  /// A key such as `cause.dns.drift.title` is a path to HOCON: its parts are joined again.
  private static void flatten(Setting setting, List<String> path, Map<String, String> texts) {
    ConfigValue value = setting.value();
    if (!(value instanceof ConfigObject)) {
      texts.put(String.join(".", path), setting.text());
      return;
    }
    for (Setting below : setting.entries("texts by key")) {
      List<String> longer = new ArrayList<>(path);
      longer.add(below.name());
      flatten(below, longer, texts);
    }
  }
}
