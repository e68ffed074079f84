package io.whygate.gateway.address;

import io.whygate.diagnostics.facts.AttemptFailure;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;

/// What one look-up of a name brought.
sealed interface Finding {

  /// Addresses.
  ///
  /// @param aliases the names that the answer went through (CNAME), first to last
  /// @param ttl how long they hold
  record Found(List<InetAddress> addresses, Origin origin, List<String> aliases, Duration ttl)
      implements Finding {}

  /// None.
  ///
  /// @param definite whether the name is known to have none, so that old addresses are void
  record Missing(AttemptFailure.NameNotResolved failure, boolean definite) implements Finding {}
}
