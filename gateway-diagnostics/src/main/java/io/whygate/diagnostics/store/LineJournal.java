package io.whygate.diagnostics.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A file of lines that only ever grows, each with its checksum, so that a torn or damaged one is
/// lost alone; replaced whole, by fewer lines, when it has grown to its bound.
///
/// Not for use by several threads.
public final class LineJournal implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(LineJournal.class);
  private static final int LONGEST_LINE = 1 << 20;

  private final Path file;
  private final String format;
  private final long mostBytes;
  private final List<String> found = new ArrayList<>();
  private FileChannel out;
  private int lost;

  /// Opens a journal and reads what is in it. One of another format is put aside, with one line in
  /// the log.
  ///
  /// @param format what its lines are, and in which version
  public LineJournal(Path file, String format, long mostBytes) throws IOException {
    this.file = file;
    this.format = format;
    this.mostBytes = mostBytes;
    boolean whole = Files.exists(file) && Files.size(file) > 0 && readAll();
    out = open(file);
    if (out.size() == 0) {
      write(format + "\n");
    } else if (!whole) {
      write("\n");
    }
    if (lost > 0) {
      LOG.warn("{}: {} damaged records were left out, {} are good", file, lost, found.size());
    }
  }

  private static FileChannel open(Path file) throws IOException {
    return OwnerOnly.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  /// Reads the good lines; true where the last one has an end.
  private boolean readAll() throws IOException {
    var line = new ByteArrayOutputStream(4096);
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
      boolean first = true;
      int next;
      while ((next = in.read()) >= 0) {
        if (next != '\n') {
          if (line.size() <= LONGEST_LINE) {
            line.write(next);
          }
          continue;
        }
        if (first && !line.toString(UTF_8).equals(format)) {
          putAside();
          return true;
        }
        if (!first) {
          take(line.toByteArray());
        }
        first = false;
        line.reset();
      }
    }
    take(line.toByteArray());
    return line.size() == 0;
  }

  private void putAside() throws IOException {
    Path aside = file.resolveSibling(file.getFileName() + ".unreadable");
    Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
    LOG.warn("{} is not of the format {}: it was put aside as {}", file, format, aside);
  }

  private void take(byte[] line) {
    int from = Checksum.LENGTH + 1;
    if (line.length == 0) {
      return; // the end that was set to a torn line
    }
    boolean good =
        line.length > from
            && line.length <= LONGEST_LINE
            && new String(line, 0, Checksum.LENGTH, UTF_8)
                .equals(Checksum.of(line, from, line.length - from));
    if (good) {
      found.add(new String(line, from, line.length - from, UTF_8));
    } else {
      lost++;
    }
  }

  /// The good lines that were in it when it was opened, oldest first.
  public List<String> lines() {
    return List.copyOf(found);
  }

  /// Lets go of the lines that were read.
  public void forget() {
    found.clear();
  }

  /// How many lines were damaged when it was opened.
  public int lost() {
    return lost;
  }

  /// Adds a line; it must not hold a line feed.
  public void append(String line) throws IOException {
    write(written(line));
  }

  /// Whether it has grown to its bound.
  public boolean isFull() throws IOException {
    return out.size() >= mostBytes;
  }

  /// Replaces all by these lines, oldest first, as far as half its bound goes: the newest stay.
  public void replace(List<String> lines) throws IOException {
    List<String> kept = new ArrayList<>();
    long bytes = 0;
    for (String line : lines.reversed()) {
      bytes += line.length() + Checksum.LENGTH + 2L;
      if (bytes > mostBytes / 2) {
        break;
      }
      kept.add(line);
    }
    Path next = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(next);
    FileChannel old = out;
    FileChannel fresh = open(next);
    try {
      write(fresh, format + "\n");
      for (String line : kept.reversed()) {
        write(fresh, written(line));
      }
      fresh.force(false);
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      fresh.close();
      throw e;
    }
    out = fresh;
    old.close();
  }

  private static String written(String line) {
    byte[] bytes = line.getBytes(UTF_8);
    return Checksum.of(bytes, 0, bytes.length) + " " + line + "\n";
  }

  private void write(String text) throws IOException {
    write(out, text);
  }

  private static void write(FileChannel to, String text) throws IOException {
    KeptFile.writeAll(to, ByteBuffer.wrap(text.getBytes(UTF_8)));
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
