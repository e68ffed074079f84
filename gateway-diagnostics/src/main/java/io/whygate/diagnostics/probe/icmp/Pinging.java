package io.whygate.diagnostics.probe.icmp;

import io.whygate.diagnostics.facts.IcmpMessage;
import java.util.List;
import java.util.Optional;

/// What came of pings of several sizes, sent at once.
///
/// @param outcome what came of them on the whole
/// @param answered the sizes that were answered, bytes of the whole packet
/// @param micros from the first one sent to the first answer, microseconds; -1 where none came
/// @param icmp a message of another kind that came instead of an answer
public record Pinging(
    Outcome outcome, List<Integer> answered, long micros, Optional<IcmpMessage> icmp) {

  /// What came of a ping.
  public enum Outcome {
    ANSWERED,
    SILENT,
    /// An ICMP message said why there is no answer.
    REFUSED,
    /// This machine's own firewall did not let it out.
    BLOCKED_HERE,
    /// This machine's own route table has no way.
    UNROUTED,
    /// The system lets this process send no pings: neither `net.ipv4.ping_group_range` nor a right
    /// (CAP_NET_RAW) allows it.
    NOT_ALLOWED
  }

  public Pinging {
    answered = List.copyOf(answered);
  }

  static Pinging of(Outcome outcome) {
    return new Pinging(outcome, List.of(), -1, Optional.empty());
  }
}
