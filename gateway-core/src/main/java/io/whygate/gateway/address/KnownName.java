package io.whygate.gateway.address;

import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.NamingProblem;
import java.net.InetAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One name and what it stands for, kept up to date while it is used.
///
/// Nothing here blocks; shared by all threads.
public final class KnownName {
  private static final Logger LOG = LoggerFactory.getLogger(KnownName.class);

  /// How long a failed look-up is shared: short, so that who reloads soon sees the recovery.
  private static final long FAILURE = TimeUnit.MILLISECONDS.toNanos(800);

  /// How often a name that lives on old addresses is looked up again.
  private static final long RECHECK = TimeUnit.SECONDS.toNanos(2);

  /// A name that nobody asked for so long is not refreshed any more.
  private static final long UNUSED = TimeUnit.MINUTES.toNanos(2);

  /// How long a connection to an address that left the answer is still used: answers that take
  /// turns among many addresses are not taken for a move.
  private static final long GRACE = TimeUnit.SECONDS.toNanos(60);

  private final String name;
  private final boolean fixed;
  private final AddressBook book;
  private final LongSupplier nanos;
  private final AtomicReference<@Nullable CompletableFuture<Resolution>> flight =
      new AtomicReference<>();
  private volatile @Nullable State state;
  private volatile @Nullable Substitute override;
  private volatile long usedAt;
  private volatile @Nullable Future<?> refresh;

  /// @param goodUntil until when the resolution is used without a question
  /// @param staleUntil until when it stands in while look-ups fail
  /// @param seen when each address was last part of an answer
  private record State(
      Resolution resolution,
      List<String> aliases,
      long goodUntil,
      long staleUntil,
      Optional<AttemptFailure.NameNotResolved> failure,
      Map<InetAddress, Long> seen) {}

  /// @param replaced the addresses that DNS gave until then; empty where it gave none
  private record Substitute(Resolution.Resolved resolution, Set<InetAddress> replaced, long until) {
    /// Whether a look-up shows that the resolver has left what is replaced: it gives other
    /// addresses, or says that there are none any more. That it still has none is no news.
    boolean isOvertakenBy(State next) {
      return switch (next.resolution) {
        case Resolution.Resolved(var addresses, _) ->
            next.failure.isEmpty() && addresses.stream().noneMatch(replaced::contains);
        case Resolution.NotResolved(var failure) ->
            !replaced.isEmpty() && failure.problem().isDefinite();
      };
    }
  }

  KnownName(String name, AddressBook book, LongSupplier nanos) {
    this(name, false, book, nanos);
  }

  private KnownName(String name, boolean fixed, AddressBook book, LongSupplier nanos) {
    this.name = name;
    this.fixed = fixed;
    this.book = book;
    this.nanos = nanos;
    this.usedAt = nanos.getAsLong();
  }

  /// A name whose addresses never change.
  static KnownName fixed(
      String name,
      List<InetAddress> addresses,
      Origin origin,
      AddressBook book,
      LongSupplier clock) {
    KnownName known = new KnownName(name, true, book, clock);
    long ever = clock.getAsLong() + Long.MAX_VALUE / 2;
    known.state =
        new State(
            new Resolution.Resolved(addresses, origin),
            List.of(),
            ever,
            ever,
            Optional.empty(),
            Map.of());
    return known;
  }

  /// The name.
  public String name() {
    return name;
  }

  /// What it stands for, if that can be said at once; else [#resolve] says it.
  public Optional<Resolution> now() {
    return Optional.ofNullable(known());
  }

  /// What it stands for, at the latest when the configured time for DNS has passed. Completed on a
  /// thread of the address book; callers at the same time share one look-up.
  public CompletableFuture<Resolution> resolve() {
    Resolution known = known();
    return known != null ? CompletableFuture.completedFuture(known) : lookUp();
  }

  /// Whether its addresses never change: a literal or `localhost`.
  public boolean isFixed() {
    return fixed;
  }

  /// Whether the address is, or was a short while ago, one that the name stands for.
  public boolean stillMeans(InetAddress address) {
    long now = nanos.getAsLong();
    touch(now);
    Substitute over = override;
    if (over != null && now - over.until < 0) {
      return over.resolution.addresses().contains(address);
    }
    State current = state;
    if (current == null
        || !(current.resolution instanceof Resolution.Resolved(List<InetAddress> addresses, _))
        || addresses.contains(address)) {
      return true;
    }
    Long seen = current.seen.get(address);
    return seen != null && now - seen < GRACE;
  }

  private @Nullable Resolution known() {
    long now = nanos.getAsLong();
    touch(now);
    Substitute over = override;
    if (over != null) {
      if (now - over.until < 0) {
        return over.resolution;
      }
      override = null;
    }
    State current = state;
    if (current == null) {
      return null;
    }
    if (now - current.goodUntil < 0) {
      return current.resolution;
    }
    boolean standsIn =
        current.resolution instanceof Resolution.Resolved
            && current.failure.isPresent()
            && now - current.staleUntil < 0;
    if (standsIn) {
      lookUp();
      return current.resolution;
    }
    return null;
  }

  private void touch(long now) {
    if (now - usedAt > RECHECK) {
      usedAt = now;
    }
  }

  /// Makes it stand for other addresses: for a while, or until a look-up shows that DNS has gone on
  /// from those that it gave.
  void override(List<InetAddress> addresses, Duration time) {
    Set<InetAddress> replaced = new HashSet<>();
    State current = state;
    if (current != null && current.resolution instanceof Resolution.Resolved(var given, _)) {
      replaced.addAll(given);
      replaced.addAll(current.seen.keySet());
      addresses.forEach(replaced::remove);
    }
    override =
        new Substitute(
            new Resolution.Resolved(addresses, Origin.OVERRIDE),
            replaced,
            nanos.getAsLong() + time.toNanos());
  }

  /// Looks the name up again, where it is in use.
  void refresh() {
    if (!fixed && nanos.getAsLong() - usedAt < UNUSED) {
      lookUp();
    }
  }

  private CompletableFuture<Resolution> lookUp() {
    CompletableFuture<Resolution> mine = new CompletableFuture<>();
    CompletableFuture<Resolution> other = flight.compareAndExchange(null, mine);
    if (other != null) {
      return other;
    }
    Thread.ofVirtual()
        .name("resolve " + name)
        .start(() -> {
          State next = find();
          state = next;
          Substitute over = override;
          if (over != null && over.isOvertakenBy(next)) {
            override = null;
          }
          flight.set(null);
          mine.complete(next.resolution);
        });
    return mine;
  }

  private State find() {
    try {
      State next = after(book.lookup().find(name));
      long left = next.goodUntil - nanos.getAsLong();
      if (!(next.resolution instanceof Resolution.NotResolved)) {
        refreshIn(Math.max(0, left - left / 10));
      }
      return next;
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return failed(unusable(), false);
    } catch (RuntimeException e) {
      LOG.error("look-up of {} broke off", name, e);
      return failed(unusable(), false);
    }
  }

  /// Sets the one refresh that is to come; called by one look-up at a time.
  private void refreshIn(long delayNanos) {
    Future<?> earlier = refresh;
    if (earlier != null) {
      earlier.cancel(false);
    }
    refresh = book.refreshLater(this, delayNanos);
  }

  private AttemptFailure.NameNotResolved unusable() {
    return new AttemptFailure.NameNotResolved(name, NamingProblem.OTHER, "", -1);
  }

  private State after(Finding finding) {
    return switch (finding) {
      case Finding.Found found -> found(found);
      case Finding.Missing(var failure, boolean definite) -> failed(failure, definite);
    };
  }

  private State found(Finding.Found found) {
    book.answered(name, found);
    long now = nanos.getAsLong();
    State before = state;
    Map<InetAddress, Long> seen = new HashMap<>();
    if (before != null && before.resolution instanceof Resolution.Resolved(var last, _)) {
      before.seen.forEach((address, at) -> {
        if (now - at < GRACE) {
          seen.put(address, at);
        }
      });
      last.forEach(address -> seen.put(address, now));
    }
    long until = now + found.ttl().toNanos();
    return new State(
        new Resolution.Resolved(found.addresses(), found.origin()),
        found.aliases(),
        until,
        until + book.lookup().settings().maxStale().toNanos(),
        Optional.empty(),
        seen);
  }

  private State failed(AttemptFailure.NameNotResolved failure, boolean definite) {
    long now = nanos.getAsLong();
    State before = state;
    if (!definite
        && before != null
        && before.resolution instanceof Resolution.Resolved(var addresses, _)
        && now - before.staleUntil < 0) {
      long recheck = now + Math.min(RECHECK, before.staleUntil - now);
      boolean good = now - before.goodUntil < 0;
      return new State(
          good ? before.resolution : new Resolution.Resolved(addresses, Origin.DNS_STALE),
          before.aliases,
          good ? Math.min(before.goodUntil, recheck) : recheck,
          before.staleUntil,
          Optional.of(failure),
          before.seen);
    }
    return new State(
        new Resolution.NotResolved(failure),
        List.of(),
        now + FAILURE,
        now,
        Optional.of(failure),
        Map.of());
  }

  /// What is held of it, for operators; empty before the first look-up.
  public Optional<AddressEntry> entry() {
    long now = nanos.getAsLong();
    Substitute over = override;
    if (over != null && now - over.until < 0) {
      return Optional.of(
          new AddressEntry(
              name,
              over.resolution.addresses(),
              Origin.OVERRIDE,
              List.of(),
              Duration.ofNanos(over.until - now),
              Optional.empty()));
    }
    State current = state;
    if (current == null) {
      return Optional.empty();
    }
    Duration left = Duration.ofNanos(Math.max(0, current.goodUntil - now));
    return Optional.of(
        switch (current.resolution) {
          case Resolution.Resolved(var addresses, Origin origin) ->
              new AddressEntry(
                  name,
                  addresses,
                  origin,
                  current.aliases,
                  origin == Origin.DNS_STALE ? Duration.ZERO : left,
                  current.failure);
          case Resolution.NotResolved _ ->
              new AddressEntry(name, List.of(), Origin.DNS, current.aliases, left, current.failure);
        });
  }
}
