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
/// @param habits what else is usual
public record Recollection(
    Map<InetAddress, AddressMemory> addresses,
    Identity identity,
    long successes,
    long otherPaths,
    Optional<Instant> samePathSuccess,
    Optional<Instant> otherPathSuccess,
    Optional<Instant> failingSince,
    List<Change> changes,
    List<X509Certificate> issuers,
    Habits habits) {
  /// How long before a failure a change may have been, to be thought of.
  public static final Duration RECENT = Duration.ofMinutes(15);

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

  /// A recollection without habits.
  public Recollection(
      Map<InetAddress, AddressMemory> addresses,
      Identity identity,
      long successes,
      long otherPaths,
      Optional<Instant> samePathSuccess,
      Optional<Instant> otherPathSuccess,
      Optional<Instant> failingSince,
      List<Change> changes,
      List<X509Certificate> issuers) {
    this(
        addresses,
        identity,
        successes,
        otherPaths,
        samePathSuccess,
        otherPathSuccess,
        failingSince,
        changes,
        issuers,
        Habits.UNKNOWN);
  }

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
  /// @param tries what became of the new connections of late, once one was not let in
  public record AddressMemory(
      Instant firstSeen,
      Instant lastSeen,
      Optional<Instant> lastConnected,
      long roundTripMicros,
      long firstByteMicros,
      List<Tries> tries) {
    public AddressMemory {
      tries = List.copyOf(tries);
    }
  }

  /// What became of a new connection.
  public enum Fate {
    /// Let in, and served at once.
    SERVED,
    /// Not let in, by a reset.
    REFUSED,
    /// Not let in: nothing came back.
    SILENT
  }

  /// New connections of one fate, and none of another between them.
  ///
  /// @param first when the first began
  /// @param last when the last began
  public record Tries(Fate fate, Instant first, Instant last, int count) {}

  /// What else is usual with an endpoint.
  ///
  /// @param identities the marks that its servers were seen with, at each address
  /// @param largestHeader the largest header section of an answer, bytes; -1 where unknown
  /// @param idleCloseMillis after how long without a request its server closes a connection,
  ///   milliseconds; -1 where unknown
  /// @param host the host that was asked for of late; empty where unknown
  /// @param name what DNS said of its name over time; empty where it has none
  public record Habits(
      List<Identity> identities,
      long largestHeader,
      long idleCloseMillis,
      String host,
      Optional<NameMemory> name) {
    public static final Habits UNKNOWN = new Habits(List.of(), -1, -1, "", Optional.empty());

    public Habits {
      identities = List.copyOf(identities);
    }
  }

  /// What DNS said of a name over time.
  ///
  /// @param seen when each address was last given
  /// @param takesTurns whether addresses leave the answers and come back
  /// @param longestTtlSeconds the longest time to live that was seen, seconds
  public record NameMemory(
      Map<InetAddress, Instant> seen, boolean takesTurns, long longestTtlSeconds) {
    public NameMemory {
      seen = Map.copyOf(seen);
    }
  }

  /// How marks compare with all that the endpoint is known by: the same where any is, different
  /// where all that can be compared are.
  public Identity.Likeness likeness(Identity marks) {
    Identity.Likeness found = identity.compare(marks);
    for (Identity each : habits.identities()) {
      if (found == Identity.Likeness.SAME) {
        return found;
      }
      Identity.Likeness one = each.compare(marks);
      found = one == Identity.Likeness.UNTOLD ? found : one;
    }
    return found;
  }

  /// The latest change before a moment that may be why; none that is older than a quarter of an
  /// hour.
  public Optional<Change> changeBefore(Instant moment) {
    return changes.stream()
        .filter(each -> each.kind() != Change.Kind.FIRST_FAILURE)
        .filter(each -> !each.at().isAfter(moment))
        .filter(each -> each.at().isAfter(moment.minus(RECENT)))
        .findFirst();
  }

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
