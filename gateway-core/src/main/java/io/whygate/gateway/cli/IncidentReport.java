package io.whygate.gateway.cli;

import io.whygate.gateway.cli.Style.Tone;
import io.whygate.gateway.config.reading.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// One incident for a terminal: its life in a line, then its report.
final class IncidentReport {
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
        "Incident " + document.text("incident") + " of upstream " + document.text("upstream"),
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
    head.line("");
    List<String> lines = new ArrayList<>(head.lines());
    lines.addAll(Report.of(document, style, verbose));
    return lines;
  }

  private static String count(long number, String what) {
    return number + " " + what + (number == 1 ? "" : "s");
  }
}
