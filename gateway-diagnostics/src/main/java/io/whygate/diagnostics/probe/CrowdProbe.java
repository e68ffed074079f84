package io.whygate.diagnostics.probe;

import io.whygate.diagnostics.probe.Finding.Crowded;
import io.whygate.diagnostics.probe.Finding.Dialled.DialOutcome;
import io.whygate.diagnostics.probe.Finding.Dialled.Purpose;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Tells a limit on connections from a server that does not keep up: a light request on a
/// connection alone, then a few connections at once.
///
/// A limit lets the one through, and the server behind it answers as ever; of the crowd some vanish
/// or are reset. Asked only where a connection failed and the next one was accepted.
final class CrowdProbe {
  private static final int CROWD = 8;
  private static final Duration PATIENCE = Duration.ofMillis(100);

  /// How long the crowd lets the light request go first.
  private static final Duration HEAD_START = Duration.ofMillis(30);

  private CrowdProbe() {}

  /// Asks on a connection of its own, and then the crowd.
  static void ask(Inquiry inquiry, InetSocketAddress target) {
    var alone = new CountDownLatch(1);
    inquiry.all(
        List.of(
            () -> {
              HttpProbe.request(inquiry, target, Purpose.SAME, "HEAD", "/");
              alone.countDown();
            },
            () -> crowd(inquiry, target, alone)));
  }

  /// Asks the crowd.
  ///
  /// @param alone what is counted down when the light request has its answer
  static void crowd(Inquiry inquiry, InetSocketAddress target, CountDownLatch alone) {
    long started = System.nanoTime();
    Deadline limit = inquiry.deadline().orIn(PATIENCE);
    Queue<DialOutcome> outcomes = new ConcurrentLinkedQueue<>();
    var all = new CountDownLatch(CROWD);
    var tasks = new ArrayList<Runnable>();
    for (int i = 0; i < CROWD; i++) {
      tasks.add(() -> {
        await(alone, HEAD_START);
        if (inquiry.mayAsk()) {
          connect(target, limit, outcomes, all);
        } else {
          all.countDown();
        }
      });
    }
    inquiry.all(tasks);
    int accepted = count(outcomes, DialOutcome.ACCEPTED);
    int silent = count(outcomes, DialOutcome.SILENT);
    inquiry.report(
        new Crowded(target, accepted, outcomes.size() - accepted - silent, silent), started);
  }

  /// Connects, and stays until all the others are there or have given up: a limit may count those
  /// that are open.
  private static void connect(
      InetSocketAddress target, Deadline limit, Queue<DialOutcome> outcomes, CountDownLatch all) {
    try (var socket = new Socket()) {
      socket.connect(target, limit.remainingMillis());
      outcomes.add(DialOutcome.ACCEPTED);
      all.countDown();
      boolean _ = all.await(limit.remainingMillis(), TimeUnit.MILLISECONDS);
    } catch (IOException e) {
      outcomes.add(Dialler.outcomeOf(e));
      all.countDown();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void await(CountDownLatch what, Duration limit) {
    try {
      boolean _ = what.await(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static int count(Queue<DialOutcome> outcomes, DialOutcome wanted) {
    return (int) outcomes.stream().filter(each -> each == wanted).count();
  }
}
