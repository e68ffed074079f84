package io.whygate.gateway.config.reading;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigSyntax;
import java.util.List;

/// A JSON object that another program sent. What is absent or of another type reads as empty.
public final class Json {
  private final Config config;

  private Json(Config config) {
    this.config = config;
  }

  /// @throws IllegalArgumentException if the text is no JSON object
  public static Json parse(String text) {
    try {
      return new Json(
          ConfigFactory.parseString(
              text, ConfigParseOptions.defaults().setSyntax(ConfigSyntax.JSON)));
    } catch (ConfigException failure) {
      throw new IllegalArgumentException("not a JSON object: " + failure.getMessage(), failure);
    }
  }

  /// A text, a number or a boolean as text.
  public String text(String path) {
    try {
      return config.hasPath(path) ? config.getString(path) : "";
    } catch (ConfigException.WrongType _) {
      return "";
    }
  }

  /// Whether there is anything at a path.
  public boolean has(String path) {
    return config.hasPath(path);
  }

  /// A number; 0 where it is absent.
  public long number(String path) {
    try {
      return config.hasPath(path) ? config.getNumber(path).longValue() : 0;
    } catch (ConfigException.WrongType _) {
      return 0;
    }
  }

  /// The texts of a list.
  public List<String> texts(String path) {
    try {
      return config.hasPath(path) ? config.getStringList(path) : List.of();
    } catch (ConfigException.WrongType _) {
      return List.of();
    }
  }

  /// The objects of a list.
  public List<Json> objects(String path) {
    try {
      return config.hasPath(path)
          ? config.getConfigList(path).stream().<Json>map(Json::new).toList()
          : List.of();
    } catch (ConfigException.WrongType _) {
      return List.of();
    }
  }
}
