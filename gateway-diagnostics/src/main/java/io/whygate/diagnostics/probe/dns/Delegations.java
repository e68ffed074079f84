package io.whygate.diagnostics.probe.dns;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.Optional;
import org.xbill.DNS.Name;

/// The zones seen earlier and where their name servers are, bounded: within their time to live
/// nobody has to be asked for them again, and with no resolver left a zone's own servers can still
/// be asked.
public final class Delegations {
  private static final int NAMES = 1_000;
  private static final Duration LONGEST_FRESH = Duration.ofHours(1);

  private final Cache<Name, Seen> zones =
      Caffeine.newBuilder().maximumSize(NAMES).expireAfterWrite(Duration.ofHours(6)).build();

  private record Seen(AuthoritativeProbe.Zone zone, long nanos) {
    boolean isFresh() {
      Duration ttl = Duration.ofSeconds(zone.ttlSeconds());
      Duration limit = ttl.compareTo(LONGEST_FRESH) < 0 ? ttl : LONGEST_FRESH;
      return System.nanoTime() - nanos < limit.toNanos();
    }
  }

  void remember(Name name, AuthoritativeProbe.Zone zone) {
    zones.put(name, new Seen(zone, System.nanoTime()));
  }

  /// The zone of a name as last seen, however long ago.
  Optional<AuthoritativeProbe.Zone> of(Name name) {
    return Optional.ofNullable(zones.getIfPresent(name)).map(Seen::zone);
  }

  /// The zone of a name, where its time to live has not run out.
  Optional<AuthoritativeProbe.Zone> fresh(Name name) {
    return Optional.ofNullable(zones.getIfPresent(name)).filter(Seen::isFresh).map(Seen::zone);
  }
}
