package io.whygate.gateway.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.whygate.gateway.telemetry.TrafficHistory.Traffic;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class TrafficHistoryTest {
  private final Metrics metrics = new Metrics(2);

  @Test
  void tellsWhatWasServedInEachStretchOfTime() {
    TrafficHistory history = metrics.history(Duration.ofMinutes(1));
    metrics.finished(SampleExchange.answered(200), 0);
    metrics.finished(SampleExchange.answered(503), 1);
    history.sample();
    history.sample();

    List<TrafficHistory.Sample> samples = history.samples();
    assertThat(samples).hasSize(2);
    Traffic first = samples.getFirst().byUpstream().values().iterator().next();
    Traffic second = samples.getLast().byUpstream().values().iterator().next();
    assertThat(first.requests()).isEqualTo(2);
    assertThat(first.serverErrors()).isEqualTo(1);
    assertThat(first.medianSeconds()).isPositive();
    assertThat(second.requests()).isZero();
    assertThat(second.medianSeconds()).isEqualTo(-1);
  }

  @Test
  void goesBackNoFurtherThanItIsToldTo() {
    TrafficHistory history = metrics.history(TrafficHistory.EVERY.multipliedBy(3));
    for (int i = 0; i < 10; i++) {
      history.sample();
    }
    assertThat(history.samples()).hasSize(3);
  }

  @Test
  void findsAQuantileToWithinFivePercent() {
    Cells cells = new Cells(Durations.CELLS);
    for (int millis = 1; millis <= 1000; millis++) {
      Durations.record(cells, millis * 1_000_000L);
    }
    long[] sums = new long[Durations.CELLS];
    cells.addTo(sums);

    assertThat(Durations.quantile(sums, 0.5)).isCloseTo(0.5, within(0.025));
    assertThat(Durations.quantile(sums, 0.95)).isCloseTo(0.95, within(0.048));
    assertThat(Durations.quantile(new long[Durations.CELLS], 0.5)).isEqualTo(-1);
  }
}
