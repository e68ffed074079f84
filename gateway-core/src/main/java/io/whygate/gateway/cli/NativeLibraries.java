package io.whygate.gateway.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/// Netty's native libraries: for epoll, for TLS, for QUIC. Netty unpacks them from their archives
/// at each start, 3 MB of them, unless Java finds them in its path of libraries.
final class NativeLibraries {
  private static final List<String> NAMES =
      List.of("netty_transport_native_epoll", "netty_tcnative_linux", "netty_quiche42_linux");

  private NativeLibraries() {}

  /// Puts them into a folder, each whole or not at all: a gateway that runs may have the one before
  /// it in use. What there is none of for this processor stays out.
  static void unpack(Path folder) throws IOException {
    String processor = System.getProperty("os.arch", "").equals("aarch64") ? "aarch_64" : "x86_64";
    Files.createDirectories(folder);
    for (String each : NAMES) {
      String name = "lib" + each + "_" + processor + ".so";
      try (InputStream in = NativeLibraries.class.getResourceAsStream("/META-INF/native/" + name)) {
        if (in != null) {
          Path whole = Files.createTempFile(folder, name, ".new");
          Files.copy(in, whole, StandardCopyOption.REPLACE_EXISTING);
          Files.move(whole, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
        }
      }
    }
  }
}
