package io.whygate.gateway.cli;

import io.whygate.gateway.config.reading.Json;
import java.util.ArrayList;
import java.util.List;

/// An incident's document for operators as a text for a terminal.
final class Report {
  private static final int WIDTH = 96;

  private final List<String> lines = new ArrayList<>();

  private Report() {}

  static List<String> of(Json document) {
    Report report = new Report();
    report.write(document);
    return report.lines;
  }

  private void write(Json document) {
    lines.add(
        document.text("title")
            + "  ("
            + document.text("cause")
            + ", "
            + confidence(document.text("confidence"))
            + ")");
    lines.add("");
    paragraph("", document.text("because"));
    paragraph("", document.text("explanation"));
    lines.add("");
    lines.add("Checks");
    for (Json step : document.objects("steps")) {
      item("  %-9s %-8s ".formatted(step.text("step"), step.text("state")), step.text("finding"));
    }
    section("What to do", document.objects("fix"));
    for (Json step : document.objects("fix")) {
      item("  " + step.text("step") + ". ", step.text("do"));
      step.text("run").lines().forEach(command -> lines.add("       $ " + command));
    }
    section("Evidence", document.objects("evidence"));
    for (Json one : document.objects("evidence")) {
      String of = one.text("of").isEmpty() ? "" : one.text("of") + ", ";
      String answer = one.text("answer");
      String took = answer.endsWith("ms") ? "" : " (" + millis(one.number("took_us")) + ")";
      item("  %-14s ".formatted(one.text("probe")), of + one.text("asked") + ": " + answer + took);
    }
    section("Less likely", document.objects("runners_up"));
    for (Json other : document.objects("runners_up")) {
      item(
          "  " + other.text("cause") + " (" + confidence(other.text("confidence")) + "): ",
          other.text("against"));
    }
    attempts(document.objects("timeline.attempts"));
  }

  private void attempts(List<Json> attempts) {
    section("What was tried", attempts);
    for (Json attempt : attempts) {
      String address = attempt.text("address");
      item(
          "  ",
          attempt.text("endpoint")
              + (address.isEmpty() ? "" : " at " + address)
              + ": "
              + attempt.text("symptom")
              + " after "
              + millis(attempt.number("ended_us.attempt"))
              + ", "
              + attempt.number("bytes_sent")
              + " bytes sent, "
              + attempt.number("bytes_received")
              + " received");
    }
  }

  private void section(String title, List<Json> content) {
    if (!content.isEmpty()) {
      lines.add("");
      lines.add(title);
    }
  }

  private void paragraph(String indent, String text) {
    if (!text.isEmpty()) {
      item(indent, text);
    }
  }

  /// A text that goes on below its own beginning.
  private void item(String beginning, String text) {
    StringBuilder line = new StringBuilder(beginning);
    String indent = " ".repeat(beginning.length());
    boolean isEmpty = true;
    for (String word : text.strip().split("\\s+", -1)) {
      if (!isEmpty && line.length() + 1 + word.length() > WIDTH) {
        lines.add(line.toString());
        line.setLength(0);
        line.append(indent);
        isEmpty = true;
      }
      line.append(isEmpty ? "" : " ").append(word);
      isEmpty = false;
    }
    lines.add(line.toString().stripTrailing());
  }

  private static String confidence(String value) {
    try {
      return Math.round(Double.parseDouble(value) * 100) + " % sure";
    } catch (NumberFormatException _) {
      return "unsure";
    }
  }

  private static String millis(long micros) {
    return micros < 10_000
        ? micros / 1000 + "." + micros % 1000 / 100 + " ms"
        : micros / 1000 + " ms";
  }
}
