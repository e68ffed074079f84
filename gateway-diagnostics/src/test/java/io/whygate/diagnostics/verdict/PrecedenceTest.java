package io.whygate.diagnostics.verdict;

import static io.whygate.diagnostics.probe.Finding.Asked.AskOutcome;
import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.diagnostics.Failures;
import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.AttemptFailure.ConnectRefused;
import io.whygate.diagnostics.facts.AttemptFailure.ConnectionLost;
import io.whygate.diagnostics.facts.AttemptFailure.MalformedResponse;
import io.whygate.diagnostics.facts.AttemptFailure.NameNotResolved;
import io.whygate.diagnostics.facts.AttemptFailure.NotDialled;
import io.whygate.diagnostics.facts.AttemptFailure.StreamFailed;
import io.whygate.diagnostics.facts.AttemptFailure.TimedOut;
import io.whygate.diagnostics.facts.AttemptFailure.TlsRejected;
import io.whygate.diagnostics.facts.AttemptFailure.Unreachable;
import io.whygate.diagnostics.facts.AttemptFailure.UpstreamStatus;
import io.whygate.diagnostics.facts.Closing;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.facts.LocalProblem;
import io.whygate.diagnostics.facts.NamingProblem;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.facts.ResponseProblem;
import io.whygate.diagnostics.facts.TlsProblem;
import io.whygate.diagnostics.facts.Unreachability;
import io.whygate.diagnostics.memory.Recollection;
import io.whygate.diagnostics.probe.Finding;
import io.whygate.diagnostics.probe.Finding.Asked;
import io.whygate.diagnostics.probe.Finding.Dialled;
import io.whygate.diagnostics.probe.Finding.Dialled.DialOutcome;
import io.whygate.diagnostics.probe.Finding.Dialled.Purpose;
import io.whygate.diagnostics.probe.Observation;
import io.whygate.diagnostics.verdict.rules.Rules;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrecedenceTest {
  private static final Duration LIMIT = Duration.ofSeconds(2);
  private static final Instant NOW = Instant.parse("2026-05-04T03:02:01Z");

  private final Diagnoser diagnoser =
      new Diagnoser(new Judge(Rules.all()), (_, _) -> Optional.empty());

  @ParameterizedTest
  @ValueSource(strings = {"GET", "POST"})
  void theSameFailuresHaveTheSameCauseWhicheverCameFirst(String method) {
    Failures one = at("https://10.0.0.1:443").method(method);
    Failures two = at("https://10.0.0.2:443").method(method);
    one.beside(two);
    Set<Cause> named = new HashSet<>();
    for (AttemptFailure a : failures()) {
      for (AttemptFailure b : failures()) {
        Diagnosis first = diagnose(one, one.failing(a), two.failing(b));
        Diagnosis second = diagnose(one, two.failing(b), one.failing(a));
        Diagnosis turned = diagnose(one, one.failing(b), two.failing(a));
        named.add(first.cause());

        assertThat(second.cause()).as("%s, %s", a, b).isEqualTo(first.cause());
        assertThat(second.exchange().symptom()).isEqualTo(first.exchange().symptom());
        assertThat(second.verdict()).isEqualTo(first.verdict());
        assertThat(causes(second)).isEqualTo(causes(first));
        assertThat(turned.cause()).as("turned: %s, %s", a, b).isEqualTo(first.cause());
        assertThat(first.verdict().parameters())
            .containsEntry("endpoint", first.exchange().subject().orElseThrow().endpoint().url());
      }
    }
    assertThat(named).hasSizeGreaterThan(15);
  }

  @Test
  void whatEndsAnExchangeByItselfHasTheSameCauseAfterAnotherServerFailed() {
    Failures one = at("https://10.0.0.1:443");
    Failures two = at("https://10.0.0.2:443");
    one.beside(two);
    for (AttemptFailure ending : ending()) {
      Diagnosis alone = diagnose(one, two.failing(ending));
      for (AttemptFailure before : failures()) {
        if (alone.cause() != Cause.UNKNOWN && ending().stream().noneMatch(before::equals)) {
          assertThat(diagnose(one, one.failing(before), two.failing(ending)).cause())
              .as("%s after %s", ending, before)
              .isEqualTo(alone.cause());
        }
      }
    }
  }

  @Test
  void tellsTheOthersAmongRunnersUpAndEvidence() {
    Failures one = at("https://10.0.0.1:443");
    Failures two = at("https://10.0.0.2:443");
    one.beside(two);

    Diagnosis diagnosis =
        diagnose(
            one, one.failing(new TimedOut(Phase.AWAIT_RESPONSE, LIMIT)), two.failing(refused()));

    assertThat(diagnosis.cause()).isEqualTo(Cause.APPLICATION_WORKERS_EXHAUSTED);
    assertThat(diagnosis.exchange().symptom().code()).isEqualTo("response-timeout");
    assertThat(diagnosis.runnersUp().getFirst().cause()).isEqualTo(Cause.SERVER_PORT_CLOSED);
    assertThat(diagnosis.runnersUp().getFirst().against()).contains("https://10.0.0.2:443");
    assertThat(diagnosis.evidence())
        .anyMatch(e ->
            e.probe().equals("attempt")
                && e.of().startsWith("https://10.0.0.2:443")
                && e.answer().startsWith("connect-refused: server.port-closed"))
        .anyMatch(e -> e.of().equals("10.0.0.2:443"))
        .anyMatch(e -> e.of().equals("10.0.0.1:443"));
  }

  @Test
  void ofTriesAtOneAddressTheLastCounts() {
    Failures server = at("http://10.0.0.1:80");
    FailedExchange exchange =
        server.failing(new ConnectionLost(Phase.AWAIT_RESPONSE, Closing.FIN), refused());

    assertThat(exchange.views()).hasSize(1);
    assertThat(diagnose(server, exchange).cause()).isEqualTo(Cause.SERVER_PORT_CLOSED);
  }

  @Test
  void anotherExchangeThatFailedAlikeIsSeenFromTheSameTry() {
    Failures one = at("http://10.0.0.1:80");
    Failures two = at("http://10.0.0.2:80");
    FailedExchange hung = one.failing(new TimedOut(Phase.AWAIT_RESPONSE, LIMIT));
    FailedExchange explained = diagnose(one.beside(two), hung, two.failing(refused())).exchange();
    FailedExchange other = Failures.together(two.failing(refused()), hung);

    assertThat(explained.subjectIndex()).isZero();
    assertThat(other.seenLike(explained).subjectIndex()).isEqualTo(1);
    assertThat(Failures.together(hung, two.failing(refused())).seenLike(explained).subjectIndex())
        .isZero();
  }

  private static Set<Cause> causes(Diagnosis diagnosis) {
    Set<Cause> causes = new HashSet<>();
    diagnosis.runnersUp().forEach(each -> causes.add(each.cause()));
    return causes;
  }

  private static Failures at(String url) {
    return Failures.at(url).path("/");
  }

  private Diagnosis diagnose(Failures facts, FailedExchange... failed) {
    List<CaseFile> files =
        Failures.together(failed).views().stream()
            .map(view -> new CaseFile(view, facts.facts(), found(view), Recollection.NOTHING))
            .toList();
    return diagnoser.diagnose(files, NOW, 0);
  }

  private static AttemptFailure refused() {
    return new ConnectRefused();
  }

  /// What the probes of a real fault of this kind would find.
  private static List<Observation> found(FailedExchange view) {
    FailedAttempt attempt = view.subject().orElseThrow();
    var target = new InetSocketAddress(attempt.address().orElseThrow(), attempt.endpoint().port());
    var closed = new InetSocketAddress(attempt.address().orElseThrow(), 9);
    Dialled up = new Dialled(closed, Purpose.CLOSED_PORT, DialOutcome.REFUSED, 300);
    List<Finding> findings =
        switch (attempt.failure()) {
          case ConnectRefused _ -> List.of(dialled(target, DialOutcome.REFUSED), up);
          case TimedOut(Phase phase, _) when phase == Phase.CONNECT ->
              List.of(dialled(target, DialOutcome.SILENT), up);
          case TimedOut(Phase phase, _) when phase == Phase.AWAIT_RESPONSE ->
              List.of(dialled(target, DialOutcome.ACCEPTED), light(target, AskOutcome.SILENT));
          case ConnectionLost(Phase phase, _) when phase == Phase.AWAIT_RESPONSE ->
              List.of(dialled(target, DialOutcome.ACCEPTED), light(target, AskOutcome.CLOSED));
          default -> List.of();
        };
    return findings.stream().map(each -> new Observation(each, NOW, 100)).toList();
  }

  private static Dialled dialled(InetSocketAddress target, DialOutcome outcome) {
    return new Dialled(target, Purpose.SAME, outcome, 400);
  }

  private static Asked light(InetSocketAddress target, AskOutcome outcome) {
    return new Asked(target, Purpose.SAME, "HEAD", "/robots.txt", outcome, -1, Map.of(), "", 900);
  }

  /// Those after which no other server is tried, whatever the method.
  private static List<AttemptFailure> ending() {
    List<AttemptFailure> all = new ArrayList<>();
    for (ResponseProblem problem : ResponseProblem.values()) {
      all.add(new MalformedResponse(Phase.READ_RESPONSE, problem, "it breaks a rule", 0, -1));
    }
    all.add(new UpstreamStatus(502, -1, ""));
    all.add(new UpstreamStatus(503, 30, ""));
    all.add(new TimedOut(Phase.READ_RESPONSE, LIMIT));
    return all;
  }

  /// Every kind of failure, in each of its forms.
  private static List<AttemptFailure> failures() {
    List<AttemptFailure> all = new ArrayList<>(ending());
    all.add(refused());
    for (NamingProblem problem : NamingProblem.values()) {
      all.add(new NameNotResolved("shop.example", problem, "", -1));
    }
    for (Unreachability kind : Unreachability.values()) {
      all.add(new Unreachable(kind));
    }
    for (LocalProblem problem : LocalProblem.values()) {
      all.add(new NotDialled(problem, "the system's words"));
    }
    for (TlsProblem problem : TlsProblem.values()) {
      all.add(new TlsRejected(problem, -1, List.of(), "the library's words"));
    }
    Stream.of(40, 70, 112, 116, 120)
        .forEach(alert ->
            all.add(new TlsRejected(TlsProblem.ALERT_RECEIVED, alert, List.of(), "an alert")));
    for (Phase phase : Phase.values()) {
      all.add(new TimedOut(phase, LIMIT));
      for (Closing closing : Closing.values()) {
        all.add(new ConnectionLost(phase, closing));
      }
      all.add(new StreamFailed(phase, 2, true, ""));
      all.add(new StreamFailed(phase, 7, false, ""));
    }
    return all;
  }
}
