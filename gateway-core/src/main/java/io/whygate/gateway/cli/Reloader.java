package io.whygate.gateway.cli;

import io.whygate.gateway.config.InvalidConfigException;
import io.whygate.gateway.config.LoadedConfig;
import io.whygate.gateway.config.Problem;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads the configuration again and applies it, whole or not at all, one reload at a time.
///
/// A file's change, a signal and the admin interface all end here. Blocks: never on an event loop.
final class Reloader {
  private static final Logger LOG = LoggerFactory.getLogger(Reloader.class);

  private final ConfigSource source;
  private final RunningGateway gateway;
  private final Consumer<Set<Path>> watched;

  /// @param watched is told which files count from now on, after each reading
  Reloader(ConfigSource source, RunningGateway gateway, Consumer<Set<Path>> watched) {
    this.source = source;
    this.gateway = gateway;
    this.watched = watched;
  }

  /// @param because what asked for it, such as `a file changed`
  synchronized ReloadResult reload(String because) {
    try {
      LoadedConfig config = source.load();
      watched.accept(config.files());
      List<String> changes = gateway.apply(config);
      LOG.info(
          "reloaded, because {}: {}",
          because,
          changes.isEmpty() ? "nothing is different" : String.join("; ", changes));
      config.warnings().forEach(warning -> LOG.warn("{}", warning));
      return remember(because, new ReloadResult.Applied(changes));
    } catch (InvalidConfigException failure) {
      watched.accept(failure.files());
      return reject(because, failure.problems());
    } catch (CannotRunException failure) {
      String message = String.valueOf(failure.getMessage());
      return reject(
          because, List.of(new Problem("", 0, "", message, "a configuration that can be applied")));
    }
  }

  private ReloadResult reject(String because, List<Problem> problems) {
    LOG.error(
        "not reloaded, though {}: {} in the configuration; what was in force still is",
        because,
        problems.size() == 1 ? "a problem" : problems.size() + " problems");
    problems.forEach(problem -> LOG.error("{}", problem));
    return remember(because, new ReloadResult.Rejected(problems));
  }

  private ReloadResult remember(String because, ReloadResult result) {
    gateway.reloaded(because, result);
    return result;
  }
}
