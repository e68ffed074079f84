package io.whygate.gateway.connection.pool;

import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.gateway.connection.dial.DialFailure;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// How often a connection is tried at an endpoint where the last one could not be made: a few times
/// at once, then at a pace. Who comes between is answered by the last failure, so that an outage is
/// no storm of connections; a connection that works ends it.
///
/// Where TLS was refused it is one at once: the next would hear the same, after a handshake that
/// both sides pay for and a visitor waits for.
///
/// Confined to the event loop of its pool.
final class Redials {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private @Nullable DialFailure last;

  /// What may still be tried, as the time that it took to earn it.
  private long saved;

  private long savedAt;

  /// The failure that answers for a connection which is not to be tried now; null where it is.
  ///
  /// @param perSecond how many may be tried in a second; 0 for any number
  @Nullable DialFailure answer(int perSecond, long now) {
    DialFailure known = last;
    if (known == null || perSecond == 0) {
      return null;
    }
    long price = SECOND / perSecond;
    long most = known.failure() instanceof AttemptFailure.TlsRejected ? price : SECOND;
    saved = Math.min(most, saved + (now - savedAt));
    savedAt = now;
    if (saved < price) {
      return known;
    }
    saved -= price;
    return null;
  }

  void failed(DialFailure failure, long now) {
    if (last == null) {
      saved = SECOND;
      savedAt = now;
    }
    last = failure.again();
  }

  void worked() {
    last = null;
  }
}
