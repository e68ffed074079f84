package io.whygate.diagnostics.page;

import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.AttemptFailure.MalformedResponse;
import io.whygate.diagnostics.facts.AttemptFailure.TlsRejected;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.facts.UpstreamFacts.Contact;
import io.whygate.diagnostics.incident.Extent;
import io.whygate.diagnostics.incident.Incident;
import io.whygate.diagnostics.incident.Recording;
import io.whygate.diagnostics.json.JsonWriter;
import io.whygate.diagnostics.memory.Change;
import io.whygate.diagnostics.memory.Scope;
import io.whygate.diagnostics.redaction.Redaction;
import io.whygate.diagnostics.verdict.Diagnosis;
import io.whygate.diagnostics.verdict.Evidence;
import io.whygate.diagnostics.verdict.RunnerUp;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// The explanation for operators: the visitor's document with nothing kept back, and with what to
/// do.
final class OperatorDocument {
  private final FixSteps fixSteps = new FixSteps();

  /// The document of an incident, as JSON.
  String of(Incident incident, Texts texts, OperatorNotes notes) {
    Diagnosis diagnosis = incident.diagnosis();
    View view = Disclosure.anybody(incident);
    Map<String, String> parameters = FixSteps.parameters(diagnosis);
    JsonWriter json = new JsonWriter().object();
    ProblemDocument.beginning(json, view, texts);
    json.member("state", incident.state().code())
        .member("upstream", incident.upstream())
        .member("last_seen", incident.lastSeen());
    incident.ended().ifPresent(ended -> json.member("ended", ended));
    json.member("requests", incident.requests()).member("pages", incident.pages());
    extent(json, incident);
    ProblemDocument.ending(json, view, texts);
    String scope = notes.scope().words();
    String because = diagnosis.verdict().because();
    json.member("because", scope.isEmpty() ? because : ended(because) + " " + scope)
        .member("explanation", FixSteps.why(view.cause(), texts, parameters))
        .member("proxy_status", ProxyStatus.of(diagnosis.exchange()).member("whygate", ""));
    fix(json, diagnosis, texts, parameters);
    evidence(json, incident, notes.scope());
    runnersUp(json, diagnosis);
    timeline(json, diagnosis.exchange());
    scope(json, notes.scope());
    recordings(json, incident, notes);
    contact(json, incident.contact());
    HostMessage.write(json, incident, texts, notes.host());
    return json.end().toString();
  }

  /// What it has hit, and what went before it.
  private static void extent(JsonWriter json, Incident incident) {
    Extent extent = incident.extent();
    extent.first().ifPresent(each -> hit(json.name("first_request"), each));
    extent.last().ifPresent(each -> hit(json.name("last_request"), each));
    json.name("paths").array();
    extent
        .paths()
        .forEach(
            (path, count) -> json.object().member("path", path).member("requests", count).end());
    json.end();
    json.name("changed_before").array();
    for (Change each : extent.before()) {
      json.object()
          .member("at", each.at())
          .member("kind", each.kind().name().toLowerCase(Locale.ROOT))
          .member("change", each.before(incident.since()))
          .end();
    }
    json.end();
  }

  private static void hit(JsonWriter json, Extent.Hit hit) {
    json.object()
        .member("at", hit.at())
        .member("method", hit.method())
        .member("host", hit.host())
        .member("path", hit.path())
        .end();
  }

  private void fix(
      JsonWriter json, Diagnosis diagnosis, Texts texts, Map<String, String> parameters) {
    json.name("fix").array();
    for (FixSteps.FixStep step : fixSteps.of(diagnosis.cause(), texts, parameters)) {
      json.object().member("step", step.number()).member("do", step.text());
      if (!step.command().isEmpty()) {
        json.member("run", step.command());
      }
      json.end();
    }
    json.end();
  }

  private static void evidence(JsonWriter json, Incident incident, Scope scope) {
    List<Evidence> all = new ArrayList<>(incident.diagnosis().evidence());
    counted(incident, scope).ifPresent(all::add);
    json.name("evidence").array();
    for (Evidence e : all) {
      json.object()
          .member("probe", e.probe())
          .member("asked", e.asked())
          .member("of", e.of())
          .member("answer", e.answer())
          .member("at", e.at())
          .member("took_us", e.tookMicros())
          .end();
    }
    json.end();
  }

  /// What came of the requests of visitors since the first failure.
  private static Optional<Evidence> counted(Incident incident, Scope scope) {
    return scope
        .since()
        .filter(_ -> scope.failed() > 0)
        .map(since ->
            new Evidence(
                "traffic",
                "what fails since "
                    + since.truncatedTo(ChronoUnit.SECONDS)
                    + ", and what is answered",
                incident.upstream(),
                scope.evidence(),
                since,
                0));
  }

  private static void runnersUp(JsonWriter json, Diagnosis diagnosis) {
    json.name("runners_up").array();
    for (RunnerUp r : diagnosis.runnersUp()) {
      json.object()
          .member("cause", r.cause().code())
          .member("confidence", r.confidence())
          .member("against", r.against())
          .end();
    }
    json.end();
  }

  private static void timeline(JsonWriter json, FailedExchange exchange) {
    Instant began = exchange.at().minus(Duration.ofNanos(exchange.elapsedMicros() * 1000));
    json.name("timeline")
        .object()
        .member("began", began)
        .member("failed", exchange.at())
        .member("elapsed_us", exchange.elapsedMicros())
        .member("method", exchange.request().method())
        .member("scheme", exchange.request().scheme())
        .member("host", exchange.request().host())
        .member("path", exchange.request().path())
        .member("body_bytes", exchange.request().bodyBytes());
    if (!exchange.request().ids().isEmpty()) {
      json.name("ids").array();
      exchange.request().ids().forEach(json::value);
      json.end();
    }
    trace(json, exchange);
    json.name("attempts").array();
    exchange.attempts().forEach(attempt -> attempt(json, attempt));
    json.end().end();
  }

  private static void trace(JsonWriter json, FailedExchange exchange) {
    if (!exchange.request().trace().isEmpty()) {
      json.member("trace_id", exchange.request().trace());
    }
  }

  private static void attempt(JsonWriter json, FailedAttempt attempt) {
    AttemptFailure failure = attempt.failure();
    json.object()
        .member("endpoint", attempt.endpoint().url())
        .member("address", attempt.address().map(a -> a.getHostAddress()).orElse(""))
        .member("symptom", failure.symptom().code())
        .member("phase", failure.phase().name().toLowerCase(Locale.ROOT))
        .member("connection", attempt.use().isReused() ? "reused" : "fresh")
        .member("earlier_requests", attempt.use().earlierRequests())
        .member("idle_ms", attempt.use().idleMillis())
        .member("saw", AttemptWords.of(attempt));
    WireMembers.write(json, attempt);
    if (failure instanceof MalformedResponse m) {
      json.member("problem", m.problem().name().toLowerCase(Locale.ROOT));
      json.member("detail", Redaction.head(m.detail()));
      if (m.offset() >= 0) {
        json.member("offset", m.offset());
      }
    }
    if (failure instanceof TlsRejected t) {
      json.member("problem", t.problem().name().toLowerCase(Locale.ROOT));
      json.member("detail", t.detail());
    }
    json.end();
  }

  private static String ended(String sentence) {
    return sentence.matches("(?s).*[.!?]") ? sentence : sentence + ".";
  }

  private static void scope(JsonWriter json, Scope scope) {
    json.name("scope").array();
    for (Scope.Narrowing each : scope.narrowings()) {
      json.object()
          .member("by", each.dimension().code())
          .member("only", String.join(", ", each.only()))
          .member("failed", each.failed())
          .member("answered", each.answered())
          .member("others", each.others().size())
          .member("others_failed", each.othersFailed())
          .member("others_answered", each.othersAnswered())
          .member("words", each.words())
          .end();
    }
    json.end();
  }

  /// Where the exchanges that are kept can be had.
  private static void recordings(JsonWriter json, Incident incident, OperatorNotes notes) {
    if (notes.recordings().isEmpty()) {
      return;
    }
    String path = "/api/incidents/" + incident.id();
    json.name("recording")
        .object()
        .member("har", path + ".har")
        .member("curl", path + ".curl")
        .member("replay", "whygate replay " + incident.id());
    recorded(json, "first", notes.recordings().getFirst());
    if (notes.recordings().size() > 1) {
      recorded(json, "last", notes.recordings().getLast());
    }
    json.end();
  }

  private static void recorded(JsonWriter json, String name, Recording recording) {
    FailedExchange exchange = recording.exchange();
    json.name(name)
        .object()
        .member("at", exchange.at())
        .member("method", recording.request().method())
        .member("target", recording.request().target())
        .member("host", exchange.request().host())
        .member("symptom", exchange.symptom().code());
    trace(json, exchange);
    exchange.subject().ifPresent(attempt -> json.member("saw", AttemptWords.of(attempt)));
    json.end();
  }

  private static void contact(JsonWriter json, Contact contact) {
    json.name("contact")
        .object()
        .member("name", contact.name())
        .member("email", contact.email())
        .member("phone", contact.phone())
        .member("url", contact.url())
        .end();
  }
}
