package io.whygate.gateway.config.reading;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigResolveOptions;
import com.typesafe.config.ConfigResolver;
import com.typesafe.config.ConfigSyntax;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import io.whygate.gateway.config.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Parses a HOCON file with what it includes, and resolves its substitutions.
final class HoconSource {
  /// Stands where a substitution had no value, so that this is reported once alone.
  private static final String MARK = "\u0000unresolved";

  private static final Pattern UNRESOLVED = Pattern.compile("\\$\\{([^}]*)}");

  /// What HOCON's parser adds to a message: advice about quoting and other file formats, and the
  /// values themselves, which may be secret.
  private static final Pattern ADDED =
      Pattern.compile(
          " \\((if you|JSON does|backslash).*"
              + "|, (Unquoted|Quoted|Simple|Config)\\w*\\(.*"
              + "|( by token)?: '\\$\\{.*",
          Pattern.DOTALL);

  private static final int SHOWN = 200;

  private static final List<String> UPSTREAMS = List.of("whygate", "upstreams");

  private final Problems problems;
  private final SourceFiles files;

  HoconSource(Problems problems, SourceFiles files) {
    this.problems = problems;
    this.files = files;
  }

  /// The defaults that come with the program, without the comments: those are for people, and to
  /// parse them takes as long as all else in the file.
  static ConfigObject defaults() {
    return ConfigFactory.parseString(
            withoutComments(reference()),
            ConfigParseOptions.defaults().setOriginDescription(Place.DEFAULTS))
        .root();
  }

  /// The text of the defaults. Not by HOCON's way to resources, which opens every archive of the
  /// class path to look for more of that name.
  private static String reference() {
    try (InputStream in = HoconSource.class.getResourceAsStream("/" + Place.DEFAULTS)) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The same lines, empty where there was a comment alone.
  private static String withoutComments(String text) {
    StringBuilder rest = new StringBuilder(text.length());
    for (String line : text.split("\n", -1)) {
      String said = line.stripLeading();
      rest.append(said.startsWith("#") ? "" : said).append('\n');
    }
    return rest.toString();
  }

  /// Counts a file among those that the configuration depends on.
  void depend(Path file) {
    files.depend(file);
  }

  /// The file's content with every substitution resolved, those that may take a default's value
  /// too.
  Optional<ConfigObject> load(Path file, ConfigObject defaults) {
    return parse(file, List.of()).flatMap(root -> resolve(root.toConfig(), defaults));
  }

  /// @param within the files that include this one, outermost first
  Optional<ConfigObject> parse(Path file, List<Path> within) {
    files.depend(file);
    try {
      String text = Files.readString(file);
      ConfigObject root = ConfigFactory.parseFile(file.toFile(), options(file, within)).root();
      rejectRepeatedUpstreams(file, text);
      return Optional.of(root);
    } catch (ConfigException failure) {
      problems.add(syntax(failure));
    } catch (CharacterCodingException _) {
      problems.add(unreadable(file, "is not UTF-8 text"));
    } catch (IOException failure) {
      problems.add(unreadable(file, SourceFiles.why(failure, file)));
    }
    return Optional.empty();
  }

  /// HOCON would merge two upstreams of the same name into one.
  private void rejectRepeatedUpstreams(Path file, String text) {
    Map<List<String>, Integer> seen = new HashMap<>();
    for (ObjectKeys.Begin begin : ObjectKeys.of(text)) {
      boolean isUpstream = begin.path().size() == 3 && begin.path().subList(0, 2).equals(UPSTREAMS);
      Integer earlier = isUpstream ? seen.putIfAbsent(begin.path(), begin.line()) : null;
      if (earlier != null) {
        String key = ConfigUtil.joinPath(begin.path());
        String found = "the name is taken on line " + earlier;
        problems.add(new Problem(file.toString(), begin.line(), key, found, "a name of its own"));
      }
    }
  }

  private ConfigParseOptions options(Path file, List<Path> within) {
    return ConfigParseOptions.defaults()
        .setSyntax(ConfigSyntax.CONF)
        .setAllowMissing(false)
        .setIncluder(new Includes(this, problems, file, within));
  }

  /// Resolves what can be resolved. HOCON stops at the first substitution that has no value: each
  /// one is reported, counts as absent from then on, and the next is looked for.
  private Optional<ConfigObject> resolve(Config config, ConfigObject defaults) {
    Set<String> missing = new HashSet<>();
    ConfigResolveOptions options =
        ConfigResolveOptions.defaults().appendResolver(new Elsewhere(defaults.toConfig(), missing));
    while (true) {
      try {
        return Optional.of(config.resolve(options).root());
      } catch (ConfigException.UnresolvedSubstitution failure) {
        Matcher matcher = UNRESOLVED.matcher(String.valueOf(failure.getMessage()));
        String name = matcher.find() ? matcher.group(1) : "";
        problems.add(
            failure.origin(),
            "",
            "${" + name + "}",
            "a setting of this file or an environment variable; ${?" + name + "} may be absent");
        if (!missing.add(name)) {
          return Optional.empty();
        }
      } catch (ConfigException failure) {
        problems.add(syntax(failure));
        return Optional.empty();
      }
    }
  }

  /// Where substitutions are looked up that the file and the environment do not have.
  ///
  /// @param missing names that stand for nothing
  private record Elsewhere(Config defaults, Set<String> missing) implements ConfigResolver {
    @Override
    public @Nullable ConfigValue lookup(String path) {
      if (missing.contains(path)) {
        return ConfigValueFactory.fromAnyRef(MARK);
      }
      return defaults.hasPath(path) ? defaults.getValue(path) : null;
    }

    @Override
    public ConfigResolver withFallback(ConfigResolver fallback) {
      return this;
    }
  }

  static boolean isUnresolved(@Nullable ConfigValue value) {
    return value != null && String.valueOf(value.unwrapped()).contains(MARK);
  }

  private static Problem unreadable(Path file, String why) {
    return new Problem(file.toString(), 0, "", why, "a configuration file that can be read");
  }

  /// HOCON's message starts with the place, which is shown apart.
  private static Problem syntax(ConfigException failure) {
    String message = String.valueOf(failure.getMessage());
    ConfigOrigin origin = failure.origin();
    if (origin == null) {
      return new Problem("", 0, "syntax", brief(message), "HOCON");
    }
    String prefix = origin.description() + ": ";
    String text = message.startsWith(prefix) ? message.substring(prefix.length()) : message;
    if (text.contains("end of file")) {
      return Problems.problem(
          failure.origin(),
          "syntax",
          "the file ends within an object, a list or a text",
          "its end");
    }
    return Problems.problem(origin, "syntax", brief(text), "HOCON");
  }

  private static String brief(String message) {
    String text = ADDED.matcher(message).replaceAll("").replaceAll("\\s*\\R\\s*", " ");
    return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "...";
  }
}
