package io.whygate.gateway.ocsp;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.faults.tls.KeyedCertificate;
import io.whygate.gateway.config.ListenerSettings.KeyPair;
import io.whygate.gateway.config.OcspStapling;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/// An error where nobody expects one does not end the questions.
final class StapleErrorsTest {
  private static final OcspStapling SETTINGS =
      new OcspStapling(
          true,
          Duration.ofSeconds(20),
          1,
          Duration.ofMillis(10),
          Duration.ofMillis(10),
          Duration.ofHours(1));

  @Test
  void anErrorIsAFailureLikeAnother() throws Exception {
    try (Responder responder = new Responder()) {
      KeyedCertificate certificate = responder.draft().issuedBy(responder.issuer());
      responder.vouchFor(certificate, Duration.ofHours(1));
      BlockingQueue<String> asked = new LinkedBlockingQueue<>();
      AtomicBoolean isFirst = new AtomicBoolean(true);
      Staple staple =
          new Staple(
              new KeyPair(certificate.chain(), certificate.key()),
              new Staple.Surroundings(
                  SETTINGS,
                  new Semaphore(1),
                  null,
                  result -> {
                    if (isFirst.getAndSet(false)) {
                      throw new NoClassDefFoundError("made up");
                    }
                    asked.add(result);
                  },
                  InstantSource.system()));
      Thread thread = Thread.ofVirtual().start(staple);
      try {
        assertThat(List.of(asked.poll(20, TimeUnit.SECONDS), asked.poll(20, TimeUnit.SECONDS)))
            .containsExactly("failed", "good");
        assertThat(staple.bytes()).isNotNull();
      } finally {
        thread.interrupt();
      }
    }
  }
}
