package io.whygate.diagnostics.incident.journal;

import io.whygate.diagnostics.incident.Incident;
import io.whygate.diagnostics.incident.IncidentBook;
import io.whygate.diagnostics.incident.Subscription;
import io.whygate.diagnostics.json.JsonReader.InvalidJsonException;
import io.whygate.diagnostics.store.LineJournal;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps a book's incidents on a disk: each change is appended as a whole record of the incident,
/// and the last record of each is what holds. Counts are appended every ten seconds where they
/// changed.
///
/// All is written on one thread of its own; changes that come faster than the disk takes them are
/// written once. A disk that fails is reported once, and tried again with the next change.
public final class IncidentJournal implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(IncidentJournal.class);
  private static final String FORMAT = "whygate-incidents 1";
  private static final Duration COUNTS = Duration.ofSeconds(10);

  private final LineJournal lines;
  private final ScheduledExecutorService writer;
  private final Set<String> dirty = new LinkedHashSet<>();
  private final Map<String, Long> written = new HashMap<>();
  private Optional<Subscription> subscription = Optional.empty();
  private Optional<IncidentBook> followed = Optional.empty();
  private boolean failing;

  private IncidentJournal(LineJournal lines) {
    this.lines = lines;
    this.writer =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("incident-journal").factory());
  }

  /// Opens the journal; empty, with one line in the log, where the file cannot be used.
  ///
  /// @param mostBytes how large the file may grow before it is written anew without what is
  ///   outdated
  public static Optional<IncidentJournal> open(Path file, long mostBytes) {
    try {
      return Optional.of(new IncidentJournal(new LineJournal(file, FORMAT, mostBytes)));
    } catch (IOException e) {
      LOG.warn("Incidents are not kept over a restart: {} cannot be used ({})", file, e.toString());
      return Optional.empty();
    }
  }

  /// The incidents that were in it when it was opened, as they stood last. Call it once.
  public List<Incident> read() {
    Map<String, Incident> found = new LinkedHashMap<>();
    int unreadable = 0;
    String why = "";
    for (String line : lines.lines()) {
      try {
        Incident incident = IncidentRecord.read(line);
        found.put(incident.id(), incident);
      } catch (InvalidJsonException e) {
        unreadable++;
        why = String.valueOf(e.getMessage());
      }
    }
    lines.forget();
    if (unreadable > 0) {
      LOG.warn("{} records of incidents were left out, such as for: {}", unreadable, why);
    }
    return List.copyOf(found.values());
  }

  /// Writes what happens in a book from now on.
  public void follow(IncidentBook book) {
    followed = Optional.of(book);
    subscription = Optional.of(book.onChange(each -> changed(book, each.id())));
    long pace = COUNTS.toMillis();
    writer.scheduleWithFixedDelay(() -> writeCounts(book), pace, pace, TimeUnit.MILLISECONDS);
  }

  private void changed(IncidentBook book, String id) {
    boolean first;
    synchronized (dirty) {
      first = dirty.isEmpty();
      dirty.add(id);
    }
    if (first) {
      try {
        writer.execute(() -> writeDirty(book));
      } catch (RejectedExecutionException e) {
        LOG.debug("The journal is closed: a change of incident {} is not written", id, e);
      }
    }
  }

  private void writeDirty(IncidentBook book) {
    List<String> ids;
    synchronized (dirty) {
      ids = List.copyOf(dirty);
      dirty.clear();
    }
    ids.forEach(id -> book.find(id).ifPresent(each -> write(book, each)));
  }

  private void writeCounts(IncidentBook book) {
    for (Incident each : book.all()) {
      if (written.getOrDefault(each.id(), -1L) != each.requests()) {
        write(book, each);
      }
    }
  }

  private void write(IncidentBook book, Incident incident) {
    try {
      if (lines.isFull()) {
        compact(book);
      }
      lines.append(IncidentRecord.of(incident));
      written.put(incident.id(), incident.requests());
      failing = false;
    } catch (IOException | RuntimeException e) {
      if (!failing) {
        LOG.warn("Incident {} could not be written to the journal", incident.id(), e);
      }
      failing = true;
    }
  }

  private void compact(IncidentBook book) throws IOException {
    List<Incident> kept = book.all().reversed();
    lines.replace(kept.stream().map(IncidentRecord::of).toList());
    written.keySet().retainAll(kept.stream().map(Incident::id).toList());
  }

  /// Writes what is still to be written, and closes the file.
  @Override
  public void close() {
    subscription.ifPresent(Subscription::close);
    followed.ifPresent(book -> writer.execute(() -> writeCounts(book)));
    writer.shutdown();
    try {
      if (!writer.awaitTermination(5, TimeUnit.SECONDS)) {
        LOG.warn("The journal of incidents was not written to its end");
      }
      lines.close();
    } catch (IOException e) {
      LOG.warn("The journal of incidents could not be closed", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
