package io.whygate.gateway.cli;

import io.whygate.gateway.config.InvalidConfigException;
import io.whygate.gateway.config.LoadedConfig;
import io.whygate.gateway.config.Problem;
import io.whygate.gateway.config.Settings;
import io.whygate.gateway.config.reading.ConfigReader;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Validates a configuration file and prints every problem.
@Command(
    name = "check",
    description = "Validate a configuration file: every problem with file, line and key.",
    versionProvider = VersionText.class,
    mixinStandardHelpOptions = true)
final class CheckCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      description = "The file; config/gateway.conf unless given.")
  private @Nullable Path config;

  CheckCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    Path file = config == null ? ConfigOption.defaultFile() : config;
    try {
      LoadedConfig loaded = new ConfigReader().read(file);
      loaded.warnings().forEach(warning -> terminal.err().println("warning: " + warning));
      Settings settings = loaded.settings();
      terminal
          .out()
          .println(
              file
                  + ": good ("
                  + count(settings.listeners().size(), "listener")
                  + ", "
                  + count(settings.upstreams().size(), "upstream")
                  + ", "
                  + count(settings.routes().size(), "route")
                  + ")");
      return ExitCodes.OK;
    } catch (InvalidConfigException failure) {
      for (Problem problem : failure.problems()) {
        terminal.err().println(problem);
      }
      return ExitCodes.FAILED;
    }
  }

  private static String count(int number, String what) {
    return number + " " + what + (number == 1 ? "" : "s");
  }
}
