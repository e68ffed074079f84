package io.whygate.diagnostics.incident;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.diagnostics.Failures;
import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.AttemptFailure.ConnectRefused;
import io.whygate.diagnostics.facts.AttemptFailure.ConnectionLost;
import io.whygate.diagnostics.facts.ClientKind;
import io.whygate.diagnostics.facts.Closing;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.ExchangeFailure.NoEndpoint;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.facts.RequestFacts;
import io.whygate.diagnostics.facts.RequestProcessed;
import io.whygate.diagnostics.facts.RequestShape;
import io.whygate.diagnostics.incident.Incident.State;
import io.whygate.diagnostics.memory.Change;
import io.whygate.diagnostics.verdict.Cause;
import io.whygate.diagnostics.verdict.Diagnosis;
import io.whygate.diagnostics.verdict.Step;
import io.whygate.diagnostics.verdict.StepNote;
import io.whygate.diagnostics.verdict.StepReport;
import io.whygate.diagnostics.verdict.StepState;
import io.whygate.diagnostics.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class IncidentBookTest {
  private static final Failures SHOP = Failures.at("http://127.0.0.1:3000");
  private static final Endpoint ENDPOINT = new Endpoint(Endpoint.Scheme.HTTP, "127.0.0.1", 3000);

  private Instant now = Instant.parse("2026-11-23T12:00:00Z");
  private final IncidentBook book =
      new IncidentBook(
          new IncidentSettings(
              3, Duration.ofHours(1), Duration.ofMillis(500), Duration.ofSeconds(5)),
          () -> now);

  @Test
  void givesTheSameIdToEachFailureOfOneCause() {
    Diagnosis diagnosis = refused();

    Incident first = book.failed(diagnosis, SHOP.facts(), true);
    now = now.plusSeconds(3);
    Incident second = book.failed(diagnosis, SHOP.facts(), true);
    Incident passedThrough = book.failed(refused(), SHOP.facts(), false);

    assertThat(first.id()).matches("[0-9a-z]{12}");
    assertThat(second.id()).isEqualTo(first.id());
    assertThat(passedThrough.id()).isEqualTo(first.id());
    assertThat(passedThrough.requests()).isEqualTo(3);
    assertThat(passedThrough.pages()).isEqualTo(2);
    assertThat(passedThrough.since()).isEqualTo(now.minusSeconds(3));
    assertThat(passedThrough.lastSeen()).isEqualTo(now);
  }

  @Test
  void tellsWhoeverListensWhenItEnds() {
    var seen = new ArrayList<State>();
    var seenOfOne = new ArrayList<State>();
    book.onChange(incident -> seen.add(incident.state()));
    String id = book.failed(refused(), SHOP.facts(), true).id();
    Subscription subscription =
        book.subscribe(id, incident -> seenOfOne.add(incident.state())).orElseThrow();

    assertThat(book.recovered(id)).isTrue();
    assertThat(book.recovered(id)).isFalse();

    assertThat(seen).containsExactly(State.OPEN, State.RECOVERED);
    assertThat(seenOfOne).containsExactly(State.RECOVERED);
    subscription.close();
    assertThat(book.subscribe("nobodyknows1", _ -> {})).isEmpty();
  }

  @Test
  void aListenerThatThrowsHarmsNobody() {
    var seen = new ArrayList<State>();
    book.onChange(_ -> {
      throw new IllegalStateException("a listener's own fault");
    });
    book.onChange(incident -> seen.add(incident.state()));

    book.failed(refused(), SHOP.facts(), true);

    assertThat(seen).containsExactly(State.OPEN);
  }

  @Test
  void answersForAnHourAfterTheEnd() {
    String id = book.failed(refused(), SHOP.facts(), true).id();
    book.recovered(id);

    now = now.plus(Duration.ofMinutes(59));
    assertThat(book.find(id)).map(Incident::state).contains(State.RECOVERED);
    now = now.plus(Duration.ofMinutes(2));
    assertThat(book.find(id)).isEmpty();
    assertThat(book.all()).isEmpty();
  }

  @Test
  void continuesWhatFailsAgainAtOnceAndOpensAnewLater() {
    String id = book.failed(refused(), SHOP.facts(), true).id();
    book.recovered(id);
    now = now.plusSeconds(2);
    Incident again = book.failed(refused(), SHOP.facts(), true);
    assertThat(again.id()).isEqualTo(id);
    assertThat(again.state()).isEqualTo(State.OPEN);
    assertThat(again.ended()).isEmpty();

    book.recovered(id);
    now = now.plusSeconds(30);
    assertThat(book.failed(refused(), SHOP.facts(), true).id()).isNotEqualTo(id);
  }

  @Test
  void successOfTheSamePathSpeaksAgainstWhatWasBoundToItAndEndsNothing() {
    var doubted = new ArrayList<String>();
    book.onDoubt(doubted::add);
    Diagnosis onePath = diagnosis(Cause.APPLICATION_PATH_FAILURE, lost());
    String id = book.failed(onePath, SHOP.facts(), true).id();
    now = now.plusSeconds(1);

    book.succeeded(Failures.UPSTREAM, ENDPOINT, served("/"));
    book.succeeded("another", ENDPOINT, served("/order"));
    assertThat(doubted).isEmpty();
    assertThat(book.isDoubted(id)).isFalse();
    book.succeeded(Failures.UPSTREAM, ENDPOINT, served("/order"));

    assertThat(doubted).containsExactly(id);
    assertThat(book.isDoubted(id)).isTrue();
    assertThat(book.find(id).orElseThrow().state()).isEqualTo(State.OPEN);
    now = now.plusSeconds(1);
    book.failed(onePath, SHOP.facts(), true);
    assertThat(book.isDoubted(id)).isFalse();
  }

  @Test
  void successOnAnyPathSpeaksAgainstWhatConcernedTheConnection() {
    String id = book.failed(refused(), SHOP.facts(), true).id();
    now = now.plusSeconds(1);
    book.succeeded(
        Failures.UPSTREAM, new Endpoint(Endpoint.Scheme.HTTP, "127.0.0.2", 3000), served("/order"));
    assertThat(book.isDoubted(id)).isFalse();
    book.succeeded(Failures.UPSTREAM, ENDPOINT, served("/else"));
    assertThat(book.isDoubted(id)).isTrue();
    assertThat(book.openCount(Failures.UPSTREAM)).isEqualTo(1);
  }

  private static RequestShape served(String path) {
    return served(path, 0, 300, 0);
  }

  private static RequestShape served(String path, long client, int head, long body) {
    return new RequestShape("GET", path, ClientKind.BROWSER, client, head, "cookie", 100, body);
  }

  private String failedLarge(RequestFacts.Size size) {
    FailedExchange of = lost();
    RequestFacts asked = of.request();
    RequestFacts large =
        new RequestFacts(
            asked.method(), asked.path(), asked.host(), asked.scheme(), 0, List.of(), "", size);
    FailedExchange exchange =
        new FailedExchange(
            of.upstream(),
            large,
            of.failure(),
            of.attempts(),
            of.processed(),
            of.at(),
            of.elapsedMicros());
    return book.failed(diagnosis(Cause.APPLICATION_PATH_FAILURE, exchange), SHOP.facts(), true)
        .id();
  }

  @Test
  void smallRequestsDoNotSpeakAgainstWhatALargeOneMet() {
    String head = failedLarge(new RequestFacts.Size(9_000, 0));
    now = now.plusSeconds(1);
    book.succeeded(Failures.UPSTREAM, ENDPOINT, served("/order", 0, 1_200, 0));
    assertThat(book.isDoubted(head)).isFalse();
    book.succeeded(Failures.UPSTREAM, ENDPOINT, served("/order", 0, 8_800, 0));
    assertThat(book.isDoubted(head)).isTrue();
    now = now.plusSeconds(1);
    String body = failedLarge(new RequestFacts.Size(300, 5_000_000));
    now = now.plusSeconds(1);
    book.succeeded(Failures.UPSTREAM, ENDPOINT, served("/order", 0, 300, 20_000));
    assertThat(book.isDoubted(body)).isFalse();
    book.succeeded(Failures.UPSTREAM, ENDPOINT, served("/order", 0, 300, 4_900_000));
    assertThat(book.isDoubted(body)).isTrue();
  }

  private String failedFor(long client) {
    Diagnosis onePath = diagnosis(Cause.APPLICATION_PATH_FAILURE, lost());
    return book.failed(onePath, onePath.exchange().request(), client, SHOP.facts(), true).id();
  }

  @Test
  void whereOneClientAloneFailsNobodyElseShowsThatItIsOver() {
    String id = failedFor(7);
    now = now.plusSeconds(1);
    book.succeeded(Failures.UPSTREAM, ENDPOINT, served("/order", 8, 300, 0));
    assertThat(book.isDoubted(id)).as("it may be over").isTrue();
    failedFor(7);
    now = now.plusSeconds(30);
    book.succeeded(Failures.UPSTREAM, ENDPOINT, served("/order", 8, 300, 0));
    assertThat(book.isDoubted(id)).isFalse();
    assertThat(book.isCalm(id, now)).isFalse();
    book.succeeded(Failures.UPSTREAM, ENDPOINT, served("/order", 7, 300, 0));
    assertThat(book.isDoubted(id)).isTrue();
    assertThat(book.isCalm(id, now)).isTrue();
  }

  @Test
  void whereOneClientAloneFailedItsSilenceShowsItInTheEnd() {
    String id = failedFor(7);
    book.succeeded(Failures.UPSTREAM, ENDPOINT, served("/order", 8, 300, 0));
    failedFor(7);
    now = now.plusSeconds(59);
    assertThat(book.isCalm(id, now)).isFalse();
    now = now.plusSeconds(2);
    assertThat(book.isCalm(id, now)).isTrue();
  }

  @Test
  void whereSeveralClientsFailAnybodyShowsIt() {
    String id = failedFor(7);
    book.succeeded(Failures.UPSTREAM, ENDPOINT, served("/order", 8, 300, 0));
    failedFor(7);
    failedFor(9);
    now = now.plusSeconds(1);
    assertThat(book.isCalm(id, now)).isTrue();
    book.succeeded(Failures.UPSTREAM, ENDPOINT, served("/order", 8, 300, 0));
    assertThat(book.isDoubted(id)).isTrue();
  }

  @Test
  void countsWhatItHitsByPathAndKeepsTheFirstAndTheLastRequest() {
    Diagnosis diagnosis = refused();
    book.failed(diagnosis, request("GET", "/first"), 0, SHOP.facts(), true);
    for (int i = 0; i < 30; i++) {
      now = now.plusSeconds(1);
      book.failed(diagnosis, request("GET", "/p" + i), 0, SHOP.facts(), true);
    }
    book.failed(diagnosis, request("POST", "/p3"), 0, SHOP.facts(), true);

    Extent extent = book.all().getFirst().extent();
    assertThat(extent.first()).map(Extent.Hit::path).contains("/first");
    assertThat(extent.last()).map(Extent.Hit::method).contains("POST");
    assertThat(extent.last()).map(Extent.Hit::at).contains(now);
    assertThat(extent.paths()).hasSize(17).containsEntry("/p3", 2L);
    assertThat(extent.paths().values().stream().mapToLong(Long::longValue).sum()).isEqualTo(32);
    assertThat(extent.paths().keySet()).first().isEqualTo(Extent.OTHER_PATHS);
  }

  @Test
  void saysWhatWentBefore() {
    var reload = new Change(now.minusSeconds(40), Change.Kind.CONFIGURATION, "", "reload 17");
    var watched = new IncidentBook(IncidentSettings.STANDARD, () -> now, (_, _) -> List.of(reload));

    Incident incident = watched.failed(refused(), SHOP.facts(), true);

    assertThat(incident.extent().before()).containsExactly(reload);
    assertThat(reload.before(incident.since())).isEqualTo("began 40 s after reload 17");
  }

  @Test
  void keepsTheEvidenceOfTheCauseThatOpenedACircuit() {
    Incident first = book.failed(refused(), SHOP.facts(), true);
    FailedExchange kept =
        new FailedExchange(
            Failures.UPSTREAM,
            first.diagnosis().exchange().request(),
            new NoEndpoint(NoEndpoint.Reason.CIRCUIT_OPEN),
            List.of(),
            RequestProcessed.NOT_SENT,
            now,
            10);

    Incident second = book.failed(diagnosis(Cause.SERVER_PORT_CLOSED, kept), SHOP.facts(), true);

    assertThat(second.id()).isEqualTo(first.id());
    assertThat(second.requests()).isEqualTo(2);
    assertThat(second.diagnosis().exchange().attempts()).isNotEmpty();
  }

  @Test
  void anotherCauseOfTheSameFailureEndsTheEarlierOne() {
    String first = book.failed(refused(), SHOP.facts(), true).id();
    String second =
        book.failed(
                diagnosis(Cause.DNS_DRIFT, SHOP.failing(new ConnectRefused())), SHOP.facts(), true)
            .id();

    assertThat(second).isNotEqualTo(first);
    assertThat(book.find(first).orElseThrow().state()).isEqualTo(State.RECOVERED);
    assertThat(book.openCount(Failures.UPSTREAM)).isEqualTo(1);
  }

  @Test
  void givesAnIncidentWithoutACauseTheNameThatIsFoundLater() {
    FailedExchange exchange = SHOP.failing(new ConnectRefused());
    String id = book.failed(diagnosis(Cause.UNKNOWN, exchange), SHOP.facts(), true).id();

    Incident named = book.failed(refused(), SHOP.facts(), true);

    assertThat(named.id()).isEqualTo(id);
    assertThat(named.cause()).isEqualTo(Cause.SERVER_PORT_CLOSED);
  }

  @Test
  void keepsTogetherWhatWasHealed() {
    Diagnosis blip = diagnosis(Cause.BLIP_RECOVERED, SHOP.failing(new ConnectRefused()));
    Incident first = book.healed(blip, SHOP.facts());
    now = now.plusSeconds(20);
    Incident second = book.healed(blip, SHOP.facts());

    assertThat(first.state()).isEqualTo(State.HEALED);
    assertThat(second.id()).isEqualTo(first.id());
    assertThat(second.requests()).isEqualTo(2);
    assertThat(second.pages()).isZero();
    assertThat(second.diagnosis().steps())
        .noneMatch(step -> step.state() == StepState.FAILED)
        .anyMatch(step -> step.state() == StepState.HEALED);
  }

  @Test
  void staysWithinItsBoundAndLetsGoOfWhatEndedFirst() {
    String ended = book.failed(refused(), SHOP.facts(), true).id();
    book.recovered(ended);
    now = now.plusSeconds(60);
    for (Cause cause : List.of(Cause.GATEWAY_OVERLOADED, Cause.GATEWAY_LOOP, Cause.DNS_TIMEOUT)) {
      now = now.plusSeconds(1);
      Failures other = Failures.at("http://127.0.0.1:" + (4_000 + cause.code().length()));
      book.failed(diagnosis(cause, other.failing(new ConnectRefused())), other.facts(), true);
    }

    assertThat(book.find(ended)).isEmpty();
    assertThat(book.all()).hasSize(3).isSortedAccordingTo((a, b) -> b.since().compareTo(a.since()));
  }

  @Test
  void whatIsFoundLaterIsToldByTheSameIncident() {
    Diagnosis first = diagnosis(Cause.APPLICATION_WORKERS_EXHAUSTED, lost());
    Diagnosis later = diagnosis(Cause.APPLICATION_TIMEOUT, first.exchange());
    String id = book.failed(first, SHOP.facts(), true).id();
    List<Cause> told = new ArrayList<>();
    book.subscribe(id, each -> told.add(each.cause()));

    book.refined(first, later);

    assertThat(told).containsExactly(Cause.APPLICATION_TIMEOUT);
    assertThat(book.find(id).orElseThrow().state()).isEqualTo(Incident.State.OPEN);
    assertThat(book.failed(later, SHOP.facts(), true).id()).isEqualTo(id);
    assertThat(book.all()).hasSize(1);
  }

  @Test
  void whatIsFoundLaterJoinsTheIncidentThatHasThatCause() {
    Failures other = Failures.at("http://127.0.0.2:80");
    Diagnosis known =
        diagnosis(
            Cause.APPLICATION_TIMEOUT,
            other.failing(new ConnectionLost(Phase.AWAIT_RESPONSE, Closing.FIN)));
    String of = book.failed(known, SHOP.facts(), true).id();
    Diagnosis first = diagnosis(Cause.APPLICATION_WORKERS_EXHAUSTED, lost());
    String id = book.failed(first, SHOP.facts(), true).id();

    book.refined(first, diagnosis(Cause.APPLICATION_TIMEOUT, first.exchange()));

    assertThat(book.find(id).orElseThrow().state()).isEqualTo(Incident.State.RECOVERED);
    assertThat(book.find(of).orElseThrow().state()).isEqualTo(Incident.State.OPEN);
  }

  @Test
  void whatIsFoundLaterChangesNothingOnceAnotherFailureIsTold() {
    Diagnosis first = diagnosis(Cause.APPLICATION_WORKERS_EXHAUSTED, lost());
    String id = book.failed(first, SHOP.facts(), true).id();
    FailedExchange elsewhere =
        Failures.at("http://127.0.0.1:3000")
            .path("/x")
            .failing(new ConnectionLost(Phase.AWAIT_RESPONSE, Closing.FIN));
    Diagnosis second = diagnosis(Cause.APPLICATION_WORKERS_EXHAUSTED, elsewhere);
    book.failed(second, SHOP.facts(), true);
    Diagnosis later = diagnosis(Cause.APPLICATION_TIMEOUT, first.exchange());

    book.refined(first, later);
    assertThat(book.find(id).orElseThrow().diagnosis()).isSameAs(second);

    book.recovered(id);
    book.refined(second, later);
    assertThat(book.find(id).orElseThrow().cause()).isEqualTo(second.cause());
  }

  private static RequestFacts request(String method, String path) {
    return new RequestFacts(method, path, "shop.example", "https", 0);
  }

  private static Diagnosis refused() {
    return diagnosis(Cause.SERVER_PORT_CLOSED, SHOP.failing(new ConnectRefused()));
  }

  private static FailedExchange lost() {
    AttemptFailure failure = new ConnectionLost(Phase.AWAIT_RESPONSE, Closing.FIN);
    return SHOP.failing(failure);
  }

  private static Diagnosis diagnosis(Cause cause, FailedExchange exchange) {
    return new Diagnosis(
        exchange,
        new Verdict(cause, 0.9, "", Map.of()),
        List.of(
            StepReport.of(
                cause.step().orElse(Step.SERVER), StepState.FAILED, StepNote.SERVER_FAILED)),
        List.of(),
        List.of(),
        Optional.empty(),
        OptionalLong.of(2),
        true,
        Instant.parse("2026-11-23T12:00:00Z"),
        900);
  }
}
