package io.whygate.diagnostics.probe;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AllowanceTest {
  @Test
  void halfOfItLeavesTheOtherHalfToOthers() {
    var whole = new Allowance(2_000);
    Allowance half = whole.half();

    long given = 0;
    for (int i = 0; i < 3_000; i++) {
      given += half.take() ? 1 : 0;
    }

    assertThat(whole.take()).as("some are left").isTrue();
    assertThat(whole.sent()).as("they count in the whole").isEqualTo(given + 1);
  }

  @Test
  void halfOfItGivesNothingWhereTheWholeHasNone() {
    var whole = new Allowance(1);
    Allowance half = whole.half();
    // Within one second, at most one of these: a second may end in between.
    int given = 0;
    for (int i = 0; i < 1_000; i++) {
      given += half.take() ? 1 : 0;
      given += whole.take() ? 1 : 0;
    }
    assertThat(given).isEqualTo((int) whole.sent());
    assertThat(whole.withheld()).isPositive();
  }
}
