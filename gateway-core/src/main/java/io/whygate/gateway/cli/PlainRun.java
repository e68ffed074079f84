package io.whygate.gateway.cli;

import io.whygate.gateway.config.reading.ConfigReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The command line of almost every start, `run` with a configuration file, with an address and a
/// URL, or with nothing, read without the library for command lines: to load that takes as long as
/// all else of a start. Whatever is not so plain (other options, mistakes, `--help`) is
/// [RunCommand]'s.
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
      default -> options(args);
    };
  }

  /// By `--listen`, `--to` and `--admin` alone, each with its value behind it.
  private static Optional<ConfigSource> options(String... args) {
    List<String> listen = new ArrayList<>();
    List<String> to = new ArrayList<>();
    String admin = "";
    for (int i = 1; i < args.length; i += 2) {
      String value = i + 1 < args.length ? args[i + 1] : "";
      if (value.isEmpty() || value.startsWith("-")) {
        return Optional.empty();
      }
      switch (args[i]) {
        case "--listen" -> listen.add(value);
        case "--to" -> to.add(value);
        case "--admin" -> {
          if (!admin.isEmpty()) {
            return Optional.empty();
          }
          admin = value;
        }
        default -> {
          return Optional.empty();
        }
      }
    }
    String chosen = admin;
    ConfigReader reader = new ConfigReader();
    return listen.isEmpty() || to.isEmpty()
        ? Optional.empty()
        : Optional.of(() -> reader.ofOptions(listen, to, chosen));
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
