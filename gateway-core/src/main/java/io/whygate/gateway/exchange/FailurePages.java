package io.whygate.gateway.exchange;

import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.incident.Incident;
import io.whygate.diagnostics.page.Form;
import io.whygate.diagnostics.page.Languages;
import io.whygate.diagnostics.page.LateCall;
import io.whygate.diagnostics.page.Page;
import io.whygate.diagnostics.page.Pages;
import io.whygate.diagnostics.page.Reader;
import io.whygate.diagnostics.verdict.Diagnosis;
import io.whygate.gateway.http.FieldSection;
import io.whygate.gateway.http.RequestHead;
import io.whygate.gateway.reply.LocalReply;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Answers failed exchanges with a page: from the event loop where its body is kept, else written
/// off the event loop.
public final class FailurePages {
  private static final Logger LOG = LoggerFactory.getLogger(FailurePages.class);

  private final Supplier<Pages> pages;
  private final Executor writers;

  /// @param writers runs what must not run on an event loop
  public FailurePages(Supplier<Pages> pages, Executor writers) {
    this.pages = pages;
    this.writers = writers;
  }

  void render(
      Diagnosis diagnosis,
      FailedExchange failed,
      Incident incident,
      RequestHead request,
      Downstream downstream,
      Consumer<LocalReply> then) {
    Pages current = pages.get();
    Reader reader = reader(request, downstream, current.languages());
    Optional<Page> kept = current.kept(diagnosis, failed, incident, reader);
    if (kept.isPresent()) {
      then.accept(reply(kept.get()));
      return;
    }
    writers.execute(() -> {
      LocalReply answer = rendered(current, diagnosis, failed, incident, reader);
      handOver(downstream.eventLoop(), () -> then.accept(answer));
    });
  }

  /// Goes on where the exchange is. A gateway that closes may have ended the event loop meanwhile,
  /// and with it the client's connection: nobody is left who waits for the page.
  static void handOver(Executor eventLoop, Runnable then) {
    try {
      eventLoop.execute(then);
    } catch (RejectedExecutionException _) {
      LOG.debug("a page was ready after the end of its event loop");
    }
  }

  /// The answer to a gRPC call whose deadline is over.
  ///
  /// @param form one of gRPC's
  LocalReply late(LateCall call, Form form) {
    return reply(call.page(pages.get().name(), form));
  }

  /// The page; a plain sentence where it cannot be written.
  private static LocalReply rendered(
      Pages pages, Diagnosis diagnosis, FailedExchange failed, Incident incident, Reader reader) {
    try {
      return reply(pages.render(diagnosis, failed, incident, reader));
    } catch (RuntimeException | Error e) {
      LOG.error("the page for incident {} could not be written", incident.id(), e);
      return LocalReply.text(502, "the site does not answer; see " + incident.id() + ".", false);
    }
  }

  private static Reader reader(RequestHead request, Downstream downstream, Languages languages) {
    FieldSection fields = request.fields();
    Reader reader = Reader.of(Reader.Audience.VISITOR, request.method(), fields::joined, languages);
    return switch (downstream.frontStatus()) {
      case AUTO -> reader;
      case ALWAYS -> reader.withFront(true);
      case NEVER -> reader.withFront(false);
    };
  }

  private static LocalReply reply(Page page) {
    List<LocalReply.Field> fields = new ArrayList<>(page.headers().size());
    for (Page.Field each : page.headers()) {
      fields.add(new LocalReply.Field(each.name(), each.value()));
    }
    return new LocalReply(page.status(), fields, page.body(), false);
  }
}
