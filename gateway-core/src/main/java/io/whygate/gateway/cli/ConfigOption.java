package io.whygate.gateway.cli;

import java.nio.file.Files;
import java.nio.file.Path;

/// Finds the configuration file that is meant where none is named.
final class ConfigOption {
  static final Path DEFAULT = Path.of("config", "gateway.conf");

  private ConfigOption() {}

  /// The default file below the working folder, else below the installation's.
  static Path defaultFile() {
    String home = System.getProperty("whygate.home", "");
    Path installed = Path.of(home).resolve(DEFAULT);
    boolean useInstalled = !home.isEmpty() && !Files.exists(DEFAULT) && Files.exists(installed);
    return useInstalled ? installed : DEFAULT;
  }
}
