package io.whygate.diagnostics.probe;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.diagnostics.Failures;
import io.whygate.diagnostics.facts.AttemptFailure.TimedOut;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.probe.Finding.Asked;
import io.whygate.diagnostics.probe.Finding.Asked.AskOutcome;
import io.whygate.diagnostics.probe.Finding.Dialled.Purpose;
import io.whygate.faults.Fault;
import io.whygate.faults.FaultyServer;
import io.whygate.faults.tls.Pki;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class HttpProbeTest {
  private static final Duration TIME = Duration.ofSeconds(2);
  private static final long HANDSHAKE_MILLIS = 1_500;

  @Test
  void aServerThatIsSilentAfterASlowHandshakeIsSilentByTheDeadline() throws Exception {
    Pki pki = Pki.of("127.0.0.1");
    try (FaultyServer server = FaultyServer.startTls(pki);
        var far = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      server.fault(new Fault.AcceptThenSilence());
      Future<?> relayed = executor.submit(() -> relay(far, server.port(), executor));
      Failures failures =
          Failures.at("https://127.0.0.1:" + far.getLocalPort()).trusting(pki.root());
      FailedExchange exchange =
          failures.failing(new TimedOut(Phase.AWAIT_RESPONSE, Duration.ofSeconds(1)));
      Deadline deadline = Deadline.in(TIME);
      var inquiry =
          new Inquiry(
              exchange,
              failures.facts(),
              exchange.subject().orElseThrow().endpoint(),
              new Inquiry.Limits(deadline, deadline, new Allowance(10)),
              executor);
      long began = System.nanoTime();

      HttpProbe.request(
          inquiry,
          new InetSocketAddress(far.getInetAddress(), far.getLocalPort()),
          Purpose.SAME,
          "GET",
          "/");

      assertThat(Duration.ofNanos(System.nanoTime() - began))
          .isLessThan(TIME.plusMillis(HANDSHAKE_MILLIS / 2));
      assertThat(inquiry.observations())
          .extracting(Observation::finding)
          .singleElement()
          .isInstanceOfSatisfying(
              Asked.class, asked -> assertThat(asked.outcome()).isEqualTo(AskOutcome.SILENT));
      relayed.get();
    }
  }

  /// A way to the server on which the first flight of a handshake takes its time.
  private static Void relay(ServerSocket far, int port, ExecutorService executor) throws Exception {
    try (Socket near = far.accept();
        var behind = new Socket(far.getInetAddress(), port)) {
      Thread.sleep(HANDSHAKE_MILLIS);
      List<Future<Void>> ways =
          executor.invokeAll(List.of(() -> pass(near, behind), () -> pass(behind, near)));
      for (Future<Void> way : ways) {
        way.get();
      }
    }
    return null;
  }

  /// Passes on what comes until either side ends: the probe goes away in the middle of it.
  private static Void pass(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
      to.shutdownOutput();
    } catch (IOException _) {
      return null; // bytes were on their way to a side that has gone
    }
    return null;
  }
}
