package io.whygate.gateway.replay;

import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.gateway.config.reading.Addresses;
import io.whygate.gateway.config.reading.Json;
import io.whygate.gateway.replay.ReplayRequest.Field;
import java.net.URI;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// A failed exchange as the admin interface tells of it in an HTTP Archive: the attempt by which
/// the first or the last exchange of an incident is explained.
///
/// @param endpoint where it went; empty where there was nothing to try
/// @param address the address it went to; empty where none is known
/// @param missing names of fields whose values were not recorded
/// @param bodyBytes the size of its body; `bodyKept` says whether that is here
public record RecordedExchange(
    ReplayRequest request,
    Optional<Endpoint> endpoint,
    Optional<String> address,
    Instant at,
    String symptom,
    String saw,
    List<String> missing,
    boolean targetRedacted,
    boolean cut,
    long bodyBytes,
    boolean bodyKept) {

  /// @param first whether the first exchange is meant rather than the last
  /// @throws IllegalArgumentException where the text is no such archive
  public static RecordedExchange of(String archive, boolean first) {
    List<Json> all = Json.parse(archive).objects("log.entries");
    List<Json> wanted =
        all.stream().filter(each -> each.text("pageref").equals(first ? "first" : "last")).toList();
    List<Json> entries = wanted.isEmpty() ? all : wanted;
    if (entries.isEmpty()) {
      throw new IllegalArgumentException("the archive holds no exchange");
    }
    Json entry =
        entries.stream()
            .filter(each -> each.text("_whygate.explained").equals("true"))
            .findFirst()
            .orElseGet(entries::getLast);
    List<String> missing = entry.texts("_whygate.redacted");
    List<Field> fields = new ArrayList<>();
    for (Json field : entry.objects("request.headers")) {
      if (missing.stream().noneMatch(field.text("name")::equalsIgnoreCase)) {
        fields.add(new Field(field.text("name"), field.text("value")));
      }
    }
    String address = entry.text("serverIPAddress");
    return new RecordedExchange(
        new ReplayRequest(
            entry.text("request.method"),
            target(entry.text("request.url")),
            fields,
            entry.text("request.postData.text")),
        Addresses.parseEndpoint(entry.text("_whygate.endpoint")),
        address.isEmpty() ? Optional.empty() : Optional.of(address),
        moment(entry.text("startedDateTime")),
        entry.text("_whygate.symptom"),
        entry.text("response._error"),
        missing,
        entry.text("_whygate.target_redacted").equals("true"),
        entry.text("_whygate.cut").equals("true"),
        entry.number("_whygate.body_bytes"),
        entry.text("_whygate.body_kept").equals("true"));
  }

  private static Instant moment(String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeParseException _) {
      return Instant.EPOCH;
    }
  }

  private static String target(String url) {
    URI uri = URI.create(url);
    String path = uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
    return uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery();
  }

  /// With more fields, each in place of those that have its name.
  public RecordedExchange with(List<Field> more, Optional<String> body) {
    List<Field> fields = new ArrayList<>(request.fields());
    List<String> left = new ArrayList<>(missing);
    for (Field field : more) {
      fields.removeIf(each -> each.name().equalsIgnoreCase(field.name()));
      left.removeIf(each -> each.equalsIgnoreCase(field.name()));
    }
    fields.addAll(more);
    return new RecordedExchange(
        new ReplayRequest(request.method(), request.target(), fields, body.orElse(request.body())),
        endpoint,
        address,
        at,
        symptom,
        saw,
        left,
        targetRedacted,
        cut,
        bodyBytes,
        bodyKept || body.isPresent());
  }

  /// Whether it had a body that was not kept.
  public boolean lacksBody() {
    return bodyBytes != 0 && !bodyKept;
  }

  /// The Host that it asks for.
  public String host() {
    return request.fields().stream()
        .filter(each -> each.name().toLowerCase(Locale.ROOT).equals("host"))
        .map(Field::value)
        .findFirst()
        .orElse("");
  }
}
