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
import io.whygate.diagnostics.facts.RequestShape;
import io.whygate.diagnostics.facts.Timeline;
import io.whygate.diagnostics.memory.Scope.Dimension;
import io.whygate.diagnostics.memory.Scope.Narrowing;
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

  private static RequestShape plain(String method, String path) {
    return new RequestShape(method, path, ClientKind.BROWSER, 0, 400, "user-agent", 120, 0);
  }

  private static RequestShape by(ClientKind kind, long client) {
    return new RequestShape("GET", "/", kind, client, 400, "user-agent", 120, 0);
  }

  private static RequestShape sized(String field, int fieldBytes, long body) {
    return new RequestShape(
        "POST", "/", ClientKind.BROWSER, 0, fieldBytes + 300, field, fieldBytes, body);
  }

  private void fail(int times, RequestShape request) {
    for (int i = 0; i < times; i++) {
      counts.failed(exchange(request.method(), request.path(), A, CLOSED), request);
    }
  }

  private void answer(int times, RequestShape request) {
    for (int i = 0; i < times; i++) {
      counts.answered("shop", A, request);
    }
  }

  private Scope scope(String method, String path) {
    return counts.scopeOf(exchange(method, path, A, CLOSED), 1);
  }

  @Test
  void onePathAloneIsSaidSoWithCounts() {
    fail(4, plain("GET", "/cart"));
    answer(5, plain("GET", "/"));
    answer(2, plain("GET", "/about"));
    Scope scope = scope("GET", "/cart");
    assertThat(scope.narrowings())
        .containsExactly(
            new Narrowing(
                Dimension.PATH, List.of("/cart"), 4, 0, List.of("/", "/about"), 0, 7, -1));
    assertThat(scope.words())
        .isEqualTo(
            "So far only the path /cart fails: 4 of 4 requests failed, 0 of 7 for 2 other paths.");
    assertThat(scope.since()).contains(now.get());
  }

  @Test
  void aFewPathsAreToldTogetherAndManyAreNot() {
    fail(3, plain("GET", "/cart"));
    fail(4, plain("GET", "/pay"));
    answer(9, plain("GET", "/"));
    assertThat(scope("GET", "/cart").words())
        .startsWith("So far only the paths /cart and /pay fail: 7 of 7 requests failed, 0 of 9");
    assertThat(scope("GET", "/pay").by(Dimension.PATH)).isPresent();
    assertThat(scope("GET", "/").by(Dimension.PATH)).isEmpty();
    fail(3, plain("GET", "/a"));
    fail(3, plain("GET", "/b"));
    assertThat(scope("GET", "/cart").by(Dimension.PATH)).isEmpty();
  }

  @Test
  void oneMethodIsToldToo() {
    fail(12, plain("POST", "/"));
    answer(340, plain("GET", "/"));
    Scope scope = scope("POST", "/");
    assertThat(scope.by(Dimension.PATH)).isEmpty();
    assertThat(scope.words())
        .isEqualTo(
            "So far only the method POST fails: 12 of 12 POST requests failed, 0 of 340 by GET.");
  }

  @Test
  void whereEveryMethodFailsNoneIsNamed() {
    fail(12, plain("POST", "/"));
    fail(9, plain("GET", "/"));
    assertThat(scope("POST", "/").narrowings()).isEmpty();
    assertThat(scope("POST", "/").words()).isEmpty();
    assertThat(scope("POST", "/").evidence())
        .isEqualTo("21 of 21 failed: all that came, whatever they asked for");
    answer(10, plain("POST", "/"));
    answer(8, plain("GET", "/"));
    assertThat(scope("POST", "/").evidence())
        .isEqualTo(
            "21 of 39 failed; no path, method, client, server or size tells them from the others");
  }

  @Test
  void oneKindOfClientIsToldToo() {
    fail(3, by(ClientKind.TOOL, 0));
    answer(9, by(ClientKind.BROWSER, 0));
    assertThat(scope("GET", "/").words())
        .isEqualTo(
            "So far only requests of command-line tools fail: 3 of 3 requests failed, 0 of 9 of"
                + " browsers.");
  }

  @Test
  void oneClientIsToldWithoutItsAddress() {
    long one = counts.clientOf("192.0.2.7");
    fail(6, by(ClientKind.BROWSER, one));
    for (int i = 1; i < 100; i++) {
      answer(1, by(ClientKind.BROWSER, counts.clientOf("198.51.100." + i)));
    }
    assertThat(scope("GET", "/").words())
        .matches(
            "So far only the client [0-9a-f]{8} fails: 6 of 6 requests failed, 0 of 99 of [0-9]+"
                + " other clients\\.");
  }

  @Test
  void aClientIsKnownByItsAddressAndByItsNetworkOfIpv6() {
    assertThat(counts.clientOf("192.0.2.7")).isEqualTo(counts.clientOf("192.0.2.7"));
    assertThat(counts.clientOf("192.0.2.7")).isNotEqualTo(counts.clientOf("192.0.2.8"));
    assertThat(counts.clientOf("2001:db8::1")).isEqualTo(counts.clientOf("2001:db8::ffff:2"));
    assertThat(counts.clientOf("2001:db8::1")).isNotEqualTo(counts.clientOf("2001:db8:0:1::1"));
    assertThat(counts.clientOf("unknown")).isZero();
    assertThat(counts.clientOf("_hidden")).isZero();
    RecentCounts another = new RecentCounts(ComparisonSettings.STANDARD, now::get);
    assertThat(another.clientOf("192.0.2.7")).isNotEqualTo(counts.clientOf("192.0.2.7"));
  }

  @Test
  void aClientThatWasAnsweredAmongManyBeforeItFailedIsNotNamed() {
    fail(1, by(ClientKind.BROWSER, counts.clientOf("203.0.113.1")));
    for (int i = 1; i < 50; i++) {
      answer(1, by(ClientKind.BROWSER, counts.clientOf("198.51.100." + i)));
    }
    // How often it was answered before, among the rest, nobody knows.
    long late = counts.clientOf("198.51.100.40");
    fail(30, by(ClientKind.BROWSER, late));
    assertThat(scope("GET", "/").by(Dimension.CLIENT)).isEmpty();
    for (int minutes = 0; minutes < 6; minutes += 3) {
      now.updateAndGet(at -> at.plus(Duration.ofMinutes(3)));
      fail(3, by(ClientKind.BROWSER, late));
      answer(20, by(ClientKind.BROWSER, counts.clientOf("198.51.100.1")));
    }
    assertThat(scope("GET", "/").by(Dimension.CLIENT).orElseThrow().failed()).isEqualTo(6);
  }

  @Test
  void oneServerOfSeveralIsToldWhateverWentWrongThere() {
    FailedExchange refused = exchange("GET", "/", A, new AttemptFailure.ConnectRefused());
    for (int i = 0; i < 3; i++) {
      counts.healed(refused);
      counts.answeredAt("shop", B);
    }
    assertThat(counts.scopeOf(refused, 2).words())
        .isEqualTo(
            "So far only the server http://a.internal:80 fails: 3 of 3 tries failed, 0 of 3 at 1"
                + " other server.");
    assertThat(counts.scopeOf(refused, 4).words()).endsWith("0 of 3 at 1 of 3 other servers.");
  }

  @Test
  void nothingDependsOnTheRequestBeforeAServerWasAsked() {
    FailedExchange refused = exchange("GET", "/cart", A, new AttemptFailure.ConnectRefused());
    for (int i = 0; i < 5; i++) {
      counts.failed(refused, sized("cookie", 9_000, 0));
    }
    answer(9, plain("GET", "/"));
    assertThat(counts.scopeOf(refused, 1).narrowings()).isEmpty();
  }

  @Test
  void aLargeFieldIsNamedWithItsSize() {
    fail(12, sized("cookie", 8_200, 0));
    answer(300, sized("user-agent", 120, 0));
    answer(40, sized("cookie", 1_100, 0));
    Scope scope = scope("POST", "/");
    assertThat(scope.narrowings()).hasSize(1);
    assertThat(scope.words())
        .isEqualTo(
            "So far only requests with a field cookie of 8 KiB or more fail: 12 of 12 requests"
                + " failed, 0 of 340 with fields of up to 1.1 KiB.");
  }

  @Test
  void manyFieldsThatAreLargeTogetherAreAHead() {
    for (int i = 0; i < 4; i++) {
      fail(1, new RequestShape("POST", "/", ClientKind.BROWSER, 0, 17_000, "x-" + i, 1_000 + i, 0));
    }
    answer(9, sized("cookie", 1_010, 0));
    assertThat(scope("POST", "/").words())
        .isEqualTo(
            "So far only requests with a head of 16 KiB or more fail: 4 of 4 requests failed, 0 of"
                + " 9 with heads of up to 1.4 KiB.");
  }

  @Test
  void aLargeBodyIsComparedWithOtherBodiesAlone() {
    fail(5, sized("user-agent", 120, 3 << 20));
    answer(50, plain("GET", "/"));
    assertThat(scope("POST", "/").by(Dimension.BODY)).isEmpty();
    answer(20, sized("user-agent", 120, 20_000));
    assertThat(scope("POST", "/").by(Dimension.BODY).orElseThrow().words())
        .isEqualTo(
            "So far only requests with a body of 3 MiB or more fail: 5 of 5 requests failed, 0 of 20"
                + " with bodies of up to 20 KiB.");
  }

  @Test
  void sizesThatAreAlikeOrCommonTellNothing() {
    fail(5, sized("user-agent", 180, 0));
    answer(9, sized("user-agent", 120, 0));
    assertThat(scope("POST", "/").narrowings()).isEmpty();
    counts.forget("shop");
    fail(5, sized("cookie", 8_200, 0));
    answer(9, sized("cookie", 8_000, 0));
    assertThat(scope("POST", "/").narrowings()).isEmpty();
    counts.forget("shop");
    fail(5, sized("cookie", 8_200, 0));
    fail(3, sized("user-agent", 120, 0));
    answer(9, sized("user-agent", 120, 0));
    assertThat(scope("POST", "/").narrowings()).isEmpty();
  }

  @Test
  void sizesAreTakenByClassesThatFollowEachOther() {
    assertThat(SizeCounts.classOf(0)).isZero();
    assertThat(SizeCounts.classOf(Long.MAX_VALUE)).isEqualTo(SizeCounts.CLASSES - 1);
    for (int i = 0; i < SizeCounts.CLASSES; i++) {
      assertThat(SizeCounts.classOf(SizeCounts.least(i))).isEqualTo(i);
      if (i > 0) {
        assertThat(SizeCounts.classOf(SizeCounts.least(i) - 1)).isEqualTo(i - 1);
      }
    }
  }

  @Test
  void littleIsNotEnoughAndMixedResultsTellNothing() {
    fail(2, plain("GET", "/cart"));
    answer(20, plain("GET", "/"));
    assertThat(scope("GET", "/cart").narrowings()).isEmpty();
    fail(2, plain("GET", "/cart"));
    assertThat(scope("GET", "/cart").by(Dimension.PATH)).isPresent();
    fail(2, plain("GET", "/"));
    assertThat(scope("GET", "/cart").narrowings()).isEmpty();
  }

  @Test
  void whatWasAnsweredBeforeTheFirstFailureDoesNotCount() {
    answer(50, plain("GET", "/"));
    fail(9, plain("GET", "/cart"));
    assertThat(scope("GET", "/cart").narrowings()).isEmpty();
  }

  @Test
  void whatIsWellAgainIsForgotten() {
    fail(50, plain("GET", "/"));
    counts.forget("shop");
    fail(3, plain("GET", "/cart"));
    answer(9, plain("GET", "/"));
    assertThat(scope("GET", "/cart").by(Dimension.PATH)).isPresent();
  }

  @Test
  void oldCountsAreForgotten() {
    fail(9, plain("GET", "/cart"));
    answer(9, plain("GET", "/"));
    now.updateAndGet(at -> at.plus(Duration.ofMinutes(3)));
    fail(1, plain("GET", "/cart"));
    assertThat(scope("GET", "/cart").by(Dimension.PATH).orElseThrow().failed()).isEqualTo(10);
    now.updateAndGet(at -> at.plus(Duration.ofMinutes(6)));
    fail(1, plain("GET", "/cart"));
    assertThat(scope("GET", "/cart").narrowings()).isEmpty();
  }

  @Test
  void noMoreValuesAreCountedByThemselvesThanTheSettingsAllow() {
    fail(3, plain("GET", "/cart"));
    for (int i = 0; i < 1000; i++) {
      answer(1, plain("GET", "/" + i));
    }
    Narrowing path = scope("GET", "/cart").by(Dimension.PATH).orElseThrow();
    assertThat(path.othersAnswered()).isEqualTo(1000);
    assertThat(path.others()).hasSizeLessThan(9);
    for (int i = 0; i < 1000; i++) {
      fail(1, plain("GET", "/bad" + i));
    }
    assertThat(scope("GET", "/cart").failed()).isEqualTo(1003);
  }
}
