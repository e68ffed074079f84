package io.whygate.diagnostics.probe;

import io.whygate.diagnostics.facts.AttemptFailure.TimedOut;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.facts.TcpFacts;
import io.whygate.diagnostics.probe.Finding.Pinged;
import io.whygate.diagnostics.probe.icmp.SystemSockets;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/// Finds a path that swallows large packets: pings of two sizes, a light request that is padded to
/// the size of a full packet, and one whose answer has to come in small packets.
///
/// Asked where an accepted connection fell silent. The failed request itself is never sent again.
public final class SizeProbe implements Probe {
  private static final int SMALL = 84;
  private static final int USUAL_MTU = 1_500;
  private static final int LARGEST = 9_000;
  private static final int LEAST = 1_280;

  /// Beyond one full packet, so that a second, smaller one follows.
  private static final int MORE = 200;

  @Override
  public void ask(Inquiry inquiry) {
    if (isSilence(inquiry)) {
      inquiry.target().ifPresent(target -> ask(inquiry, target, size(inquiry)));
    }
  }

  private static boolean isSilence(Inquiry inquiry) {
    return inquiry
        .exchange()
        .subject()
        .filter(attempt ->
            attempt.failure() instanceof TimedOut(Phase phase, _)
                && phase.compareTo(Phase.CONNECT) > 0)
        .isPresent();
  }

  /// The largest packet that the path is said to take, bytes.
  private static int size(Inquiry inquiry) {
    long known =
        inquiry
            .exchange()
            .subject()
            .flatMap(FailedAttempt::tcp)
            .map(TcpFacts::pathMtu)
            .filter(mtu -> mtu > 0)
            .orElse((long) USUAL_MTU);
    return Math.clamp(known, LEAST, LARGEST);
  }

  private static void ask(Inquiry inquiry, InetSocketAddress target, int size) {
    var tasks = new ArrayList<Runnable>();
    SystemSockets.find()
        .ifPresent(sockets -> tasks.add(() -> ping(sockets, inquiry, target, size)));
    boolean isHttp = !inquiry.endpoint().isTcp();
    if (isHttp) {
      tasks.add(() -> HttpProbe.narrowed(inquiry, target));
    }
    boolean handshaken =
        inquiry
            .exchange()
            .subject()
            .filter(attempt -> attempt.failure().phase() != Phase.TLS_HANDSHAKE)
            .isPresent();
    if (handshaken && isHttp) {
      boolean home = inquiry.exchange().request().path().equals("/");
      String path = home ? "/robots.txt" : "/";
      String method = home ? "GET" : "HEAD";
      tasks.add(() -> HttpProbe.padded(inquiry, target, method, path, size + MORE));
    }
    inquiry.all(tasks);
  }

  /// Two of each size: one that is lost by chance says nothing.
  private static void ping(
      SystemSockets sockets, Inquiry inquiry, InetSocketAddress target, int size) {
    if (!inquiry.mayAsk()) {
      return;
    }
    long started = System.nanoTime();
    List<Integer> sizes = List.of(SMALL, size, SMALL, size);
    var result = sockets.ping(target.getAddress(), sizes, inquiry.deadline().remainingMillis());
    inquiry.report(new Pinged(target.getAddress(), sizes, result), started);
  }
}
