package io.whygate.gateway;

import io.whygate.diagnostics.facts.UpstreamFacts;
import io.whygate.diagnostics.incident.IncidentBook;
import io.whygate.diagnostics.incident.Recordings;
import io.whygate.diagnostics.incident.journal.IncidentJournal;
import io.whygate.diagnostics.memory.Memory;
import io.whygate.diagnostics.memory.MemoryFile;
import io.whygate.diagnostics.store.StateFolder;
import io.whygate.gateway.config.Settings.StateSettings;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// What the gateway keeps over a restart, in one folder: the incidents in a journal, and what is
/// normal in a small file. Where there is no folder, nothing is kept, and nothing else changes.
final class KeptState implements AutoCloseable {
  private final StateSettings settings;
  private final Optional<StateFolder> folder;
  private final Optional<MemoryFile> normal;
  private final Optional<IncidentJournal> journal;
  private final ScheduledExecutorService saver =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("state-saver").factory());

  /// Opens the folder, and fills the memory with what was kept.
  KeptState(StateSettings settings, Memory memory) {
    this.settings = settings;
    folder = settings.directory().flatMap(StateFolder::open);
    normal = folder.map(each -> new MemoryFile(each.file("memory"), settings.maxMemory(), memory));
    journal =
        folder.flatMap(
            each -> IncidentJournal.open(each.file("incidents.journal"), settings.maxJournal()));
    normal.ifPresent(MemoryFile::load);
  }

  /// Fills the book with the incidents that were kept, and keeps what comes.
  ///
  /// @param facts what the configuration says of an upstream
  void begin(
      IncidentBook book, Recordings recordings, Function<String, Optional<UpstreamFacts>> facts) {
    journal.ifPresent(each -> {
      IncidentJournal.Kept kept = each.read();
      book.restore(kept.incidents(), facts);
      kept.recordings().forEach(recordings::restore);
      each.follow(book, recordings);
    });
    normal.ifPresent(each -> {
      long pace = settings.saveEvery().toMillis();
      saver.scheduleWithFixedDelay(each::save, pace, pace, TimeUnit.MILLISECONDS);
    });
  }

  /// A file of the folder; null where nothing is kept.
  @Nullable Path file(String name) {
    return folder.map(each -> each.file(name)).orElse(null);
  }

  /// Writes all as it is now.
  @Override
  public void close() {
    saver.shutdownNow();
    journal.ifPresent(IncidentJournal::close);
    normal.ifPresent(MemoryFile::save);
    folder.ifPresent(StateFolder::close);
  }
}
