package io.whygate.gateway.notification;

import io.whygate.diagnostics.incident.Incident;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// News that are told in one message.
///
/// @param gateway the gateway's name
/// @param console the console's address; empty where none is known
/// @param documents gives an incident as operators see it, a JSON object
record Bulletin(
    String gateway,
    String console,
    Instant at,
    List<News> news,
    Function<Incident, String> documents) {
  private static final Duration TOGETHER = Duration.ofSeconds(10);

  Bulletin {
    news = List.copyOf(news);
  }

  /// The same for people: an incident that ended as another of its upstream began was given another
  /// cause, which is one thing to tell and not two.
  Bulletin forPeople() {
    List<News> told = new ArrayList<>();
    List<News> left = new ArrayList<>(news);
    for (News each : news) {
      if (each.kind() == News.Kind.OPENED) {
        Optional<News> other = left.stream().filter(one -> gaveWayTo(one, each)).findFirst();
        if (other.isPresent()) {
          left.remove(other.get());
          left.set(
              left.indexOf(each), News.changed(each.incident(), other.get().incident().cause()));
        }
      }
    }
    told.addAll(left);
    return new Bulletin(gateway, console, at, told, documents);
  }

  private static boolean gaveWayTo(News ended, News opened) {
    return ended.kind() == News.Kind.RECOVERED
        && ended.incident().upstream().equals(opened.incident().upstream())
        && ended.incident().cause() != opened.incident().cause()
        && ended
            .incident()
            .ended()
            .filter(end ->
                Duration.between(end, opened.incident().since()).abs().compareTo(TOGETHER) < 0)
            .isPresent();
  }

  /// Where the console shows an incident; empty where its address is not known.
  String link(Incident incident) {
    return console.isEmpty()
        ? ""
        : console.replaceFirst("/+$", "") + "/#/incidents/" + incident.id();
  }
}
