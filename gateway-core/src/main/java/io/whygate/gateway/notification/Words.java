package io.whygate.gateway.notification;

import io.whygate.diagnostics.incident.Incident;
import io.whygate.diagnostics.json.JsonReader;
import io.whygate.diagnostics.json.JsonReader.InvalidJsonException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// News in words, for chats and letters.
final class Words {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss 'UTC'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private final Map<String, Object> document;
  private final News news;

  private Words(Map<String, Object> document, News news) {
    this.document = document;
    this.news = news;
  }

  static Words of(News news, Bulletin bulletin) {
    try {
      return new Words(JsonReader.object(bulletin.documents().apply(news.incident())), news);
    } catch (InvalidJsonException e) {
      throw new IllegalStateException("an incident's document is no JSON", e);
    }
  }

  /// One line for several: what a letter is about.
  static String subject(Bulletin bulletin) {
    if (bulletin.news().size() == 1) {
      return "[" + bulletin.gateway() + "] " + of(bulletin.news().getFirst(), bulletin).headline();
    }
    long broken =
        bulletin.news().stream().filter(each -> each.kind() != News.Kind.RECOVERED).count();
    long well = bulletin.news().size() - broken;
    List<String> parts = new ArrayList<>();
    if (broken > 0) {
      parts.add(broken + " broken");
    }
    if (well > 0) {
      parts.add(well + " recovered");
    }
    return "[" + bulletin.gateway() + "] " + String.join(", ", parts);
  }

  /// What happened, in one line.
  String headline() {
    Incident incident = news.incident();
    return switch (news.kind()) {
      case OPENED -> incident.upstream() + " is broken: " + text("title");
      case CHANGED -> incident.upstream() + " is broken for another cause: " + text("title");
      case RECOVERED ->
          incident.upstream()
              + " works again after "
              + lasted(
                  Duration.between(incident.since(), incident.ended().orElse(incident.lastSeen())));
    };
  }

  /// The cause, and how sure it is.
  String cause() {
    String code = news.incident().cause().code();
    return news.before().map(before -> code + ", not " + before.code()).orElse(code);
  }

  /// What it has hit.
  String extent() {
    Incident incident = news.incident();
    return "since "
        + TIME.format(incident.since())
        + incident.ended().map(end -> " until " + TIME.format(end)).orElse("")
        + "; "
        + incident.requests()
        + (incident.requests() == 1 ? " request" : " requests")
        + " hit, "
        + incident.pages()
        + (incident.pages() == 1 ? " page" : " pages");
  }

  /// Why the cause is thought to be it; empty where that is not said.
  String because() {
    return text("because");
  }

  /// A step of what to do.
  ///
  /// @param run the command; empty for none
  record Step(String text, String run) {}

  List<Step> fix() {
    List<Step> steps = new ArrayList<>();
    if (document.get("fix") instanceof List<?> all) {
      for (Object each : all) {
        if (each instanceof Map<?, ?> step) {
          steps.add(new Step(string(step.get("do")), string(step.get("run"))));
        }
      }
    }
    return steps;
  }

  String text(String name) {
    return string(document.get(name));
  }

  private static String string(@Nullable Object value) {
    return value == null ? "" : value.toString();
  }

  static String time(Instant at) {
    return TIME.format(at);
  }

  private static String lasted(Duration time) {
    long seconds = Math.max(0, time.toSeconds());
    if (seconds < 120) {
      return seconds + " s";
    }
    return seconds < 7200
        ? seconds / 60 + " min"
        : seconds / 3600 + " h " + seconds % 3600 / 60 + " min";
  }
}
