package io.whygate.gateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.gateway.cli.Style.Tone;
import io.whygate.gateway.config.reading.Json;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What reports look like on terminals of several kinds.
final class StyleTest {
  private static Terminal terminal(Charset charset) {
    PrintStream out = new PrintStream(new ByteArrayOutputStream(), true, charset);
    return new Terminal(out, out);
  }

  private static Style style(Charset charset, int width, boolean colour) {
    return new Style(width, colour, charset.newEncoder());
  }

  @Test
  void charactersThatATerminalLacksAreWrittenWithThoseThatItHas() {
    Style ascii = style(StandardCharsets.US_ASCII, 80, false);
    assertThat(ascii.safe("the site’s “door” … 2–3 ₫")).isEqualTo("the site's \"door\" ... 2-3 ?");
    assertThat(ascii.mark(Tone.GOOD) + ascii.mark(Tone.BAD)).isEqualTo("+ x ");
    Style latin = style(StandardCharsets.ISO_8859_1, 80, false);
    assertThat(latin.safe("é ’")).isEqualTo("é '");
    assertThat(style(StandardCharsets.UTF_8, 80, false).mark(Tone.GOOD)).isEqualTo("✓ ");
  }

  @Test
  void nothingThatComesFromElsewhereSteersTheTerminal() {
    Style style = style(StandardCharsets.UTF_8, 80, true);
    assertThat(style.safe("a\u001b]0;title\u0007b\rc\nd\u202ee\u009bf"))
        .isEqualTo("a\\x1b]0;title\\x07b\\x0dc d\\x202ee\\x9bf");
    assertThat(style.in(Tone.BAD, "\u001b[2J")).isEqualTo("\u001b[31m\\x1b[2J\u001b[0m");
  }

  @Test
  void thereAreColoursOnATerminalThatWantsThemAlone() {
    Terminal terminal = terminal(StandardCharsets.UTF_8);
    assertThat(Style.of(terminal, Map.of("TERM", "xterm"), null).colour()).isFalse();
    assertThat(
            Style.of(terminal, Map.of("TERM", "xterm", "NO_COLOR", "1"), System.console()).colour())
        .isFalse();
    assertThat(Style.of(terminal, Map.of("TERM", "dumb"), System.console()).colour()).isFalse();
    assertThat(Style.of(terminal, Map.of("COLUMNS", "100"), null).width()).isEqualTo(100);
    assertThat(Style.of(terminal, Map.of("COLUMNS", "wide"), null).width()).isEqualTo(80);
  }

  @Test
  void linesEndWithinTheWidthButForCommands() {
    Sheet sheet = new Sheet(style(StandardCharsets.UTF_8, 60, false));
    sheet.item("  1. ", 5, "word ".repeat(40)).verbatim("     $ ", "x".repeat(90));
    assertThat(sheet.lines().getFirst()).startsWith("  1. word");
    assertThat(sheet.lines().get(1)).startsWith("     word");
    assertThat(sheet.lines().subList(0, sheet.lines().size() - 1))
        .allMatch(line -> line.length() <= 60);
    assertThat(sheet.lines().getLast()).hasSize(97);
  }

  @Test
  void theOffendingByteIsMarked() {
    Sheet sheet = new Sheet(style(StandardCharsets.UTF_8, 80, false));
    Wire.show(
        sheet,
        Json.parse(
            """
            {"offending": {"offset": 17, "before": "HTTP/1.1 200 OK\\r\\n", "byte": "0x20",
             "after": "Name: x\\u001b"}}
            """));
    assertThat(sheet.lines())
        .isEqualTo(
            List.of(
                "      HTTP/1.1 200 OK\\r\\n Name: x\\x1b", "                         ^ byte 17"));
  }
}
