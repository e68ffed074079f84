package io.whygate.gateway.cli;

import io.whygate.gateway.cli.Style.Tone;
import io.whygate.gateway.config.reading.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// One incident for a terminal: its life in a line, then its report.
final class IncidentReport {
  private static final int MOST = 5;

  private IncidentReport() {}

  static List<String> of(Json document, Style style, boolean verbose) {
    Instant now = Instant.now();
    Instant since = Moments.parse(document.text("since"), now);
    String ended = document.text("ended");
    Instant until = Moments.parse(ended, now);
    boolean open = document.text("state").equals("open");
    Sheet head = new Sheet(style);
    head.item(
        "",
        0,
        "Incident "
            + document.text("incident")
            + (document.text("symptom").equals("own-certificate") ? " of " : " of upstream ")
            + document.text("upstream"),
        Tone.QUIET);
    head.item(
        style.in(open ? Tone.BAD : Tone.GOOD, document.text("state")) + " ",
        document.text("state").length() + 1,
        "since "
            + Moments.whole(since)
            + (ended.isEmpty() ? "" : " until " + Moments.whole(until))
            + ", "
            + Moments.lasted(Duration.between(since, until))
            + "; "
            + count(document.number("requests"), "request")
            + " hit, "
            + count(document.number("pages"), "page")
            + " shown");
    history(head, document);
    head.line("");
    List<String> lines = new ArrayList<>(head.lines());
    lines.addAll(Report.of(document, style, verbose));
    return lines;
  }

  /// What it hit, and what went before it.
  private static void history(Sheet head, Json document) {
    List<Json> paths = document.objects("paths");
    if (paths.size() > 1) {
      head.item(
          "paths   ",
          8,
          paths.stream()
              .limit(MOST)
              .map(each -> each.text("path") + " (" + each.text("requests") + ")")
              .collect(Collectors.joining(", ")));
    }
    for (Json change : document.objects("changed_before").stream().limit(MOST).toList()) {
      head.item("began   ", 8, change.text("change").replaceFirst("^began ", ""));
    }
  }

  private static String count(long number, String what) {
    return number + " " + what + (number == 1 ? "" : "s");
  }
}
