package io.whygate.gateway.waiting;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.gateway.config.Settings.WaitingSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class AdmissionLineTest {
  private static final WaitingSettings SETTINGS =
      new WaitingSettings(2_000, 20, 160, Duration.ofSeconds(2), Duration.ofSeconds(15));

  private final AtomicLong now = new AtomicLong(123);
  private final AdmissionLine line = new AdmissionLine(SETTINGS, now::get);

  private static final class Visitor implements AdmissionLine.Waiter {
    private final List<Long> admitted = new ArrayList<>();
    private long ticket;

    @Override
    public void given(long number) {
      ticket = number;
    }

    @Override
    public boolean waitsWith(long number) {
      return ticket == number;
    }

    @Override
    public void admitted(long number) {
      admitted.add(number);
    }
  }

  private List<Visitor> join(int count) {
    return IntStream.range(0, count)
        .mapToObj(_ -> {
          Visitor visitor = new Visitor();
          line.await(visitor);
          return visitor;
        })
        .toList();
  }

  private void pass(long millis) {
    now.addAndGet(millis * 1_000_000);
  }

  private int admitted(long millis) {
    int count = 0;
    for (long past = 0; past < millis; past += 20) {
      pass(20);
      List<AdmissionLine.Place> due = line.due();
      due.forEach(AdmissionLine.Place::call);
      count += due.size();
    }
    return count;
  }

  @Test
  void aThousandGoInAtAPaceThatDoublesUpToTheLimit() {
    List<Visitor> visitors = join(1_000);
    List<Integer> perSecond = IntStream.range(0, 11).mapToObj(_ -> admitted(1_000)).toList();
    assertThat(perSecond.subList(0, 2)).allMatch(n -> n >= 18 && n <= 22);
    assertThat(perSecond.subList(2, 4)).allMatch(n -> n >= 36 && n <= 44);
    assertThat(perSecond.subList(4, 6)).allMatch(n -> n >= 72 && n <= 88);
    assertThat(perSecond.subList(6, 10)).allMatch(n -> n >= 150 && n <= 165);
    assertThat(line.isEmpty()).isTrue();
    assertThat(visitors).allMatch(each -> each.admitted.equals(List.of(each.ticket)));
  }

  @Test
  void whoIsAloneGoesInAtOnce() {
    join(1);
    assertThat(admitted(60)).isEqualTo(1);
  }

  @Test
  void aPaceThatNobodyTriedIsNotDoubled() {
    pass(60_000);
    join(200);
    assertThat(admitted(1_000)).isBetween(18, 22);
  }

  @Test
  void afterAFailureTheServerProvesItselfAnew() {
    join(1_000);
    assertThat(admitted(5_000)).isGreaterThan(150);
    line.failed();
    assertThat(admitted(1_000)).isBetween(18, 22);
  }

  @Test
  void whoWentHomeKeepsNobodyBack() {
    List<Visitor> visitors = join(100);
    visitors.subList(0, 98).forEach(each -> each.given(0));
    assertThat(admitted(120)).isEqualTo(2);
  }

  @Test
  void whoAsksNowAndThenKeepsItsPlace() {
    join(100);
    var place = line.place(0);
    assertThat(place.ticket()).isEqualTo(101);
    assertThat(place.afterMillis()).isBetween(3_400L, 3_600L);
    assertThat(line.place(101)).isEqualTo(place);
    assertThat(line.place(-7).ticket()).isEqualTo(102);
    assertThat(line.place(4_711).ticket()).isEqualTo(103);
    pass(3_600);
    assertThat(line.place(101).afterMillis()).isLessThan(1_800);
    assertThat(admitted(4_000)).isEqualTo(100);
    assertThat(line.place(101).afterMillis()).isZero();
  }

  @Test
  void theLineIsNoLongerThanItMayBe() {
    for (int i = 0; i < 5_000; i++) {
      line.place(0);
    }
    assertThat(line.place(0).ticket()).isEqualTo(2_000);
  }

  @Test
  void aLineThatNobodyAsksForIsNotKept() {
    join(1);
    assertThat(line.isIdleFor(0)).isFalse();
    admitted(100);
    pass(61_000);
    assertThat(line.isIdleFor(60_000_000_000L)).isTrue();
  }
}
