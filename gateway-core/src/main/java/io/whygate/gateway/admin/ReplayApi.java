package io.whygate.gateway.admin;

import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.incident.Incident;
import io.whygate.diagnostics.incident.RedactedSpot;
import io.whygate.diagnostics.json.JsonReader;
import io.whygate.diagnostics.json.JsonReader.InvalidJsonException;
import io.whygate.diagnostics.json.JsonWriter;
import io.whygate.gateway.replay.Ending;
import io.whygate.gateway.replay.RecordedExchange;
import io.whygate.gateway.replay.Replay;
import io.whygate.gateway.replay.ReplayRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/// `POST /api/incidents/ID/replay`: sends the recorded request of an incident once more, past the
/// gateway, and tells the moment at which it goes wrong.
///
/// The body may have `first`, for the first exchange of the incident in place of the last, and
/// `force`, without which nothing is sent that may change something at the server.
final class ReplayApi {
  /// Each holds a connection and waits for a server that is in trouble.
  private static final int AT_ONCE = 4;

  private final Operations operations;
  private final Semaphore room = new Semaphore(AT_ONCE);

  ReplayApi(Operations operations) {
    this.operations = operations;
  }

  Answer answer(Request request, String id) {
    Optional<Incident> incident =
        operations.incidents().stream().filter(each -> each.id().equals(id)).findFirst();
    if (incident.isEmpty()) {
      return Answer.notFound("No incident has this id, or it is no longer kept.");
    }
    Optional<String> archive = operations.archive(incident.get());
    if (archive.isEmpty()) {
      return Answer.notFound("No exchange of this incident is kept.");
    }
    Wish wish;
    try {
      wish = Wish.of(request.body());
    } catch (InvalidJsonException e) {
      return Answer.problem(400, "Bad request", String.valueOf(e.getMessage()));
    }
    RecordedExchange recorded;
    try {
      recorded = RecordedExchange.of(archive.get(), wish.first());
    } catch (IllegalArgumentException e) {
      return conflict(String.valueOf(e.getMessage()) + ".");
    }
    return recorded
        .endpoint()
        .map(endpoint -> answer(id, recorded, endpoint, wish.force()))
        .orElseGet(() -> conflict("It reached no server: there is nothing to send it to."));
  }

  /// What the body asks for.
  private record Wish(boolean first, boolean force) {
    static Wish of(byte[] body) throws InvalidJsonException {
      if (body.length == 0) {
        return new Wish(false, false);
      }
      Map<String, Object> wishes = JsonReader.object(new String(body, StandardCharsets.UTF_8));
      for (Map.Entry<String, Object> each : wishes.entrySet()) {
        boolean known = each.getKey().equals("first") || each.getKey().equals("force");
        if (!known || !(each.getValue() instanceof Boolean)) {
          throw new InvalidJsonException(
              each.getKey() + ": wrong (expected: first or force, true or false)");
        }
      }
      return new Wish(
          Boolean.TRUE.equals(wishes.get("first")), Boolean.TRUE.equals(wishes.get("force")));
    }
  }

  private Answer answer(String id, RecordedExchange recorded, Endpoint endpoint, boolean force) {
    ReplayRequest request = recorded.request();
    if (!force && !ReplayRequest.isSafe(request.method())) {
      return conflict(
          request.method()
              + " may change something at the server, and may have done so already (expected:"
              + " force, where that does no harm).");
    }
    if (recorded.lacksBody()) {
      return conflict(
          "Its body was not recorded: diagnostics.recording.body-size keeps later ones, and"
              + " whygate replay "
              + id
              + " --body FILE sends another.");
    }
    if (!room.tryAcquire()) {
      return Answer.problem(503, "Busy", "Other requests are being sent again.");
    }
    try {
      return Answer.json(200, document(id, recorded, endpoint));
    } catch (IOException e) {
      return Answer.problem(
          500, "Not sent", "This machine could not try: " + String.valueOf(e.getMessage()));
    } finally {
      room.release();
    }
  }

  private static Answer conflict(String why) {
    return Answer.problem(409, "Not sent", why);
  }

  private String document(String id, RecordedExchange recorded, Endpoint endpoint)
      throws IOException {
    JsonWriter json =
        new JsonWriter()
            .object()
            .member("incident", id)
            .member("method", recorded.request().method())
            .member("target", recorded.request().target())
            .member("host", recorded.host())
            .member("endpoint", endpoint.url())
            .member("failed_at", recorded.at())
            .member("saw", recorded.saw())
            .member("target_redacted", recorded.targetRedacted())
            .member("cut", recorded.cut());
    json.name("missing").array();
    recorded.missing().forEach(json::value);
    json.end();
    json.name("phases").array();
    Replay.Target target =
        Replay.Target.of(endpoint, recorded.address(), operations.upstreamOf(endpoint));
    Ending ending =
        new Replay(target, (phase, micros, words) -> passed(json, phase, micros, words))
            .send(recorded.request());
    json.end();
    switch (ending) {
      case Ending.Answered answered ->
          json.member("works", !answered.isFailure())
              .member("same", answered.isFailure() && recorded.symptom().equals("upstream-status"))
              .member("status", answered.status())
              .member(
                  "words",
                  ("the server answers " + answered.status() + " " + answered.reason()).strip());
      case Ending.Broken broken -> broken(json, recorded, broken);
    }
    return json.end().toString();
  }

  private static void passed(JsonWriter json, Phase phase, long micros, String words) {
    json.object()
        .member("phase", name(phase))
        .member("took_us", micros)
        .member("words", words)
        .end();
  }

  private static String name(Phase phase) {
    return phase.name().toLowerCase(Locale.ROOT);
  }

  private static void broken(JsonWriter json, RecordedExchange recorded, Ending.Broken broken) {
    json.member("works", false)
        .member("same", recorded.symptom().equals(broken.symptom().code()))
        .member("phase", name(broken.phase()))
        .member("took_us", broken.micros())
        .member("symptom", broken.symptom().code())
        .member("words", broken.words());
    if (broken.spot().isKnown()) {
      RedactedSpot.of(broken.spot(), broken.inHead()).write(json.name("offending"));
    }
  }
}
