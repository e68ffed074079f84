package io.whygate.gateway.acme;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// When a certificate is replaced.
///
/// @param share of a lifetime that is left then
/// @param drawn from 0 to 1, once for each certificate: where in the time given it is
record RenewalTime(double share, double drawn) {

  /// What is never waited for, by the lifetime's share.
  private static final double LAST = 0.1;

  private static final double SPREAD = 0.1;

  /// The moment, by the authority's wish where it has one.
  ///
  /// A wish that came too late for this certificate from the start is none.
  Instant of(X509Certificate certificate, Optional<Authority.Window> wish) {
    Instant begin = certificate.getNotBefore().toInstant();
    Instant end = certificate.getNotAfter().toInstant();
    Duration life = Duration.between(begin, end);
    if (wish.isPresent() && wish.get().end().isAfter(begin)) {
      Instant from = wish.get().start();
      Instant wished = from.plus(part(Duration.between(from, wish.get().end()), drawn));
      Instant last = end.minus(part(life, LAST));
      return wished.isBefore(last) ? wished : last;
    }
    return end.minus(part(life, share * (1 + SPREAD * drawn)));
  }

  private static Duration part(Duration whole, double share) {
    return Duration.ofMillis((long) (Math.max(0, whole.toMillis()) * share));
  }
}
