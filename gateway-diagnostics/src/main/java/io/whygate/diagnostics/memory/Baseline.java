package io.whygate.diagnostics.memory;

import io.whygate.diagnostics.memory.Recollection.AddressMemory;
import java.net.InetAddress;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/// What normal looked like for one endpoint.
///
/// Written by many threads without a lock: each value stands for itself, and losing one of two
/// samples that meet loses nothing that matters.
final class Baseline {
  private static final int ADDRESSES = 32;
  private static final int SECONDS = 60;
  private static final int PATHS = 64;
  private static final long NEVER = -1;

  private final ConcurrentHashMap<InetAddress, Address> addresses = new ConcurrentHashMap<>();
  private final AtomicLongArray answersBySecond = new AtomicLongArray(SECONDS);
  private final AtomicLongArray secondOf = new AtomicLongArray(SECONDS);
  private final AtomicLongArray pathAnswered = new AtomicLongArray(PATHS);
  private final AtomicLongArray pathHash = new AtomicLongArray(PATHS);
  private volatile long failingSince = NEVER;
  private volatile Identity identity = Identity.UNKNOWN;

  private static final class Address {
    final long firstSeen;
    volatile long lastSeen;
    volatile long lastConnected = NEVER;
    volatile long roundTripMicros = NEVER;
    volatile long firstByteMicros = NEVER;

    Address(long now) {
      firstSeen = now;
      lastSeen = now;
    }

    void connected(long micros, long now) {
      lastConnected = now;
      roundTripMicros = smoothed(roundTripMicros, micros);
    }

    private static long smoothed(long before, long sample) {
      return before < 0 ? sample : before + (sample - before) / 8;
    }
  }

  void succeeded(
      Optional<InetAddress> address, String path, long connectMicros, long ttfbMicros, long now) {
    if (failingSince != NEVER) {
      failingSince = NEVER;
    }
    count(now);
    notePath(path, now);
    if (address.isEmpty()) {
      return;
    }
    Address known = address(address.get(), now);
    if (known == null) {
      return;
    }
    known.lastSeen = now;
    if (ttfbMicros > 0) {
      known.firstByteMicros = Address.smoothed(known.firstByteMicros, ttfbMicros);
    }
    if (connectMicros >= 0) {
      known.connected(connectMicros, now);
    }
  }

  void connected(InetAddress address, long connectMicros, long now) {
    Address known = address(address, now);
    if (known != null) {
      known.connected(connectMicros, now);
    }
  }

  /// Notes a failure; true for the first since the last answer.
  boolean failed(long now) {
    if (failingSince != NEVER) {
      return false;
    }
    failingSince = now;
    return true;
  }

  void identified(Identity marks) {
    if (!identity.equals(marks)) {
      identity = marks.or(identity);
    }
  }

  private @Nullable Address address(InetAddress address, long now) {
    Address known = addresses.get(address);
    if (known != null) {
      return known;
    }
    if (addresses.size() >= ADDRESSES) {
      addresses.values().removeIf(old -> now - old.lastSeen > 3_600_000);
    }
    return addresses.size() >= ADDRESSES
        ? null
        : addresses.computeIfAbsent(address, _ -> new Address(now));
  }

  private void count(long now) {
    long second = now / 1_000;
    int slot = (int) (second % SECONDS);
    if (secondOf.get(slot) != second) {
      secondOf.set(slot, second);
      answersBySecond.set(slot, 0);
    }
    answersBySecond.incrementAndGet(slot);
  }

  /// Keeps the last answer by path, in as many places as there are: two paths that share one place
  /// push each other out.
  private void notePath(String path, long now) {
    int hash = path.hashCode();
    int slot = (hash ^ hash >>> 16) & (PATHS - 1);
    pathHash.set(slot, hash);
    pathAnswered.set(slot, now);
  }

  Recollection recall(String path, long now, List<Change> changes, List<X509Certificate> issuers) {
    Map<InetAddress, AddressMemory> known = new HashMap<>();
    addresses.forEach((address, a) ->
        known.put(
            address,
            new AddressMemory(
                Instant.ofEpochMilli(a.firstSeen),
                Instant.ofEpochMilli(a.lastSeen),
                moment(a.lastConnected),
                a.roundTripMicros,
                a.firstByteMicros)));
    long answers = 0;
    for (int slot = 0; slot < SECONDS; slot++) {
      if (now / 1_000 - secondOf.get(slot) < SECONDS) {
        answers += answersBySecond.get(slot);
      }
    }
    long same = NEVER;
    long other = NEVER;
    long others = 0;
    for (int slot = 0; slot < PATHS; slot++) {
      long answered = pathAnswered.get(slot);
      if (answered > 0 && now - answered < SECONDS * 1_000L) {
        if (pathHash.get(slot) == path.hashCode()) {
          same = answered;
        } else {
          other = Math.max(other, answered);
          others++;
        }
      }
    }
    return new Recollection(
        known,
        identity,
        answers,
        others,
        moment(same),
        moment(other),
        moment(failingSince),
        changes,
        issuers);
  }

  private static Optional<Instant> moment(long millis) {
    return millis < 0 ? Optional.empty() : Optional.of(Instant.ofEpochMilli(millis));
  }
}
