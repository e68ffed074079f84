package io.whygate.diagnostics.page;

import io.whygate.diagnostics.json.JsonWriter;
import io.whygate.diagnostics.verdict.StepReport;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// The explanation for programs: a problem document (RFC 9457) with the contract's members, in the
/// contract's order.
final class ProblemDocument {
  private ProblemDocument() {}

  /// The document of a failed request.
  static String of(View view, Texts texts) {
    JsonWriter json = new JsonWriter().object();
    beginning(json, view, texts);
    ending(json, view, texts);
    return json.end().toString();
  }

  /// The document of an incident, which goes on being asked for: the same, and its state.
  static String ofIncident(View view, Texts texts, Optional<Admission> admission) {
    JsonWriter json = new JsonWriter().object();
    beginning(json, view, texts);
    json.member("state", view.isOpen() ? "open" : "recovered");
    view.ended().ifPresent(ended -> json.member("ended", ended));
    admission.ifPresent(place -> admission(json, place));
    ending(json, view, texts);
    words(json, view, texts);
    return json.end().toString();
  }

  /// When a page that waited may open the site, as an object of its own.
  static String ofAdmission(Admission admission) {
    JsonWriter json = new JsonWriter().object();
    admission(json, admission);
    return json.end().toString();
  }

  private static void admission(JsonWriter json, Admission admission) {
    json.member("ticket", admission.ticket()).member("admit_after_ms", admission.afterMillis());
  }

  /// What a page that is open says anew when the cause turns out to be another.
  private static void words(JsonWriter json, View view, Texts texts) {
    Side side = Side.of(view.cause());
    json.name("page")
        .object()
        .member("side", side.code())
        .member("picture", texts.get("picture.broken." + side.code()))
        .member("where", texts.get("side." + side.code()))
        .member("next", next(view, texts))
        .member("advice", texts.advice(view.cause()))
        .end();
  }

  /// The members before the steps.
  static void beginning(JsonWriter json, View view, Texts texts) {
    json.member("type", "urn:whygate:cause:" + view.cause().code())
        .member("title", texts.title(view.cause()))
        .member("status", view.status())
        .member("detail", detail(view, texts))
        .member("instance", "urn:whygate:incident:" + view.incident())
        .member("cause", view.cause().code())
        .member("category", view.cause().category())
        .member("symptom", view.symptom().code())
        .member("confidence", view.confidence())
        .member("retryable", view.retryable())
        .member("retry_after_s", view.retryAfterSeconds())
        .member("request_processed", view.processed().code())
        .member("incident", view.incident())
        .member("since", view.since());
  }

  /// The steps, and what comes after them.
  static void ending(JsonWriter json, View view, Texts texts) {
    json.name("steps").array();
    for (StepReport step : view.steps()) {
      json.object()
          .member("step", step.step().code())
          .member("state", step.state().code())
          .member("finding", texts.finding(step, view.cause()));
      if (view.unfinished().contains(step.step())) {
        json.member("checking", true);
      }
      json.end();
    }
    json.end().member("elapsed_ms", view.elapsedMillis());
  }

  /// What happened, in one or two sentences: the operator's own where there is one.
  static String detail(View view, Texts texts) {
    return view.notice().isEmpty() ? texts.detail(view.cause()) : view.notice();
  }

  /// What happens next, and when.
  static String next(View view, Texts texts) {
    Optional<Instant> expected = view.expected();
    if (expected.isPresent()) {
      return texts.fill("next.expected", "time", Texts.clock(expected.get()));
    }
    String wait = texts.duration(Duration.ofSeconds(view.retryAfterSeconds()));
    return texts.fill(view.retryable() ? "next.wait" : "next.mend", "wait", wait);
  }

  /// Whether anything was lost: what a person who just pressed "Order" wants to know.
  static String lost(View view, Texts texts) {
    return texts.get(lostKey(view));
  }

  private static String lostKey(View view) {
    String kind = view.repeatable() ? "page" : "form";
    return "processed." + view.processed().code() + "." + kind;
  }
}
