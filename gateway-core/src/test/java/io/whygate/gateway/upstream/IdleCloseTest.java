package io.whygate.gateway.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class IdleCloseTest {
  private static final long CONFIGURED = Duration.ofSeconds(60).toNanos();

  private final ManualClock clock = new ManualClock();
  private final IdleClose idleClose = new IdleClose(clock);

  @Test
  void learnsTimerFromTwoClosesAtTheSameAge() {
    idleClose.observed(millis(5010));
    assertThat(idleClose.limitNanos(CONFIGURED)).isEqualTo(CONFIGURED);
    clock.advance(Duration.ofSeconds(7));
    idleClose.observed(millis(5000));
    assertThat(idleClose.learnedNanos()).isEqualTo(millis(5000));
    assertThat(idleClose.limitNanos(CONFIGURED)).isEqualTo(millis(4000));
    assertThat(idleClose.limitNanos(millis(3000))).isEqualTo(millis(3000));
  }

  @Test
  void keepsHalfOfShortTimers() {
    idleClose.observed(millis(1000));
    clock.advance(Duration.ofSeconds(1));
    idleClose.observed(millis(1000));
    assertThat(idleClose.limitNanos(CONFIGURED)).isEqualTo(millis(500));
  }

  @Test
  void takesClosesAtOneMomentForRestart() {
    for (int i = 0; i < 5; i++) {
      idleClose.observed(millis(2000));
    }
    assertThat(idleClose.limitNanos(CONFIGURED)).isEqualTo(CONFIGURED);
  }

  @Test
  void takesClosesOfConnectionsThatWereHardlyIdleForRestarts() {
    for (int age : new int[] {2, 1, 7, 240}) {
      idleClose.observed(millis(age));
      clock.advance(Duration.ofSeconds(3));
    }
    assertThat(idleClose.limitNanos(CONFIGURED)).isEqualTo(CONFIGURED);
  }

  @Test
  void learnsNothingFromDifferingAges() {
    for (int age : new int[] {400, 9000, 3000, 20000}) {
      idleClose.observed(millis(age));
      clock.advance(Duration.ofSeconds(3));
    }
    assertThat(idleClose.limitNanos(CONFIGURED)).isEqualTo(CONFIGURED);
  }

  @Test
  void forgetsWhatNothingConfirms() {
    idleClose.observed(millis(5000));
    clock.advance(Duration.ofSeconds(1));
    idleClose.observed(millis(5000));
    clock.advance(Duration.ofMinutes(11));
    assertThat(idleClose.limitNanos(CONFIGURED)).isEqualTo(CONFIGURED);
  }

  private static long millis(long millis) {
    return Duration.ofMillis(millis).toNanos();
  }

  @Test
  void usesWhatWasLearnedBeforeARestartUntilNothingConfirmsIt() {
    idleClose.remembered(millis(5000));
    assertThat(idleClose.limitNanos(CONFIGURED)).isEqualTo(millis(4000));
    clock.advance(Duration.ofMinutes(11));
    assertThat(idleClose.limitNanos(CONFIGURED)).isEqualTo(CONFIGURED);
  }
}
