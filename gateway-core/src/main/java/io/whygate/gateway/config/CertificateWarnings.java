package io.whygate.gateway.config;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;

/// When certificates that run out are warned of.
///
/// @param before how much time is left at each warning, the most first, for certificates that live
///   90 days or longer; for others as much less as their lives are shorter
/// @param every how often all are looked at
public record CertificateWarnings(List<Duration> before, Duration every) {
  private static final Duration USUAL_LIFE = Duration.ofDays(90);

  public CertificateWarnings {
    before = before.stream().sorted(Comparator.reverseOrder()).toList();
  }

  /// How many of the warnings are due for a certificate.
  public int due(X509Certificate certificate, Instant now) {
    Instant end = certificate.getNotAfter().toInstant();
    Duration life = Duration.between(certificate.getNotBefore().toInstant(), end);
    double scale = Math.min(1, (double) life.toMillis() / USUAL_LIFE.toMillis());
    long left = Duration.between(now, end).toMillis();
    return (int) before.stream().filter(each -> left < each.toMillis() * scale).count();
  }
}
