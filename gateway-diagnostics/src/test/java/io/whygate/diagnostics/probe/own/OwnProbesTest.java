package io.whygate.diagnostics.probe.own;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.diagnostics.Failures;
import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.AttemptFailure.ConnectRefused;
import io.whygate.diagnostics.facts.AttemptFailure.NameNotResolved;
import io.whygate.diagnostics.facts.AttemptFailure.TimedOut;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.facts.NamingProblem;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.memory.Recollection;
import io.whygate.diagnostics.probe.Allowance;
import io.whygate.diagnostics.probe.Deadline;
import io.whygate.diagnostics.probe.Finding;
import io.whygate.diagnostics.probe.Finding.Asked;
import io.whygate.diagnostics.probe.Finding.Asked.AskOutcome;
import io.whygate.diagnostics.probe.Finding.Dialled;
import io.whygate.diagnostics.probe.Finding.Dialled.Purpose;
import io.whygate.diagnostics.probe.Finding.Outgoing;
import io.whygate.diagnostics.probe.Finding.OwnInspected;
import io.whygate.diagnostics.probe.Finding.OwnInspected.ServerClock;
import io.whygate.diagnostics.probe.Finding.PortsCounted;
import io.whygate.diagnostics.probe.HeapUse;
import io.whygate.diagnostics.probe.HeapUse.Collecting;
import io.whygate.diagnostics.probe.Inquiry;
import io.whygate.diagnostics.probe.Observation;
import io.whygate.diagnostics.probe.Probe;
import io.whygate.diagnostics.verdict.CaseFile;
import io.whygate.diagnostics.verdict.Cause;
import io.whygate.diagnostics.verdict.Judge;
import io.whygate.diagnostics.verdict.Verdict;
import io.whygate.diagnostics.verdict.rules.Rules;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the gateway knows of itself, and when it takes the blame.
class OwnProbesTest {
  private static final Failures SHOP = Failures.at("http://127.0.0.1:3000");
  private static final AttemptFailure NOT_CONNECTED =
      new TimedOut(Phase.CONNECT, Duration.ofSeconds(1));
  private static final AttemptFailure UNANSWERED =
      new TimedOut(Phase.AWAIT_RESPONSE, Duration.ofSeconds(1));

  private static final HeapUse ROOMY = new HeapUse(20 << 20, 512 << 20, 9 << 20, Collecting.NONE);
  private static final HeapUse FULL = new HeapUse(31 << 20, 32 << 20, 30 << 20, Collecting.NONE);

  private static Finding ask(Probe probe, Failures failures) {
    FailedExchange exchange = failures.failing(new ConnectRefused());
    Deadline deadline = Deadline.in(Duration.ofSeconds(2));
    Inquiry inquiry =
        new Inquiry(
            exchange,
            failures.facts(),
            exchange.attempts().getLast().endpoint(),
            new Inquiry.Limits(deadline, deadline, new Allowance(10)),
            Runnable::run);
    probe.ask(inquiry);
    return inquiry.observations().getFirst().finding();
  }

  private static OwnSigns late(Duration lag) {
    return signs(lag, Collecting.NONE);
  }

  private static OwnSigns signs(Duration lag, Collecting collecting) {
    return new OwnSigns() {
      @Override
      public long loopLagMicros(long sinceNanos) {
        return lag.toNanos() / 1_000;
      }

      @Override
      public Collecting collecting(long sinceNanos) {
        return collecting;
      }

      @Override
      public List<ServerClock> clocks() {
        return List.of();
      }
    };
  }

  private static Cause cause(AttemptFailure failure, Finding... findings) {
    return verdict(failure, findings).cause();
  }

  private static Verdict verdict(AttemptFailure failure, Finding... findings) {
    List<Observation> observations =
        Arrays.stream(findings).map(each -> new Observation(each, Instant.now(), 0)).toList();
    var file =
        new CaseFile(SHOP.failing(failure), SHOP.facts(), observations, Recollection.NOTHING);
    return new Judge(Rules.all()).judge(file).verdict();
  }

  private static Asked light(AskOutcome outcome) {
    return light(outcome, 2_000);
  }

  private static Asked light(AskOutcome outcome, long micros) {
    var target = new InetSocketAddress("127.0.0.1", 3000);
    boolean answered = outcome == AskOutcome.ANSWERED;
    return new Asked(
        target,
        Purpose.SAME,
        "HEAD",
        "/",
        outcome,
        answered ? 200 : -1,
        Map.of(),
        "",
        answered ? micros : -1);
  }

  @Test
  void countsTheConnectionsToOnePlaceAlone() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"))) {
      List<Socket> open = new ArrayList<>();
      for (int i = 0; i < 7; i++) {
        open.add(new Socket("127.0.0.1", server.getLocalPort()));
      }
      var counted =
          (PortsCounted)
              ask(new PortsProbe(), Failures.at("http://127.0.0.1:" + server.getLocalPort()));
      assertThat(counted.used()).isEqualTo(7);
      assertThat(counted.range()).isPositive();
      for (Socket each : open) {
        each.close();
      }
    }
  }

  @Test
  void aFullTableOfConnectionsIsTheGatewaysOwn(@TempDir Path proc) throws Exception {
    Path folder = Files.createDirectories(proc.resolve("sys/net/netfilter"));
    Files.writeString(folder.resolve("nf_conntrack_max"), "262144\n");
    Files.writeString(folder.resolve("nf_conntrack_count"), "262144\n");
    Finding full = ask(new OwnProbe(OwnSigns.UNKNOWN, proc), SHOP);
    Files.writeString(folder.resolve("nf_conntrack_count"), "1000\n");
    Finding roomy = ask(new OwnProbe(OwnSigns.UNKNOWN, proc), SHOP);

    assertThat(cause(NOT_CONNECTED, full)).isEqualTo(Cause.GATEWAY_OVERLOADED);
    assertThat(cause(NOT_CONNECTED, roomy)).isNotEqualTo(Cause.GATEWAY_OVERLOADED);
    assertThat(cause(new ConnectRefused(), full)).isEqualTo(Cause.SERVER_PORT_CLOSED);
  }

  @Test
  void aLateLoopIsToBlameWhereTheServerAnswersAtOnce() {
    var late = (OwnInspected) ask(new OwnProbe(late(Duration.ofMillis(800))), SHOP);
    var prompt = (OwnInspected) ask(new OwnProbe(late(Duration.ofMillis(3))), SHOP);

    assertThat(cause(UNANSWERED, late, light(AskOutcome.ANSWERED)))
        .isEqualTo(Cause.GATEWAY_OVERLOADED);
    assertThat(cause(UNANSWERED, prompt, light(AskOutcome.ANSWERED)))
        .isEqualTo(Cause.APPLICATION_PATH_FAILURE);
    assertThat(cause(UNANSWERED, late, light(AskOutcome.SILENT)))
        .isEqualTo(Cause.APPLICATION_WORKERS_EXHAUSTED);
    assertThat(late.heap().max()).isGreaterThanOrEqualTo(late.heap().used());
    assertThat(late.heap().used()).isGreaterThanOrEqualTo(late.heap().kept());
  }

  @Test
  void aFullTableIsToBlameWhereNoPacketMayLeave() {
    var target = new InetSocketAddress("127.0.0.1", 3000);
    var full = new OwnInspected(0, ROOMY, 262_140, 262_144, List.of());
    Verdict kept = verdict(NOT_CONNECTED, full, new Outgoing(target, false));

    assertThat(kept.cause()).isEqualTo(Cause.GATEWAY_OVERLOADED);
    assertThat(kept.variant()).isEqualTo("tracking");
    assertThat(kept.because()).contains("tracks 262140").contains("may track 262144");
    assertThat(cause(NOT_CONNECTED, full, new Outgoing(target, true)))
        .isNotEqualTo(Cause.GATEWAY_OVERLOADED);
    assertThat(
            cause(
                NOT_CONNECTED,
                full,
                new Dialled(target, Purpose.SAME, Dialled.DialOutcome.ACCEPTED, 1_000)))
        .isNotEqualTo(Cause.GATEWAY_OVERLOADED);
    assertThat(cause(new NameNotResolved("shop.test", NamingProblem.TIMEOUT, "", -1), full))
        .isEqualTo(Cause.GATEWAY_OVERLOADED);
  }

  /// A time of one second, of which collections took this much.
  private static OwnInspected collecting(long lagMillis, long millis, HeapUse like) {
    var heap =
        new HeapUse(
            like.used(),
            like.max(),
            like.kept(),
            new Collecting(Duration.ofMillis(millis), Duration.ofMillis(1_500)));
    return new OwnInspected(lagMillis * 1_000, heap, -1, -1, List.of());
  }

  @Test
  void aHeapThatIsTooSmallIsToBlameWhereCollectionsTookTheTime() {
    Finding prompt = light(AskOutcome.ANSWERED);
    Verdict late = verdict(UNANSWERED, collecting(700, 900, ROOMY), prompt);
    assertThat(late.cause()).isEqualTo(Cause.GATEWAY_OVERLOADED);
    assertThat(late.variant()).isEqualTo("heap");
    assertThat(late.because()).contains("collecting for 900 of the last 1500 ms");
    assertThat(verdict(UNANSWERED, collecting(700, 30, FULL), prompt).variant()).isEqualTo("heap");
    assertThat(verdict(UNANSWERED, collecting(10, 1_300, ROOMY), prompt).variant())
        .isEqualTo("heap");
    assertThat(verdict(UNANSWERED, collecting(10, 600, FULL), prompt).variant()).isEqualTo("heap");
    // What the probe waited for a collection is not the server's.
    Finding held = light(AskOutcome.ANSWERED, 600_000);
    assertThat(verdict(UNANSWERED, collecting(10, 1_300, FULL), held).variant()).isEqualTo("heap");
  }

  @Test
  void aHeapIsNotToBlameForWhatTheServerDid() {
    Finding prompt = light(AskOutcome.ANSWERED);
    // A loop was late for another reason.
    assertThat(verdict(UNANSWERED, collecting(700, 30, ROOMY), prompt).variant()).isEmpty();
    // Collections as they always are, a nearly full heap alone, and much less than the time limit.
    for (OwnInspected each :
        List.of(
            collecting(3, 30, ROOMY),
            collecting(3, 30, FULL),
            collecting(3, 900, ROOMY),
            collecting(3, 300, FULL),
            collecting(3, 500, FULL))) {
      assertThat(cause(UNANSWERED, each, prompt))
          .as(each.toString())
          .isEqualTo(Cause.APPLICATION_PATH_FAILURE);
    }
    // The server answers nobody, or late.
    assertThat(cause(UNANSWERED, collecting(700, 1_300, FULL), light(AskOutcome.SILENT)))
        .isEqualTo(Cause.APPLICATION_WORKERS_EXHAUSTED);
    assertThat(cause(UNANSWERED, collecting(700, 700, FULL), light(AskOutcome.ANSWERED, 900_000)))
        .isNotEqualTo(Cause.GATEWAY_OVERLOADED);
  }
}
