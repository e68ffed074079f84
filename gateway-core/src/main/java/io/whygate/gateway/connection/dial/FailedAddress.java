package io.whygate.gateway.connection.dial;

import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.IcmpMessage;
import java.net.InetAddress;
import java.util.Optional;

/// An address at which no connection could be made.
///
/// @param micros from the beginning of the attempt to the failure, microseconds
/// @param icmp the ICMP message that said so; empty where none did, or where the system does not
///   tell
public record FailedAddress(
    InetAddress address, AttemptFailure failure, long micros, Optional<IcmpMessage> icmp) {
  FailedAddress(InetAddress address, AttemptFailure failure, long micros) {
    this(address, failure, micros, Optional.empty());
  }
}
