package io.whygate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class SoakTest {
  private static final long GROWTH = 96L << 20;

  @Test
  void losesNothingThroughFaultsAndReloads() throws Exception {
    Soak.Outcome outcome = Soak.run(Duration.ofSeconds(25));

    assertThat(outcome.failures()).as("what went wrong").isEmpty();
    assertThat(outcome.answered()).isGreaterThan(500);
    assertThat(outcome.reloads()).isGreaterThanOrEqualTo(5);
    assertThat(outcome.pages().keySet()).as("answers of the failing server").hasSizeGreaterThan(2);
    assertThat(outcome.residentAfter() - outcome.residentBefore())
        .as("growth in bytes")
        .isLessThan(GROWTH);
    assertThat(outcome.output()).doesNotContain("LEAK:");
  }
}
