package io.whygate.diagnostics.page;

import io.whygate.diagnostics.incident.Recording;
import io.whygate.diagnostics.memory.Scope;
import java.util.List;

/// What operators are told of an incident beside its diagnosis.
///
/// @param recordings its first and its last failed exchange, as far as they are kept
/// @param scope what all that fails has in common, while others are answered
public record OperatorNotes(List<Recording> recordings, Scope scope) {
  public static final OperatorNotes NONE = new OperatorNotes(List.of(), Scope.NONE);

  public OperatorNotes {
    recordings = List.copyOf(recordings);
  }
}
