package io.whygate.gateway.cli;

import io.whygate.gateway.cli.Style.Tone;
import io.whygate.gateway.config.reading.Json;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// An incident's document for operators as a text for a terminal: what it is, how it was told, what
/// to do; the evidence where it is wanted.
final class Report {
  private static final int LABEL = 14;

  private final Sheet sheet;
  private final Json document;
  private final boolean verbose;

  private Report(Sheet sheet, Json document, boolean verbose) {
    this.sheet = sheet;
    this.document = document;
    this.verbose = verbose;
  }

  /// @param verbose with the evidence, and what was considered beside it
  static List<String> of(Json document, Style style, boolean verbose) {
    Sheet sheet = new Sheet(style);
    new Report(sheet, document, verbose).write();
    return sheet.lines();
  }

  private void write() {
    Style style = sheet.style();
    // What is over is told in quiet; `whygate diagnose` has no state, and is about now.
    Tone tone = document.text("ended").isEmpty() ? Tone.BAD : Tone.QUIET;
    sheet.item(style.mark(tone), 2, document.text("title"), Tone.STRONG);
    sheet.line(
        "  "
            + style.in(tone, document.text("cause"))
            + style.safe(", " + confidence() + ", seen as " + document.text("symptom")));
    sheet.gap();
    sheet.paragraph("  ", document.text("because"));
    if (!document.text("because").equals(document.text("explanation"))) {
      sheet.gap().paragraph("  ", document.text("explanation"));
    }
    fix();
    steps();
    attempts();
    new ReportExtras(sheet, document).write(verbose);
    if (!verbose) {
      hint();
    }
  }

  private String confidence() {
    return confidence(document.text("confidence"));
  }

  static String confidence(String value) {
    try {
      return Math.round(Double.parseDouble(value) * 100) + " % sure";
    } catch (NumberFormatException _) {
      return "unsure";
    }
  }

  private void steps() {
    sheet.heading("The seven checks");
    for (Json step : document.objects("steps")) {
      Tone tone = tone(step.text("state"));
      String label = "  " + sheet.style().mark(tone) + "%-9s ".formatted(step.text("step"));
      sheet.item(label, LABEL, step.text("finding"), tone == Tone.GOOD ? Tone.STRONG : tone);
    }
    unread();
  }

  /// Which log could not be read, and how that is mended: what it says may be the answer.
  private void unread() {
    for (Json asked : document.objects("evidence")) {
      if (asked.text("probe").equals("logs")
          && asked.text("answer").contains("could not be read")) {
        sheet.gap().item("  " + sheet.style().mark(Tone.DOUBT), 4, asked.text("answer"));
      }
    }
  }

  private static Tone tone(String state) {
    return switch (state) {
      case "passed", "healed" -> Tone.GOOD;
      case "failed" -> Tone.BAD;
      case "unknown" -> Tone.DOUBT;
      default -> Tone.QUIET;
    };
  }

  private void fix() {
    List<Json> steps = document.objects("fix");
    if (steps.isEmpty()) {
      return;
    }
    sheet.heading("What to do");
    for (Json step : steps) {
      String number = "  " + step.text("step") + ". ";
      sheet.item(number, number.length(), step.text("do"));
      step.text("run").lines().forEach(command -> sheet.verbatim("       $ ", command));
    }
  }

  private void attempts() {
    List<Json> attempts = document.objects("timeline.attempts");
    if (attempts.isEmpty()) {
      return;
    }
    sheet.heading("The request that failed");
    sheet.paragraph(
        "  ",
        document.text("timeline.method")
            + " "
            + document.text("timeline.scheme")
            + "://"
            + document.text("timeline.host")
            + document.text("timeline.path")
            + " on "
            + Moments.whole(Moments.parse(document.text("timeline.failed"), Instant.now()))
            + failed(attempts.size()));
    int number = 0;
    for (Json attempt : attempts) {
      String label = "  " + ++number + ". ";
      sheet.item(
          label, label.length(), place(attempt) + ": " + attempt.text("saw") + took(attempt));
      Wire.show(sheet, attempt);
    }
  }

  /// How often it failed; what was healed was answered in the end.
  private String failed(int times) {
    return (times == 1 ? ", failed once" : ", failed " + times + " times")
        + (document.text("state").equals("healed") ? " before it was answered:" : ":");
  }

  private static String place(Json attempt) {
    String endpoint = attempt.text("endpoint");
    String address = attempt.text("address");
    return address.isEmpty() || endpoint.contains(address)
        ? endpoint
        : endpoint + " (" + address + ")";
  }

  /// How long it took and what went over the wire, as far as that is not told already.
  private static String took(Json attempt) {
    String saw = attempt.text("saw");
    long out = attempt.number("bytes_sent");
    long in = attempt.number("bytes_received");
    List<String> more = new ArrayList<>();
    if (!saw.contains(" ms ")) {
      more.add(Moments.millis(attempt.number("ended_us.attempt")));
    }
    if (out > 0) {
      more.add(bytes(out) + " sent");
    }
    if (in > 0 && !saw.contains(" byte")) {
      more.add(bytes(in) + " received");
    }
    return more.isEmpty() ? "" : " (" + String.join(", ", more) + ")";
  }

  private static String bytes(long number) {
    return number + (number == 1 ? " byte" : " bytes");
  }

  private void hint() {
    int asked = document.objects("evidence").size();
    String checks =
        asked == 0
            ? "--verbose tells more"
            : (asked == 1 ? "1 question was" : asked + " questions were")
                + " asked; --verbose shows the answers";
    sheet.gap().item("", 0, checks + ", --json gives everything.", Tone.QUIET);
  }
}
