package io.whygate.diagnostics.incident.journal;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.whygate.diagnostics.incident.RecordedRequest;
import io.whygate.diagnostics.incident.RecordedRequest.Field;
import io.whygate.diagnostics.incident.Recording;
import io.whygate.diagnostics.json.JsonReader.InvalidJsonException;
import io.whygate.diagnostics.json.JsonWriter;
import io.whygate.diagnostics.json.Members;
import java.time.DateTimeException;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/// A recording as one line of JSON: the first or the last failed exchange of an incident, with what
/// an archive and a replay need of it. A body that is too large for a line is left out.
final class RecordingRecord {
  private static final String BEGIN = "{\"recorded\":";
  private static final int LARGEST_BODY = 512 * 1024;

  private RecordingRecord() {}

  /// Which of an incident's exchanges it is.
  enum Place {
    FIRST,
    LAST
  }

  /// What a line says.
  record Placed(String incident, Place place, Recording recording) {}

  /// Whether a line is one.
  static boolean isOne(String line) {
    return line.startsWith(BEGIN);
  }

  static String of(Placed placed) {
    RecordedRequest request = placed.recording().request();
    JsonWriter json =
        new JsonWriter()
            .object()
            .member("recorded", placed.place().name())
            .member("incident", placed.incident())
            .member("upstream", placed.recording().exchange().upstream());
    json.name("request")
        .object()
        .member("method", request.method())
        .member("target", request.target())
        .member("body_bytes", request.bodyBytes())
        .member("cut", request.cut());
    json.name("fields").array();
    for (Field each : request.fields()) {
      json.object()
          .member("name", each.name())
          .member("value", each.value())
          .member("redacted", each.redacted())
          .end();
    }
    json.end();
    request
        .body()
        .filter(body -> body.length() <= LARGEST_BODY)
        .ifPresent(body ->
            json.member("body", Base64.getEncoder().encodeToString(body.getBytes(ISO_8859_1))));
    json.end();
    ExchangeRecord.writeWithBytes(json.name("exchange"), placed.recording().exchange());
    return json.end().toString();
  }

  /// The recording of a line.
  ///
  /// @throws InvalidJsonException where it is none, with why
  static Placed read(String line) throws InvalidJsonException {
    try {
      Members from = Members.of(line);
      return new Placed(
          from.text("incident"),
          from.constant("recorded", Place.class),
          new Recording(
              request(from.object("request")),
              ExchangeRecord.exchange(from.text("upstream"), from.object("exchange"))));
    } catch (Members.Missing
        | IllegalArgumentException
        | DateTimeException
        | IndexOutOfBoundsException
        | ClassCastException e) {
      throw new InvalidJsonException(String.valueOf(e.getMessage()));
    }
  }

  private static RecordedRequest request(Members from) {
    List<Field> fields =
        from.objects("fields").stream()
            .map(each -> new Field(each.text("name"), each.text("value"), each.flag("redacted")))
            .toList();
    Optional<String> body =
        from.has("body")
            ? Optional.of(new String(Base64.getDecoder().decode(from.text("body")), ISO_8859_1))
            : Optional.empty();
    return new RecordedRequest(
        from.text("method"),
        from.text("target"),
        fields,
        from.number("body_bytes"),
        body,
        from.flag("cut"));
  }
}
