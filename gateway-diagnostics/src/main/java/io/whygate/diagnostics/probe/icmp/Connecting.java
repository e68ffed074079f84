package io.whygate.diagnostics.probe.icmp;

import io.whygate.diagnostics.facts.IcmpMessage;
import java.util.Optional;

/// What came of a try to connect.
///
/// @param errno 0 where it was accepted, [Errno#ETIMEDOUT] where nothing came, else the error
/// @param here whether the error came at once and without a packet: from this machine's own tables
///   or rules
/// @param icmp the ICMP message that answered; empty for a reset, or where nothing came
public record Connecting(int errno, boolean here, Optional<IcmpMessage> icmp) {

  public boolean isAccepted() {
    return errno == 0;
  }

  /// Whether this machine's own route table has no way to the address.
  public boolean isUnrouted() {
    return here && Errno.isNoWay(errno);
  }
}
