package io.whygate.diagnostics.page;

import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.AttemptFailure.MalformedResponse;
import io.whygate.diagnostics.facts.AttemptFailure.TlsRejected;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.facts.Timeline;
import io.whygate.diagnostics.facts.UpstreamFacts.Contact;
import io.whygate.diagnostics.incident.Incident;
import io.whygate.diagnostics.verdict.Diagnosis;
import io.whygate.diagnostics.verdict.Evidence;
import io.whygate.diagnostics.verdict.RunnerUp;
import java.io.ByteArrayInputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/// The explanation for operators: the visitor's document with nothing kept back, and with what to
/// do.
final class OperatorDocument {
  /// Fields of an answer that may carry a secret.
  private static final Pattern SECRET_FIELD =
      Pattern.compile(
          "(?im)^((?:set-cookie|authorization|proxy-authorization|www-authenticate"
              + "|[a-z0-9-]*(?:token|secret|api-?key)[a-z0-9-]*)\\s*:)[^\\r\\n]*");

  private final FixSteps fixSteps = new FixSteps();

  /// The document of an incident, as JSON.
  String of(Incident incident, Texts texts) {
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
    ProblemDocument.ending(json, view, texts);
    json.member("because", diagnosis.verdict().because())
        .member(
            "explanation",
            FixSteps.prose(texts.get("cause." + view.cause().code() + ".why"), parameters))
        .member("proxy_status", ProxyStatus.of(diagnosis.exchange()).member("whygate", ""));
    fix(json, diagnosis, texts, parameters);
    evidence(json, diagnosis);
    runnersUp(json, diagnosis);
    timeline(json, diagnosis.exchange());
    contact(json, incident.contact());
    return json.end().toString();
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

  private static void evidence(JsonWriter json, Diagnosis diagnosis) {
    json.name("evidence").array();
    for (Evidence e : diagnosis.evidence()) {
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
    json.name("attempts").array();
    exchange.attempts().forEach(attempt -> attempt(json, attempt));
    json.end().end();
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
        .member("bytes_sent", attempt.bytesSent())
        .member("bytes_received", attempt.bytesReceived());
    moments(json, attempt.timeline());
    if (!attempt.firstBytes().isEmpty()) {
      json.member("first_bytes", redacted(attempt.firstBytes()));
    }
    if (failure instanceof MalformedResponse m) {
      json.member("problem", m.problem().name().toLowerCase(Locale.ROOT));
      json.member("detail", redacted(m.detail()));
      if (m.offset() >= 0) {
        json.member("offset", m.offset());
      }
    }
    if (failure instanceof TlsRejected t) {
      json.member("problem", t.problem().name().toLowerCase(Locale.ROOT));
      json.member("detail", t.detail());
      chain(json, t);
    }
    json.end();
  }

  private static void moments(JsonWriter json, Timeline timeline) {
    json.name("ended_us").object();
    moment(json, "resolve", timeline.resolved());
    moment(json, "connect", timeline.connected());
    moment(json, "tls_handshake", timeline.secured());
    moment(json, "send_request", timeline.sent());
    moment(json, "await_response", timeline.firstByte());
    moment(json, "attempt", timeline.ended());
    json.end();
  }

  private static void moment(JsonWriter json, String phase, long micros) {
    if (micros != Timeline.NEVER) {
      json.member(phase, micros);
    }
  }

  private static void chain(JsonWriter json, TlsRejected failure) {
    json.name("certificates").array();
    for (byte[] der : failure.chain()) {
      json.object();
      try {
        X509Certificate certificate =
            (X509Certificate)
                CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(der));
        json.member("subject", certificate.getSubjectX500Principal().getName())
            .member("issuer", certificate.getIssuerX500Principal().getName())
            .member("not_before", certificate.getNotBefore().toInstant())
            .member("not_after", certificate.getNotAfter().toInstant());
      } catch (CertificateException e) {
        json.member("unreadable", String.valueOf(e.getMessage()));
      }
      json.end();
    }
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

  private static String redacted(String bytes) {
    return SECRET_FIELD.matcher(bytes).replaceAll("$1 [redacted]");
  }
}
