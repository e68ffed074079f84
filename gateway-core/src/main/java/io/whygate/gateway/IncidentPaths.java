package io.whygate.gateway;

import io.whygate.diagnostics.incident.Incident;
import io.whygate.diagnostics.incident.IncidentBook;
import io.whygate.diagnostics.incident.Subscription;
import io.whygate.diagnostics.page.Page;
import io.whygate.diagnostics.page.Pages;
import io.whygate.diagnostics.page.Reader;
import io.whygate.gateway.exchange.PublicPaths;
import io.whygate.gateway.http.RequestHead;
import io.whygate.gateway.reply.LocalReply;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What anybody may ask of an incident: its public document, and its changes as server-sent events.
final class IncidentPaths implements PublicPaths {
  private static final Logger LOG = LoggerFactory.getLogger(IncidentPaths.class);
  private static final String INCIDENTS = PREFIX + "incidents/";
  private static final String EVENTS = "/events";

  private final IncidentBook incidents;
  private final Supplier<Pages> pages;
  private final Executor writers;

  /// @param writers runs what must not run on an event loop
  IncidentPaths(IncidentBook incidents, Supplier<Pages> pages, Executor writers) {
    this.incidents = incidents;
    this.pages = pages;
    this.writers = writers;
  }

  @Override
  public void answer(RequestHead request, Answer answer) {
    if (!request.method().equals("GET") && !request.method().equals("HEAD")) {
      answer.reply(
          LocalReply.text(
              405,
              "only GET and HEAD are answered here.",
              false,
              List.of(new LocalReply.Field("Allow", "GET, HEAD"))));
      return;
    }
    String path = request.path();
    boolean events = path.endsWith(EVENTS);
    String id =
        path.startsWith(INCIDENTS)
            ? path.substring(INCIDENTS.length(), path.length() - (events ? EVENTS.length() : 0))
            : "";
    Optional<Incident> incident = id.isEmpty() ? Optional.empty() : incidents.shown(id);
    if (incident.isEmpty()) {
      answer.reply(LocalReply.text(404, "no such incident is remembered.", false));
      return;
    }
    Reader reader = readerOf(request);
    if (events && !request.isHead()) {
      write(answer, () -> stream(incident.get(), reader, answer));
    } else {
      write(answer, () -> answer.reply(replyOf(pages.get().incident(incident.get(), reader))));
    }
  }

  /// Runs what answers off the event loop; a client is not left waiting where it fails.
  private void write(Answer answer, Runnable what) {
    writers.execute(() -> {
      try {
        what.run();
      } catch (RuntimeException | Error e) {
        LOG.error("a document of an incident could not be written", e);
        answer.reply(LocalReply.text(500, "the gateway made an error of its own.", true));
      }
    });
  }

  private static Reader readerOf(RequestHead request) {
    return Reader.of(Reader.Audience.VISITOR, request.method(), request.fields()::joined);
  }

  private static LocalReply replyOf(Page page) {
    List<LocalReply.Field> fields =
        page.headers().stream()
            .map(each -> new LocalReply.Field(each.name(), each.value()))
            .toList();
    return new LocalReply(page.status(), fields, page.body(), false);
  }

  private void stream(Incident incident, Reader reader, Answer answer) {
    Watch watch = new Watch();
    LocalReply head =
        new LocalReply(
            200,
            List.of(
                new LocalReply.Field("Content-Type", "text/event-stream"),
                new LocalReply.Field("Cache-Control", "no-store"),
                new LocalReply.Field("X-Accel-Buffering", "no")),
            new byte[0],
            false);
    answer.stream(head, watch::end);
    tell(incident, reader, answer);
    if (incident.state() == Incident.State.OPEN) {
      incidents
          .subscribe(incident.id(), each -> writers.execute(() -> tell(each, reader, answer)))
          .ifPresent(watch::begin);
      incidents
          .find(incident.id())
          .filter(each -> each.state() != Incident.State.OPEN)
          .ifPresent(each -> tell(each, reader, answer));
    }
  }

  /// A subscription that ends when its client leaves, also where the client was faster.
  private static final class Watch {
    private @Nullable Subscription subscription;
    private boolean over;

    synchronized void begin(Subscription begun) {
      if (over) {
        begun.close();
      } else {
        subscription = begun;
      }
    }

    synchronized void end() {
      over = true;
      Subscription begun = subscription;
      if (begun != null) {
        begun.close();
      }
    }
  }

  private void tell(Incident incident, Reader reader, Answer answer) {
    answer.send(pages.get().event(incident, reader.language()));
    if (incident.state() != Incident.State.OPEN) {
      answer.end();
    }
  }
}
