package io.whygate.gateway.config.reading;

import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigIncludeContext;
import com.typesafe.config.ConfigIncluder;
import com.typesafe.config.ConfigIncluderClasspath;
import com.typesafe.config.ConfigIncluderFile;
import com.typesafe.config.ConfigIncluderURL;
import com.typesafe.config.ConfigObject;
import io.whygate.gateway.config.Problem;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Follows the includes of one file: paths that count from its folder, nothing else.
final class Includes
    implements ConfigIncluder, ConfigIncluderFile, ConfigIncluderURL, ConfigIncluderClasspath {
  private final HoconSource source;
  private final Problems problems;
  private final Path file;
  private final List<Path> within;

  Includes(HoconSource source, Problems problems, Path file, List<Path> within) {
    this.source = source;
    this.problems = problems;
    this.file = file;
    this.within = within;
  }

  @Override
  public ConfigIncluder withFallback(ConfigIncluder fallback) {
    return this;
  }

  @Override
  public ConfigObject include(ConfigIncludeContext context, String what) {
    return follow(what);
  }

  @Override
  public ConfigObject includeFile(ConfigIncludeContext context, File what) {
    return follow(what.getPath());
  }

  @Override
  public ConfigObject includeURL(ConfigIncludeContext context, URL what) {
    return reject(what.toString(), "is a URL");
  }

  @Override
  public ConfigObject includeResources(ConfigIncludeContext context, String what) {
    return reject(what, "is on the class path");
  }

  private ConfigObject follow(String what) {
    Path target = file.resolveSibling(what);
    if (!Files.exists(target) && Files.exists(file.resolveSibling(what + ".conf"))) {
      target = file.resolveSibling(what + ".conf");
    }
    List<Path> outer = new ArrayList<>(within);
    outer.add(file.toAbsolutePath().normalize());
    if (outer.contains(target.toAbsolutePath().normalize())) {
      return reject(what, "includes this file again");
    }
    if (!Files.exists(target)) {
      source.depend(target);
      return reject(what, "is not there");
    }
    return source.parse(target, outer).orElseGet(() -> ConfigFactory.empty().root());
  }

  private ConfigObject reject(String what, String why) {
    problems.add(
        new Problem(
            file.toString(),
            line(what),
            "include",
            "\"" + what + "\" " + why,
            "a file, its path counted from the folder of this one"));
    return ConfigFactory.empty().root();
  }

  /// The line of the include, which HOCON does not tell.
  private int line(String what) {
    try {
      List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
      for (int i = 0; i < lines.size(); i++) {
        if (lines.get(i).contains("include") && lines.get(i).contains(what)) {
          return i + 1;
        }
      }
    } catch (IOException _) {
      // The problem is worth reporting without its line.
    }
    return 0;
  }
}
