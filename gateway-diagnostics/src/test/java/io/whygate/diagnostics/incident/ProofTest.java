package io.whygate.diagnostics.incident;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.diagnostics.Failures;
import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.AttemptFailure.ConnectRefused;
import io.whygate.diagnostics.facts.AttemptFailure.ConnectionLost;
import io.whygate.diagnostics.facts.AttemptFailure.MalformedResponse;
import io.whygate.diagnostics.facts.AttemptFailure.NameNotResolved;
import io.whygate.diagnostics.facts.AttemptFailure.TimedOut;
import io.whygate.diagnostics.facts.AttemptFailure.TlsRejected;
import io.whygate.diagnostics.facts.AttemptFailure.UpstreamStatus;
import io.whygate.diagnostics.facts.Closing;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.facts.NamingProblem;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.facts.ResponseProblem;
import io.whygate.diagnostics.facts.TlsProblem;
import io.whygate.diagnostics.incident.Proof.Calm;
import io.whygate.diagnostics.incident.Proof.Kind;
import io.whygate.diagnostics.memory.Recollection;
import io.whygate.diagnostics.verdict.CaseFile;
import io.whygate.diagnostics.verdict.Cause;
import io.whygate.diagnostics.verdict.Diagnoser;
import io.whygate.diagnostics.verdict.Judge;
import io.whygate.diagnostics.verdict.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ProofTest {
  private static final Duration LIMIT = Duration.ofSeconds(2);
  private static final AttemptFailure CLOSED =
      new ConnectionLost(Phase.AWAIT_RESPONSE, Closing.FIN);

  @Test
  void isOfTheKindOfWorkThatFailed() {
    assertThat(
            of(
                Cause.DNS_NAME_NOT_FOUND,
                new NameNotResolved("shop.example", NamingProblem.NAME_NOT_FOUND, "NXDOMAIN", -1)))
        .isEqualTo(new Proof(Kind.RESOLUTION, "GET", "/", Calm.NONE));
    assertThat(of(Cause.SERVER_PORT_CLOSED, new ConnectRefused()))
        .isEqualTo(new Proof(Kind.CONNECTION, "GET", "/", Calm.NONE));
    assertThat(of(Cause.FIREWALL_RATE_LIMITED, new TimedOut(Phase.CONNECT, LIMIT)))
        .isEqualTo(new Proof(Kind.CONNECTION, "GET", "/", Calm.PAUSE));
    TlsRejected rejected = new TlsRejected(TlsProblem.CERTIFICATE_REJECTED, -1, List.of(), "");
    assertThat(of(Cause.TLS_CERTIFICATE_EXPIRED, rejected))
        .isEqualTo(new Proof(Kind.HANDSHAKE, "GET", "/", Calm.NONE));
    assertThat(of(Cause.TLS_CLIENT_CERTIFICATE_REQUIRED, rejected).kind())
        .isEqualTo(Kind.HANDSHAKE_AND_ANSWER);
  }

  @Test
  void aConnectionThatIsAcceptedAndClosedAtOnceIsNoProofOfAnswers() {
    assertThat(
            of(
                Cause.APPLICATION_CLOSED_BEFORE_RESPONSE,
                new ConnectionLost(Phase.CONNECT, Closing.FIN)))
        .isEqualTo(new Proof(Kind.ANSWER, "GET", "/", Calm.NONE));
  }

  @Test
  void ofAConnectionThatIsPassedOnIsMoreThanThatItIsAccepted() {
    Failures passed = Failures.at("tcp://127.0.0.1:80").method("TLS");
    assertThat(of(passed, Cause.APPLICATION_CLOSED_BEFORE_RESPONSE, CLOSED))
        .isEqualTo(new Proof(Kind.PASSED_ON, "GET", "/", Calm.UNREPEATED));
    assertThat(of(passed, Cause.SERVER_PORT_CLOSED, new ConnectRefused()))
        .isEqualTo(new Proof(Kind.CONNECTION, "GET", "/", Calm.NONE));
    // HTTP is never asked of it, whatever became of the connection.
    assertThat(of(passed, Cause.SERVER_OVERLOADED, new TimedOut(Phase.CONNECT, LIMIT)))
        .isEqualTo(new Proof(Kind.CONNECTION, "GET", "/", Calm.PAUSE));
    assertThat(
            of(
                passed,
                Cause.APPLICATION_CLOSED_BEFORE_RESPONSE,
                new ConnectionLost(Phase.CONNECT, Closing.RESET)))
        .isEqualTo(new Proof(Kind.CONNECTION, "GET", "/", Calm.NONE));
  }

  @Test
  void isTheFailedRequestItselfWhereThatMayBeRepeated() {
    Proof same = new Proof(Kind.ANSWER, "GET", "/order", Calm.MOMENT);
    assertThat(of(Cause.APPLICATION_PATH_FAILURE, CLOSED)).isEqualTo(same);
    assertThat(of(Cause.APPLICATION_CLOSED_BEFORE_RESPONSE, CLOSED)).isEqualTo(same);
    assertThat(
            of(
                Cause.APPLICATION_MALFORMED_RESPONSE,
                new MalformedResponse(
                    Phase.AWAIT_RESPONSE, ResponseProblem.BAD_FIELD, "no name", -1, -1)))
        .isEqualTo(same);
    assertThat(of(Cause.APPLICATION_GATEWAY_ERROR, new UpstreamStatus(502, -1, "")))
        .isEqualTo(new Proof(Kind.OTHER_STATUS, "GET", "/order", Calm.MOMENT));
    assertThat(of("HEAD", Cause.APPLICATION_PATH_FAILURE, CLOSED).method()).isEqualTo("HEAD");
  }

  @Test
  void isALightRequestWhereThatFailedToo() {
    assertThat(of(Cause.APPLICATION_WORKERS_EXHAUSTED, new TimedOut(Phase.AWAIT_RESPONSE, LIMIT)))
        .isEqualTo(new Proof(Kind.ANSWER, "GET", "/", Calm.NONE));
  }

  @Test
  void neverRepeatsWhatMayHaveAnEffect() {
    for (String method : List.of("POST", "PUT", "PATCH", "DELETE")) {
      assertThat(of(method, Cause.APPLICATION_PATH_FAILURE, CLOSED))
          .isEqualTo(new Proof(Kind.ANSWER, "GET", "/", Calm.UNREPEATED));
      assertThat(of(method, Cause.SERVER_OVERLOADED, new UpstreamStatus(503, -1, "")))
          .isEqualTo(new Proof(Kind.ANSWER, "GET", "/", Calm.UNREPEATED));
    }
  }

  private static Proof of(Cause cause, AttemptFailure failure) {
    return of("GET", cause, failure);
  }

  private static Proof of(String method, Cause cause, AttemptFailure failure) {
    return of(Failures.at("http://127.0.0.1:80").path("/order").method(method), cause, failure);
  }

  private static Proof of(Failures failures, Cause cause, AttemptFailure failure) {
    FailedExchange exchange = failures.failing(failure);
    CaseFile file = new CaseFile(exchange, failures.facts(), List.of(), Recollection.NOTHING);
    return Proof.of(
        new Diagnoser(new Judge(List.of()), (_, _) -> Optional.empty())
            .explain(
                file, new Verdict(cause, 0.9, "It is so.", Map.of()), List.of(), Instant.EPOCH, 0));
  }
}
