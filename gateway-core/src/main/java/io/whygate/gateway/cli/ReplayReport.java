package io.whygate.gateway.cli;

import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.facts.WireFacts;
import io.whygate.diagnostics.incident.RedactedSpot;
import io.whygate.gateway.cli.Style.Tone;
import io.whygate.gateway.replay.Ending;
import io.whygate.gateway.replay.RecordedExchange;
import io.whygate.gateway.replay.Replay;
import java.util.List;
import java.util.function.Consumer;

/// Tells of a replay while it goes on: each phase as it passes, and the moment at which it goes
/// wrong.
final class ReplayReport implements Replay.Watch {
  private static final int COLUMNS = 24;

  private final Terminal terminal;
  private final Style style;

  ReplayReport(Terminal terminal, Style style) {
    this.terminal = terminal;
    this.style = style;
  }

  void begin(String id, RecordedExchange recorded, Endpoint endpoint) {
    print(sheet -> {
      String request = recorded.request().method() + " " + recorded.request().target();
      sheet.item("", 0, "Incident " + id + ": " + request, Tone.STRONG);
      row(sheet, "host", recorded.host());
      row(sheet, "failed", Moments.whole(recorded.at()) + ", " + recorded.saw());
      row(sheet, "now to", endpoint.url());
      sheet.gap();
      lacks(sheet, recorded);
    });
  }

  private void lacks(Sheet sheet, RecordedExchange recorded) {
    if (!recorded.missing().isEmpty()) {
      doubt(
          sheet,
          "Sent without "
              + String.join(", ", recorded.missing())
              + ": secrets are not recorded. --header \"Name: value\" adds one.");
    }
    if (recorded.targetRedacted()) {
      doubt(sheet, "The URL held a secret: REDACTED is sent in its place.");
    }
    if (recorded.cut()) {
      doubt(sheet, "The request was larger than what is kept of it: something is missing.");
    }
    sheet.gap();
  }

  private void doubt(Sheet sheet, String text) {
    sheet.item("  " + style.mark(Tone.DOUBT), 4, text);
  }

  private static void row(Sheet sheet, String name, String value) {
    if (!value.isEmpty()) {
      sheet.item("  %-8s".formatted(name), 10, value);
    }
  }

  @Override
  public void passed(Phase phase, long micros, String words) {
    print(sheet -> step(sheet, Tone.GOOD, phase, micros, words));
  }

  private void step(Sheet sheet, Tone tone, Phase phase, long micros, String words) {
    String label =
        "  " + style.mark(tone) + "%-8s%10s  ".formatted(name(phase), Moments.millis(micros));
    sheet.item(label, COLUMNS, words);
  }

  private static String name(Phase phase) {
    return switch (phase) {
      case RESOLVE -> "resolve";
      case CONNECT -> "connect";
      case TLS_HANDSHAKE -> "TLS";
      case SEND_REQUEST -> "send";
      case AWAIT_RESPONSE -> "wait";
      case READ_RESPONSE -> "read";
    };
  }

  /// Tells how it ended.
  ///
  /// @param elsewhere whether it went to another server than it failed at
  /// @return whether it works
  boolean end(RecordedExchange recorded, Ending ending, boolean elsewhere) {
    print(sheet -> {
      switch (ending) {
        case Ending.Answered answered -> answered(sheet, recorded, answered, elsewhere);
        case Ending.Broken broken -> broken(sheet, recorded, broken, elsewhere);
      }
    });
    return ending instanceof Ending.Answered answered && !answered.isFailure();
  }

  private void answered(
      Sheet sheet, RecordedExchange recorded, Ending.Answered answered, boolean elsewhere) {
    String said = "the server answers " + answered.status() + " " + answered.reason();
    sheet.gap();
    if (answered.isFailure()) {
      boolean same = recorded.symptom().equals("upstream-status");
      sheet.item(
          style.mark(Tone.BAD),
          2,
          (same && !elsewhere ? "It fails as it did: " : "It fails: ") + said.strip() + ".",
          Tone.BAD);
      return;
    }
    String now = elsewhere ? "There it works: " : "It works now: ";
    sheet.item(style.mark(Tone.GOOD), 2, now + said.strip() + ", whole.", Tone.GOOD);
    boolean denied = answered.status() == 401 || answered.status() == 403;
    if (denied && !recorded.missing().isEmpty()) {
      sheet.item("  ", 2, "It may want what was not recorded: see above.");
    }
  }

  private void broken(
      Sheet sheet, RecordedExchange recorded, Ending.Broken broken, boolean elsewhere) {
    step(sheet, Tone.BAD, broken.phase(), broken.micros(), broken.words());
    WireFacts.Spot spot = broken.spot();
    if (spot.isKnown()) {
      RedactedSpot shown = RedactedSpot.of(spot, broken.inHead());
      Wire.show(sheet, shown.before(), shown.offending(), shown.after(), shown.offset());
    }
    boolean same = recorded.symptom().equals(broken.symptom().code());
    String begin =
        elsewhere
            ? same ? "It fails there too: " : "There it fails in another way: "
            : same ? "It fails as it did: " : "It fails in another way than it did: ";
    sheet.gap();
    sheet.item(style.mark(Tone.BAD), 2, begin + broken.words() + ".", Tone.BAD);
  }

  private void print(Consumer<Sheet> part) {
    Sheet sheet = new Sheet(style);
    part.accept(sheet);
    List<String> lines = sheet.lines();
    lines.forEach(terminal.out()::println);
    terminal.out().flush();
  }
}
