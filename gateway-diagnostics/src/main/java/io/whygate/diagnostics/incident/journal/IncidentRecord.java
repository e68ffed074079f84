package io.whygate.diagnostics.incident.journal;

import io.whygate.diagnostics.facts.UpstreamFacts.Contact;
import io.whygate.diagnostics.incident.Extent;
import io.whygate.diagnostics.incident.Extent.Hit;
import io.whygate.diagnostics.incident.Incident;
import io.whygate.diagnostics.json.JsonReader.InvalidJsonException;
import io.whygate.diagnostics.json.JsonWriter;
import io.whygate.diagnostics.json.Members;
import io.whygate.diagnostics.memory.Change;
import java.time.DateTimeException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// An incident as one line of JSON. Members that a reader does not know are left alone, and those
/// that came later may be missing, so that the format stays open to both sides.
final class IncidentRecord {
  private IncidentRecord() {}

  static String of(Incident incident) {
    JsonWriter json =
        new JsonWriter()
            .object()
            .member("id", incident.id())
            .member("upstream", incident.upstream())
            .member("state", incident.state().name())
            .member("since", incident.since())
            .member("last_seen", incident.lastSeen())
            .member("requests", incident.requests())
            .member("pages", incident.pages());
    incident.ended().ifPresent(each -> json.member("ended", each));
    extent(json, incident.extent());
    DiagnosisRecord.write(json.name("diagnosis"), incident.diagnosis());
    return json.end().toString();
  }

  private static void extent(JsonWriter json, Extent extent) {
    extent.first().ifPresent(each -> hit(json.name("first"), each));
    extent.last().ifPresent(each -> hit(json.name("last"), each));
    json.name("paths").object();
    extent.paths().forEach(json::member);
    json.end();
    json.name("before").array();
    for (Change each : extent.before()) {
      json.object()
          .member("at", each.at())
          .member("kind", each.kind().name())
          .member("of", each.of())
          .member("detail", each.detail())
          .end();
    }
    json.end();
    json.name("notes").object();
    extent.notes().forEach(json::member);
    json.end();
  }

  private static void hit(JsonWriter json, Hit hit) {
    json.object()
        .member("at", hit.at())
        .member("method", hit.method())
        .member("host", hit.host())
        .member("path", hit.path())
        .end();
  }

  /// The incident of a line; its contact is the configuration's matter.
  ///
  /// @throws InvalidJsonException where it is none, with why
  static Incident read(String line) throws InvalidJsonException {
    try {
      Members from = Members.of(line);
      String upstream = from.text("upstream");
      return new Incident(
          from.text("id"),
          upstream,
          from.constant("state", Incident.State.class),
          from.moment("since"),
          from.moment("last_seen"),
          from.momentIfThere("ended"),
          from.number("requests"),
          from.number("pages"),
          DiagnosisRecord.diagnosis(upstream, from.object("diagnosis")),
          Contact.NONE,
          extent(from));
    } catch (Members.Missing
        | IllegalArgumentException
        | DateTimeException
        | IndexOutOfBoundsException
        | ClassCastException e) {
      throw new InvalidJsonException(String.valueOf(e.getMessage()));
    }
  }

  private static Extent extent(Members from) {
    Map<String, Long> paths = new LinkedHashMap<>();
    Map<String, String> notes = new LinkedHashMap<>();
    from.objectIfThere("paths")
        .ifPresent(each -> each.values().keySet().forEach(p -> paths.put(p, each.number(p))));
    from.objectIfThere("notes")
        .ifPresent(each -> each.values().keySet().forEach(n -> notes.put(n, each.text(n))));
    List<Change> before =
        from.objects("before").stream()
            .map(each ->
                new Change(
                    each.moment("at"),
                    each.constant("kind", Change.Kind.class),
                    each.text("of"),
                    each.text("detail")))
            .toList();
    return new Extent(
        hit(from.objectIfThere("first")), hit(from.objectIfThere("last")), paths, before, notes);
  }

  private static Optional<Hit> hit(Optional<Members> from) {
    return from.map(each ->
        new Hit(each.moment("at"), each.text("method"), each.text("host"), each.text("path")));
  }
}
