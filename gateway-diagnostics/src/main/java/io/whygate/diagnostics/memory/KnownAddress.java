package io.whygate.diagnostics.memory;

import io.whygate.diagnostics.facts.IcmpMessage;
import io.whygate.diagnostics.memory.Identity.Likeness;
import io.whygate.diagnostics.memory.Recollection.AddressMemory;
import io.whygate.diagnostics.memory.Recollection.Fate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What normal looked like at one address of an endpoint.
///
/// The few sets of marks that the site shows there are a list, since one address may stand for
/// several servers.
final class KnownAddress {
  private static final int IDENTITIES = 4;

  /// An answer that takes no longer than this is given at once, whatever is usual.
  private static final long AT_ONCE_MICROS = 100_000;

  private final long firstSeen;
  private volatile long lastSeen;
  private volatile long lastConnected = Baseline.NEVER;
  private volatile long roundTripMicros = Baseline.NEVER;
  private volatile List<Identity> identities = List.of();
  private volatile @Nullable Told told;
  private final UsualTime firstByte = new UsualTime();
  private final TryRing tries = new TryRing();

  KnownAddress(long now) {
    firstSeen = now;
    lastSeen = now;
  }

  void answered(long ttfbMicros, long now) {
    lastSeen = now;
    if (ttfbMicros > 0) {
      firstByte.add(ttfbMicros);
    }
  }

  void connected(long micros, long now) {
    lastConnected = now;
    if (told != null) {
      told = null;
    }
    roundTripMicros = smoothed(roundTripMicros, micros);
  }

  /// A new connection that began so long ago was let in, and a first answer came so long after the
  /// request.
  void letIn(long ttfbMicros, long sinceMicros, long now) {
    if (ttfbMicros <= AT_ONCE_MICROS || ttfbMicros <= 4 * firstByte.micros()) {
      tries.served(now - sinceMicros / 1_000);
    }
  }

  /// A new connection that began so long ago was not let in.
  void shutOut(Fate fate, long sinceMicros, long now) {
    tries.lost(now - sinceMicros / 1_000, fate);
  }

  /// A try to connect drew an ICMP message.
  void told(IcmpMessage icmp, long now) {
    told = new Told(icmp, Instant.ofEpochMilli(now));
  }

  /// The ICMP message that a try to connect drew last, unless one was accepted since.
  Optional<Told> told() {
    return Optional.ofNullable(told);
  }

  private static long smoothed(long before, long sample) {
    return before < 0 ? sample : before + (sample - before) / 8;
  }

  long lastSeen() {
    return lastSeen;
  }

  List<Identity> identities() {
    return identities;
  }

  /// How marks compare with those that it has shown: different only where they are different from
  /// all.
  Likeness likeness(Identity marks) {
    List<Identity> known = identities;
    Likeness found = Likeness.UNTOLD;
    for (Identity each : known) {
      switch (each.compare(marks)) {
        case SAME -> {
          return Likeness.SAME;
        }
        case DIFFERENT -> found = Likeness.DIFFERENT;
        case UNTOLD -> {}
      }
    }
    return found;
  }

  /// Takes marks as its own; gives what is different from before.
  String accept(Identity marks) {
    List<Identity> known = identities;
    for (int i = 0; i < known.size(); i++) {
      Identity each = known.get(i);
      if (each.compare(marks) != Likeness.DIFFERENT) {
        Identity merged = marks.or(each);
        if (merged.equals(each)) {
          return "";
        }
        List<Identity> changed = new ArrayList<>(known);
        changed.set(i, merged);
        identities = List.copyOf(changed);
        return keyDiffers(each, marks)
            ? "another certificate key is shown"
            : each.difference(marks);
      }
    }
    List<Identity> more = new ArrayList<>(known);
    more.addFirst(marks);
    identities = List.copyOf(more.subList(0, Math.min(IDENTITIES, more.size())));
    return known.isEmpty() ? "" : known.getFirst().difference(marks);
  }

  private static boolean keyDiffers(Identity before, Identity now) {
    return !before.leafKey().isEmpty()
        && !now.leafKey().isEmpty()
        && !before.leafKey().equals(now.leafKey());
  }

  /// An ICMP message, and when it came.
  record Told(IcmpMessage icmp, Instant at) {}

  AddressMemory memory() {
    return new AddressMemory(
        Instant.ofEpochMilli(firstSeen),
        Instant.ofEpochMilli(lastSeen),
        Baseline.moment(lastConnected),
        roundTripMicros,
        firstByte.micros(),
        tries.runs());
  }

  /// What is kept of it over a restart.
  record Kept(
      long firstSeen,
      long lastSeen,
      long roundTripMicros,
      long firstByteMicros,
      List<Identity> identities) {
    Kept {
      identities = List.copyOf(identities);
    }
  }

  Kept kept() {
    return new Kept(firstSeen, lastSeen, roundTripMicros, firstByte.micros(), identities);
  }

  static KnownAddress of(Kept kept) {
    KnownAddress known = new KnownAddress(kept.firstSeen());
    known.lastSeen = kept.lastSeen();
    known.roundTripMicros = kept.roundTripMicros();
    if (kept.firstByteMicros() > 0) {
      known.firstByte.remember(kept.firstByteMicros());
    }
    known.identities = kept.identities();
    return known;
  }
}
