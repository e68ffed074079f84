package io.whygate.gateway.waiting;

import io.whygate.diagnostics.incident.Incident;
import io.whygate.diagnostics.incident.IncidentBook;
import io.whygate.diagnostics.page.Admission;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What anybody may ask of an incident: its public document, and its changes as server-sent events.
public final class IncidentPaths implements PublicPaths {
  private static final Logger LOG = LoggerFactory.getLogger(IncidentPaths.class);
  private static final String INCIDENTS = PREFIX + "incidents/";
  private static final String EVENTS = "/events";
  private static final String TICKET = "?ticket=";

  private final IncidentBook incidents;
  private final WaitingRoom room;
  private final Supplier<Pages> pages;
  private final Executor writers;

  /// @param writers runs what must not run on an event loop
  public IncidentPaths(
      IncidentBook incidents, WaitingRoom room, Supplier<Pages> pages, Executor writers) {
    this.incidents = incidents;
    this.room = room;
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
      long ticket = events ? 0 : ticket(request.target());
      write(answer, () -> answer.reply(document(incident.get(), reader, ticket)));
    }
  }

  private LocalReply document(Incident incident, Reader reader, long ticket) {
    Optional<Admission> admission =
        incident.state() == Incident.State.OPEN || !reader.method().equals("GET")
            ? Optional.empty()
            : Optional.of(room.place(incident.upstream(), ticket));
    return replyOf(pages.get().incident(incident, reader, admission));
  }

  /// The number in the query `ticket=N` of a target; 0 where there is none.
  private static long ticket(String target) {
    int at = target.indexOf(TICKET);
    if (at < 0) {
      return 0;
    }
    try {
      return Long.parseLong(target.substring(at + TICKET.length()));
    } catch (NumberFormatException _) {
      return 0;
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

  private Reader readerOf(RequestHead request) {
    return Reader.of(
        Reader.Audience.VISITOR,
        request.method(),
        request.fields()::joined,
        pages.get().languages());
  }

  private static LocalReply replyOf(Page page) {
    List<LocalReply.Field> fields =
        page.headers().stream()
            .map(each -> new LocalReply.Field(each.name(), each.value()))
            .toList();
    return new LocalReply(page.status(), fields, page.body(), false);
  }

  private void stream(Incident incident, Reader reader, Answer answer) {
    WaitingPage page =
        new WaitingPage(incident.id(), reader.language(), answer, incidents, room, pages);
    if (!room.enter(page)) {
      answer.reply(
          LocalReply.text(
              503,
              "too many pages listen already: ask for the incident now and then instead.",
              false,
              List.of(new LocalReply.Field("Retry-After", "10"))));
      return;
    }
    LocalReply head =
        new LocalReply(
            200,
            List.of(
                new LocalReply.Field("Content-Type", "text/event-stream"),
                new LocalReply.Field("Cache-Control", "no-store"),
                new LocalReply.Field("X-Accel-Buffering", "no")),
            new byte[0],
            false);
    answer.stream(head, page::left);
    page.listen(writers);
  }
}
