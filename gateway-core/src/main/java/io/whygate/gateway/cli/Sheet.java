package io.whygate.gateway.cli;

import io.whygate.gateway.cli.Style.Tone;
import java.util.ArrayList;
import java.util.List;

/// Lines for a terminal: headings, paragraphs and hanging items, wrapped to its width.
final class Sheet {
  private final Style style;
  private final List<String> lines = new ArrayList<>();

  Sheet(Style style) {
    this.style = style;
  }

  Style style() {
    return style;
  }

  List<String> lines() {
    return List.copyOf(lines);
  }

  Sheet gap() {
    if (!lines.isEmpty() && !lines.getLast().isEmpty()) {
      lines.add("");
    }
    return this;
  }

  /// A heading, with a gap above.
  Sheet heading(String text) {
    gap();
    lines.add(style.in(Tone.STRONG, text));
    return this;
  }

  /// A paragraph; nothing where there is no text.
  Sheet paragraph(String indent, String text) {
    if (!text.isBlank()) {
      item(indent, indent.length(), text);
    }
    return this;
  }

  /// A text that goes on below its own beginning.
  ///
  /// @param label what stands before it, finished; may hold colours
  /// @param columns how wide the label is
  Sheet item(String label, int columns, String text) {
    return item(label, columns, text, Tone.STRONG, false);
  }

  /// The same, the text in a tone.
  Sheet item(String label, int columns, String text, Tone tone) {
    return item(label, columns, text, tone, true);
  }

  private Sheet item(String label, int columns, String text, Tone tone, boolean toned) {
    String begin = label;
    StringBuilder line = new StringBuilder();
    int room = Math.max(16, style.width() - columns);
    for (String word : style.safe(text).strip().split(" +", -1)) {
      if (!line.isEmpty() && line.length() + 1 + word.length() > room) {
        lines.add((begin + toned(line.toString(), tone, toned)).stripTrailing());
        begin = " ".repeat(columns);
        line.setLength(0);
      }
      line.append(line.isEmpty() ? "" : " ").append(word);
    }
    lines.add((begin + toned(line.toString(), tone, toned)).stripTrailing());
    return this;
  }

  private String toned(String text, Tone tone, boolean toned) {
    return toned ? style.in(tone, text) : text;
  }

  /// A line that must not be broken, such as a command.
  Sheet verbatim(String indent, String text) {
    lines.add(indent + style.safe(text));
    return this;
  }

  /// A finished line; may hold colours.
  Sheet line(String line) {
    lines.add(line);
    return this;
  }
}
