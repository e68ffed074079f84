package io.whygate.e2e.lab;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A file system of a few kilobytes in memory, which a test can fill. Needs root.
public final class SmallDisk implements AutoCloseable {
  private final Folder folder = Folder.create("disk");

  /// Mounts one.
  public SmallDisk(int kilobytes) {
    LabProcess.run(
        Place.HERE,
        Path.of("/"),
        "mount",
        "-t",
        "tmpfs",
        "-o",
        "mode=1777,size=" + kilobytes + "k",
        "whygate-test",
        folder.path().toString());
  }

  public Path path() {
    return folder.path();
  }

  /// Writes until nothing more fits.
  public void fill() {
    byte[] piece = new byte[4_096];
    try (OutputStream out = Files.newOutputStream(folder.path().resolve("ballast"))) {
      while (true) {
        out.write(piece);
      }
    } catch (IOException e) {
      // Full.
      return;
    }
  }

  /// Makes room again.
  public void empty() {
    try {
      Files.deleteIfExists(folder.path().resolve("ballast"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    LabProcess.run(Place.HERE, Path.of("/"), "umount", "--lazy", folder.path().toString());
    folder.close();
  }
}
