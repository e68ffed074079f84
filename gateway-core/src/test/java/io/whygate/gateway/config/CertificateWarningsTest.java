package io.whygate.gateway.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.faults.tls.Certificates;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

final class CertificateWarningsTest {
  private static final Duration DAY = Duration.ofDays(1);

  private final CertificateWarnings warnings =
      new CertificateWarnings(
          List.of(DAY, DAY.multipliedBy(21), DAY.multipliedBy(7)), Duration.ofHours(1));

  private int due(X509Certificate certificate, Duration left) {
    return warnings.due(certificate, certificate.getNotAfter().toInstant().minus(left));
  }

  @Test
  void eachTimeThatIsSetIsOneWarning() {
    X509Certificate quarter = Certificates.leaf("a.test").dns("a.test").selfSigned().certificate();
    assertThat(due(quarter, DAY.multipliedBy(22))).isZero();
    assertThat(due(quarter, DAY.multipliedBy(20))).isEqualTo(1);
    assertThat(due(quarter, DAY.multipliedBy(6))).isEqualTo(2);
    assertThat(due(quarter, Duration.ofHours(20))).isEqualTo(3);
    assertThat(due(quarter, DAY.negated())).isEqualTo(3);
  }

  @Test
  void thoseThatLiveLongerAreWarnedOfNoSooner() {
    X509Certificate root = Certificates.authority("Root").selfSigned().certificate();
    assertThat(due(root, DAY.multipliedBy(22))).isZero();
    assertThat(due(root, DAY.multipliedBy(20))).isEqualTo(1);
  }

  @Test
  void thoseThatLiveForDaysAreWarnedOfInHours() {
    Instant now = Instant.now();
    X509Certificate brief =
        Certificates.leaf("a.test")
            .dns("a.test")
            .valid(now, now.plus(DAY.multipliedBy(6)))
            .selfSigned()
            .certificate();
    assertThat(due(brief, DAY.multipliedBy(3))).isZero();
    assertThat(due(brief, Duration.ofHours(30))).isEqualTo(1);
    assertThat(due(brief, Duration.ofHours(10))).isEqualTo(2);
    assertThat(due(brief, Duration.ofHours(1))).isEqualTo(3);
  }
}
