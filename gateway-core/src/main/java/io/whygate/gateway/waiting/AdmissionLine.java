package io.whygate.gateway.waiting;

import io.whygate.diagnostics.page.Admission;
import io.whygate.gateway.config.Settings.WaitingSettings;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/// Those who waited for one upstream and go in one after another: each has a number, and the
/// numbers are called at a pace that doubles for as long as the server stands it. Safe for use by
/// many threads.
final class AdmissionLine {
  private static final double NANOS = 1_000_000_000.0;

  private final WaitingSettings settings;
  private final LongSupplier clock;
  private final ArrayDeque<Place> waiting = new ArrayDeque<>();
  private long issued;
  private double called;
  private double pace;
  private long advancedAt;
  private long pacedAt;
  private long calledWhenPaced;

  /// One who waits to be called, rather than asking now and then.
  interface Waiter {
    /// It is given a number, in place of the one that it had.
    void given(long ticket);

    /// Whether it still waits with this number.
    boolean waitsWith(long ticket);

    /// Its number has come up.
    void admitted(long ticket);
  }

  /// One who waits with a number.
  record Place(Waiter waiter, long ticket) {
    void call() {
      waiter.admitted(ticket);
    }

    private boolean isTaken() {
      return waiter.waitsWith(ticket);
    }
  }

  /// @param clock nanoseconds of whatever beginning
  AdmissionLine(WaitingSettings settings, LongSupplier clock) {
    this.settings = settings;
    this.clock = clock;
    this.advancedAt = clock.getAsLong();
    this.pacedAt = advancedAt;
    this.pace = settings.admitFirst();
  }

  /// Gives a number to one who waits to be called.
  synchronized Admission await(Waiter waiter) {
    advance();
    issued++;
    waiter.given(issued);
    waiting.add(new Place(waiter, issued));
    return new Admission(issued, millisUntil(issued));
  }

  /// When the number of one who asks now and then comes up. A number that was never given counts as
  /// none, and where the line is as long as it may be the last one is given again.
  synchronized Admission place(long ticket) {
    advance();
    long known = ticket;
    if (ticket < 1 || ticket > issued) {
      if (issued - called < settings.maxPages()) {
        issued++;
      }
      known = issued;
    }
    return new Admission(known, millisUntil(known));
  }

  /// Something failed again: the server has to prove itself anew.
  synchronized void failed() {
    advance();
    pace = settings.admitFirst();
    pacedAt = advancedAt;
    calledWhenPaced = (long) called;
  }

  /// Those whose numbers have come up, taken out of the line. Whoever went home keeps nobody back.
  synchronized List<Place> due() {
    advance();
    List<Place> due = new ArrayList<>();
    while (!waiting.isEmpty()) {
      Place first = waiting.getFirst();
      if (!first.isTaken()) {
        called = Math.min((double) issued, called + 1);
      } else if (first.ticket() <= called) {
        due.add(first);
      } else {
        return due;
      }
      waiting.removeFirst();
    }
    return due;
  }

  /// Whether nobody waits to be called.
  synchronized boolean isEmpty() {
    return waiting.isEmpty();
  }

  /// Whether nobody has asked for so long that the line need not be kept.
  synchronized boolean isIdleFor(long nanos) {
    return waiting.isEmpty() && clock.getAsLong() - advancedAt > nanos;
  }

  private void advance() {
    long now = clock.getAsLong();
    double most = called + pace * (now - advancedAt) / NANOS;
    called = Math.min((double) issued, most);
    advancedAt = now;
    if (now - pacedAt >= settings.doubleEvery().toNanos()) {
      if (called > calledWhenPaced) {
        pace = Math.min(pace * 2, settings.admitMost());
      }
      pacedAt = now;
      calledWhenPaced = (long) called;
    }
  }

  /// As far as can be told, which is as if all went well.
  private long millisUntil(long ticket) {
    double left = ticket - called;
    if (left <= 0) {
      return 0;
    }
    double seconds = 0;
    double rate = pace;
    double step = (settings.doubleEvery().toNanos() - (advancedAt - pacedAt)) / NANOS;
    while (rate < settings.admitMost() && left > rate * step) {
      left -= rate * step;
      seconds += step;
      rate = Math.min(rate * 2, settings.admitMost());
      step = settings.doubleEvery().toNanos() / NANOS;
    }
    return Math.max(1, Math.round(1000 * (seconds + left / rate)));
  }
}
