package io.whygate.gateway.cli;

import io.whygate.gateway.cli.Style.Tone;
import io.whygate.gateway.config.reading.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// Incidents as a table for a terminal, newest first.
final class IncidentTable {
  private static final List<String> HEADINGS =
      List.of("SINCE", "STATE", "LASTED", "HIT", "UPSTREAM", "CAUSE", "ID");

  private IncidentTable() {}

  static List<String> of(List<Json> incidents, Instant now, Style style) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(HEADINGS);
    incidents.forEach(incident -> rows.add(row(incident, now, style)));
    int[] widths =
        IntStream.range(0, HEADINGS.size())
            .map(column -> rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0))
            .toArray();
    List<String> lines = new ArrayList<>();
    lines.add("  " + line(rows.getFirst(), widths, style, Tone.QUIET));
    for (List<String> row : rows.subList(1, rows.size())) {
      Tone tone = row.get(1).equals("open") ? Tone.BAD : Tone.GOOD;
      lines.add(style.mark(tone) + line(row, widths, style, tone));
    }
    return lines;
  }

  private static List<String> row(Json incident, Instant now, Style style) {
    Instant since = Moments.parse(incident.text("since"), now);
    Instant until = Moments.parse(incident.text("ended"), now);
    return List.of(
        Moments.brief(since),
        style.safe(incident.text("state")),
        Moments.lasted(Duration.between(since, until)),
        incident.text("requests"),
        style.safe(incident.text("upstream")),
        style.safe(incident.text("cause")),
        style.safe(incident.text("incident")));
  }

  /// The state, or the whole heading, stands out.
  private static String line(List<String> row, int[] widths, Style style, Tone tone) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < row.size(); i++) {
      boolean toned = tone == Tone.QUIET || i == 1;
      String cell = row.get(i);
      line.append(toned ? style.in(tone, cell) : cell)
          .repeat(' ', i == row.size() - 1 ? 0 : widths[i] - cell.length() + 2);
    }
    return line.toString();
  }
}
