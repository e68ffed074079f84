package io.whygate.diagnostics.probe.log;

import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.LogSource;
import io.whygate.diagnostics.probe.Deadline;
import io.whygate.diagnostics.probe.Finding.LogsRead;
import io.whygate.diagnostics.probe.Finding.LogsRead.TellingLine;
import io.whygate.diagnostics.probe.Finding.LogsRead.Unread;
import io.whygate.diagnostics.probe.Inquiry;
import io.whygate.diagnostics.probe.Probe;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;

/// The servers' own logs: read around the moment of a failure, bounded, and never for what was in
/// them before they were opened.
///
/// A line counts by its own time stamp; one of a file without counts by the time at which the file
/// grew past it, which [#checkpoint] notes. Safe for use by many threads.
public final class ServerLogs implements Probe {
  private static final int WINDOW_SECONDS = 60;
  private static final int AFTER_SECONDS = 5;
  private static final int LINES = 8;
  private static final int FILES = 256;

  /// A server that ends all of a sudden says so a moment later.
  private static final Duration TO_BE_WRITTEN = Duration.ofMillis(45);

  private static final int LOOKS = 3;

  private final ConcurrentHashMap<Path, FileTail> tails = new ConcurrentHashMap<>();
  private final ReceivedLogs received;
  private final JournalReader journal;
  private final Instant opened = Instant.now();

  /// @param received what servers on other hosts send by syslog
  public ServerLogs(ReceivedLogs received) {
    this(received, List.of("journalctl"));
  }

  /// @param journalctl the program that reads the journal, with the options that say where it is
  ServerLogs(ReceivedLogs received, List<String> journalctl) {
    this.received = received;
    journal = new JournalReader(journalctl);
  }

  /// What servers on other hosts send.
  public ReceivedLogs received() {
    return received;
  }

  /// Opens a source: what is in it now never counts.
  public void open(LogSource source) {
    if (source instanceof LogSource.LogFile(Path file) && tails.size() < FILES) {
      tails.computeIfAbsent(file, FileTail::new);
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
    LogsRead read = read(inquiry);
    for (int look = 1; look < LOOKS && !isTold(read) && isSudden(inquiry); look++) {
      if (inquiry.deadline().remainingMillis() < 2 * TO_BE_WRITTEN.toMillis()) {
        break;
      }
      try {
        Thread.sleep(TO_BE_WRITTEN);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        break;
      }
      read = read(inquiry);
    }
    inquiry.report(read, started);
  }

  /// Whether the reason is there: a gateway says at once that what is behind it fails, and that
  /// says why a moment later.
  private static boolean isTold(LogsRead read) {
    return read.lines().stream().anyMatch(line -> line.sign() != LogsRead.Sign.BEHIND_FAILED);
  }

  private static boolean isSudden(Inquiry inquiry) {
    return inquiry
        .exchange()
        .subject()
        .map(FailedAttempt::failure)
        .filter(failure ->
            failure instanceof AttemptFailure.ConnectionLost
                || failure instanceof AttemptFailure.ConnectRefused
                || failure instanceof AttemptFailure.UpstreamStatus)
        .isPresent();
  }

  private LogsRead read(Inquiry inquiry) {
    Sequence sequence = new Sequence(inquiry.exchange(), Kin.of(inquiry.facts()));
    return read(inquiry.facts().logs(), inquiry.exchange().at(), sequence, inquiry.deadline());
  }

  /// Reads what these sources say of the time before a failure.
  LogsRead read(List<LogSource> sources, Instant failure, Sequence sequence, Deadline deadline) {
    Instant from = failure.minusSeconds(WINDOW_SECONDS);
    Instant to = failure.plusSeconds(AFTER_SECONDS);
    var unread = new ArrayList<Unread>();
    var lines = new ArrayList<LogLine>();
    for (LogSource source : sources) {
      try {
        lines.addAll(lines(source, from, to, deadline));
      } catch (IOException e) {
        unread.add(new Unread(source.label(), String.valueOf(e.getMessage())));
      }
    }
    List<TellingLine> telling = sequence.telling(lines);
    int first = Math.max(0, telling.size() - LINES);
    return new LogsRead(
        sources.size() - unread.size(), unread, telling.subList(first, telling.size()));
  }

  private List<LogLine> lines(LogSource source, Instant from, Instant to, Deadline deadline)
      throws IOException {
    return switch (source) {
      case LogSource.LogFile(Path file) -> {
        open(source);
        FileTail tail = tails.get(file);
        if (tail == null) {
          throw new IOException("more than " + FILES + " log files");
        }
        yield tail.lines(from, to);
      }
      case LogSource.Journal unit ->
          journal.lines(unit, from.isAfter(opened) ? from : opened, to, deadline).stream()
              .filter(line -> !line.at().isBefore(opened) && !line.at().isAfter(to))
              .filter(line -> !line.at().isBefore(from))
              .toList();
      case LogSource.Syslog sender -> received.lines(sender, from, to);
    };
  }
}
