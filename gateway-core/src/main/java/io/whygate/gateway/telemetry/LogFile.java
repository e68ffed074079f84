package io.whygate.gateway.telemetry;

import io.whygate.gateway.config.Settings.Rotation;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A file that lines are appended to, or the standard output; for one thread.
final class LogFile {
  private final @Nullable Path path;
  private @Nullable FileChannel channel;
  private @Nullable Object key;
  private final Rotation rotation;
  private boolean torn;
  private long size;
  private Instant begun = Instant.MAX;

  private LogFile(@Nullable Path path, Rotation rotation) {
    this.path = path;
    this.rotation = rotation;
  }

  /// The standard output for `stdout`, else the file of this name; not opened yet.
  static LogFile of(String name, Rotation rotation) {
    return new LogFile(name.equals("stdout") ? null : Path.of(name), rotation);
  }

  /// Opens it, where it is not open, so that what is wrong is known before the first line.
  void prepare() throws IOException {
    if (channel == null) {
      open();
    }
  }

  /// Appends whole lines.
  ///
  /// @throws IOException where not all could be written; a line that was cut off is ended before
  ///   the next one begins
  void write(ByteBuffer lines) throws IOException {
    FileChannel open = channel == null ? open() : channel;
    if (torn) {
      open.write(ByteBuffer.wrap(new byte[] {'\n'}));
      torn = false;
    }
    int start = lines.position();
    size += lines.remaining();
    try {
      while (lines.hasRemaining()) {
        open.write(lines);
      }
    } catch (IOException e) {
      torn = lines.position() > start && lines.get(lines.position() - 1) != '\n';
      throw e;
    }
  }

  private FileChannel open() throws IOException {
    FileChannel opened;
    if (path == null) {
      opened = new FileOutputStream(FileDescriptor.out).getChannel();
    } else {
      opened = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
      key = attributes.fileKey();
      size = attributes.size();
      begun = attributes.creationTime().toInstant();
    }
    channel = opened;
    return opened;
  }

  /// Puts the file away where it is large or old enough, and the earlier ones further; the next
  /// write begins a new one.
  ///
  /// @throws IOException where it cannot be moved; it is written on
  void rotate() throws IOException {
    if (path == null || channel == null || size == 0 || !isDue()) {
      return;
    }
    for (int number = rotation.keep(); number > 0; number--) {
      Path earlier = number == 1 ? path : numbered(path, number - 1);
      if (Files.exists(earlier)) {
        Files.move(earlier, numbered(path, number), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    if (rotation.keep() == 0) {
      Files.delete(path);
    }
    release();
  }

  private boolean isDue() {
    return rotation.size().filter(most -> size >= most).isPresent()
        || rotation.every().filter(most -> begun.plus(most).isBefore(Instant.now())).isPresent();
  }

  private static Path numbered(Path path, int number) {
    return path.resolveSibling(path.getFileName() + "." + number);
  }

  /// Whether the file's name now stands for another file, or for none: it was rotated away.
  boolean isRotated() {
    if (path == null || channel == null) {
      return false;
    }
    try {
      return !Objects.equals(key, keyOf(path));
    } catch (IOException _) {
      return true;
    }
  }

  private static @Nullable Object keyOf(Path path) throws IOException {
    return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
  }

  /// Lets go of the file, so that the next write opens it anew. The standard output stays open.
  void release() {
    FileChannel open = channel;
    if (path == null || open == null) {
      return;
    }
    channel = null;
    try {
      open.close();
    } catch (IOException _) {
      // Nothing is kept back by a channel: what could be written has been.
    }
  }
}
