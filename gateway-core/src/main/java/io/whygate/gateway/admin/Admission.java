package io.whygate.gateway.admin;

import java.util.Optional;

/// Whether a request comes in.
sealed interface Admission {

  /// It does not; this is answered.
  record Refused(Answer.Document answer) implements Admission {}

  /// It does.
  ///
  /// @param role what it may do; empty for what is open to everybody: health, and the console's own
  ///   files
  /// @param session that of the browser that sent it, where it has one
  record Admitted(Optional<Role> role, Optional<Session> session) implements Admission {}
}
