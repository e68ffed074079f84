package io.whygate.diagnostics.probe.log;

import io.whygate.diagnostics.probe.Finding.LogsRead;
import io.whygate.diagnostics.probe.Finding.LogsRead.TellingLine;
import io.whygate.diagnostics.probe.Inquiry;
import io.whygate.diagnostics.probe.Probe;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// The servers' own log files: read around the moment of a failure, bounded, and never for what was
/// in them before they were opened.
///
/// A line counts by its own time stamp; one without counts by the time at which the file grew past
/// it, which [#checkpoint] notes. Safe for use by many threads.
public final class ServerLogs implements Probe {
  private static final int TAIL_BYTES = 256 * 1024;
  private static final int WINDOW_SECONDS = 60;
  private static final int AFTER_SECONDS = 5;
  private static final int LINES = 8;
  private static final int CHECKPOINTS = 16;
  private static final int FILES = 256;

  private final ConcurrentHashMap<Path, Tail> tails = new ConcurrentHashMap<>();

  /// Opens a file: what is in it now never counts.
  public void open(Path file) {
    if (tails.size() < FILES) {
      tails.computeIfAbsent(file, Tail::new);
    }
  }

  /// Notes how far each file has grown.
  public void checkpoint() {
    Instant now = Instant.now();
    tails.values().forEach(tail -> tail.checkpoint(now));
  }

  @Override
  public void ask(Inquiry inquiry) {
    if (inquiry.facts().logs().isEmpty()) {
      return;
    }
    long started = System.nanoTime();
    inquiry.report(read(inquiry.facts().logs(), inquiry.exchange().at()), started);
  }

  /// Reads what these files say of the time before a failure.
  LogsRead read(List<Path> files, Instant failure) {
    var unreadable = new ArrayList<Path>();
    var telling = new ArrayList<TellingLine>();
    int read = 0;
    for (Path file : files) {
      open(file);
      Tail tail = tails.get(file);
      if (tail == null) {
        continue;
      }
      try {
        telling.addAll(tail.telling(failure));
        read++;
      } catch (IOException e) {
        unreadable.add(file);
      }
    }
    telling.sort((a, b) -> a.at().compareTo(b.at()));
    int from = Math.max(0, telling.size() - LINES);
    return new LogsRead(read, unreadable, telling.subList(from, telling.size()));
  }

  /// One file, and how far it had grown at which moment.
  private static final class Tail {
    private record Checkpoint(Instant at, long size) {}

    private final Path file;
    private final ArrayDeque<Checkpoint> checkpoints = new ArrayDeque<>();
    private @Nullable Object key;
    private long opened;

    Tail(Path file) {
      this.file = file;
      Optional<BasicFileAttributes> attributes = attributes();
      key = attributes.map(BasicFileAttributes::fileKey).orElse(null);
      opened = attributes.map(BasicFileAttributes::size).orElse(0L);
      checkpoints.add(new Checkpoint(Instant.now(), opened));
    }

    synchronized void checkpoint(Instant now) {
      attributes().ifPresent(this::noticeRotation);
      long size = attributes().map(BasicFileAttributes::size).orElse(0L);
      checkpoints.addLast(new Checkpoint(now, size));
      if (checkpoints.size() > CHECKPOINTS) {
        checkpoints.removeFirst();
      }
    }

    /// A file that is another one now, or that became shorter, is new from its first byte.
    private void noticeRotation(BasicFileAttributes attributes) {
      if (!Objects.equals(key, attributes.fileKey()) || attributes.size() < opened) {
        key = attributes.fileKey();
        opened = 0;
        Instant last = checkpoints.getLast().at();
        checkpoints.clear();
        checkpoints.add(new Checkpoint(last, 0));
      }
    }

    private Optional<BasicFileAttributes> attributes() {
      try {
        return Optional.of(Files.readAttributes(file, BasicFileAttributes.class));
      } catch (IOException e) {
        return Optional.empty();
      }
    }

    synchronized List<TellingLine> telling(Instant failure) throws IOException {
      noticeRotation(Files.readAttributes(file, BasicFileAttributes.class));
      var found = new ArrayList<TellingLine>();
      Instant earliest = failure.minusSeconds(WINDOW_SECONDS);
      Instant latest = failure.plusSeconds(AFTER_SECONDS);
      try (var in = new RandomAccessFile(file.toFile(), "r")) {
        long size = in.length();
        long from = Math.max(opened, size - TAIL_BYTES);
        in.seek(from);
        byte[] bytes = new byte[(int) (size - from)];
        in.readFully(bytes);
        long offset = from;
        for (String line : new String(bytes, StandardCharsets.ISO_8859_1).split("\n", -1)) {
          Instant at = written(line, offset, failure);
          offset += line.length() + 1;
          if (!at.isBefore(earliest) && !at.isAfter(latest)) {
            Instant when = at;
            LogCatalogue.signOf(line)
                .ifPresent(sign ->
                    found.add(
                        new TellingLine(file, when, sign, LogCatalogue.redacted(line.strip()))));
          }
        }
      }
      return found;
    }

    /// When a line was written: by its own stamp, else not before the last checkpoint that the file
    /// had not reached it at.
    private Instant written(String line, long offset, Instant failure) {
      return LogTime.of(line, failure, ZoneId.systemDefault())
          .orElseGet(() -> {
            Instant lower = Instant.MIN;
            for (Checkpoint checkpoint : checkpoints) {
              if (checkpoint.size() <= offset) {
                lower = checkpoint.at();
              }
            }
            return lower;
          });
    }
  }
}
