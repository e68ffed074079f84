package io.whygate.diagnostics.incident;

import io.whygate.diagnostics.facts.UpstreamFacts;
import io.whygate.diagnostics.incident.Incident.State;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Looks whether what failed works again: one probe of the gateway's own per open incident, at a
/// pace that slows down, so that a server that comes back is met by one connection and not by all
/// who wait.
///
/// One virtual thread per open incident; their number is bounded by the book.
public final class RecoveryWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RecoveryWatch.class);
  private static final Duration STILL_WAITED_FOR = Duration.ofMinutes(2);
  private static final int SLOWER_UNWATCHED = 3;

  private final IncidentBook book;
  private final IncidentSettings settings;
  private final RecoveryCheck check;
  private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
  private final Set<String> watched = ConcurrentHashMap.newKeySet();
  private final Subscription subscription;
  private volatile boolean closed;

  /// Watches every incident of a book that opens from now on.
  public RecoveryWatch(IncidentBook book, IncidentSettings settings) {
    this(book, settings, new ProbingCheck());
  }

  RecoveryWatch(IncidentBook book, IncidentSettings settings, RecoveryCheck check) {
    this.book = book;
    this.settings = settings;
    this.check = check;
    subscription = book.onChange(this::changed);
  }

  private void changed(Incident incident) {
    if (incident.state() == State.OPEN && !closed && watched.add(incident.id())) {
      threads.add(
          Thread.ofVirtual().name("recovery-" + incident.id()).start(() -> watch(incident.id())));
    }
  }

  private void watch(String id) {
    Duration pause = settings.firstCheck();
    try {
      while (!closed) {
        Thread.sleep(pause);
        Optional<Incident> incident = book.find(id).filter(i -> i.state() == State.OPEN);
        Optional<UpstreamFacts> facts = book.factsOf(id);
        if (incident.isEmpty() || facts.isEmpty()) {
          return;
        }
        if (check.works(incident.get(), facts.get())) {
          book.recovered(id);
          return;
        }
        pause = slower(pause, incident.get());
      }
    } catch (InterruptedException e) {
      // Closed.
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.warn("Looking for the recovery of incident {} failed", id, e);
    } finally {
      watched.remove(id);
      threads.remove(Thread.currentThread());
      book.find(id).filter(i -> i.state() == State.OPEN).ifPresent(this::changed);
    }
  }

  private Duration slower(Duration pause, Incident incident) {
    boolean waitedFor =
        book.isAwaited(incident.id())
            || incident.lastSeen().plus(STILL_WAITED_FOR).isAfter(Instant.now());
    Duration slowest =
        waitedFor
            ? settings.slowestCheck()
            : settings.slowestCheck().multipliedBy(SLOWER_UNWATCHED);
    Duration next = pause.multipliedBy(3).dividedBy(2);
    return next.compareTo(slowest) < 0 ? next : slowest;
  }

  @Override
  public void close() {
    closed = true;
    subscription.close();
    threads.forEach(Thread::interrupt);
  }
}
