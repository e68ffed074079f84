package io.whygate.diagnostics;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.whygate.diagnostics.facts.Endpoint;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// What worked again after it had failed: it ends the sharing of a diagnosis, since what fails
/// after it may fail for another reason.
///
/// A connection is shown to work by one that is new, an application by an answer on the path that
/// failed; answers on other paths say nothing. What works and fails in turns ends the sharing a few
/// times in a while, and no more, or its every failure would be examined.
final class Recoveries {
  private static final int MOST = 8_192;
  private static final Duration REMEMBERED = Duration.ofMinutes(1);
  private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(3);
  private static final int ENDINGS = 4;
  private static final long LONG_AGO_NANOS = TimeUnit.DAYS.toNanos(1);

  private final Cache<Spot, Recovery> bySpot;

  /// What failed.
  ///
  /// @param endpoint null for all of the upstream
  /// @param path the path; empty for the connections; null for all paths that failed
  private record Spot(String upstream, @Nullable Endpoint endpoint, @Nullable String path) {}

  /// When one thing that failed worked again.
  static final class Recovery {
    private volatile long worked = System.nanoTime() - LONG_AGO_NANOS;
    private long windowBegan = System.nanoTime();
    private int endings;

    /// Whether it worked after a moment, so that what was found then is to be found anew; where it
    /// does so all the time, false.
    boolean ends(long foundNanos) {
      return isAfter(foundNanos) && mayEnd();
    }

    /// Whether it worked after a moment; asked as often as one likes.
    boolean isAfter(long nanos) {
      return worked - nanos > 0;
    }

    private synchronized boolean mayEnd() {
      long now = System.nanoTime();
      if (now - windowBegan > WINDOW_NANOS) {
        windowBegan = now;
        endings = 0;
      }
      if (endings >= ENDINGS) {
        return false;
      }
      endings++;
      return true;
    }

    private void worked(long nanos) {
      if (nanos - worked > 0) {
        worked = nanos;
      }
    }
  }

  /// When several things that failed worked again: what was found of all is over with the first.
  record Together(List<Recovery> each) {
    boolean ends(long foundNanos) {
      return each.stream().anyMatch(one -> one.ends(foundNanos));
    }

    boolean isAfter(long nanos) {
      return each.stream().anyMatch(one -> one.isAfter(nanos));
    }
  }

  /// @param sharedFor how long a diagnosis is shared
  Recoveries(Duration sharedFor) {
    bySpot =
        Caffeine.newBuilder()
            .maximumSize(MOST)
            .expireAfterAccess(REMEMBERED.plus(sharedFor).plus(sharedFor))
            .build();
  }

  /// The recovery that ends the sharing of a diagnosis.
  Together of(ExchangeKey exchange) {
    return new Together(
        exchange.failures().stream()
            .map(key -> of(new Spot(key.upstream(), key.endpoint(), key.path())))
            .toList());
  }

  /// The recovery that ends the sharing of the answers of which such diagnoses are made.
  Recovery ofPlace(FailureKey key) {
    boolean byPath = !key.path().isEmpty();
    return of(new Spot(key.upstream(), key.endpoint(), byPath ? null : ""));
  }

  private Recovery of(Spot spot) {
    return Objects.requireNonNull(bySpot.get(spot, _ -> new Recovery()));
  }

  /// An upstream answered as it should.
  ///
  /// @param fresh whether on a connection of its own
  /// @param begunNanos when that was tried ([System#nanoTime()])
  void worked(String upstream, Endpoint endpoint, String path, boolean fresh, long begunNanos) {
    if (fresh) {
      worked(new Spot(upstream, endpoint, ""), begunNanos);
    }
    worked(new Spot(upstream, null, ""), begunNanos);
    if (worked(new Spot(upstream, endpoint, path), begunNanos)) {
      worked(new Spot(upstream, endpoint, null), begunNanos);
    }
  }

  /// Notes it where that had failed.
  private boolean worked(Spot spot, long nanos) {
    Recovery known = bySpot.getIfPresent(spot);
    if (known != null) {
      known.worked(nanos);
    }
    return known != null;
  }
}
