package io.whygate.gateway.cli;

import java.io.Console;
import java.nio.charset.CharsetEncoder;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// How a report looks on the terminal it is for: its width, whether it has colours, and what its
/// characters can be.
///
/// Texts come from servers and clients too: whatever would steer a terminal is shown as what it is.
///
/// @param width columns
/// @param encoder of the terminal's charset
record Style(int width, boolean colour, CharsetEncoder encoder) {
  private static final int USUAL = 80;
  private static final int LEAST = 60;
  private static final int MOST = 110;

  private static final Map<Character, String> PLAIN =
      Map.of(
          '\u2019', "'", '\u2018', "'", '\u201c', "\"", '\u201d', "\"", '\u2026', "...", '\u2013',
          "-", '\u2014', "-", '\u00a0', " ", '\u00b7', "-");

  /// What a line is about, as a colour and a mark.
  enum Tone {
    GOOD("32", "\u2713", "+"),
    BAD("31", "\u2717", "x"),
    DOUBT("33", "?", "?"),
    QUIET("2", "\u00b7", "-"),
    STRONG("1", " ", " ");

    private final String code;
    private final String mark;
    private final String plainMark;

    Tone(String code, String mark, String plainMark) {
      this.code = code;
      this.mark = mark;
      this.plainMark = plainMark;
    }
  }

  /// The style that suits a terminal.
  static Style of(Terminal terminal) {
    return of(terminal, System.getenv(), System.console());
  }

  static Style of(Terminal terminal, Map<String, String> environment, @Nullable Console console) {
    boolean wanted =
        environment.getOrDefault("NO_COLOR", "").isEmpty()
            && !environment.getOrDefault("TERM", "dumb").equals("dumb");
    boolean colour = wanted && console != null && console.isTerminal();
    return new Style(
        columns(environment.getOrDefault("COLUMNS", "")),
        colour,
        terminal.out().charset().newEncoder());
  }

  private static int columns(String text) {
    return text.matches("[1-9][0-9]{0,3}")
        ? Math.clamp(Integer.parseInt(text), LEAST, MOST)
        : USUAL;
  }

  /// A text in a tone.
  String in(Tone tone, String text) {
    String safe = safe(text);
    return colour && !safe.isBlank() ? "\u001b[" + tone.code + "m" + safe + "\u001b[0m" : safe;
  }

  /// The mark of a tone, two columns wide.
  String mark(Tone tone) {
    String shown = encoder.canEncode(tone.mark) ? tone.mark : tone.plainMark;
    return in(tone, shown) + " ".repeat(2 - shown.length());
  }

  /// A text as this terminal can show it, on one line, without anything that would steer it.
  String safe(String text) {
    StringBuilder out = new StringBuilder(text.length());
    text.codePoints()
        .forEach(c -> {
          if (c == '\n' || c == '\t') {
            out.append(' ');
          } else if (steers(c)) {
            out.append("\\x%02x".formatted(c));
          } else if (encoder.canEncode(Character.toString(c))) {
            out.appendCodePoint(c);
          } else {
            out.append(c < 0x10000 ? Optional.ofNullable(PLAIN.get((char) c)).orElse("?") : "?");
          }
        });
    return out.toString();
  }

  /// Control characters, and those that turn the direction of a line.
  private static boolean steers(int c) {
    return c < 0x20
        || (c >= 0x7f && c < 0xa0)
        || (c >= 0x202a && c <= 0x202e)
        || (c >= 0x2066 && c <= 0x2069)
        || c == 0x200e
        || c == 0x200f
        || c == 0x2028
        || c == 0x2029;
  }
}
