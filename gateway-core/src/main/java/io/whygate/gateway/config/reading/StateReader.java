package io.whygate.gateway.config.reading;

import static io.whygate.gateway.config.reading.Bounds.DAY;
import static io.whygate.gateway.config.reading.Bounds.KIB;
import static io.whygate.gateway.config.reading.Bounds.MIB;

import io.whygate.gateway.config.Settings.StateSettings;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/// Reads what is kept over a restart, and where.
final class StateReader {
  private static final String BY_SYSTEMD = "STATE_DIRECTORY";
  private static final Path USUAL = Path.of("/var/lib/whygate");

  private StateReader() {}

  static StateSettings read(Section section) {
    return new StateSettings(
        directory(section.get("directory")),
        section.get("save-every").duration(Duration.ofMillis(100), DAY),
        (int) section.get("max-memory").size(64 * KIB, 256 * MIB),
        section.get("max-journal").size(64 * KIB, 1024 * MIB));
  }

  private static Optional<Path> directory(Setting setting) {
    if (setting.isWord("none")) {
      return Optional.empty();
    }
    return setting.isWord("auto")
        ? ofSystem(Optional.ofNullable(System.getenv(BY_SYSTEMD)))
        : SourceFiles.path(setting).map(Path::toAbsolutePath);
  }

  /// The first of the folders that systemd gives, else the usual one, where it is there.
  static Optional<Path> ofSystem(Optional<String> given) {
    return given
        .filter(folders -> !folders.isEmpty())
        .map(folders -> Path.of(folders.split(File.pathSeparator, 2)[0]))
        .or(() -> Optional.of(USUAL).filter(Files::isDirectory).filter(Files::isWritable));
  }
}
