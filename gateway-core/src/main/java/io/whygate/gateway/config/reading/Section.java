package io.whygate.gateway.config.reading;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import com.typesafe.config.ConfigValueType;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// An object of a configuration whose keys are known: those of its defaults.
final class Section {
  private final String path;
  private final ConfigObject own;
  private final Defaults defaults;
  private final ConfigOrigin place;
  private final Problems problems;

  /// Every key that may stand in a section, with its default; null for none. An empty object stands
  /// for keys that are free.
  ///
  /// @param path where they stand themselves
  record Defaults(String path, ConfigObject values) {

    /// The given keys, none of which has a default.
    static Defaults none(String... keys) {
      Map<String, @Nullable Object> values = new HashMap<>();
      for (String key : keys) {
        values.put(key, null);
      }
      return new Defaults("", ConfigValueFactory.fromMap(values));
    }

    Defaults below(String key) {
      if (!(values.get(key) instanceof ConfigObject below)) {
        throw new AssertionError("not a section of reference.conf: " + path + "." + key);
      }
      return new Defaults(Setting.join(path, key), below);
    }

    String names() {
      return String.join(", ", values.keySet().stream().sorted().toList());
    }
  }

  /// @param own what the file says
  Section(String path, ConfigObject own, Defaults defaults, Problems problems) {
    this(path, own, defaults, own.origin(), problems);
  }

  private Section(
      String path, ConfigObject own, Defaults defaults, ConfigOrigin place, Problems problems) {
    this.path = path;
    this.own = own;
    this.defaults = defaults;
    this.place = place;
    this.problems = problems;
    rejectUnknownKeys();
  }

  /// The element of a list, or the value of a free key, as a section; empty where it is no object.
  static Optional<Section> of(Setting setting, Defaults defaults) {
    if (setting.value() instanceof ConfigObject object) {
      return Optional.of(new Section(setting.key(), object, defaults, setting.problems()));
    }
    setting.reject("an object with " + defaults.names());
    return Optional.empty();
  }

  /// The value of a key: the file's, else the default.
  Setting get(String key) {
    String full = Setting.join(path, key);
    ConfigValue value = present(own.get(key));
    if (value != null) {
      return new Setting(full, value, value.origin(), problems);
    }
    if (!defaults.values().containsKey(key)) {
      throw new AssertionError("not in reference.conf: " + full);
    }
    ConfigValue standard = present(defaults.values().get(key));
    return standard == null || Place.isDefault(standard.origin())
        ? new Setting(full, standard, place, problems)
        : new Setting(Setting.join(defaults.path(), key), standard, standard.origin(), problems);
  }

  /// Whether the file itself says something of the key.
  boolean isSet(String key) {
    return present(own.get(key)) != null;
  }

  /// This section as the defaults of others: what it does not say it has from its own defaults.
  Defaults asDefaults() {
    Map<String, @Nullable ConfigValue> values = new HashMap<>();
    for (Map.Entry<String, ConfigValue> known : defaults.values().entrySet()) {
      String key = known.getKey();
      boolean isSection = known.getValue() instanceof ConfigObject below && !below.isEmpty();
      values.put(key, isSection ? section(key).asDefaults().values() : get(key).value());
    }
    return new Defaults(path, ConfigValueFactory.fromMap(values));
  }

  /// Reports the section as a whole.
  void rejectWhole(String found, String expected) {
    problems.add(place, path, found, expected);
  }

  /// The section below a key.
  Section section(String key) {
    Defaults below = defaults.below(key);
    String full = Setting.join(path, key);
    ConfigValue value = present(own.get(key));
    if (value instanceof ConfigObject object) {
      return new Section(full, object, below, object.origin(), problems);
    }
    if (value != null) {
      new Setting(full, value, value.origin(), problems).reject("an object with " + below.names());
    }
    ConfigObject empty = ConfigValueFactory.fromMap(Map.of());
    return new Section(full, empty, below, place, problems);
  }

  private void rejectUnknownKeys() {
    own.forEach((key, value) -> {
      if (!defaults.values().containsKey(key)) {
        String expected =
            Spelling.nearest(key, defaults.values().keySet()).orElseGet(defaults::names);
        problems.add(value.origin(), Setting.join(path, key), "unknown key", expected);
      }
    });
  }

  private static @Nullable ConfigValue present(@Nullable ConfigValue value) {
    return value == null || value.valueType() == ConfigValueType.NULL ? null : value;
  }
}
