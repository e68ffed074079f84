package io.whygate.diagnostics.memory;

import java.net.InetAddress;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What was remembered of an endpoint at one moment.
///
/// @param addresses what is known of each address it was reached at
/// @param identity the marks it is known by
/// @param successes answers in the last 60 s
/// @param otherPaths paths other than the failed one that answered in the last 60 s
/// @param samePathSuccess the last answer to the failed path
/// @param otherPathSuccess the last answer to another path
/// @param failingSince the first failure since the last answer
/// @param changes what became different of late, newest first
/// @param issuers certificates that stood above a leaf in a chain that was accepted, of any
///   endpoint
public record Recollection(
    Map<InetAddress, AddressMemory> addresses,
    Identity identity,
    long successes,
    long otherPaths,
    Optional<Instant> samePathSuccess,
    Optional<Instant> otherPathSuccess,
    Optional<Instant> failingSince,
    List<Change> changes,
    List<X509Certificate> issuers) {
  public static final Recollection NOTHING =
      new Recollection(
          Map.of(),
          Identity.UNKNOWN,
          0,
          0,
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          List.of(),
          List.of());

  public Recollection {
    addresses = Map.copyOf(addresses);
    changes = List.copyOf(changes);
    issuers = List.copyOf(issuers);
  }

  /// What is known of one address.
  ///
  /// @param lastConnected the last connection that was accepted
  /// @param roundTripMicros how long a connection usually takes, microseconds; -1 where unknown
  /// @param firstByteMicros how long an answer usually takes, microseconds; -1 where unknown
  public record AddressMemory(
      Instant firstSeen,
      Instant lastSeen,
      Optional<Instant> lastConnected,
      long roundTripMicros,
      long firstByteMicros) {}

  /// Whether a connection to this address was accepted at or after a moment.
  public boolean connectedSince(InetAddress address, Instant moment) {
    AddressMemory known = addresses.get(address);
    return known != null && known.lastConnected().filter(at -> !at.isBefore(moment)).isPresent();
  }

  /// How long it has been failing, at a moment.
  public Duration failingFor(Instant now) {
    return failingSince
        .map(since -> Duration.between(since, now))
        .filter(Duration::isPositive)
        .orElse(Duration.ZERO);
  }

  /// How long an answer usually takes, over all addresses, microseconds; -1 where unknown.
  public long usualFirstByteMicros() {
    return addresses.values().stream()
        .mapToLong(AddressMemory::firstByteMicros)
        .filter(micros -> micros >= 0)
        .min()
        .orElse(-1);
  }
}
