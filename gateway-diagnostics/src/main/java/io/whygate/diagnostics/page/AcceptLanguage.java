package io.whygate.diagnostics.page;

import java.util.Locale;

/// Chooses a language by the Accept-Language field (RFC 9110 section 12.5.4), by lookup (RFC 4647
/// section 3.4).
final class AcceptLanguage {
  private AcceptLanguage() {}

  /// The language that the field likes best, of equals the one named first; English where it names
  /// none.
  static Language choose(String field) {
    if (field.isEmpty()) {
      return Language.ENGLISH;
    }
    Language best = Language.ENGLISH;
    int bestWeight = 0;
    for (WeightedList.Element range : WeightedList.elements(field.toLowerCase(Locale.ROOT))) {
      if (range.weight() <= bestWeight) {
        continue;
      }
      for (Language language : Language.values()) {
        if (matches(range.value(), language)) {
          best = language;
          bestWeight = range.weight();
          break;
        }
      }
    }
    return best;
  }

  private static boolean matches(String range, Language language) {
    String tag = language.tag();
    return range.equals("*")
        || range.equals(tag)
        || (range.startsWith(tag) && range.charAt(tag.length()) == '-');
  }
}
