package io.whygate.diagnostics.page;

import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Looks over the texts of an operator's own before they are shown to anybody: each must have a key
/// that there is and no place that its text never had, and a language of their own must have every
/// text that visitors read.
public final class OwnTexts {
  private static final Pattern PLACE = Pattern.compile("\\{([^}?]*)(\\?[^}]*)?}");

  private OwnTexts() {}

  /// What is wrong with a text.
  ///
  /// @param key the key of the text
  public record Fault(String key, String found, String expected) {
    @Override
    public String toString() {
      return "text: " + key + found + " (expected: " + expected + ")";
    }
  }

  /// The first fault, by the order of the keys.
  ///
  /// @param own texts by key: of a built-in language those that differ, of another one all
  public static Optional<Fault> check(Language language, Map<String, String> own) {
    Map<String, String> english = Texts.read(Language.ENGLISH.tag());
    for (Map.Entry<String, String> each : new TreeMap<>(own).entrySet()) {
      String known = english.get(each.getKey());
      if (known == null) {
        String file = "texts/" + (language.isBuiltIn() ? language : Language.ENGLISH).tag();
        return Optional.of(new Fault(each.getKey(), "", "a key of " + file + ".properties"));
      }
      if (each.getValue().isBlank()) {
        return Optional.of(new Fault(each.getKey(), ": empty", "a text"));
      }
      SortedSet<String> strange = places(each.getValue());
      strange.removeAll(places(known));
      if (!strange.isEmpty()) {
        String wanted = places(known).isEmpty() ? "no place" : "of " + places(known);
        return Optional.of(
            new Fault(each.getKey(), ": the place {" + strange.getFirst() + "}", wanted));
      }
    }
    return language.isBuiltIn() ? Optional.empty() : missing(english, own);
  }

  private static Optional<Fault> missing(Map<String, String> english, Map<String, String> own) {
    return new TreeSet<>(english.keySet())
        .stream()
            .filter(key -> !Texts.isForOperators(key) && !own.containsKey(key))
            .findFirst()
            .map(key -> new Fault(key, ": missing", "every text that visitors read"));
  }

  /// The names of the places of a text, without its choices of words.
  static SortedSet<String> places(String text) {
    SortedSet<String> places = new TreeSet<>();
    Matcher matcher = PLACE.matcher(text);
    while (matcher.find()) {
      places.add(matcher.group(1));
    }
    return places;
  }
}
