package io.whygate.diagnostics.probe.dns;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.Optional;
import org.xbill.DNS.Name;

/// The zones seen earlier and where their name servers are, bounded: with no resolver left, a
/// zone's own servers can still be asked.
public final class Delegations {
  private static final int NAMES = 1_000;

  private final Cache<Name, AuthoritativeProbe.Zone> zones =
      Caffeine.newBuilder().maximumSize(NAMES).expireAfterWrite(Duration.ofHours(6)).build();

  void remember(Name name, AuthoritativeProbe.Zone zone) {
    zones.put(name, zone);
  }

  Optional<AuthoritativeProbe.Zone> of(Name name) {
    return Optional.ofNullable(zones.getIfPresent(name));
  }
}
