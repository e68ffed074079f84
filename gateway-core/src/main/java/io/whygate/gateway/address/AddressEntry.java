package io.whygate.gateway.address;

import io.whygate.diagnostics.facts.AttemptFailure;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// What the address book holds of a name, for operators.
///
/// @param name the name
/// @param addresses those in use; empty where the name has none
/// @param origin where they came from
/// @param aliases the names that the answer went through (CNAME), first to last
/// @param left how long they still hold; zero for stale ones
/// @param failure what the last look-up met, where it failed
public record AddressEntry(
    String name,
    List<InetAddress> addresses,
    Origin origin,
    List<String> aliases,
    Duration left,
    Optional<AttemptFailure.NameNotResolved> failure) {
  public AddressEntry {
    addresses = List.copyOf(addresses);
    aliases = List.copyOf(aliases);
  }
}
