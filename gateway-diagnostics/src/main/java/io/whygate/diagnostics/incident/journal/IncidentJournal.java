package io.whygate.diagnostics.incident.journal;

import io.whygate.diagnostics.incident.Incident;
import io.whygate.diagnostics.incident.IncidentBook;
import io.whygate.diagnostics.incident.Recording;
import io.whygate.diagnostics.incident.Recordings;
import io.whygate.diagnostics.incident.Subscription;
import io.whygate.diagnostics.incident.journal.RecordingRecord.Place;
import io.whygate.diagnostics.incident.journal.RecordingRecord.Placed;
import io.whygate.diagnostics.json.JsonReader.InvalidJsonException;
import io.whygate.diagnostics.store.LineJournal;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
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

/// Keeps a book's incidents and their recordings on a disk: each change is appended as a whole
/// record of the incident, and the last record of each is what holds. Counts, and the last failed
/// exchange, are appended every ten seconds where they changed.
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
  private final Map<String, List<Recording>> recorded = new HashMap<>();
  private final List<Subscription> subscriptions = new ArrayList<>();
  private Optional<Followed> followed = Optional.empty();
  private boolean failing;

  /// What is kept.
  private record Followed(IncidentBook book, Recordings recordings) {}

  /// What was kept.
  ///
  /// @param incidents as they stood last
  /// @param recordings of an incident: its first failed exchange and, where there was another, its
  ///   last
  public record Kept(List<Incident> incidents, Map<String, List<Recording>> recordings) {
    public Kept {
      incidents = List.copyOf(incidents);
      recordings = Map.copyOf(recordings);
    }
  }

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

  /// What was in it when it was opened. Call it once.
  public Kept read() {
    Map<String, Incident> found = new LinkedHashMap<>();
    Map<String, Map<Place, Recording>> places = new HashMap<>();
    int unreadable = 0;
    String why = "";
    for (String line : lines.lines()) {
      try {
        if (RecordingRecord.isOne(line)) {
          Placed placed = RecordingRecord.read(line);
          places
              .computeIfAbsent(placed.incident(), _ -> new EnumMap<>(Place.class))
              .put(placed.place(), placed.recording());
        } else {
          Incident incident = IncidentRecord.read(line);
          found.put(incident.id(), incident);
        }
      } catch (InvalidJsonException e) {
        unreadable++;
        why = String.valueOf(e.getMessage());
      }
    }
    lines.forget();
    if (unreadable > 0) {
      LOG.warn("{} records of incidents were left out, such as for: {}", unreadable, why);
    }
    places.keySet().retainAll(found.keySet());
    places.forEach((id, each) -> recorded.put(id, List.copyOf(each.values())));
    return new Kept(List.copyOf(found.values()), recorded);
  }

  /// Writes what happens in a book, and what is recorded of it, from now on.
  public void follow(IncidentBook book, Recordings recordings) {
    Followed all = new Followed(book, recordings);
    followed = Optional.of(all);
    subscriptions.add(book.onChange(each -> changed(all, each.id())));
    subscriptions.add(recordings.onFirst(id -> changed(all, id)));
    long pace = COUNTS.toMillis();
    writer.scheduleWithFixedDelay(() -> writeCounts(all), pace, pace, TimeUnit.MILLISECONDS);
  }

  private void changed(Followed all, String id) {
    boolean first;
    synchronized (dirty) {
      first = dirty.isEmpty();
      dirty.add(id);
    }
    if (first) {
      try {
        writer.execute(() -> writeDirty(all));
      } catch (RejectedExecutionException e) {
        LOG.debug("The journal is closed: a change of incident {} is not written", id, e);
      }
    }
  }

  private void writeDirty(Followed all) {
    List<String> ids;
    synchronized (dirty) {
      ids = List.copyOf(dirty);
      dirty.clear();
    }
    ids.forEach(id -> all.book().find(id).ifPresent(each -> write(all, each)));
  }

  private void writeCounts(Followed all) {
    for (Incident each : all.book().all()) {
      List<Recording> exchanges = all.recordings().of(each.id());
      if (written.getOrDefault(each.id(), -1L) != each.requests()
          || !exchanges.equals(recorded.getOrDefault(each.id(), List.of()))) {
        write(all, each);
      }
    }
    recorded.keySet().removeIf(id -> all.recordings().of(id).isEmpty());
  }

  private void write(Followed all, Incident incident) {
    try {
      if (lines.isFull()) {
        compact(all);
      }
      for (String line : unwritten(incident.id(), all.recordings().of(incident.id()))) {
        lines.append(line);
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

  /// The records of exchanges that are not in the file yet.
  private List<String> unwritten(String id, List<Recording> kept) {
    List<Recording> known = recorded.getOrDefault(id, List.of());
    List<String> found =
        records(id, kept.stream().filter(each -> !known.contains(each)).toList(), kept);
    recorded.put(id, kept);
    return found;
  }

  private static List<String> records(String id, List<Recording> some, List<Recording> all) {
    return some.stream()
        .map(each -> new Placed(id, each.equals(all.getFirst()) ? Place.FIRST : Place.LAST, each))
        .map(RecordingRecord::of)
        .toList();
  }

  /// What was recorded stands before the incidents: where there is no room for all, it goes first.
  private void compact(Followed all) throws IOException {
    List<Incident> kept = all.book().all().reversed();
    List<String> ids = kept.stream().map(Incident::id).toList();
    List<String> whole = new ArrayList<>();
    for (String id : ids) {
      List<Recording> of = all.recordings().of(id);
      whole.addAll(records(id, of, of));
      recorded.put(id, of);
    }
    kept.stream().map(IncidentRecord::of).forEach(whole::add);
    lines.replace(whole);
    written.keySet().retainAll(ids);
    recorded.keySet().retainAll(ids);
  }

  /// Writes what is still to be written, and closes the file.
  @Override
  public void close() {
    subscriptions.forEach(Subscription::close);
    followed.ifPresent(all -> writer.execute(() -> writeCounts(all)));
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
