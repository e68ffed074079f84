package io.whygate.gateway.config.reading;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValueFactory;
import io.whygate.gateway.config.InvalidConfigException;
import io.whygate.gateway.config.LoadedConfig;
import io.whygate.gateway.config.Problem;
import io.whygate.gateway.config.Settings;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Makes settings of a configuration file, or of what stands on the command line.
///
/// Everything that is wrong is found in one reading. Blocks on files: never on an event loop.
public final class ConfigReader {
  private static final String ROOT = "whygate";
  private static final String UPSTREAM = "site";

  private final ConfigObject defaults = HoconSource.defaults();

  /// The configuration of a file.
  ///
  /// @throws InvalidConfigException if it cannot be read or anything in it is wrong
  public LoadedConfig read(Path file) throws InvalidConfigException {
    Problems problems = new Problems();
    SourceFiles files = new SourceFiles();
    Optional<ConfigObject> document = new HoconSource(problems, files).load(file, defaults);
    if (document.isEmpty()) {
      throw new InvalidConfigException(problems.inOrder(), files.all());
    }
    return settings(document.get(), problems, files);
  }

  /// The configuration that the options of `whygate run` make: one upstream for everything.
  ///
  /// @param listen `ADDRESS:PORT` of each listener
  /// @param to the URLs of the endpoints
  /// @param admin `ADDRESS:PORT` of the admin interface, `off` for none, or empty for the default
  /// @throws InvalidConfigException if an option's value is wrong
  public LoadedConfig ofOptions(List<String> listen, List<String> to, String admin)
      throws InvalidConfigException {
    Map<String, Object> whygate = new LinkedHashMap<>();
    whygate.put("listeners", listen.stream().map(bind -> Map.of("bind", bind)).toList());
    whygate.put("upstreams", Map.of(UPSTREAM, Map.of("endpoints", to)));
    whygate.put("routes", List.of(Map.of("upstream", UPSTREAM)));
    if (admin.equals("off")) {
      whygate.put("admin", Map.of("enabled", false));
    } else if (!admin.isEmpty()) {
      whygate.put("admin", Map.of("bind", admin));
    }
    try {
      return ofValues(whygate, "command line");
    } catch (InvalidConfigException failure) {
      List<Problem> problems = failure.problems().stream().map(ConfigReader::asOption).toList();
      throw new InvalidConfigException(problems, failure.files());
    }
  }

  /// The configuration that a program makes.
  ///
  /// @param whygate what would stand below the root key: texts, numbers, booleans, lists and maps
  /// @param origin what problems name in place of a file
  /// @throws InvalidConfigException if a value is wrong
  public LoadedConfig ofValues(Map<String, ?> whygate, String origin)
      throws InvalidConfigException {
    ConfigObject document = ConfigValueFactory.fromMap(Map.of(ROOT, whygate), origin);
    return settings(document, new Problems(), new SourceFiles());
  }

  private LoadedConfig settings(ConfigObject document, Problems problems, SourceFiles files)
      throws InvalidConfigException {
    Section root =
        new Section("", document, new Section.Defaults("", defaults), problems).section(ROOT);
    Settings settings = new SettingsReader(root, files).read();
    if (!problems.isEmpty()) {
      throw new InvalidConfigException(problems.inOrder(), files.all());
    }
    return new LoadedConfig(settings, files.all(), problems.warnings(), new Shown(root)::json);
  }

  /// Made when it is asked for first: few ask, and a start does not wait for it.
  private static final class Shown {
    private @Nullable Section root;
    private String json = "";

    Shown(Section root) {
      this.root = root;
    }

    synchronized String json() {
      if (root != null) {
        json = Rendering.of(root);
        root = null;
      }
      return json;
    }
  }

  /// The same problem, told of the option that it came from.
  private static Problem asOption(Problem problem) {
    String key = problem.key().replaceFirst("^" + ROOT + "\\.", "");
    String option =
        key.startsWith("listeners")
            ? "--listen"
            : key.startsWith("upstreams") ? "--to" : key.startsWith("admin") ? "--admin" : key;
    return new Problem("", 0, option, problem.found(), problem.expected());
  }
}
