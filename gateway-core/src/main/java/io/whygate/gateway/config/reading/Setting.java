package io.whygate.gateway.config.reading;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// One value of a configuration, read as the type that is wanted.
///
/// A value that is missing or wrong is reported, and a stand-in is returned so that reading goes
/// on: a configuration with a problem is never used.
///
/// @param key the full path
/// @param value what stands there; absent where nothing does
/// @param place where it stands, or where it would have to
record Setting(String key, @Nullable ConfigValue value, ConfigOrigin place, Problems problems) {
  private static final int SHOWN = 80;

  boolean isPresent() {
    return value != null;
  }

  /// Reports this value as wrong.
  void reject(String expected) {
    reject(found(), expected);
  }

  /// Reports something about this value.
  void reject(String found, String expected) {
    if (!HoconSource.isUnresolved(value)) {
      problems.add(place, key, found, expected);
    }
  }

  /// Reports that a list is empty, or not there at all.
  void rejectAbsent(String expected) {
    boolean isDefault = value != null && Place.isDefault(value.origin());
    reject(isDefault ? "missing" : found(), expected);
  }

  /// Reports something about this value that does not keep it from being used.
  void warn(String found, String expected) {
    problems.warn(place, key, found, expected);
  }

  /// Reports this value, which is not there, at the place of another one that asks for it.
  void rejectAt(Setting other, String found, String expected) {
    problems.add(other.place, key, found, expected);
  }

  String found() {
    if (value == null) {
      return "missing";
    }
    if (key.matches(".*(token|password|secret|mac-key)")) {
      return "\"***\"";
    }
    String rendered = value.render(ConfigRenderOptions.concise());
    String text = rendered.replaceAll("//[^/@\"]*@", "//***@");
    return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "...";
  }

  String text() {
    Optional<String> text = scalar();
    if (text.isEmpty()) {
      reject("a text");
    }
    return text.orElse("");
  }

  /// The text without the white space around it, or nothing where it is empty.
  Optional<String> optionalText() {
    return Optional.of(text().strip()).filter(text -> !text.isEmpty());
  }

  boolean isWord(String word) {
    return value != null && word.equals(value.unwrapped());
  }

  /// Whether it is a text that begins so.
  boolean startsWith(String beginning) {
    return scalar().map(String::strip).orElse("").startsWith(beginning);
  }

  boolean isEmptyList() {
    return value instanceof ConfigList list && list.isEmpty();
  }

  boolean flag() {
    return read(
        "true or false",
        text ->
            switch (text.toLowerCase(Locale.ROOT)) {
              case "true", "on", "yes" -> Optional.of(true);
              case "false", "off", "no" -> Optional.of(false);
              default -> Optional.empty();
            },
        false);
  }

  int integer(int min, int max) {
    String expected = "a whole number, " + min + " to " + max;
    return read(expected, text -> whole(text, min, max), (long) min).intValue();
  }

  Duration duration(Duration min, Duration max) {
    return read(
        "a duration with its unit, " + Units.show(min) + " to " + Units.show(max) + ", such as 5s",
        text -> Units.duration(text).filter(d -> d.compareTo(min) >= 0 && d.compareTo(max) <= 0),
        min);
  }

  /// A size in bytes.
  long size(long min, long max) {
    String range = Units.showSize(min) + " to " + Units.showSize(max);
    return read(
        "a size with its unit, " + range + ", such as 64KiB",
        text -> Units.size(text).filter(size -> size >= min && size <= max),
        min);
  }

  int percent(int min, int max) {
    return read(
            "a percentage, " + min + "% to " + max + "%",
            text ->
                text.endsWith("%")
                    ? whole(text.substring(0, text.length() - 1).strip(), min, max)
                    : Optional.empty(),
            (long) min)
        .intValue();
  }

  /// A percentage with or without a fraction, as a share of 1.
  double share() {
    return read(
        "a percentage, 0% to 100%, such as 0.5%",
        text ->
            text.matches("[0-9]{1,3}(\\.[0-9]{1,6})?\\s*%")
                ? Optional.of(Double.parseDouble(text.replace("%", "").strip()) / 100)
                    .filter(share -> share <= 1)
                : Optional.empty(),
        0.0);
  }

  /// One of an enumeration's constants, written in lower case with dashes.
  <E extends Enum<E>> E choice(Class<E> type) {
    List<E> constants = List.of(type.getEnumConstants());
    return read(
        String.join(", ", constants.stream().map(Setting::dashed).toList()),
        text -> constants.stream().filter(one -> dashed(one).equals(text)).findFirst(),
        constants.getFirst());
  }

  /// The elements of a list.
  List<Setting> elements(String what) {
    if (value instanceof ConfigList list) {
      List<Setting> elements = new ArrayList<>();
      for (int i = 0; i < list.size(); i++) {
        ConfigValue element = list.get(i);
        elements.add(new Setting(key + "[" + i + "]", element, element.origin(), problems));
      }
      return elements;
    }
    reject("a list of " + what);
    return List.of();
  }

  /// The elements of a list, or the one value that stands in its place.
  List<Setting> elementsOrOne(String what) {
    return value != null && value.valueType() == ConfigValueType.STRING
        ? List.of(this)
        : elements(what);
  }

  /// The elements of a list, each read by the function; those it rejects are left out.
  <T> List<T> each(String what, Function<Setting, Optional<T>> read) {
    return elements(what).stream().flatMap(element -> read.apply(element).stream()).toList();
  }

  /// The keys and values of an object whose keys are free.
  List<Setting> entries(String what) {
    if (!(value instanceof ConfigObject object)) {
      reject("an object: " + what);
      return List.of();
    }
    List<Setting> entries = new ArrayList<>();
    object.forEach((name, entry) ->
        entries.add(new Setting(join(key, name), entry, entry.origin(), problems)));
    entries.sort(Comparator.comparingInt(entry -> entry.place.lineNumber()));
    return entries;
  }

  /// The last part of the key, without quotes.
  String name() {
    return ConfigUtil.splitPath(key.replaceAll("\\[\\d+]", "")).getLast();
  }

  static String join(String path, String name) {
    String quoted = ConfigUtil.joinPath(name);
    return path.isEmpty() ? quoted : path + "." + quoted;
  }

  /// The value as the function reads it; where that has no answer the value is rejected.
  <T> Optional<T> parse(String expected, Function<String, Optional<T>> parse) {
    Optional<T> read = scalar().map(String::strip).flatMap(parse);
    if (read.isEmpty()) {
      reject(expected);
    }
    return read;
  }

  private <T> T read(String expected, Function<String, Optional<T>> parse, T standIn) {
    return parse(expected, parse).orElse(standIn);
  }

  private Optional<String> scalar() {
    if (value == null) {
      return Optional.empty();
    }
    return switch (value.valueType()) {
      case STRING, BOOLEAN -> Optional.of(String.valueOf(value.unwrapped()));
      case NUMBER -> Optional.of(value.render());
      case OBJECT, LIST, NULL -> Optional.empty();
    };
  }

  private static Optional<Long> whole(String text, long min, long max) {
    try {
      return Optional.of(Long.parseLong(text)).filter(n -> n >= min && n <= max);
    } catch (NumberFormatException _) {
      return Optional.empty();
    }
  }

  static String dashed(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
