package io.whygate.gateway.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.Closing;
import io.whygate.diagnostics.facts.ConnectionUse;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.Http2Errors;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.facts.ResponseProblem;
import io.whygate.diagnostics.facts.TcpFacts;
import io.whygate.diagnostics.facts.Timeline;
import io.whygate.diagnostics.facts.Unreachability;
import io.whygate.gateway.http.Heads;
import io.whygate.gateway.upstream.TestUpstreams;
import io.whygate.gateway.upstream.Upstream;
import io.whygate.gateway.upstream.Upstreams;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RetryPolicyTest {
  private static final Endpoint ENDPOINT = new Endpoint(Endpoint.Scheme.HTTP, "127.0.0.1", 1);
  private static final ConnectionUse REUSED = new ConnectionUse(3, 100, 10);
  private static final Duration SECOND = Duration.ofSeconds(1);

  private static final Map<String, FailedAttempt> FAILURES =
      Map.ofEntries(
          Map.entry("refused", failed(new AttemptFailure.ConnectRefused(), false, 0)),
          Map.entry(
              "unreachable", failed(new AttemptFailure.Unreachable(Unreachability.HOST), false, 0)),
          Map.entry(
              "connect", failed(new AttemptFailure.TimedOut(Phase.CONNECT, SECOND), false, 0)),
          Map.entry(
              "silent",
              failed(new AttemptFailure.TimedOut(Phase.AWAIT_RESPONSE, SECOND), false, 0)),
          Map.entry(
              "send", failed(new AttemptFailure.TimedOut(Phase.SEND_REQUEST, SECOND), false, 0)),
          Map.entry(
              "stale",
              failed(
                  new AttemptFailure.ConnectionLost(Phase.AWAIT_RESPONSE, Closing.FIN), true, 0)),
          Map.entry("unread", stale(Closing.FIN, 0)),
          Map.entry("acknowledged", stale(Closing.FIN, 100)),
          Map.entry("untold", stale(Closing.FIN, -1)),
          Map.entry("reset", stale(Closing.RESET, 0)),
          Map.entry(
              "lost",
              failed(
                  new AttemptFailure.ConnectionLost(Phase.AWAIT_RESPONSE, Closing.FIN), false, 0)),
          Map.entry(
              "begun",
              failed(
                  new AttemptFailure.ConnectionLost(Phase.READ_RESPONSE, Closing.FIN), false, 9)),
          Map.entry("left", streamFailed(Http2Errors.NO_ERROR, false)),
          Map.entry("unserved", streamFailed(Http2Errors.REFUSED_STREAM, false)),
          Map.entry("ended", streamFailed(Http2Errors.NO_ERROR, true)),
          Map.entry(
              "malformed",
              failed(
                  new AttemptFailure.MalformedResponse(
                      Phase.AWAIT_RESPONSE, ResponseProblem.NOT_HTTP, "", 0, -1),
                  false,
                  9)));

  private static FailedAttempt failed(AttemptFailure failure, boolean reused, long received) {
    long never = Timeline.NEVER;
    return new FailedAttempt(
        ENDPOINT,
        Optional.empty(),
        failure,
        new Timeline(0, never, never, never, never, 1),
        reused ? REUSED : ConnectionUse.FRESH,
        100,
        received,
        "",
        Optional.empty());
  }

  private static FailedAttempt streamFailed(long code, boolean processed) {
    return failed(
        new AttemptFailure.StreamFailed(Phase.AWAIT_RESPONSE, code, processed, ""), true, 0);
  }

  /// Lost on a connection that was used before, with so many bytes acknowledged.
  private static FailedAttempt stale(Closing closing, long acknowledged) {
    FailedAttempt plain =
        failed(new AttemptFailure.ConnectionLost(Phase.AWAIT_RESPONSE, closing), true, 0);
    return new FailedAttempt(
        plain.endpoint(),
        plain.address(),
        plain.failure(),
        plain.timeline(),
        plain.use(),
        plain.bytesSent(),
        0,
        "",
        Optional.of(new TcpFacts(90, 1, 0, 0, 0, 1500, 1, 1, acknowledged, false)));
  }

  private static Upstream upstream() {
    Upstream upstream =
        Upstreams.of(List.of(TestUpstreams.of(ENDPOINT).settings()), System::nanoTime)
            .all()
            .iterator()
            .next();
    for (int i = 0; i < 100; i++) {
      upstream.retries().request();
    }
    return upstream;
  }

  /// The columns: the failures so far, the method, whether another endpoint is left, whether the
  /// content is kept, and whether it is tried again.
  @ParameterizedTest
  @CsvSource({
    "refused, GET, false, true, true",
    "refused, POST, false, true, true",
    "refused refused, POST, false, true, false",
    "refused refused, POST, true, true, true",
    "refused refused refused, GET, true, true, false",
    "refused, POST, true, false, false",
    "unreachable, GET, false, true, false",
    "unreachable, POST, true, true, true",
    "connect, POST, true, true, true",
    "connect, GET, false, true, false",
    "silent, GET, true, true, true",
    "silent, GET, false, true, false",
    "silent, POST, true, true, false",
    "silent, POST+key, true, true, true",
    "send, GET, true, true, false",
    "stale, GET, false, true, true",
    "stale, PUT, false, true, true",
    "stale, POST, false, true, false",
    "unread, POST, false, true, true",
    "unread, POST, false, false, false",
    "acknowledged, POST, false, true, false",
    "untold, POST, false, true, false",
    "reset, POST, false, true, false",
    "stale, POST+key, false, true, true",
    "stale, PATCH, true, true, false",
    "stale, PUT, false, false, false",
    "lost, GET, false, true, true",
    "lost lost, GET, true, true, false",
    "stale lost, GET, false, true, true",
    "lost, POST, true, true, false",
    "begun, GET, true, true, false",
    "malformed, GET, true, true, false",
    "left left left left, POST, false, true, true",
    "left left left left, POST, false, false, false",
    "left left left left left, GET, true, true, false",
    "left left refused, POST, true, true, true",
    "left left refused, POST, false, true, true",
    "left refused refused, POST, false, true, false",
    "left left unserved unserved, POST, false, true, true",
    "left unserved unserved unserved, GET, true, true, false",
    "unserved unserved unserved, GET, true, true, false",
    "left left ended, POST, true, true, false",
    "left left ended, GET, true, true, true",
  })
  void triesAgainOnlyWhereThatDoesNoHarm(
      String failures, String method, boolean untried, boolean kept, boolean expected) {
    List<FailedAttempt> all = new ArrayList<>();
    for (String each : failures.split(" ")) {
      all.add(FAILURES.get(each));
    }
    String name = method.replace("+key", "");
    String key = name.equals(method) ? "" : "|Idempotency-Key: 1";
    assertThat(
            RetryPolicy.triesAgain(
                Heads.request(name + " / HTTP/1.1|Host: a" + key), upstream(), all, kept, untried))
        .isEqualTo(expected);
  }
}
