package io.whygate.gateway.config.reading;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import com.typesafe.config.ConfigValueType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Shows a configuration in force as JSON: `{"config": ..., "origins": {KEY: "FILE:LINE"}}`.
///
/// Every value is there, the defaults too; `origins` has those that are no defaults. Secrets are
/// masked.
final class Rendering {
  private static final String MASK = "***";
  private static final Pattern HOOKS =
      Pattern.compile("\\.notifications\\.channels\\[\\d+]\\.url$");
  private static final Pattern SECRETS =
      Pattern.compile("[.-](token|password|secret|mac-key)$|\\.tracing\\.otlp\\.headers\\.");
  private static final Map<String, String> ELEMENT_DEFAULTS =
      Map.of(
          "listeners", "listener-defaults",
          "upstreams", "upstream-defaults",
          "routes", "route-defaults");

  private final Map<String, Object> origins = new LinkedHashMap<>();

  private Rendering() {}

  static String of(Section root) {
    Rendering rendering = new Rendering();
    ConfigObject whole = root.asDefaults().values();
    Object shown = rendering.show("whygate", withDefaults(whole));
    ConfigObject document =
        ConfigValueFactory.fromMap(
            Map.of("config", Map.of("whygate", shown), "origins", rendering.origins));
    return document.render(ConfigRenderOptions.concise());
  }

  /// The defaults of listeners, upstreams and routes put into each of them.
  private static ConfigObject withDefaults(ConfigObject whole) {
    ConfigObject result = whole;
    for (Map.Entry<String, String> pair : ELEMENT_DEFAULTS.entrySet()) {
      ConfigValue elements = whole.get(pair.getKey());
      ConfigValue defaults = whole.get(pair.getValue());
      if (elements instanceof ConfigList list) {
        List<ConfigValue> merged = new ArrayList<>();
        list.forEach(element -> merged.add(element.withFallback(defaults)));
        result = result.withValue(pair.getKey(), ConfigValueFactory.fromIterable(merged));
      } else if (elements instanceof ConfigObject object) {
        ConfigObject merged = object;
        for (Map.Entry<String, ConfigValue> element : object.entrySet()) {
          merged = merged.withValue(element.getKey(), element.getValue().withFallback(defaults));
        }
        result = result.withValue(pair.getKey(), merged);
      }
      result = result.withoutKey(pair.getValue());
    }
    return result;
  }

  private @Nullable Object show(String path, ConfigValue value) {
    if (value instanceof ConfigObject object) {
      Map<String, @Nullable Object> shown = new LinkedHashMap<>();
      object.forEach((key, below) -> shown.put(key, show(Setting.join(path, key), below)));
      return shown;
    }
    if (value instanceof ConfigList list) {
      List<@Nullable Object> shown = new ArrayList<>();
      for (int i = 0; i < list.size(); i++) {
        shown.add(show(path + "[" + i + "]", list.get(i)));
      }
      return shown;
    }
    note(path, value);
    return mask(path, value);
  }

  private static @Nullable Object mask(String path, ConfigValue value) {
    if (value.valueType() == ConfigValueType.NULL) {
      return null;
    }
    String text = String.valueOf(value.unwrapped());
    boolean secret = SECRETS.matcher(path).find() || text.contains("-----BEGIN");
    if (secret && !text.isEmpty()) {
      return MASK;
    }
    // Who knows the address of a hook may write there.
    return HOOKS.matcher(path).find()
        ? text.replaceFirst("^([a-z]+://[^/]*).*", "$1/" + MASK)
        : value.unwrapped();
  }

  private void note(String path, ConfigValue value) {
    ConfigOrigin origin = value.origin();
    if (!Place.isDefault(origin)) {
      origins.put(path, Place.of(origin).toString());
    }
  }
}
