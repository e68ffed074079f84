package io.whygate.gateway.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RetryBudgetTest {
  private final ManualClock clock = new ManualClock();
  private final RetryBudget budget = new RetryBudget(20, clock);

  @Test
  void allowsFewWithoutAnyTraffic() {
    assertThat(retries()).isEqualTo(10 * RetryBudget.FLOOR_PER_SECOND);
  }

  @Test
  void allowsShareOfTheLastTenSeconds() {
    for (int i = 0; i < 1000; i++) {
      budget.request();
    }
    assertThat(retries()).isEqualTo(200);
    clock.advance(Duration.ofSeconds(9));
    assertThat(budget.tryRetry()).isFalse();
    clock.advance(Duration.ofSeconds(1));
    assertThat(retries()).isEqualTo(10 * RetryBudget.FLOOR_PER_SECOND);
  }

  @Test
  void forgetsAllAfterLongSilence() {
    for (int i = 0; i < 1000; i++) {
      budget.request();
    }
    retries();
    clock.advance(Duration.ofHours(3));
    assertThat(retries()).isEqualTo(10 * RetryBudget.FLOOR_PER_SECOND);
  }

  private int retries() {
    int taken = 0;
    while (budget.tryRetry()) {
      taken++;
    }
    return taken;
  }
}
