package io.whygate.diagnostics.page.recording;

import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.incident.Incident;
import io.whygate.diagnostics.incident.RecordedRequest;
import io.whygate.diagnostics.incident.RecordedRequest.Field;
import io.whygate.diagnostics.incident.Recording;
import io.whygate.diagnostics.json.JsonWriter;
import io.whygate.diagnostics.page.AttemptWords;
import io.whygate.diagnostics.page.WireMembers;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/// The recording of an incident as an HTTP Archive (HAR 1.2): a page for its first and its last
/// failed exchange, an entry for each attempt. What HAR has no place for stands in members that
/// begin with `_`, as its section on custom fields wants.
public final class HarDocument {
  private HarDocument() {}

  /// @param version the version of this program
  /// @param recordings first and last; not empty
  public static String of(String version, Incident incident, List<Recording> recordings) {
    JsonWriter json = new JsonWriter().object().name("log").object();
    json.member("version", "1.2")
        .name("creator")
        .object()
        .member("name", "Whygate")
        .member("version", version)
        .end();
    json.name("pages").array();
    for (int i = 0; i < recordings.size(); i++) {
      FailedExchange exchange = recordings.get(i).exchange();
      json.object()
          .member("startedDateTime", began(exchange))
          .member("id", pageId(i))
          .member(
              "title",
              (i == 0 ? "The first" : "The last")
                  + " failed exchange of incident "
                  + incident.id()
                  + " ("
                  + incident.cause().code()
                  + ")")
          .name("pageTimings")
          .object()
          .end()
          .end();
    }
    json.end().name("entries").array();
    for (int i = 0; i < recordings.size(); i++) {
      entries(json, pageId(i), recordings.get(i));
    }
    json.end();
    json.member("comment", "Whygate incident " + incident.id() + "; secrets were taken out");
    return json.end().end().toString();
  }

  private static String pageId(int index) {
    return index == 0 ? "first" : "last";
  }

  private static Instant began(FailedExchange exchange) {
    return exchange.at().minusNanos(exchange.elapsedMicros() * 1000);
  }

  private static void entries(JsonWriter json, String page, Recording recording) {
    FailedExchange exchange = recording.exchange();
    List<FailedAttempt> attempts = exchange.attempts();
    if (attempts.isEmpty()) {
      unsent(json, page, recording);
      return;
    }
    long left = attempts.stream().mapToLong(each -> Math.max(0, each.timeline().ended())).sum();
    for (int i = 0; i < attempts.size(); i++) {
      FailedAttempt attempt = attempts.get(i);
      Instant at = exchange.at().minusNanos(left * 1000);
      left -= Math.max(0, attempt.timeline().ended());
      entry(json, page, recording.request(), attempt, at, i + 1, i == exchange.subjectIndex());
    }
  }

  private static void entry(
      JsonWriter json,
      String page,
      RecordedRequest request,
      FailedAttempt attempt,
      Instant began,
      int number,
      boolean isSubject) {
    HarTimings timings = HarTimings.of(attempt);
    Endpoint endpoint = attempt.endpoint();
    json.object()
        .member("pageref", page)
        .member("startedDateTime", began)
        .member("time", timings.total() / 1000.0);
    request(json, request, Target.url(endpoint, request.target()));
    response(json, attempt);
    json.name("cache").object().end();
    timings.write(json);
    attempt.address().ifPresent(a -> json.member("serverIPAddress", a.getHostAddress()));
    json.member("comment", AttemptWords.of(attempt));
    json.name("_whygate")
        .object()
        .member("attempt", number)
        .member("explained", isSubject)
        .member("endpoint", endpoint.url())
        .member("symptom", attempt.failure().symptom().code())
        .member("phase", attempt.failure().phase().name().toLowerCase(Locale.ROOT))
        .member("connection", attempt.use().isReused() ? "reused" : "fresh");
    lack(json, request);
    WireMembers.write(json, attempt);
    json.end().end();
  }

  /// What of the request is not here.
  private static void lack(JsonWriter json, RecordedRequest request) {
    json.member("body_bytes", request.bodyBytes())
        .member("body_kept", request.bodyBytes() == 0 || request.body().isPresent())
        .member("cut", request.cut())
        .member("target_redacted", request.isTargetRedacted())
        .name("redacted")
        .array();
    request.fields().stream().filter(Field::redacted).forEach(field -> json.value(field.name()));
    json.end();
  }

  private static void request(JsonWriter json, RecordedRequest request, String url) {
    json.name("request")
        .object()
        .member("method", request.method())
        .member("url", url)
        .member("httpVersion", "HTTP/1.1")
        .name("cookies")
        .array()
        .end();
    fields(json, request.fields());
    query(json, request.target());
    if (request.body().isPresent()) {
      json.name("postData")
          .object()
          .member("mimeType", mimeType(request.field("content-type")))
          .member("text", request.body().get())
          .end();
    }
    json.member("headersSize", -1).member("bodySize", request.bodyBytes()).end();
  }

  private static void response(JsonWriter json, FailedAttempt attempt) {
    AnswerHead head = AnswerHead.of(attempt);
    long body = head.bytes() < 0 ? -1 : Math.max(0, attempt.bytesReceived() - head.bytes());
    json.name("response")
        .object()
        .member("status", head.status())
        .member("statusText", head.reason())
        .member("httpVersion", head.version().isEmpty() ? "unknown" : head.version())
        .name("cookies")
        .array()
        .end();
    fields(json, head.fields());
    json.name("content")
        .object()
        .member("size", Math.max(0, body))
        .member("mimeType", mimeType(head.field("content-type")))
        .end()
        .member("redirectURL", head.field("location"))
        .member("headersSize", head.bytes())
        .member("bodySize", body)
        .member("_error", AttemptWords.of(attempt))
        .end();
  }

  /// An exchange for which there was nothing to try.
  private static void unsent(JsonWriter json, String page, Recording recording) {
    FailedExchange exchange = recording.exchange();
    json.object()
        .member("pageref", page)
        .member("startedDateTime", began(exchange))
        .member("time", exchange.elapsedMicros() / 1000.0);
    String path = recording.request().target();
    request(
        json,
        recording.request(),
        exchange.request().scheme() + "://" + exchange.request().host() + Target.encoded(path));
    json.name("response")
        .object()
        .member("status", 0)
        .member("statusText", "")
        .member("httpVersion", "unknown")
        .name("cookies")
        .array()
        .end();
    fields(json, List.of());
    json.name("content").object().member("size", 0).member("mimeType", "x-unknown").end();
    json.member("redirectURL", "").member("headersSize", -1).member("bodySize", -1);
    json.member("_error", "there was nothing to try").end();
    json.name("cache").object().end();
    new HarTimings(exchange.elapsedMicros(), -1, -1, -1, 0, 0, 0).write(json);
    json.name("_whygate")
        .object()
        .member("attempt", 0)
        .member("symptom", exchange.symptom().code());
    lack(json, recording.request());
    json.end().end();
  }

  private static void fields(JsonWriter json, List<Field> fields) {
    json.name("headers").array();
    for (Field field : fields) {
      json.object().member("name", field.name()).member("value", field.value()).end();
    }
    json.end();
  }

  private static void query(JsonWriter json, String target) {
    json.name("queryString").array();
    int mark = target.indexOf('?');
    if (mark >= 0 && mark + 1 < target.length()) {
      for (String pair : target.substring(mark + 1).split("&", -1)) {
        int equals = pair.indexOf('=');
        json.object()
            .member("name", equals < 0 ? pair : pair.substring(0, equals))
            .member("value", equals < 0 ? "" : pair.substring(equals + 1))
            .end();
      }
    }
    json.end();
  }

  private static String mimeType(String contentType) {
    return contentType.isEmpty() ? "x-unknown" : contentType;
  }
}
