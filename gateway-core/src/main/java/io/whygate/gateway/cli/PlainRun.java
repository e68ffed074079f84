package io.whygate.gateway.cli;

import io.whygate.gateway.config.reading.ConfigReader;
import java.nio.file.Path;
import java.util.Optional;

/// The command line of almost every start, `run` with a configuration file or without, read without
/// the library for command lines: to load that takes as long as all else of a start. Whatever is
/// not so plain (other options, mistakes, `--help`) is [RunCommand]'s.
final class PlainRun {
  private PlainRun() {}

  /// The configuration that is meant; empty where the command line is not so plain.
  static Optional<ConfigSource> read(String... args) {
    if (args.length == 0 || !args[0].equals("run")) {
      return Optional.empty();
    }
    return switch (args.length) {
      case 1 -> Optional.of(file(ConfigOption.defaultFile()));
      case 2 ->
          args[1].startsWith("--config=")
              ? named(args[1].substring("--config=".length()))
              : Optional.empty();
      case 3 ->
          args[1].equals("--config") || args[1].equals("-c") ? named(args[2]) : Optional.empty();
      default -> Optional.empty();
    };
  }

  private static Optional<ConfigSource> named(String file) {
    return file.isEmpty() || file.startsWith("-")
        ? Optional.empty()
        : Optional.of(file(Path.of(file)));
  }

  private static ConfigSource file(Path file) {
    ConfigReader reader = new ConfigReader();
    return () -> reader.read(file);
  }
}
