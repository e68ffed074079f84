package io.whygate.gateway.cli;

import io.whygate.gateway.config.reading.Json;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What stands at the end of a report: whom to turn to and, where it is wanted, the evidence and
/// what else was considered.
final class ReportExtras {
  private final Sheet sheet;
  private final Json document;

  ReportExtras(Sheet sheet, Json document) {
    this.sheet = sheet;
    this.document = document;
  }

  void write(boolean verbose) {
    if (verbose) {
      evidence();
      runnersUp();
    }
    host(verbose);
    recording();
  }

  private void host(boolean verbose) {
    String who =
        Stream.of("name", "email", "phone", "url")
            .map(part -> document.text("host." + part))
            .filter(part -> !part.isEmpty())
            .collect(Collectors.joining(", "));
    if (who.isEmpty()) {
      return;
    }
    String role = document.text("host.role");
    sheet.heading("Whom to turn to");
    sheet.item(
        "  ",
        2,
        role.isEmpty() ? who : who + " (" + role + " contact of " + document.text("host.of") + ")");
    if (verbose) {
      sheet.gap().item("  ", 2, document.text("host.message.subject"));
      document.text("host.message.body").lines().forEach(line -> sheet.paragraph("    ", line));
    }
  }

  private void evidence() {
    List<Json> evidence = document.objects("evidence");
    if (evidence.isEmpty()) {
      return;
    }
    sheet.heading("Evidence");
    for (Json one : evidence) {
      String of = one.text("of").isEmpty() ? "" : one.text("of") + ", ";
      String answer = one.text("answer");
      long micros = one.number("took_us");
      String took = micros == 0 || answer.endsWith("ms") ? "" : " (" + Moments.millis(micros) + ")";
      String label = "  %-14s ".formatted(sheet.style().safe(one.text("probe")));
      sheet.item(label, label.length(), of + one.text("asked") + ": " + answer + took);
    }
  }

  private void runnersUp() {
    List<Json> others = document.objects("runners_up");
    if (others.isEmpty()) {
      return;
    }
    sheet.heading("Less likely");
    for (Json other : others) {
      sheet.item(
          "  ",
          2,
          other.text("cause")
              + " ("
              + Report.confidence(other.text("confidence"))
              + "): "
              + other.text("against"));
    }
  }

  private void recording() {
    String replay = document.text("recording.replay");
    if (!replay.isEmpty()) {
      sheet.heading("Send it again");
      sheet.verbatim("       $ ", replay);
    }
  }
}
