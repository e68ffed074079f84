package io.whygate.gateway.acme;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.faults.tls.Certificates;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class RenewalTimeTest {
  private final X509Certificate certificate =
      Certificates.leaf("a.test").dns("a.test").selfSigned().certificate();
  private final Instant begin = certificate.getNotBefore().toInstant();
  private final Instant end = certificate.getNotAfter().toInstant();
  private final Duration life = Duration.between(begin, end);

  private Instant of(double share, double drawn) {
    return new RenewalTime(share, drawn).of(certificate, Optional.empty());
  }

  private Instant wished(Instant from, Instant to, double drawn) {
    return new RenewalTime(0.33, drawn)
        .of(certificate, Optional.of(new Authority.Window(from, to, Duration.ofHours(1))));
  }

  @Test
  void aShareOfTheLifetimeIsLeft() {
    assertThat(of(0.25, 0)).isEqualTo(end.minus(life.dividedBy(4)));
  }

  @Test
  void theMomentIsDrawnFromTheTenthBefore() {
    assertThat(Duration.between(of(0.5, 1), of(0.5, 0)).toMillis())
        .isCloseTo(life.dividedBy(20).toMillis(), org.assertj.core.data.Offset.offset(2L));
  }

  @Test
  void theAuthoritysWindowCountsMore() {
    Instant from = begin.plus(Duration.ofDays(3));
    Instant to = from.plus(Duration.ofDays(2));
    assertThat(wished(from, to, 0)).isEqualTo(from);
    assertThat(wished(from, to, 0.5)).isEqualTo(from.plus(Duration.ofDays(1)));
  }

  @Test
  void aWindowThatIsTooLateIsNotWaitedFor() {
    assertThat(wished(end.plus(Duration.ofDays(1)), end.plus(Duration.ofDays(2)), 0))
        .isEqualTo(end.minus(life.dividedBy(10)));
  }

  @Test
  void aWindowBeforeTheCertificateBeganIsNone() {
    assertThat(wished(begin.minus(Duration.ofDays(2)), begin.minus(Duration.ofDays(1)), 0))
        .isEqualTo(of(0.33, 0));
  }
}
