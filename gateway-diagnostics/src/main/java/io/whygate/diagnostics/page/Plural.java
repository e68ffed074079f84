package io.whygate.diagnostics.page;

import java.util.List;

/// The word that goes with a number, of those that a text offers: two, for one and for others; or
/// three, for one, for a few and for many, as some languages count.
final class Plural {
  private Plural() {}

  /// The word for a number.
  ///
  /// @param number below 0 where it is not known: then the last word
  /// @param words the words, separated by colons
  static String choose(Language language, long number, String words) {
    List<String> all = List.of(words.split(":", -1));
    if (number < 0) {
      return all.getLast();
    }
    String tag = language.tag().replaceAll("-.*", "");
    if (isOne(tag, number)) {
      return all.getFirst();
    }
    return all.size() > 2 && isFew(tag, number) ? all.get(1) : all.getLast();
  }

  private static boolean isOne(String tag, long number) {
    return switch (tag) {
      case "fr", "pt" -> number < 2;
      case "ru", "uk", "be", "sr", "hr", "bs" -> number % 10 == 1 && number % 100 != 11;
      default -> number == 1;
    };
  }

  /// By the rules of Unicode's CLDR, the two of Arabic counted among the few.
  private static boolean isFew(String tag, long number) {
    return switch (tag) {
      case "ar" -> number % 100 >= (number < 100 ? 2 : 3) && number % 100 <= 10;
      case "cs", "sk" -> number >= 2 && number <= 4;
      case "ru", "uk", "be", "sr", "hr", "bs", "pl" ->
          number % 10 >= 2 && number % 10 <= 4 && (number % 100 < 12 || number % 100 > 14);
      default -> false;
    };
  }
}
