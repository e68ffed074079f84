package io.whygate.diagnostics.probe.log;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;

/// Says why a log may not be read, with the command that mends it.
final class Access {
  private Access() {}

  static String denied(Path file) {
    return denied(file, System.getProperty("user.name", "whygate"));
  }

  /// @param user who wants to read it
  static String denied(Path file, String user) {
    Path at = file.toAbsolutePath();
    Path closed = at.getParent();
    while (closed != null && !Files.isExecutable(closed) && closed.getParent() != null) {
      Path above = closed.getParent();
      if (Files.isExecutable(above)) {
        return "permission denied; to mend it: sudo setfacl -m u:%s:x %s && sudo setfacl -m u:%s:r %s"
            .formatted(user, closed, user, at);
      }
      closed = above;
    }
    try {
      PosixFileAttributes found = Files.readAttributes(at, PosixFileAttributes.class);
      if (found.permissions().contains(PosixFilePermission.GROUP_READ)) {
        return "permission denied; to mend it: sudo usermod -aG %s %s, and restart the gateway"
            .formatted(found.group().getName(), user);
      }
    } catch (IOException | UnsupportedOperationException _) {
      // Its folder is closed too.
    }
    return "permission denied; to mend it: sudo setfacl -m u:%s:r %s".formatted(user, at);
  }
}
