package io.whygate.gateway.address;

import io.whygate.diagnostics.facts.AttemptFailure;
import java.net.InetAddress;
import java.util.List;

/// What a name stands for at this moment.
public sealed interface Resolution {

  /// It has addresses.
  ///
  /// @param addresses at least one, in the order in which they came
  /// @param origin where they came from
  record Resolved(List<InetAddress> addresses, Origin origin) implements Resolution {
    public Resolved {
      addresses = List.copyOf(addresses);
    }
  }

  /// It has none, and nothing old can stand in.
  record NotResolved(AttemptFailure.NameNotResolved failure) implements Resolution {}
}
