package io.whygate.diagnostics.page;

import io.whygate.diagnostics.contact.HostContact;
import io.whygate.diagnostics.incident.Recording;
import io.whygate.diagnostics.memory.Scope;
import java.util.List;
import java.util.Optional;

/// What operators are told of an incident beside its diagnosis.
///
/// @param recordings its first and its last failed exchange, as far as they are kept
/// @param scope what all that fails has in common, while others are answered
/// @param host whom to turn to at the host, where the registries told
public record OperatorNotes(List<Recording> recordings, Scope scope, Optional<HostContact> host) {
  public static final OperatorNotes NONE =
      new OperatorNotes(List.of(), Scope.NONE, Optional.empty());

  public OperatorNotes {
    recordings = List.copyOf(recordings);
  }
}
