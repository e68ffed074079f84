package io.whygate.gateway.cli;

import io.whygate.gateway.cli.Style.Tone;
import io.whygate.gateway.config.reading.Json;

/// Bytes of an answer, with the one marked that broke the rules.
final class Wire {
  private static final int BEFORE = 36;
  private static final int AFTER = 24;

  private Wire() {}

  /// Shows the offending byte of an attempt, where there is one.
  static void show(Sheet sheet, Json attempt) {
    if (!attempt.text("offending.byte").isEmpty()) {
      int value = Integer.parseInt(attempt.text("offending.byte").substring(2), 16);
      show(
          sheet,
          attempt.text("offending.before"),
          (char) value,
          attempt.text("offending.after"),
          attempt.number("offending.offset"));
    }
  }

  static void show(Sheet sheet, String before, char offending, String after, long offset) {
    String left = visible(before.substring(Math.max(0, before.length() - BEFORE)));
    String mark = visible(String.valueOf(offending));
    String right = visible(after.substring(0, Math.min(after.length(), AFTER)));
    int room = Math.max(16, sheet.style().width() - 6);
    int cut = Math.max(0, left.length() - room * 2 / 3);
    left = left.substring(cut);
    String line = left + mark + right;
    sheet.verbatim("      ", line.substring(0, Math.min(line.length(), room)));
    sheet.line(
        " ".repeat(6 + left.length())
            + sheet.style().in(Tone.BAD, "^".repeat(mark.length()) + " byte " + offset));
  }

  /// Line ends and other bytes that have no picture, as a programmer writes them.
  private static String visible(String bytes) {
    StringBuilder out = new StringBuilder(bytes.length());
    for (int i = 0; i < bytes.length(); i++) {
      char c = bytes.charAt(i);
      switch (c) {
        case '\r' -> out.append("\\r");
        case '\n' -> out.append("\\n");
        case '\t' -> out.append("\\t");
        default -> out.append(c >= 0x20 && c < 0x7f ? c : "\\x%02x".formatted((int) c));
      }
    }
    return out.toString();
  }
}
