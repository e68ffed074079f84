package io.whygate.diagnostics.incident;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Who hears of incidents: those who hear of all, those who hear of one, and those who look whether
/// one that traffic speaks against is over.
///
/// Listeners are called on the thread that made the change, and must not block; one that fails
/// harms no other. Safe for use by many threads.
final class Audience {
  private static final Logger LOG = LoggerFactory.getLogger(Audience.class);

  private final List<Consumer<Incident>> ofAll = new CopyOnWriteArrayList<>();
  private final List<Consumer<String>> doubters = new CopyOnWriteArrayList<>();

  Subscription onChange(Consumer<Incident> listener) {
    ofAll.add(listener);
    return () -> ofAll.remove(listener);
  }

  Subscription onDoubt(Consumer<String> listener) {
    doubters.add(listener);
    return () -> doubters.remove(listener);
  }

  /// Tells of a change.
  ///
  /// @param ofThis who hears of this incident alone
  void tell(Incident incident, List<Consumer<Incident>> ofThis) {
    tell(ofAll, incident);
    tell(ofThis, incident);
  }

  private static void tell(List<Consumer<Incident>> listeners, Incident incident) {
    for (Consumer<Incident> listener : listeners) {
      try {
        listener.accept(incident);
      } catch (RuntimeException e) {
        LOG.warn("A listener of incident {} failed", incident.id(), e);
      }
    }
  }

  /// Tells that traffic speaks against an incident.
  void doubt(String id) {
    doubters.forEach(each -> each.accept(id));
  }
}
