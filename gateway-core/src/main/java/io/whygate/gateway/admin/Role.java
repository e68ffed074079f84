package io.whygate.gateway.admin;

import java.util.Locale;

/// What somebody who came in may do.
enum Role {
  /// See everything, change nothing.
  READ_ONLY,
  FULL;

  /// The role as documents write it, such as `read-only`.
  String code() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
