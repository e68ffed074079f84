package io.whygate.diagnostics.probe.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The end of one log file, and how far it had grown at which moment.
///
/// What was in the file when it was opened never counts. The file may be renamed and begun anew, or
/// emptied in place; both are noticed, and what was written before to the renamed one still counts.
/// No descriptor is kept open. Safe for use by many threads.
final class FileTail {
  private static final int TAIL_BYTES = 256 * 1024;
  private static final int MARK_BYTES = 64;
  private static final int CHECKPOINTS = 16;
  private static final int SIBLINGS = 200;
  private static final int LINE_CHARACTERS = 4_000;

  private record Checkpoint(Instant at, long size) {}

  /// A file that had this name before.
  private record Former(Object key, long opened, Instant until) {}

  private final Path file;
  private final ArrayDeque<Checkpoint> checkpoints = new ArrayDeque<>();
  private @Nullable Object key;
  private @Nullable Former former;
  private byte[] mark = new byte[0];
  private long opened;

  FileTail(Path file) {
    this.file = file;
    Optional<BasicFileAttributes> attributes = attributes();
    key = attributes.map(BasicFileAttributes::fileKey).orElse(null);
    opened = attributes.map(BasicFileAttributes::size).orElse(0L);
    mark = bytesBefore(opened);
    checkpoints.add(new Checkpoint(Instant.now(), opened));
  }

  /// Notes how far the file has grown.
  synchronized void checkpoint(Instant now) {
    Optional<BasicFileAttributes> attributes = attributes();
    attributes.ifPresent(found -> noticeRotation(found, now));
    checkpoints.addLast(new Checkpoint(now, attributes.map(BasicFileAttributes::size).orElse(0L)));
    if (checkpoints.size() > CHECKPOINTS) {
      checkpoints.removeFirst();
    }
  }

  /// The lines written between two moments.
  ///
  /// @throws IOException with why it cannot be read as its message
  synchronized List<LogLine> lines(Instant from, Instant to) throws IOException {
    BasicFileAttributes attributes;
    try {
      attributes = Files.readAttributes(file, BasicFileAttributes.class);
    } catch (NoSuchFileException e) {
      throw new IOException("no such file", e);
    } catch (AccessDeniedException e) {
      throw new IOException(Access.denied(file), e);
    }
    if (!attributes.isRegularFile()) {
      // A pipe would block, and a device may never end.
      throw new IOException("not a regular file");
    }
    noticeRotation(attributes, Instant.now());
    var found = new ArrayList<LogLine>();
    Former before = former;
    if (before != null && !before.until().isBefore(from)) {
      for (Path renamed : renamed(before.key())) {
        read(renamed, before.opened(), from, to, found);
      }
    }
    read(file, opened, from, to, found);
    return found;
  }

  /// A file that is another one now, that became shorter, or in which other bytes stand where it
  /// was opened, is new from its first byte.
  private void noticeRotation(BasicFileAttributes attributes, Instant now) {
    boolean another = !Objects.equals(key, attributes.fileKey());
    boolean emptied =
        !another && (attributes.size() < opened || !Arrays.equals(mark, bytesBefore(opened)));
    if (!another && !emptied) {
      return;
    }
    if (another && key != null) {
      former = new Former(key, opened, now);
    }
    key = attributes.fileKey();
    opened = 0;
    mark = new byte[0];
    Instant last = checkpoints.getLast().at();
    checkpoints.clear();
    checkpoints.add(new Checkpoint(last, 0));
  }

  private Optional<BasicFileAttributes> attributes() {
    try {
      return Optional.of(Files.readAttributes(file, BasicFileAttributes.class));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /// The bytes just before a place; none where they cannot be read.
  private byte[] bytesBefore(long offset) {
    int length = (int) Math.min(MARK_BYTES, offset);
    if (length == 0 || !Files.isRegularFile(file)) {
      return new byte[0];
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return bytes(channel, offset - length, length);
    } catch (IOException e) {
      return new byte[0];
    }
  }

  /// The files of the same folder that are the one that had this name before.
  private List<Path> renamed(Object formerKey) {
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null) {
      return List.of();
    }
    try (Stream<Path> all = Files.list(folder)) {
      return all.limit(SIBLINGS).filter(each -> formerKey.equals(keyOf(each))).toList();
    } catch (IOException e) {
      return List.of();
    }
  }

  private static @Nullable Object keyOf(Path path) {
    try {
      BasicFileAttributes found = Files.readAttributes(path, BasicFileAttributes.class);
      return found.isRegularFile() ? found.fileKey() : null;
    } catch (IOException e) {
      return null;
    }
  }

  private void read(Path path, long first, Instant from, Instant to, List<LogLine> into)
      throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      long size = channel.size();
      long start = Math.max(first, size - TAIL_BYTES);
      byte[] bytes = bytes(channel, start, (int) Math.max(0, size - start));
      // Where a line was cut its time is cut off too.
      int begin = start > first ? endOfLine(bytes, 0) + 1 : 0;
      Instant last = Instant.MIN;
      while (begin < bytes.length) {
        int end = endOfLine(bytes, begin);
        String text = text(bytes, begin, end);
        Optional<Instant> stamp = LogTime.of(text, to, ZoneId.systemDefault());
        Instant at = stamp.orElse(later(writtenFrom(start + begin), last));
        if (!text.isEmpty() && !at.isBefore(from) && !at.isAfter(to)) {
          into.add(LogLine.of(file.toString(), at, text, stamp.isEmpty()));
        }
        last = stamp.filter(each -> !each.isAfter(to)).orElse(last);
        begin = end + 1;
      }
    } catch (AccessDeniedException e) {
      throw new IOException(Access.denied(file), e);
    } catch (NoSuchFileException e) {
      throw new IOException("no such file", e);
    }
  }

  private static String text(byte[] bytes, int begin, int end) {
    int length = Math.min(end - begin, LINE_CHARACTERS);
    return new String(bytes, begin, length, StandardCharsets.UTF_8);
  }

  /// A line without a time was written after the one before it.
  private static Instant later(Instant one, Instant other) {
    return one.isAfter(other) ? one : other;
  }

  /// The latest moment at which the file had not reached this place yet.
  private Instant writtenFrom(long offset) {
    Instant lower = Instant.MIN;
    for (Checkpoint checkpoint : checkpoints) {
      if (checkpoint.size() <= offset) {
        lower = checkpoint.at();
      }
    }
    return lower;
  }

  private static int endOfLine(byte[] bytes, int from) {
    int at = from;
    while (at < bytes.length && bytes[at] != '\n') {
      at++;
    }
    return at;
  }

  private static byte[] bytes(FileChannel channel, long from, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length);
    long position = from;
    while (buffer.hasRemaining()) {
      int read = channel.read(buffer, position);
      if (read < 0) {
        // Emptied meanwhile.
        return Arrays.copyOf(buffer.array(), buffer.position());
      }
      position += read;
    }
    return buffer.array();
  }
}
