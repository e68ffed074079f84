package io.whygate.gateway;

import io.whygate.diagnostics.page.Branding;
import io.whygate.diagnostics.page.Language;
import io.whygate.diagnostics.page.Pages;
import io.whygate.gateway.config.Settings;
import java.util.EnumMap;
import java.util.Map;

/// Pages as the configuration wants them to look and speak.
final class Brandings {
  private Brandings() {}

  /// @throws IllegalArgumentException where a text or a colour cannot be used
  static Pages pages(Settings settings) {
    Settings.PageSettings wanted = settings.page();
    Map<Language, Map<String, String>> texts = new EnumMap<>(Language.class);
    for (Language language : Language.values()) {
      Map<String, String> own = wanted.texts().get(language.tag());
      if (own != null) {
        texts.put(language, own);
      }
    }
    String colour = wanted.color().isEmpty() ? Branding.NONE.colour() : wanted.color();
    return new Pages(settings.name(), new Branding(wanted.title(), colour, wanted.logo(), texts));
  }
}
