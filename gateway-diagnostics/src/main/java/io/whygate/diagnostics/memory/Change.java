package io.whygate.diagnostics.memory;

import java.time.Duration;
import java.time.Instant;

/// Something that became different, and may be why.
///
/// @param of whom it concerns: the URL of an endpoint or a host name; empty for all
/// @param detail what became different, for operators
public record Change(Instant at, Kind kind, String of, String detail) {

  /// What kind of thing became different.
  public enum Kind {
    /// The gateway started.
    START,
    /// Another configuration was put in force.
    CONFIGURATION,
    /// A name stands for other addresses.
    ADDRESSES,
    /// A server shows another certificate key.
    CERTIFICATE,
    /// A site shows other marks, and is the same one.
    IDENTITY,
    /// An endpoint failed that had answered.
    FIRST_FAILURE
  }

  /// How a failure began after it, such as `began 40 s after reload 17 (2 endpoints of shop)`.
  ///
  /// @param failure when the first failure was
  public String before(Instant failure) {
    Duration between = Duration.between(at, failure);
    String after =
        between.toSeconds() >= 120
            ? between.toMinutes() + " min"
            : between.toSeconds() >= 2 ? between.toSeconds() + " s" : between.toMillis() + " ms";
    return "began " + after + " after " + detail;
  }
}
