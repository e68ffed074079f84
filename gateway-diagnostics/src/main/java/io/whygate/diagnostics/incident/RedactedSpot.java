package io.whygate.diagnostics.incident;

import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.WireFacts.Spot;
import io.whygate.diagnostics.json.JsonWriter;
import io.whygate.diagnostics.redaction.Redaction;

/// The byte that broke the rules with those beside it, without secrets.
///
/// Those beside it may begin in the middle of a line, whose name is then not known: what cannot be
/// told from a secret is left out.
///
/// @param before the bytes before it
/// @param after the bytes behind it
public record RedactedSpot(long offset, String before, char offending, String after) {
  private static final String LEFT_OUT = "...";

  /// The spot of an attempt whose answer broke the rules.
  public static RedactedSpot of(FailedAttempt attempt) {
    Spot spot = attempt.wire().spot();
    int headEnd = attempt.firstBytes().indexOf("\r\n\r\n");
    return of(spot, headEnd < 0 || spot.offset() < headEnd + 4);
  }

  /// @param inHead whether the byte lies in the head, where lines are fields
  public static RedactedSpot of(Spot spot, boolean inHead) {
    String before = spot.around().substring(0, spot.mark());
    String after = spot.around().substring(spot.mark() + 1);
    boolean lineIsWhole = true;
    if (spot.offset() > spot.mark()) {
      int lineEnd = before.indexOf('\n');
      if (lineEnd >= 0) {
        before = LEFT_OUT + before.substring(lineEnd);
      } else if (inHead) {
        before = LEFT_OUT;
        lineIsWhole = false;
      }
    }
    String shown = Redaction.head(before);
    int line = shown.lastIndexOf('\n') + 1;
    boolean secret = inHead && shown.indexOf(Redaction.FIELD_MARK, line) >= 0;
    if (inHead && (secret || !lineIsWhole)) {
      int end = after.indexOf('\n');
      after = Redaction.FIELD_MARK + (end < 0 ? "" : after.substring(end));
    }
    return new RedactedSpot(
        spot.offset(), shown, spot.around().charAt(spot.mark()), Redaction.head(after));
  }

  /// Writes it as an object.
  public void write(JsonWriter json) {
    json.object()
        .member("offset", offset)
        .member("before", before)
        .member("byte", "0x%02x".formatted((int) offending))
        .member("after", after)
        .end();
  }
}
