package io.whygate.gateway;

import io.whygate.diagnostics.page.Branding;
import io.whygate.diagnostics.page.BrokenTemplateException;
import io.whygate.diagnostics.page.Language;
import io.whygate.diagnostics.page.PageTemplate;
import io.whygate.diagnostics.page.Pages;
import io.whygate.gateway.config.Settings;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// Pages as the configuration wants them to look and speak.
final class Brandings {
  private Brandings() {}

  /// @throws IllegalArgumentException where a text or a colour cannot be used
  static Pages pages(Settings settings) {
    Settings.PageSettings wanted = settings.page();
    Map<Language, Map<String, String>> texts = new HashMap<>();
    wanted.texts().forEach((tag, own) -> texts.put(new Language(tag), own));
    return new Pages(
        settings.name(),
        new Branding(
            wanted.title(),
            wanted.color(),
            wanted.colorDark(),
            wanted.logo(),
            texts,
            wanted.frameAncestors(),
            template(wanted.template())));
  }

  /// The template, which the reader of the configuration found sound.
  private static Optional<PageTemplate> template(String source) {
    if (source.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(PageTemplate.of(source));
    } catch (BrokenTemplateException e) {
      throw new IllegalArgumentException("page.template: " + e.getMessage(), e);
    }
  }
}
