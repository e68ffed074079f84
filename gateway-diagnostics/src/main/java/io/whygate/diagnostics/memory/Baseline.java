package io.whygate.diagnostics.memory;

import io.whygate.diagnostics.facts.IcmpMessage;
import io.whygate.diagnostics.memory.Recollection.AddressMemory;
import io.whygate.diagnostics.memory.Recollection.Fate;
import java.net.InetAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// What normal looked like for one endpoint.
///
/// Written by many threads without a lock: each value stands for itself, and losing one of two
/// samples that meet loses nothing that matters.
final class Baseline {
  static final long NEVER = -1;
  private static final int ADDRESSES = 32;
  private static final long ADDRESS_KEPT = 3_600_000;

  private final ConcurrentHashMap<InetAddress, KnownAddress> addresses = new ConcurrentHashMap<>();
  private final PathRing paths = new PathRing();
  private volatile long failingSince = NEVER;
  private volatile long largestHeader = NEVER;
  private volatile long idleCloseMillis = NEVER;
  private volatile long usedAt;
  private volatile String host = "";
  private volatile Identity identity = Identity.UNKNOWN;

  void succeeded(
      Optional<InetAddress> address,
      String path,
      int status,
      long connectMicros,
      long ttfbMicros,
      long now) {
    if (failingSince != NEVER) {
      failingSince = NEVER;
    }
    usedAt = now;
    paths.answered(path, status, now);
    if (address.isEmpty()) {
      return;
    }
    KnownAddress known = address(address.get(), now);
    if (known != null) {
      known.answered(ttfbMicros, now);
      if (connectMicros >= 0) {
        known.connected(connectMicros, now);
      }
    }
  }

  void connected(InetAddress address, long connectMicros, long now) {
    KnownAddress known = address(address, now);
    if (known != null) {
      known.connected(connectMicros, now);
    }
  }

  void letIn(InetAddress address, long ttfbMicros, long sinceMicros, long now) {
    KnownAddress known = address(address, now);
    if (known != null) {
      known.letIn(ttfbMicros, sinceMicros, now);
    }
  }

  void shutOut(InetAddress address, Fate fate, long sinceMicros, long now) {
    KnownAddress known = address(address, now);
    if (known != null) {
      known.shutOut(fate, sinceMicros, now);
    }
  }

  void told(InetAddress address, IcmpMessage icmp, long now) {
    KnownAddress known = address(address, now);
    if (known != null) {
      known.told(icmp, now);
    }
  }

  Optional<KnownAddress.Told> told(InetAddress address) {
    KnownAddress known = addresses.get(address);
    return known == null ? Optional.empty() : known.told();
  }

  /// Notes a failure; true for the first since the last answer.
  boolean failed(long now) {
    usedAt = now;
    if (failingSince != NEVER) {
      return false;
    }
    failingSince = now;
    return true;
  }

  void headerSeen(int bytes) {
    if (bytes > largestHeader) {
      largestHeader = bytes;
    }
  }

  void idleCloses(long millis) {
    if (idleCloseMillis != millis) {
      idleCloseMillis = millis;
    }
  }

  long idleCloseMillis() {
    return idleCloseMillis;
  }

  void askedFor(String name) {
    if (!host.equals(name)) {
      host = name;
    }
  }

  String host() {
    return host;
  }

  long usedAt() {
    return usedAt;
  }

  boolean answeredWell(String path) {
    return paths.answeredWell(path);
  }

  Identity identity() {
    return identity;
  }

  void identified(Identity marks) {
    if (!identity.equals(marks)) {
      identity = marks.or(identity);
    }
  }

  /// How marks compare with those that an address has shown; untold for an address without any.
  Identity.Likeness likeness(InetAddress address, Identity marks) {
    KnownAddress known = addresses.get(address);
    return known == null ? Identity.Likeness.UNTOLD : known.likeness(marks);
  }

  /// Takes marks as those of the site at an address.
  ///
  /// @return what is different from before, for operators; empty where nothing is
  String accept(InetAddress address, Identity marks, long now) {
    KnownAddress known = address(address, now);
    String difference = known == null ? "" : known.accept(marks);
    identified(marks);
    return difference;
  }

  private @Nullable KnownAddress address(InetAddress address, long now) {
    KnownAddress known = addresses.get(address);
    if (known != null) {
      return known;
    }
    if (addresses.size() >= ADDRESSES) {
      addresses.values().removeIf(old -> now - old.lastSeen() > ADDRESS_KEPT);
    }
    return addresses.size() >= ADDRESSES
        ? null
        : addresses.computeIfAbsent(address, _ -> new KnownAddress(now));
  }

  Recollection recall(String path, long now, Surroundings around) {
    Map<InetAddress, AddressMemory> known = new HashMap<>();
    List<Identity> identities = new ArrayList<>();
    addresses.forEach((address, each) -> {
      known.put(address, each.memory());
      identities.addAll(each.identities());
    });
    PathRing.Seen seen = paths.seen(path, now);
    return new Recollection(
        known,
        identity,
        seen.answers(),
        seen.others(),
        moment(seen.same()),
        moment(seen.other()),
        moment(failingSince),
        around.changes(),
        around.issuers(),
        new Recollection.Habits(identities, largestHeader, idleCloseMillis, host, around.name()));
  }

  /// What is remembered beside an endpoint.
  record Surroundings(
      List<Change> changes,
      List<java.security.cert.X509Certificate> issuers,
      Optional<Recollection.NameMemory> name) {}

  Kept kept() {
    Map<InetAddress, KnownAddress.Kept> known = new HashMap<>();
    addresses.forEach((address, each) -> known.put(address, each.kept()));
    return new Kept(known, largestHeader, idleCloseMillis, usedAt, host, identity);
  }

  static Baseline of(Kept kept) {
    Baseline baseline = new Baseline();
    kept.addresses()
        .forEach((address, each) -> baseline.addresses.put(address, KnownAddress.of(each)));
    baseline.largestHeader = kept.largestHeader();
    baseline.idleCloseMillis = kept.idleCloseMillis();
    baseline.usedAt = kept.usedAt();
    baseline.host = kept.host();
    baseline.identity = kept.identity();
    return baseline;
  }

  /// What is kept of an endpoint over a restart.
  record Kept(
      Map<InetAddress, KnownAddress.Kept> addresses,
      long largestHeader,
      long idleCloseMillis,
      long usedAt,
      String host,
      Identity identity) {}

  static Optional<Instant> moment(long millis) {
    return millis < 0 ? Optional.empty() : Optional.of(Instant.ofEpochMilli(millis));
  }
}
