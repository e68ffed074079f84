package io.whygate.diagnostics.incident;

import io.whygate.diagnostics.redaction.Redaction;
import java.util.List;
import java.util.Optional;

/// The request of a failed exchange as the server was sent it, without its secrets.
///
/// @param method the method
/// @param target the path and query, in origin form, or `*`
/// @param fields in their order; an upstream is always told its Host
/// @param bodyBytes the size of the body; -1 for one of unknown size
/// @param body the whole body, one character (U+0000 to U+00FF) a byte; empty where it is not kept
/// @param cut whether fields were left out because they are larger than what is kept
public record RecordedRequest(
    String method,
    String target,
    List<Field> fields,
    long bodyBytes,
    Optional<String> body,
    boolean cut) {
  public RecordedRequest {
    fields = List.copyOf(fields);
  }

  /// A field.
  ///
  /// @param redacted whether a secret was taken out of its value
  public record Field(String name, String value, boolean redacted) {

    /// A field of a request with its secrets taken out.
    public static Field of(String name, String value) {
      String shown = Redaction.field(name, value);
      return new Field(name, shown, !shown.equals(value));
    }
  }

  /// The value of the first field of this name; empty where there is none.
  public String field(String name) {
    for (Field field : fields) {
      if (field.name().equalsIgnoreCase(name)) {
        return field.value();
      }
    }
    return "";
  }

  /// Whether a secret was taken out of the query.
  public boolean isTargetRedacted() {
    return target.contains(Redaction.QUERY_MARK);
  }
}
