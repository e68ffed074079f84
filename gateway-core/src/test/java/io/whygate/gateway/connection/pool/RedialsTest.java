package io.whygate.gateway.connection.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.Timeline;
import io.whygate.diagnostics.facts.TlsProblem;
import io.whygate.gateway.connection.dial.DialFailure;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RedialsTest {
  private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);

  private final Redials redials = new Redials();
  private long now = Long.MAX_VALUE - 50 * MILLI;

  private static DialFailure refused() {
    return by(new AttemptFailure.ConnectRefused());
  }

  private static DialFailure by(AttemptFailure failure) {
    return new DialFailure(
        failure,
        Optional.empty(),
        new Timeline(3, Timeline.NEVER, Timeline.NEVER, Timeline.NEVER, Timeline.NEVER, 90),
        Optional.empty(),
        0,
        "",
        List.of(),
        false);
  }

  private int tried(int asked) {
    return tried(asked, refused());
  }

  private int tried(int asked, DialFailure outcome) {
    int tried = 0;
    for (int i = 0; i < asked; i++) {
      if (redials.answer(10, now) == null) {
        tried++;
        redials.failed(outcome, now);
      }
    }
    return tried;
  }

  @Test
  void allAreTriedWhereNothingFailed() {
    assertThat(redials.answer(10, now)).isNull();
    redials.failed(refused(), now);
    redials.worked();
    assertThat(redials.answer(10, now)).isNull();
  }

  @Test
  void aFewAreTriedAtOnceThenAtAPace() {
    redials.failed(refused(), now);
    assertThat(tried(1_000)).isEqualTo(10);
    now += 99 * MILLI;
    assertThat(tried(1_000)).isZero();
    now += MILLI;
    assertThat(tried(1_000)).isEqualTo(1);
    now += 60_000 * MILLI;
    assertThat(tried(1_000)).isEqualTo(10);
  }

  @Test
  void oneHandshakeThatWasRefusedIsTriedAtOnceThenAtAPace() {
    DialFailure rejected =
        by(
            new AttemptFailure.TlsRejected(
                TlsProblem.CERTIFICATE_REJECTED, -1, List.of(), "expired"));
    redials.failed(rejected, now);
    assertThat(tried(1_000, rejected)).isEqualTo(1);
    now += 99 * MILLI;
    assertThat(tried(1_000, rejected)).isZero();
    now += MILLI;
    assertThat(tried(1_000, rejected)).isEqualTo(1);
    now += 60_000 * MILLI;
    assertThat(tried(1_000, rejected)).isEqualTo(1);
  }

  @Test
  void theFailureThatAnswersTookNoTime() {
    redials.failed(refused(), now);
    tried(20);
    DialFailure known = redials.answer(10, now);
    assertThat(known).isNotNull();
    assertThat(known.isShared()).isTrue();
    assertThat(known.timeline())
        .isEqualTo(
            new Timeline(0, Timeline.NEVER, Timeline.NEVER, Timeline.NEVER, Timeline.NEVER, 0));
  }

  @Test
  void noneIsSharedWhereTheSettingIsZero() {
    redials.failed(refused(), now);
    for (int i = 0; i < 100; i++) {
      assertThat(redials.answer(0, now)).isNull();
    }
  }
}
