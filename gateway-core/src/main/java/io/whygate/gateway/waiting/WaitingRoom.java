package io.whygate.gateway.waiting;

import io.whygate.diagnostics.incident.Incident;
import io.whygate.diagnostics.incident.IncidentBook;
import io.whygate.diagnostics.incident.Subscription;
import io.whygate.diagnostics.page.Admission;
import io.whygate.gateway.config.Settings.WaitingSettings;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/// All pages that listen for the end of an incident, and the lines in which they are let in: one
/// per upstream, since its incidents concern the same servers.
///
/// Bounded in its pages; a page beyond the bound asks now and then instead. One virtual thread per
/// line in which somebody waits, and one that lets all pages hear that they are still connected.
public final class WaitingRoom implements AutoCloseable {
  private static final long NANOS_KEPT = 60_000_000_000L;
  private static final long TICK_MILLIS = 20;

  private final Supplier<WaitingSettings> settings;
  private final Set<WaitingPage> pages = ConcurrentHashMap.newKeySet();
  private final ConcurrentHashMap<String, AdmissionLine> lines = new ConcurrentHashMap<>();
  private final Set<String> calling = ConcurrentHashMap.newKeySet();
  private final Subscription changes;
  private final Thread heart;

  public WaitingRoom(IncidentBook incidents, Supplier<WaitingSettings> settings) {
    this.settings = settings;
    changes = incidents.onChange(this::changed);
    heart = Thread.ofVirtual().name("waiting-pages").start(this::beat);
  }

  /// Lets a page in that listens; false where there are as many as may be.
  boolean enter(WaitingPage page) {
    return pages.size() < settings.get().maxPages() && pages.add(page);
  }

  void leave(WaitingPage page) {
    pages.remove(page);
  }

  /// The place of one who asks now and then.
  ///
  /// @param ticket the number that it was given; 0 for none
  Admission place(String upstream, long ticket) {
    return line(upstream).place(ticket);
  }

  /// Lets a page wait until it is called.
  Admission await(String upstream, WaitingPage page) {
    AdmissionLine line = line(upstream);
    Admission place = line.await(page);
    if (calling.add(upstream)) {
      Thread.ofVirtual().name("admission-" + upstream).start(() -> call(upstream, line));
    }
    return place;
  }

  private AdmissionLine line(String upstream) {
    return lines.computeIfAbsent(
        upstream, _ -> new AdmissionLine(settings.get(), System::nanoTime));
  }

  private void changed(Incident incident) {
    AdmissionLine line = lines.get(incident.upstream());
    if (line != null && incident.state() == Incident.State.OPEN) {
      line.failed();
    }
  }

  private void call(String upstream, AdmissionLine line) {
    try {
      do {
        line.due().forEach(AdmissionLine.Place::call);
        Thread.sleep(TICK_MILLIS);
      } while (!line.isEmpty());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      calling.remove(upstream);
    }
    if (!line.isEmpty() && calling.add(upstream)) {
      Thread.ofVirtual().name("admission-" + upstream).start(() -> call(upstream, line));
    }
  }

  private void beat() {
    try {
      while (true) {
        Thread.sleep(settings.get().heartbeat());
        pages.forEach(WaitingPage::stillThere);
        lines.values().removeIf(line -> line.isIdleFor(NANOS_KEPT));
      }
    } catch (InterruptedException e) {
      // Closed.
      Thread.currentThread().interrupt();
    }
  }

  /// How many pages listen.
  public int size() {
    return pages.size();
  }

  @Override
  public void close() {
    changes.close();
    heart.interrupt();
  }
}
