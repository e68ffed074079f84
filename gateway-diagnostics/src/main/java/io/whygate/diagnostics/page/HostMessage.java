package io.whygate.diagnostics.page;

import io.whygate.diagnostics.contact.HostContact;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.facts.UpstreamFacts.Contact;
import io.whygate.diagnostics.incident.Incident;
import io.whygate.diagnostics.json.JsonWriter;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// A message to the host of a site, ready to be sent, with the facts that a host asks for: times
/// with their zone, the address, what was tried, the incident. A draft for operators; it names what
/// no visitor is told.
final class HostMessage {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss 'UTC'").withZone(ZoneOffset.UTC);
  private static final int MOST_ATTEMPTS = 5;

  private HostMessage() {}

  /// Writes whom to turn to and what to tell them; nothing where nobody is known.
  static void write(
      JsonWriter json, Incident incident, Texts texts, Optional<HostContact> registered) {
    boolean configured = !incident.contact().isEmpty();
    if (!configured && registered.isEmpty()) {
      return;
    }
    Contact contact = configured ? incident.contact() : registered.get().contact();
    json.name("host")
        .object()
        .member("name", contact.name())
        .member("email", contact.email())
        .member("phone", contact.phone())
        .member("url", contact.url())
        .member("source", configured ? "configuration" : registered.get().source());
    if (!configured) {
      json.member("role", registered.get().role()).member("of", registered.get().of());
    }
    message(json, incident, texts, contact);
    json.end();
  }

  private static void message(JsonWriter json, Incident incident, Texts texts, Contact contact) {
    Map<String, Object> values = values(incident, contact);
    String subject = texts.fill("host.subject", values);
    String body = texts.fill("host.body", values);
    json.name("message").object().member("subject", subject).member("body", body);
    if (!contact.email().isEmpty()) {
      json.member("mailto", mailto(contact.email(), subject, body));
    }
    json.end();
  }

  /// A link that opens a letter (RFC 6068).
  static String mailto(String email, String subject, String body) {
    return "mailto:"
        + Html.percent(email, "@")
        + "?subject="
        + Html.percent(subject, "")
        + "&body="
        + Html.percent(body.replace("\n", "\r\n"), "");
  }

  private static Map<String, Object> values(Incident incident, Contact contact) {
    FailedExchange exchange = incident.diagnosis().exchange();
    List<FailedAttempt> attempts = exchange.attempts();
    return Map.of(
        "name", contact.name().isEmpty() ? "" : " " + contact.name(),
        "site", exchange.request().host(),
        "server", exchange.subject().map(HostMessage::server).orElse(incident.upstream()),
        "since", TIME.format(incident.since()),
        "last", TIME.format(incident.lastSeen()),
        "requests", incident.requests(),
        "because", incident.diagnosis().verdict().because(),
        "cause", incident.cause().code(),
        "incident", incident.id(),
        "attempts",
            attempts.stream()
                .skip(Math.max(0, attempts.size() - MOST_ATTEMPTS))
                .map(attempt -> attempt(exchange, attempt))
                .collect(Collectors.joining("\n")));
  }

  private static String server(FailedAttempt attempt) {
    String url = attempt.endpoint().url();
    return attempt
        .address()
        .map(address -> address.getHostAddress())
        .filter(address -> !url.contains(address))
        .map(address -> url + " (" + address + ")")
        .orElse(url);
  }

  private static String attempt(FailedExchange exchange, FailedAttempt attempt) {
    Instant at = exchange.at();
    return "- "
        + TIME.format(at)
        + ": "
        + exchange.request().method()
        + " "
        + exchange.request().path()
        + " at "
        + server(attempt)
        + ": "
        + AttemptWords.of(attempt);
  }
}
