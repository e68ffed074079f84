package io.whygate.diagnostics.verdict.rules;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.diagnostics.Failures;
import io.whygate.diagnostics.facts.AttemptFailure.TimedOut;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.facts.TcpFacts;
import io.whygate.diagnostics.memory.Recollection;
import io.whygate.diagnostics.probe.Finding.Asked;
import io.whygate.diagnostics.probe.Finding.Asked.AskOutcome;
import io.whygate.diagnostics.probe.Finding.Dialled.Purpose;
import io.whygate.diagnostics.probe.Finding.Narrowed;
import io.whygate.diagnostics.probe.Observation;
import io.whygate.diagnostics.verdict.CaseFile;
import io.whygate.diagnostics.verdict.Cause;
import io.whygate.diagnostics.verdict.Judge;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Large packets that are lost on the way back from the server.
class SizeRulesTest {
  private static final String ADDRESS = "192.168.7.7";
  private static final long PATIENCE = 250_000;

  private final Failures shop = Failures.at("http://192.168.7.7:3000");

  @Test
  void aPageThatComesInSmallPacketsAloneIsLostInLargeOnes() {
    assertThat(cause(head(3_000), page(AskOutcome.SILENT, -1, ""), page(4_000)))
        .isEqualTo(Cause.FIREWALL_MTU_BLACK_HOLE);
  }

  @Test
  void aPageWhoseHeadAloneComesInLargePacketsIsLostToo() {
    Asked begun = page(AskOutcome.ANSWERED, 3_000, "only the beginning");
    assertThat(cause(head(3_000), begun, page(4_000))).isEqualTo(Cause.FIREWALL_MTU_BLACK_HOLE);
  }

  @Test
  void aPageThatComesEitherWayIsNot() {
    assertThat(cause(head(3_000), page(4_000), page(4_000)))
        .isEqualTo(Cause.APPLICATION_PATH_FAILURE);
  }

  @Test
  void aPageThatTookAllTheTimeInSmallPacketsMayBeSlow() {
    assertThat(cause(head(3_000), page(AskOutcome.SILENT, -1, ""), page(200_000)))
        .isEqualTo(Cause.APPLICATION_PATH_FAILURE);
  }

  @Test
  void aServerThatAnswersOneOfManyIsShortOfWorkers() {
    Asked silent = asked("HEAD", AskOutcome.SILENT, -1, "");
    assertThat(cause(silent, page(AskOutcome.SILENT, -1, ""), page(4_000)))
        .isEqualTo(Cause.APPLICATION_WORKERS_EXHAUSTED);
  }

  @Test
  void anAnswerWithAGapIsLostWhereSmallOnesCome() {
    shop.tcp(tcp(true));
    assertThat(cause(head(3_000))).isEqualTo(Cause.FIREWALL_MTU_BLACK_HOLE);
    shop.tcp(tcp(false));
    assertThat(cause(head(3_000))).isEqualTo(Cause.APPLICATION_PATH_FAILURE);
  }

  private static TcpFacts tcp(boolean gapped) {
    return new TcpFacts(800, 0, 0, 0, 0, 1_500, 600, 600, -1, gapped);
  }

  private Cause cause(Asked light) {
    return cause(List.of(new Observation(light, Instant.now(), light.ttfbMicros())));
  }

  private Cause cause(Asked light, Asked usual, Asked narrow) {
    return cause(
        List.of(
            new Observation(light, Instant.now(), light.ttfbMicros()),
            new Observation(new Narrowed(usual, narrow), Instant.now(), PATIENCE)));
  }

  private Cause cause(List<Observation> observations) {
    var unanswered = new TimedOut(Phase.AWAIT_RESPONSE, Duration.ofSeconds(2));
    var file =
        new CaseFile(shop.failing(unanswered), shop.facts(), observations, Recollection.NOTHING);
    return new Judge(Rules.all()).judge(file).verdict().cause();
  }

  private static Asked head(long ttfbMicros) {
    return asked("HEAD", AskOutcome.ANSWERED, ttfbMicros, "");
  }

  private static Asked page(long ttfbMicros) {
    return page(AskOutcome.ANSWERED, ttfbMicros, "x".repeat(5_000));
  }

  private static Asked page(AskOutcome outcome, long ttfbMicros, String body) {
    return asked("GET", outcome, ttfbMicros, body);
  }

  private static Asked asked(String method, AskOutcome outcome, long ttfbMicros, String body) {
    return new Asked(
        new InetSocketAddress(Failures.address(ADDRESS), 3000),
        Purpose.SAME,
        method,
        "/",
        outcome,
        outcome == AskOutcome.ANSWERED ? 200 : -1,
        Map.of("content-length", "5000"),
        body,
        ttfbMicros);
  }
}
