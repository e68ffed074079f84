package io.whygate.diagnostics.incident;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.whygate.diagnostics.facts.FailedExchange;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;

/// The first and the last failed exchange of each incident, for as many incidents as the settings
/// allow.
///
/// Under a flood of failures the last that is kept may be a second older than the last there was:
/// writing an exchange down costs more than answering it.
///
/// Safe for use by many threads.
public final class Recordings {
  /// How many failures of an incident are written down in a second, at most.
  static final int PER_SECOND = 20;

  private static final long SECOND_NANOS = Duration.ofSeconds(1).toNanos();

  private final RecordingSettings settings;
  private final LongSupplier nanoTime;
  private final Cache<String, Slot> byIncident;
  private final List<Consumer<String>> listeners = new CopyOnWriteArrayList<>();

  /// @param since when the second began in which so many were written down
  private record Slot(Recording first, Recording last, long since, int count) {
    boolean isFull(long now) {
      return count >= PER_SECOND && now - since < SECOND_NANOS;
    }

    Slot with(Recording latest, long now) {
      return now - since < SECOND_NANOS
          ? new Slot(first, latest, since, count + 1)
          : new Slot(first, latest, now, 1);
    }
  }

  public Recordings(RecordingSettings settings) {
    this(settings, System::nanoTime);
  }

  Recordings(RecordingSettings settings, LongSupplier nanoTime) {
    this.settings = settings;
    this.nanoTime = nanoTime;
    this.byIncident =
        Caffeine.newBuilder().maximumSize(settings.count()).executor(Runnable::run).build();
  }

  /// Keeps an exchange of an incident: the first and the latest are.
  ///
  /// @param request makes the request's record within these limits; called where it is kept
  public void note(
      String incident,
      FailedExchange exchange,
      Function<RecordingSettings, RecordedRequest> request) {
    if (settings.count() == 0) {
      return;
    }
    long now = nanoTime.getAsLong();
    Slot before = byIncident.getIfPresent(incident);
    if (before != null && before.isFull(now)) {
      return;
    }
    Recording latest = new Recording(request.apply(settings), exchange);
    byIncident
        .asMap()
        .merge(incident, new Slot(latest, latest, now, 1), (known, _) -> known.with(latest, now));
    if (before == null) {
      listeners.forEach(each -> each.accept(incident));
    }
  }

  /// Calls a listener with the incident of which a first exchange is kept now; it must return at
  /// once.
  public Subscription onFirst(Consumer<String> listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  /// Takes back what was kept over a restart.
  ///
  /// @param kept first and last of an incident
  public void restore(String incident, List<Recording> kept) {
    if (settings.count() > 0 && !kept.isEmpty()) {
      Slot slot = new Slot(kept.getFirst(), kept.getLast(), nanoTime.getAsLong(), 0);
      byIncident.put(incident, slot);
    }
  }

  /// What is kept of an incident: its first exchange and, where there is another, its last.
  public List<Recording> of(String incident) {
    Slot slot = byIncident.getIfPresent(incident);
    if (slot == null) {
      return List.of();
    }
    return slot.first().equals(slot.last())
        ? List.of(slot.first())
        : List.of(slot.first(), slot.last());
  }

  /// The last exchange of an incident that is kept.
  public Optional<Recording> last(String incident) {
    List<Recording> kept = of(incident);
    return kept.isEmpty() ? Optional.empty() : Optional.of(kept.getLast());
  }

  /// How much of a request's content is wanted, bytes.
  public int bodyBytes() {
    return settings.count() == 0 ? 0 : settings.bodyBytes();
  }
}
