package io.whygate.diagnostics.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/// Opens files that nobody but their owner may read (mode 0600), whatever the umask: what the
/// gateway keeps names addresses, paths and people.
final class OwnerOnly {
  private static final Set<PosixFilePermission> MODE = PosixFilePermissions.fromString("rw-------");
  private static final FileAttribute<?> NEW = PosixFilePermissions.asFileAttribute(MODE);

  private OwnerOnly() {}

  /// Opens a file; one that is there already and that others may read is closed to them.
  static FileChannel open(Path file, OpenOption... options) throws IOException {
    FileChannel channel = FileChannel.open(file, Set.of(options), NEW);
    if (!Files.getPosixFilePermissions(file).equals(MODE)) {
      Files.setPosixFilePermissions(file, MODE);
    }
    return channel;
  }
}
