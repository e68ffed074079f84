package io.whygate.diagnostics.memory;

import java.time.Instant;

/// Something that became different, and may be why.
///
/// @param upstream whom it concerns; empty for all
/// @param detail what became different, for operators
public record Change(Instant at, Kind kind, String upstream, String detail) {

  /// What kind of thing became different.
  public enum Kind {
    CONFIGURATION,
    ADDRESSES,
    CERTIFICATE,
    IDENTITY,
    FIRST_FAILURE
  }
}
