package io.whygate.gateway.notification;

import io.whygate.diagnostics.incident.Incident;
import io.whygate.diagnostics.verdict.Cause;
import java.util.Locale;
import java.util.Optional;

/// Something that people are told of an incident.
///
/// @param incident as it stands now
/// @param before the cause that it was thought to be; there where that changed
record News(Kind kind, Incident incident, Optional<Cause> before) {

  /// What is new.
  enum Kind {
    OPENED,
    /// It is open, and has another cause than was thought.
    CHANGED,
    RECOVERED;

    String code() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  static News opened(Incident incident) {
    return new News(Kind.OPENED, incident, Optional.empty());
  }

  static News changed(Incident incident, Cause before) {
    return new News(Kind.CHANGED, incident, Optional.of(before));
  }

  static News recovered(Incident incident) {
    return new News(Kind.RECOVERED, incident, Optional.empty());
  }

  /// Both in one, told together: what is later holds, but what nobody was told of yet is told
  /// whole.
  News after(News earlier) {
    return switch (kind) {
      case OPENED, RECOVERED -> this;
      case CHANGED ->
          switch (earlier.kind) {
            case OPENED, RECOVERED -> opened(incident);
            case CHANGED -> new News(Kind.CHANGED, incident, earlier.before);
          };
    };
  }
}
