package io.whygate.diagnostics.probe.own;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.diagnostics.Failures;
import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.AttemptFailure.ConnectRefused;
import io.whygate.diagnostics.facts.AttemptFailure.TimedOut;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.memory.Recollection;
import io.whygate.diagnostics.probe.Allowance;
import io.whygate.diagnostics.probe.Deadline;
import io.whygate.diagnostics.probe.Finding;
import io.whygate.diagnostics.probe.Finding.Asked;
import io.whygate.diagnostics.probe.Finding.Asked.AskOutcome;
import io.whygate.diagnostics.probe.Finding.Dialled.Purpose;
import io.whygate.diagnostics.probe.Finding.OwnInspected;
import io.whygate.diagnostics.probe.Finding.OwnInspected.ServerClock;
import io.whygate.diagnostics.probe.Finding.PortsCounted;
import io.whygate.diagnostics.probe.Inquiry;
import io.whygate.diagnostics.probe.Observation;
import io.whygate.diagnostics.probe.Probe;
import io.whygate.diagnostics.verdict.CaseFile;
import io.whygate.diagnostics.verdict.Cause;
import io.whygate.diagnostics.verdict.Judge;
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
    return new OwnSigns() {
      @Override
      public long loopLagMicros(long sinceNanos) {
        return lag.toNanos() / 1_000;
      }

      @Override
      public List<ServerClock> clocks() {
        return List.of();
      }
    };
  }

  private static Cause cause(AttemptFailure failure, Finding... findings) {
    List<Observation> observations =
        Arrays.stream(findings).map(each -> new Observation(each, Instant.now(), 0)).toList();
    var file =
        new CaseFile(SHOP.failing(failure), SHOP.facts(), observations, Recollection.NOTHING);
    return new Judge(Rules.all()).judge(file).verdict().cause();
  }

  private static Asked light(AskOutcome outcome) {
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
        answered ? 2_000 : -1);
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
    assertThat(late.heapMax()).isGreaterThanOrEqualTo(late.heapUsed());
  }
}
