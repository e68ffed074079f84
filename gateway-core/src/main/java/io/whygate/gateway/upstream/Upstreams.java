package io.whygate.gateway.upstream;

import io.whygate.gateway.config.UpstreamSettings;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;

/// All upstreams of one configuration, by name; a reload makes the next one out of it.
public final class Upstreams {
  private final Map<String, Upstream> byName;
  private final LongSupplier nanos;

  private Upstreams(Map<String, Upstream> byName, LongSupplier nanos) {
    this.byName = Map.copyOf(byName);
    this.nanos = nanos;
  }

  /// Upstreams without a past.
  ///
  /// @param nanos the clock, as [System#nanoTime]
  public static Upstreams of(Collection<UpstreamSettings> settings, LongSupplier nanos) {
    return new Upstreams(Map.of(), nanos).rebuild(settings);
  }

  /// The upstreams of a new configuration. An endpoint that stayed keeps its state; nothing of this
  /// one is changed, so that the new configuration may still be rejected.
  public Upstreams rebuild(Collection<UpstreamSettings> settings) {
    Map<String, Upstream> next = new HashMap<>();
    for (UpstreamSettings each : settings) {
      Upstream before = byName.get(each.name());
      next.put(each.name(), before == null ? new Upstream(each, nanos) : before.rebuild(each));
    }
    return new Upstreams(next, nanos);
  }

  /// Retires every endpoint that the given upstreams, now in force, have no longer.
  public void retireAllBut(Upstreams inForce) {
    Set<EndpointState> kept = Collections.newSetFromMap(new IdentityHashMap<>());
    inForce.all().forEach(each -> kept.addAll(each.endpoints()));
    for (Upstream each : all()) {
      for (EndpointState state : each.endpoints()) {
        if (!kept.contains(state)) {
          state.retire();
        }
      }
    }
  }

  public Optional<Upstream> find(String name) {
    return Optional.ofNullable(byName.get(name));
  }

  public Collection<Upstream> all() {
    return byName.values();
  }
}
