package io.whygate.diagnostics.memory;

import io.whygate.diagnostics.memory.Recollection.NameMemory;
import java.net.InetAddress;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// The answers of DNS for one name over time: which addresses were given when, and whether answers
/// take turns, as they do where a name is balanced among many addresses.
///
/// Bounded; safe for use by many threads.
final class NameHistory {
  private static final int ADDRESSES = 64;
  private static final int TURNS = 2;

  /// An address that was not given for so long has left the turns.
  private static final long LEFT = 3_600_000;

  /// Changes that are told in one hour, so that turns not yet known as such do not fill the ring.
  private static final int TOLD = 6;

  private final Map<InetAddress, Long> seen = new HashMap<>();
  private final Set<InetAddress> gone = new HashSet<>();
  private Set<InetAddress> latest = Set.of();
  private int returns;
  private int told;
  private long toldSince;
  private long longestTtl;

  /// Takes an answer of a resolver.
  ///
  /// @return whether the name moved: none of the addresses now was among those before
  synchronized boolean resolved(Collection<InetAddress> addresses, long ttlSeconds, long now) {
    Set<InetAddress> answer = Set.copyOf(addresses);
    longestTtl = Math.max(longestTtl, ttlSeconds);
    boolean fresh = answer.stream().noneMatch(seen::containsKey);
    for (InetAddress each : answer) {
      if (gone.remove(each)) {
        returns++;
      }
    }
    for (InetAddress each : latest) {
      if (!answer.contains(each)) {
        gone.add(each);
      }
    }
    boolean moved = !latest.isEmpty() && fresh && !answer.isEmpty() && mayTell(now);
    latest = answer;
    note(answer, now);
    return moved;
  }

  private boolean mayTell(long now) {
    if (now - toldSince > LEFT) {
      toldSince = now;
      told = 0;
    }
    return !takesTurns() && told++ < TOLD;
  }

  /// Takes an answer of the name's own servers.
  synchronized void said(Collection<InetAddress> addresses, long now) {
    note(addresses, now);
  }

  private void note(Collection<InetAddress> addresses, long now) {
    if (seen.size() + addresses.size() > ADDRESSES) {
      seen.values().removeIf(at -> now - at > LEFT);
      gone.retainAll(seen.keySet());
    }
    for (InetAddress each : addresses) {
      if (seen.size() < ADDRESSES || seen.containsKey(each)) {
        seen.put(each, now);
      }
    }
  }

  private boolean takesTurns() {
    return returns >= TURNS;
  }

  synchronized NameMemory memory() {
    Map<InetAddress, Instant> moments = new HashMap<>();
    seen.forEach((address, at) -> moments.put(address, Instant.ofEpochMilli(at)));
    return new NameMemory(moments, takesTurns(), longestTtl);
  }

  static NameHistory of(NameMemory kept) {
    NameHistory history = new NameHistory();
    kept.seen().forEach((address, at) -> history.seen.put(address, at.toEpochMilli()));
    history.returns = kept.takesTurns() ? TURNS : 0;
    history.longestTtl = kept.longestTtlSeconds();
    return history;
  }
}
