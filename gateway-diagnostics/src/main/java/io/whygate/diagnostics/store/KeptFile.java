package io.whygate.diagnostics.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A small file that is only ever replaced whole: a reader finds the text as it was or as it is,
/// whatever happens to the writer.
///
/// Its first line says its format and the checksum of the rest.
public final class KeptFile {
  private static final Logger LOG = LoggerFactory.getLogger(KeptFile.class);

  private final Path file;
  private final String format;
  private final int mostBytes;

  /// @param format what is in it and in which version, one word or several
  /// @param mostBytes the most that is ever written to it or read of it
  public KeptFile(Path file, String format, int mostBytes) {
    this.file = file;
    this.format = format;
    this.mostBytes = mostBytes;
  }

  /// The text; empty where there is none, or, with one line in the log, where it is of another
  /// format or damaged.
  public Optional<String> read() {
    try {
      if (Files.size(file) > mostBytes + 256L) {
        return unusable("it is larger than " + mostBytes + " bytes");
      }
      byte[] bytes = Files.readAllBytes(file);
      int end = 0;
      while (end < bytes.length && bytes[end] != '\n') {
        end++;
      }
      String first = new String(bytes, 0, end, UTF_8);
      int from = Math.min(bytes.length, end + 1);
      if (!first.startsWith(format + " ")) {
        return unusable("its format is not " + format);
      }
      if (!first.endsWith(" " + Checksum.of(bytes, from, bytes.length - from))) {
        return unusable("it is damaged");
      }
      return Optional.of(new String(bytes, from, bytes.length - from, UTF_8));
    } catch (NoSuchFileException _) {
      return Optional.empty();
    } catch (IOException e) {
      return unusable(e.toString());
    }
  }

  /// Says, once, why the file is not used; what is remembered then begins anew.
  public Optional<String> unusable(String why) {
    LOG.warn("{} is ignored: {}", file, why);
    return Optional.empty();
  }

  /// Replaces the text.
  ///
  /// @throws IOException where it cannot be written; the file is as it was then
  public void write(String text) throws IOException {
    byte[] bytes = text.getBytes(UTF_8);
    if (bytes.length > mostBytes) {
      throw new IOException(bytes.length + " bytes (expected: at most " + mostBytes + ")");
    }
    String first = format + " " + Checksum.of(bytes, 0, bytes.length) + "\n";
    Path next = file.resolveSibling(file.getFileName() + ".new");
    try (FileChannel out =
        OwnerOnly.open(
            next,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      writeAll(out, ByteBuffer.wrap(first.getBytes(UTF_8)));
      writeAll(out, ByteBuffer.wrap(bytes));
      out.force(false);
    }
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  static void writeAll(FileChannel out, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      out.write(bytes);
    }
  }
}
