package io.whygate.gateway.waiting;

import io.whygate.diagnostics.incident.Incident;
import io.whygate.diagnostics.incident.IncidentBook;
import io.whygate.diagnostics.incident.Subscription;
import io.whygate.diagnostics.page.Admission;
import io.whygate.diagnostics.page.Language;
import io.whygate.diagnostics.page.Pages;
import io.whygate.gateway.exchange.PublicPaths.Answer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// One page that listens to an incident: it is told each change, and, once the site answers again,
/// when it may open the site.
final class WaitingPage implements AdmissionLine.Waiter {
  private static final byte[] NOTHING_NEW = ":\n\n".getBytes(StandardCharsets.UTF_8);

  private final String id;
  private final Language language;
  private final Answer answer;
  private final IncidentBook incidents;
  private final WaitingRoom room;
  private final Supplier<Pages> pages;
  private @Nullable Subscription subscription;
  private volatile long ticket;
  private volatile boolean gone;

  WaitingPage(
      String id,
      Language language,
      Answer answer,
      IncidentBook incidents,
      WaitingRoom room,
      Supplier<Pages> pages) {
    this.id = id;
    this.language = language;
    this.answer = answer;
    this.incidents = incidents;
    this.room = room;
    this.pages = pages;
  }

  /// Begins to listen; what changed before it did is told first.
  ///
  /// @param writers runs what is told, off the thread that made the change
  void listen(Executor writers) {
    Optional<Subscription> begun = incidents.subscribe(id, _ -> writers.execute(this::tell));
    synchronized (this) {
      if (gone) {
        begun.ifPresent(Subscription::close);
      } else {
        subscription = begun.orElse(null);
      }
    }
    tell();
  }

  /// The client has left.
  synchronized void left() {
    gone = true;
    room.leave(this);
    if (subscription != null) {
      subscription.close();
    }
  }

  /// What is so now, whichever change it was told for: they may overtake each other.
  private synchronized void tell() {
    Optional<Incident> now = incidents.find(id);
    if (gone || now.isEmpty()) {
      return;
    }
    boolean open = now.get().state() == Incident.State.OPEN;
    if (open || ticket == 0) {
      answer.send(pages.get().event(now.get(), language));
    }
    if (open) {
      ticket = 0;
    } else if (ticket == 0) {
      answer.send(Pages.event(room.await(now.get().upstream(), this)));
    }
  }

  @Override
  public void given(long number) {
    ticket = number;
  }

  @Override
  public boolean waitsWith(long number) {
    return !gone && ticket == number;
  }

  @Override
  public synchronized void admitted(long number) {
    if (waitsWith(number)) {
      answer.send(Pages.event(new Admission(number, 0)));
      answer.end();
      left();
    }
  }

  /// Lets whatever lies between know that the connection is in use.
  void stillThere() {
    answer.send(NOTHING_NEW);
  }
}
