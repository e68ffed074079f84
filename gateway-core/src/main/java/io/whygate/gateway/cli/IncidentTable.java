package io.whygate.gateway.cli;

import io.whygate.gateway.config.reading.Json;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// Incidents as a table for a terminal, newest first.
final class IncidentTable {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("MM-dd HH:mm:ss").withZone(ZoneId.systemDefault());
  private static final List<String> HEADINGS =
      List.of("SINCE", "STATE", "LASTED", "UPSTREAM", "CAUSE", "REQUESTS", "ID", "WHAT");

  private IncidentTable() {}

  static List<String> of(List<Json> incidents, Instant now) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(HEADINGS);
    incidents.forEach(incident -> rows.add(row(incident, now)));
    int[] widths =
        IntStream.range(0, HEADINGS.size())
            .map(column -> rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0))
            .toArray();
    return rows.stream().map(row -> line(row, widths)).toList();
  }

  private static List<String> row(Json incident, Instant now) {
    Instant since = instant(incident.text("since"), now);
    Instant until = instant(incident.text("ended"), now);
    return List.of(
        TIME.format(since),
        incident.text("state"),
        lasted(Duration.between(since, until)),
        incident.text("upstream"),
        incident.text("cause"),
        incident.text("requests"),
        incident.text("incident"),
        incident.text("title"));
  }

  private static String line(List<String> row, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < row.size(); i++) {
      line.append(row.get(i)).repeat(' ', widths[i] - row.get(i).length() + 2);
    }
    return line.toString().stripTrailing();
  }

  private static String lasted(Duration duration) {
    long seconds = Math.max(0, duration.toSeconds());
    if (seconds < 60) {
      return seconds + "s";
    }
    return seconds < 3600
        ? seconds / 60 + "m" + seconds % 60 + "s"
        : seconds / 3600 + "h" + seconds % 3600 / 60 + "m";
  }

  private static Instant instant(String text, Instant otherwise) {
    try {
      return text.isEmpty() ? otherwise : Instant.parse(text);
    } catch (DateTimeParseException _) {
      return otherwise;
    }
  }
}
