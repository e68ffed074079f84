package io.whygate.gateway.config.reading;

import com.typesafe.config.ConfigOrigin;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/// The files that one configuration depends on, and the reading of them.
final class SourceFiles {
  private static final long MAX_BYTES = 4L << 20;

  private final Set<Path> wanted = new LinkedHashSet<>();

  /// Counts a file among those whose change may change the configuration.
  void depend(Path file) {
    wanted.add(file.toAbsolutePath().normalize());
  }

  Set<Path> all() {
    return wanted;
  }

  /// The bytes of a file that a setting names; nothing, and a problem, where it cannot be read.
  Optional<byte[]> read(Setting setting, String what) {
    Optional<Path> file = path(setting);
    if (file.isEmpty()) {
      return Optional.empty();
    }
    depend(file.get());
    try {
      if (Files.size(file.get()) > MAX_BYTES) {
        setting.reject(setting.found() + " has more than 4MiB", what);
        return Optional.empty();
      }
      return Optional.of(Files.readAllBytes(file.get()));
    } catch (IOException failure) {
      setting.reject(setting.found() + " " + why(failure, file.get()), what);
      return Optional.empty();
    }
  }

  /// A path, which counts from the folder of the file that names it.
  static Optional<Path> path(Setting setting) {
    return setting.parse(
        "a file's path",
        text -> {
          try {
            return text.isEmpty()
                ? Optional.empty()
                : Optional.of(folder(setting.place()).resolve(text));
          } catch (InvalidPathException _) {
            return Optional.empty();
          }
        });
  }

  private static Path folder(ConfigOrigin origin) {
    Place place = Place.of(origin);
    Path parent = place.isFile() ? Path.of(place.file()).getParent() : null;
    return parent == null ? Path.of("") : parent;
  }

  /// Why a file cannot be read, as the end of a sentence.
  static String why(IOException failure, Path file) {
    return switch (failure) {
      case NoSuchFileException _ -> "is not there";
      case AccessDeniedException _ -> "may not be read by this user";
      case IOException _ when Files.isDirectory(file) -> "is a folder";
      default -> "cannot be read: " + failure.getMessage();
    };
  }
}
