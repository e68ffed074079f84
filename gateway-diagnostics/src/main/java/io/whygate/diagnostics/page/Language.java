package io.whygate.diagnostics.page;

import java.util.List;
import java.util.Locale;
import java.util.Set;

/// A language that pages are written in. Each of the built-in ones has a file
/// `texts/TAG.properties`; operators may add others.
///
/// @param tag the language tag (RFC 5646), such as `en` or `zh-Hans`
public record Language(String tag) {
  public static final Language ENGLISH = new Language("en");
  public static final Language VIETNAMESE = new Language("vi");

  /// Those of the program, the first being what readers of none of them get.
  public static final List<Language> BUILT_IN =
      List.of(
          ENGLISH,
          VIETNAMESE,
          new Language("es"),
          new Language("fr"),
          new Language("de"),
          new Language("pt"),
          new Language("ja"),
          new Language("zh-Hans"),
          new Language("ar"));

  /// Those that have every text, also what only operators read.
  static final List<Language> OPERATORS = List.of(ENGLISH, VIETNAMESE);

  private static final Set<String> RIGHT_TO_LEFT =
      Set.of("ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi");

  /// Whether it is written from right to left.
  public boolean isRightToLeft() {
    String lower = tag.toLowerCase(Locale.ROOT);
    int dash = lower.indexOf('-');
    return !lower.contains("-latn")
        && RIGHT_TO_LEFT.contains(dash < 0 ? lower : lower.substring(0, dash));
  }

  /// The language in which its operators are written to.
  Language forOperators() {
    return OPERATORS.contains(this) ? this : ENGLISH;
  }

  boolean isBuiltIn() {
    return BUILT_IN.contains(this);
  }
}
