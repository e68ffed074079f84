package io.whygate.diagnostics.page;

import io.whygate.diagnostics.verdict.Cause;
import io.whygate.diagnostics.verdict.StepReport;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Function;
import java.util.regex.Pattern;

/// Every text of one language, by key. Immutable.
///
/// A text may have places: `{0}` for the first argument of a step's note, `{0?second:seconds}` for
/// the word that goes with its number ([Plural]), `{host}` for a parameter.
final class Texts {
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm");
  private static final Pattern OPERATORS_PART =
      Pattern.compile("^cause\\..*\\.(why|fix\\.[0-9]+)$");

  private final Language language;
  private final Map<String, String> texts;

  private Texts(Language language, Map<String, String> texts) {
    this.language = language;
    this.texts = Map.copyOf(texts);
  }

  /// The texts of a language with an operator's own in their stead. What only operators read is
  /// English where the language has no words of its own for it.
  ///
  /// @throws IllegalArgumentException for own texts that [OwnTexts] finds fault with
  static Texts of(Language language, Map<String, String> own) {
    if (!own.isEmpty() || !language.isBuiltIn()) {
      Optional<OwnTexts.Fault> fault = OwnTexts.check(language, own);
      if (fault.isPresent()) {
        throw new IllegalArgumentException(fault.get().toString());
      }
    }
    Map<String, String> texts = read(Language.ENGLISH.tag());
    if (language.isBuiltIn()) {
      texts.putAll(read(language.tag()));
    }
    texts.putAll(own);
    return new Texts(language, texts);
  }

  /// Whether only operators read the text of a key.
  static boolean isForOperators(String key) {
    return key.startsWith("host.") || OPERATORS_PART.matcher(key).find();
  }

  /// The texts of the resource `texts/NAME.properties`.
  static Map<String, String> read(String name) {
    Properties properties = new Properties();
    try {
      properties.load(new StringReader(Resources.read("texts/" + name + ".properties")));
    } catch (IOException e) {
      throw new UncheckedIOException(name, e);
    }
    Map<String, String> texts = new HashMap<>();
    properties.stringPropertyNames().forEach(k -> texts.put(k, properties.getProperty(k)));
    return texts;
  }

  Language language() {
    return language;
  }

  Map<String, String> all() {
    return texts;
  }

  /// The text of a key. A missing one is a fault of the program, which tests rule out.
  String get(String key) {
    String text = texts.get(key);
    if (text == null) {
      throw new AssertionError(language.tag() + ": " + key);
    }
    return text;
  }

  Optional<String> find(String key) {
    return Optional.ofNullable(texts.get(key));
  }

  String title(Cause cause) {
    return get("cause." + cause.code() + ".title");
  }

  String detail(Cause cause) {
    return get("cause." + cause.code() + ".detail");
  }

  /// What a visitor can do.
  String advice(Cause cause) {
    return get("cause." + cause.code() + ".advice");
  }

  /// What a check found, as a sentence. The one that found the fault says which it is.
  String finding(StepReport step, Cause cause) {
    return switch (step.note()) {
      case SERVER_FAILED, DNS_FAILED, FIREWALL_FAILED, CODE_FAILED, HOST_FAILED -> title(cause);
      default -> fill(get("note." + step.note().name()), step.arguments());
    };
  }

  /// How a check came out, in a word or two.
  String state(StepReport step) {
    String key = "state." + step.state().code();
    return find(key + "." + step.step().code()).orElseGet(() -> get(key));
  }

  /// A text with its places `{name}` filled.
  String fill(String key, String name, String value) {
    return fill(get(key), place -> place.equals(name) ? Optional.of(value) : Optional.empty());
  }

  /// A moment as a clock shows it, in UTC.
  static String clock(Instant moment) {
    return TIME.format(moment.atOffset(ZoneOffset.UTC)) + " UTC";
  }

  /// A length of time in words, in the unit that suits.
  String duration(Duration duration) {
    long millis = duration.toMillis();
    if (millis < 1000) {
      return fill(get("unit.milliseconds"), List.of(millis));
    }
    long seconds = (millis + 500) / 1000;
    if (seconds < 120) {
      return fill(get("unit.seconds"), List.of(seconds));
    }
    long minutes = (seconds + 30) / 60;
    if (minutes < 120) {
      return fill(get("unit.minutes"), List.of(minutes));
    }
    return fill(get("unit.hours"), List.of((minutes + 30) / 60));
  }

  /// A text with its places filled from values by name.
  String fill(String key, Map<String, ?> values) {
    return fill(get(key), place -> word(place, name -> Optional.ofNullable(values.get(name))));
  }

  private String fill(String text, List<Object> arguments) {
    return fill(
        text,
        place ->
            word(
                place,
                name -> {
                  int index = index(name);
                  return index < 0
                      ? Optional.empty()
                      : Optional.of(index < arguments.size() ? arguments.get(index) : "…");
                }));
  }

  /// What stands in a place: a value, or the word that goes with a number.
  private Optional<String> word(String place, Function<String, Optional<?>> values) {
    int question = place.indexOf('?');
    String name = question < 0 ? place : place.substring(0, question);
    return values
        .apply(name)
        .map(value ->
            question < 0
                ? value instanceof Duration d ? duration(d) : String.valueOf(value)
                : Plural.choose(
                    language,
                    value instanceof Number n ? n.longValue() : -1,
                    place.substring(question + 1)));
  }

  private static int index(String text) {
    return text.length() == 1 && Character.isDigit(text.charAt(0)) ? text.charAt(0) - '0' : -1;
  }

  /// A text with its places filled; a place for which there is nothing stays as it is.
  static String fill(String text, Function<String, Optional<String>> places) {
    int open = text.indexOf('{');
    if (open < 0) {
      return text;
    }
    StringBuilder out = new StringBuilder(text.length() + 32);
    int from = 0;
    while (open >= 0) {
      int close = text.indexOf('}', open);
      if (close < 0) {
        break;
      }
      Optional<String> value = places.apply(text.substring(open + 1, close));
      if (value.isPresent()) {
        out.append(text, from, open).append(value.get());
      } else {
        out.append(text, from, close + 1);
      }
      from = close + 1;
      open = text.indexOf('{', from);
    }
    return out.append(text, from, text.length()).toString();
  }
}
