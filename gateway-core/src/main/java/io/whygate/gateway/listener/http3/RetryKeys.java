package io.whygate.gateway.listener.http3;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.function.LongSupplier;
import javax.crypto.spec.SecretKeySpec;

/// The keys that sign the tokens of Retry packets: random, kept in memory alone, replaced in time.
/// For all threads.
final class RetryKeys {
  static final String ALGORITHM = "HmacSHA256";

  private static final long LEAST_PERIOD = Duration.ofHours(1).toNanos();

  private final SecureRandom random = new SecureRandom();
  private final LongSupplier nanos;
  private final long period;
  private volatile Pair pair;

  /// The key that signs, and the one before it; both verify.
  record Pair(SecretKeySpec current, SecretKeySpec former, long sinceNanos) {}

  /// @param lifetime of a token
  /// @param nanos the clock, as [System#nanoTime]
  RetryKeys(Duration lifetime, LongSupplier nanos) {
    this.nanos = nanos;
    this.period = Math.max(LEAST_PERIOD, lifetime.toNanos());
    this.pair = new Pair(made(), made(), nanos.getAsLong());
  }

  private SecretKeySpec made() {
    byte[] bytes = new byte[32];
    random.nextBytes(bytes);
    return new SecretKeySpec(bytes, ALGORITHM);
  }

  long now() {
    return nanos.getAsLong();
  }

  /// The keys of this moment.
  Pair keys() {
    Pair known = pair;
    return now() - known.sinceNanos < period ? known : renewed();
  }

  private synchronized Pair renewed() {
    Pair known = pair;
    long now = now();
    if (now - known.sinceNanos >= period) {
      boolean stale = now - known.sinceNanos >= 2 * period;
      known = new Pair(made(), stale ? made() : known.current, now);
      pair = known;
    }
    return known;
  }
}
