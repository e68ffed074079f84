package io.whygate.diagnostics.incident;

import io.whygate.diagnostics.facts.UpstreamFacts;
import io.whygate.diagnostics.incident.Incident.State;
import io.whygate.diagnostics.verdict.Cause;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Looks whether what failed works again: one probe of the gateway's own per open incident, at a
/// pace that slows down, so that a server that comes back is met by one connection and not by all
/// who wait. Where an incident may not have failed for a while before anything is tried, it is
/// tried as soon as that while is over. Ordinary traffic that succeeds brings the next look
/// forward, and never ends an incident by itself.
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
  private final Map<String, Semaphore> watched = new ConcurrentHashMap<>();
  private final Subscription changes;
  private final Subscription doubts;
  private volatile boolean closed;

  /// Watches every incident of a book that opens from now on.
  public RecoveryWatch(IncidentBook book, IncidentSettings settings) {
    this(book, settings, new ProbingCheck());
  }

  RecoveryWatch(IncidentBook book, IncidentSettings settings, RecoveryCheck check) {
    this.book = book;
    this.settings = settings;
    this.check = check;
    changes = book.onChange(this::changed);
    doubts = book.onDoubt(this::doubted);
  }

  private void changed(Incident incident) {
    if (incident.state() != State.OPEN || incident.isOfOwnCertificate() || closed) {
      return;
    }
    var doubt = new Semaphore(0);
    if (watched.putIfAbsent(incident.id(), doubt) == null) {
      threads.add(
          Thread.ofVirtual()
              .name("recovery-" + incident.id())
              .start(() -> watch(incident.id(), doubt)));
    }
  }

  private void doubted(String id) {
    Semaphore doubt = watched.get(id);
    if (doubt != null && doubt.availablePermits() == 0) {
      doubt.release();
    }
  }

  private void watch(String id, Semaphore doubt) {
    Duration pause = settings.firstCheck();
    Duration wait = pause;
    try {
      while (!closed) {
        await(wait, doubt);
        Optional<Incident> incident = book.find(id).filter(i -> i.state() == State.OPEN);
        Optional<UpstreamFacts> facts = book.factsOf(id);
        if (incident.isEmpty() || facts.isEmpty()) {
          return;
        }
        Instant began = Instant.now();
        if (book.isCalm(id, began)
            && check.works(incident.get(), facts.get(), book.isDoubted(id))
            && book.isCalm(id, began)
            && isStillOf(incident.get().cause(), id)) {
          book.recovered(id);
          return;
        }
        pause = slower(pause, incident.get());
        wait = sooner(pause, incident.get());
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

  /// Whether it was the right question: another cause may have been found while it was asked.
  private boolean isStillOf(Cause cause, String id) {
    return book.find(id).filter(now -> now.cause() == cause).isPresent();
  }

  /// Waits, and less where ordinary traffic succeeds: a quarter of it, and not less than until the
  /// first look.
  private void await(Duration pause, Semaphore doubt) throws InterruptedException {
    long least = Math.max(settings.firstCheck().toMillis(), pause.toMillis() / 4);
    Thread.sleep(Math.min(least, pause.toMillis()));
    long left = pause.toMillis() - least;
    if (left > 0 && doubt.tryAcquire(left, TimeUnit.MILLISECONDS)) {
      LOG.debug("Ordinary traffic speaks against an incident: looked at sooner");
    }
    doubt.drainPermits();
  }

  private Duration slower(Duration pause, Incident incident) {
    boolean waitedFor =
        book.isAwaited(incident.id())
            || incident.lastSeen().plus(STILL_WAITED_FOR).isAfter(Instant.now());
    Duration slowest =
        waitedFor
            ? settings.slowestCheck()
            : Duration.ofNanos(settings.slowestCheck().toNanos() * SLOWER_UNWATCHED);
    Duration next = Duration.ofNanos(pause.toNanos() * 3 / 2);
    return next.compareTo(slowest) < 0 ? next : slowest;
  }

  /// Where nothing was tried since it failed too short a time ago, it is once that time is over.
  private Duration sooner(Duration pause, Incident incident) {
    Duration quiet = check.quietFor(incident);
    Duration left = Duration.between(Instant.now(), incident.lastSeen().plus(quiet));
    Duration untilCalm = book.untilCalm(incident.id());
    Duration needed = left.compareTo(untilCalm) > 0 ? left : untilCalm;
    if (!needed.isPositive() || needed.compareTo(pause) >= 0) {
      return pause;
    }
    // Waits are whole milliseconds: not one too early.
    Duration over = needed.plusMillis(1);
    return over.compareTo(settings.firstCheck()) > 0 ? over : settings.firstCheck();
  }

  @Override
  public void close() {
    closed = true;
    changes.close();
    doubts.close();
    threads.forEach(Thread::interrupt);
  }
}
