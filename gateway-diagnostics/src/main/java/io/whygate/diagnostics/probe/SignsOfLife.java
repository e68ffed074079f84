package io.whygate.diagnostics.probe;

import io.whygate.diagnostics.facts.IcmpMessage;
import io.whygate.diagnostics.probe.Finding.Dialled;
import io.whygate.diagnostics.probe.Finding.Dialled.DialOutcome;
import io.whygate.diagnostics.probe.icmp.Pinging;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// What was heard so far of a host while it is being asked, so that no more is asked than needed.
///
/// Thread-safe.
final class SignsOfLife {
  /// The same port and a closed one both drew an ICMP message: another port would as well.
  private static final int MESSAGES_ENOUGH = 2;

  private final CountDownLatch same = new CountDownLatch(1);
  private final CountDownLatch enough = new CountDownLatch(1);
  private final AtomicInteger messages = new AtomicInteger();
  private volatile boolean reset;
  private volatile boolean rejected;

  /// What came of the port that failed.
  void same(Dialled dialled) {
    reset = dialled.outcome() == DialOutcome.REFUSED && dialled.icmp().isEmpty();
    if (dialled.icmp().filter(IcmpMessage::isRejection).isPresent()) {
      rejected();
    }
    if (dialled.outcome() == DialOutcome.UNROUTED || dialled.outcome() == DialOutcome.DENIED) {
      enough.countDown();
    }
    other(dialled);
    same.countDown();
  }

  /// A filter on the way said so before anybody was asked.
  void rejected() {
    rejected = true;
    enough.countDown();
  }

  /// What came of another port.
  void other(Dialled dialled) {
    if (dialled.isFromHost()) {
      enough.countDown();
    }
    if (dialled.icmp().isPresent() && messages.incrementAndGet() == MESSAGES_ENOUGH) {
      enough.countDown();
    }
  }

  void ping(Pinging ping) {
    if (ping.outcome() == Pinging.Outcome.ANSWERED) {
      enough.countDown();
    }
  }

  /// Whether the port that failed answered with a reset.
  boolean isReset() {
    return reset;
  }

  /// Whether a filter has said within this time that it rejects the connection.
  boolean isRejected(Duration limit) {
    return rejected || (awaitSame(limit) && rejected);
  }

  /// Waits until the port that failed has answered; false where the time is up first.
  boolean awaitSame(Duration limit) {
    return await(same, limit);
  }

  /// Waits until no other port needs to be asked; false where the time is up first.
  boolean await(Duration limit) {
    return await(enough, limit);
  }

  private static boolean await(CountDownLatch what, Duration limit) {
    try {
      return what.await(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }
}
