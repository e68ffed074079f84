package io.whygate.diagnostics.page;

import io.whygate.diagnostics.incident.Recording;
import java.util.List;

/// What operators are told of an incident beside its diagnosis.
///
/// @param recordings its first and its last failed exchange, as far as they are kept
public record OperatorNotes(List<Recording> recordings) {
  public static final OperatorNotes NONE = new OperatorNotes(List.of());

  public OperatorNotes {
    recordings = List.copyOf(recordings);
  }
}
