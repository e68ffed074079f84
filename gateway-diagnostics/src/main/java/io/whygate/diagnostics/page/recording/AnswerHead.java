package io.whygate.diagnostics.page.recording;

import io.whygate.diagnostics.facts.AttemptFailure.UpstreamStatus;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.incident.RecordedRequest.Field;
import io.whygate.diagnostics.redaction.Redaction;
import java.util.ArrayList;
import java.util.List;

/// What came of an answer's head, without its secrets, as far as its first bytes show it.
///
/// @param status 0 where no status line came
/// @param bytes the head's size where its end was seen, else -1
record AnswerHead(int status, String reason, String version, List<Field> fields, long bytes) {
  AnswerHead {
    fields = List.copyOf(fields);
  }

  static AnswerHead of(FailedAttempt attempt) {
    String first = attempt.firstBytes();
    int end = first.indexOf("\r\n\r\n");
    String[] lines = (end < 0 ? first : first.substring(0, end + 2)).split("\r\n", -1);
    int said = attempt.failure() instanceof UpstreamStatus u ? u.status() : 0;
    if (!lines[0].matches("HTTP/1\\.[01] [1-9][0-9]{2}( .*)?")) {
      return new AnswerHead(said, "", "", List.of(), -1);
    }
    List<Field> fields = new ArrayList<>();
    // The last piece is cut short, or empty.
    for (int i = 1; i < lines.length - 1; i++) {
      int colon = lines[i].indexOf(':');
      if (colon > 0) {
        String name = lines[i].substring(0, colon);
        String value = lines[i].substring(colon + 1).strip();
        String shown = Redaction.field(name, value);
        fields.add(new Field(name, shown, !shown.equals(value)));
      }
    }
    return new AnswerHead(
        Integer.parseInt(lines[0].substring(9, 12)),
        lines[0].length() > 13 ? lines[0].substring(13) : "",
        lines[0].substring(0, 8),
        fields,
        end < 0 ? -1 : end + 4);
  }

  String field(String name) {
    for (Field field : fields) {
      if (field.name().equalsIgnoreCase(name)) {
        return field.value();
      }
    }
    return "";
  }
}
