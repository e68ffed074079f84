package io.whygate.gateway.config.reading;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import com.typesafe.config.ConfigValueType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// An object of a configuration whose keys are known: those of its defaults.
final class Section {
  private final String path;
  private final ConfigObject own;
  private final ConfigObject defaults;
  private final ConfigOrigin place;
  private final Problems problems;

  /// @param own what the file says
  /// @param defaults every key that may stand here, with its default; null for none
  Section(String path, ConfigObject own, ConfigObject defaults, Problems problems) {
    this(path, own, defaults, own.origin(), problems);
  }

  private Section(
      String path, ConfigObject own, ConfigObject defaults, ConfigOrigin place, Problems problems) {
    this.path = path;
    this.own = own;
    this.defaults = defaults;
    this.place = place;
    this.problems = problems;
    rejectUnknownKeys();
  }

  /// The element of a list, or the value of a free key, as a section; empty where it is no object.
  static Optional<Section> of(Setting setting, ConfigObject defaults) {
    if (setting.value() instanceof ConfigObject object) {
      return Optional.of(new Section(setting.key(), object, defaults, setting.problems()));
    }
    setting.reject("an object with " + names(defaults));
    return Optional.empty();
  }

  /// The value of a key: the file's, else the default.
  Setting get(String key) {
    ConfigValue value = present(own.get(key));
    if (value == null) {
      value = present(defaults.get(key));
    }
    if (value == null && !defaults.containsKey(key)) {
      throw new AssertionError("not in reference.conf: " + path + "." + key);
    }
    return new Setting(
        Setting.join(path, key), value, value == null ? place : value.origin(), problems);
  }

  /// Whether the file itself says something of the key.
  boolean isSet(String key) {
    return present(own.get(key)) != null;
  }

  /// The section with its defaults.
  ConfigObject whole() {
    return own.withFallback(defaults);
  }

  /// Reports the section as a whole.
  void rejectWhole(String found, String expected) {
    problems.add(place, path, found, expected);
  }

  /// The section below a key.
  Section section(String key) {
    if (!(defaults.get(key) instanceof ConfigObject below)) {
      throw new AssertionError("not a section of reference.conf: " + path + "." + key);
    }
    String full = Setting.join(path, key);
    ConfigValue value = present(own.get(key));
    if (value instanceof ConfigObject object) {
      return new Section(full, object, below, object.origin(), problems);
    }
    if (value != null) {
      new Setting(full, value, value.origin(), problems).reject("an object with " + names(below));
    }
    ConfigObject empty = ConfigValueFactory.fromMap(Map.of());
    return new Section(full, empty, below, place, problems);
  }

  /// An object with the given keys, none of which has a default.
  static ConfigObject required(String... keys) {
    Map<String, @Nullable Object> values = new HashMap<>();
    for (String key : keys) {
      values.put(key, null);
    }
    return ConfigValueFactory.fromMap(values);
  }

  private void rejectUnknownKeys() {
    own.forEach((key, value) -> {
      if (!defaults.containsKey(key)) {
        List<String> known = List.copyOf(defaults.keySet());
        String expected = Spelling.nearest(key, known).orElseGet(() -> names(defaults));
        problems.add(value.origin(), Setting.join(path, key), "unknown key", expected);
      }
    });
  }

  private static String names(ConfigObject defaults) {
    return String.join(", ", defaults.keySet().stream().sorted().toList());
  }

  private static @Nullable ConfigValue present(@Nullable ConfigValue value) {
    return value == null || value.valueType() == ConfigValueType.NULL ? null : value;
  }
}
