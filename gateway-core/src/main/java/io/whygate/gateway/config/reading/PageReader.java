package io.whygate.gateway.config.reading;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import io.whygate.gateway.config.Settings;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Reads how the visitor's page looks.
final class PageReader {
  private static final int MAX_LOGO = 8 * 1024;
  private static final String LOGO = "an SVG or PNG file of at most 8KiB, or a data:image/... URI";

  private final SourceFiles files;

  PageReader(SourceFiles files) {
    this.files = files;
  }

  Settings.PageSettings read(Section section) {
    return new Settings.PageSettings(
        section.get("title").text().strip(),
        color(section.get("color")),
        logo(section.get("logo")),
        UpstreamReader.contact(section.section("contact")),
        texts(section.get("texts")));
  }

  private static String color(Setting setting) {
    String color = setting.text().strip();
    if (!color.matches("#[0-9a-fA-F]{6}")) {
      setting.reject("a colour such as \"#2563eb\"");
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
    return start.contains("<svg") ? Optional.of("image/svg+xml") : Optional.empty();
  }

  private static Map<String, Map<String, String>> texts(Setting setting) {
    Map<String, Map<String, String>> texts = new LinkedHashMap<>();
    for (Setting language : setting.entries("texts by language")) {
      if (!language.name().matches("[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")) {
        language.reject("unknown language", "a language tag such as en or pt-BR");
      }
      Map<String, String> byKey = new LinkedHashMap<>();
      for (Setting text : language.entries("texts by key")) {
        flatten(text, List.of(text.name()), byKey);
      }
      texts.put(language.name(), byKey);
    }
    return texts;
  }

  /// A key such as `dns.drift.title` is a path to HOCON: its parts are joined again.
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
