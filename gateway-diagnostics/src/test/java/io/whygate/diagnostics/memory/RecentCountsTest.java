package io.whygate.diagnostics.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.ClientKind;
import io.whygate.diagnostics.facts.Closing;
import io.whygate.diagnostics.facts.ConnectionUse;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.ExchangeFailure;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.facts.RequestFacts;
import io.whygate.diagnostics.facts.RequestProcessed;
import io.whygate.diagnostics.facts.Timeline;
import io.whygate.diagnostics.memory.Scope.Dimension;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/// What is told apart by what fails and what is answered meanwhile.
final class RecentCountsTest {
  private static final Endpoint A = new Endpoint(Endpoint.Scheme.HTTP, "a.internal", 80);
  private static final Endpoint B = new Endpoint(Endpoint.Scheme.HTTP, "b.internal", 80);
  private static final AttemptFailure CLOSED =
      new AttemptFailure.ConnectionLost(Phase.AWAIT_RESPONSE, Closing.FIN);

  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-11-23T14:00:00Z"));
  private final RecentCounts counts =
      new RecentCounts(new ComparisonSettings(Duration.ofMinutes(5), 8), now::get);

  private static FailedExchange exchange(
      String method, String path, Endpoint endpoint, AttemptFailure failure) {
    return new FailedExchange(
        "shop",
        new RequestFacts(method, path, "shop.example", "http", 0),
        new ExchangeFailure.AttemptsExhausted(),
        List.of(
            new FailedAttempt(
                endpoint,
                Optional.empty(),
                failure,
                new Timeline(0, 0, 0, 0, Timeline.NEVER, 10),
                ConnectionUse.FRESH,
                10,
                0,
                "",
                Optional.empty())),
        RequestProcessed.UNKNOWN,
        Instant.EPOCH,
        10);
  }

  private void fail(int times, FailedExchange exchange, ClientKind client) {
    for (int i = 0; i < times; i++) {
      counts.failed(exchange, client);
    }
  }

  private void answer(int times, String method, String path, ClientKind client) {
    for (int i = 0; i < times; i++) {
      counts.answered("shop", A, path, method, client);
    }
  }

  @Test
  void onePathAloneIsSaidSoWithCounts() {
    FailedExchange cart = exchange("GET", "/cart", A, CLOSED);
    fail(4, cart, ClientKind.BROWSER);
    answer(5, "GET", "/", ClientKind.BROWSER);
    answer(2, "GET", "/about", ClientKind.BROWSER);
    Scope scope = counts.scopeOf(cart);
    assertThat(scope.narrowings())
        .containsExactly(new Scope.Narrowing(Dimension.PATH, "/cart", 4, 0, 2, 7));
    assertThat(scope.words())
        .isEqualTo(
            "So far only the path /cart fails (4 times), while 7 requests for 2 other paths were"
                + " answered.");
  }

  @Test
  void oneMethodAndOneKindOfClientAreToldToo() {
    FailedExchange post = exchange("POST", "/", A, CLOSED);
    fail(3, post, ClientKind.TOOL);
    answer(9, "GET", "/", ClientKind.BROWSER);
    assertThat(counts.scopeOf(post).by(Dimension.PATH)).isEmpty();
    assertThat(counts.scopeOf(post).by(Dimension.METHOD).orElseThrow().only()).isEqualTo("POST");
    assertThat(counts.scopeOf(post).words())
        .contains("only requests of command-line tools fail (3 times)");
  }

  @Test
  void oneServerOfSeveralIsToldWhateverWentWrongThere() {
    FailedExchange refused = exchange("GET", "/", A, new AttemptFailure.ConnectRefused());
    for (int i = 0; i < 3; i++) {
      counts.healed(refused);
      counts.answeredAt("shop", B);
    }
    assertThat(counts.scopeOf(refused).words())
        .isEqualTo(
            "So far only the server http://a.internal:80 fails (3 times), while 3 requests at 1"
                + " other server were answered.");
  }

  @Test
  void nothingDependsOnThePathBeforeAServerWasAsked() {
    FailedExchange refused = exchange("GET", "/cart", A, new AttemptFailure.ConnectRefused());
    fail(5, refused, ClientKind.BROWSER);
    answer(9, "POST", "/", ClientKind.TOOL);
    assertThat(counts.scopeOf(refused).by(Dimension.PATH)).isEmpty();
    assertThat(counts.scopeOf(refused).by(Dimension.METHOD)).isEmpty();
  }

  @Test
  void littleIsNotEnoughAndMixedResultsTellNothing() {
    FailedExchange cart = exchange("GET", "/cart", A, CLOSED);
    fail(2, cart, ClientKind.BROWSER);
    answer(20, "GET", "/", ClientKind.BROWSER);
    assertThat(counts.scopeOf(cart)).isEqualTo(Scope.NONE);
    fail(2, cart, ClientKind.BROWSER);
    assertThat(counts.scopeOf(cart).by(Dimension.PATH)).isPresent();
    fail(2, exchange("GET", "/", A, CLOSED), ClientKind.BROWSER);
    assertThat(counts.scopeOf(cart)).isEqualTo(Scope.NONE);
  }

  @Test
  void whatWasAnsweredBeforeTheFirstFailureDoesNotCount() {
    FailedExchange cart = exchange("GET", "/cart", A, CLOSED);
    answer(50, "GET", "/", ClientKind.BROWSER);
    fail(9, cart, ClientKind.BROWSER);
    assertThat(counts.scopeOf(cart)).isEqualTo(Scope.NONE);
  }

  @Test
  void oldCountsAreForgotten() {
    FailedExchange cart = exchange("GET", "/cart", A, CLOSED);
    fail(9, cart, ClientKind.BROWSER);
    answer(9, "GET", "/", ClientKind.BROWSER);
    now.updateAndGet(at -> at.plus(Duration.ofMinutes(3)));
    fail(1, cart, ClientKind.BROWSER);
    assertThat(counts.scopeOf(cart).by(Dimension.PATH).orElseThrow().failed()).isEqualTo(10);
    now.updateAndGet(at -> at.plus(Duration.ofMinutes(6)));
    fail(1, cart, ClientKind.BROWSER);
    assertThat(counts.scopeOf(cart)).isEqualTo(Scope.NONE);
  }

  @Test
  void noMoreValuesAreCountedByThemselvesThanTheSettingsAllow() {
    FailedExchange cart = exchange("GET", "/cart", A, CLOSED);
    fail(3, cart, ClientKind.BROWSER);
    for (int i = 0; i < 1000; i++) {
      answer(1, "GET", "/" + i, ClientKind.BROWSER);
    }
    Scope.Narrowing path = counts.scopeOf(cart).by(Dimension.PATH).orElseThrow();
    assertThat(path.othersAnswered()).isEqualTo(1000);
    assertThat(path.others()).isLessThan(33);
  }
}
