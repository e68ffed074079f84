package io.whygate.diagnostics;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.AttemptFailure.ConnectRefused;
import io.whygate.diagnostics.facts.AttemptFailure.ConnectionLost;
import io.whygate.diagnostics.facts.AttemptFailure.NotDialled;
import io.whygate.diagnostics.facts.AttemptFailure.TimedOut;
import io.whygate.diagnostics.facts.AttemptFailure.UpstreamStatus;
import io.whygate.diagnostics.facts.Closing;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.ExchangeFailure;
import io.whygate.diagnostics.facts.ExchangeFailure.LimitReached;
import io.whygate.diagnostics.facts.ExchangeFailure.NoEndpoint;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.facts.LocalProblem;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.memory.Memory;
import io.whygate.diagnostics.verdict.Cause;
import io.whygate.diagnostics.verdict.Diagnosis;
import io.whygate.diagnostics.verdict.Step;
import io.whygate.diagnostics.verdict.StepNote;
import io.whygate.diagnostics.verdict.StepState;
import io.whygate.faults.Fault;
import io.whygate.faults.FaultyServer;
import io.whygate.faults.http.Response;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ServerDiagnosisTest {
  private static final AttemptFailure CLOSED =
      new ConnectionLost(Phase.AWAIT_RESPONSE, Closing.FIN);
  private static final AttemptFailure UNANSWERED =
      new TimedOut(Phase.AWAIT_RESPONSE, Duration.ofSeconds(2));

  @TempDir private Path folder;
  private final List<AutoCloseable> opened = new ArrayList<>();
  private final Memory memory = new Memory(InstantSource.system());
  private final Diagnostician diagnostician = new Diagnostician(Failures.UNHURRIED, memory);
  private FaultyServer server;

  @BeforeEach
  void serve() throws IOException {
    opened.add(diagnostician);
    server = FaultyServer.start();
    opened.add(server);
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable closeable : opened) {
      closeable.close();
    }
  }

  static Stream<Arguments> faults() {
    return Stream.of(
        Arguments.of(new Fault.NothingListens(), new ConnectRefused(), Cause.SERVER_PORT_CLOSED),
        Arguments.of(
            new Fault.BacklogFull(),
            new TimedOut(Phase.CONNECT, Duration.ofSeconds(1)),
            Cause.FIREWALL_DROPPED),
        Arguments.of(
            new Fault.CloseBeforeResponse(), CLOSED, Cause.APPLICATION_CLOSED_BEFORE_RESPONSE),
        Arguments.of(
            new Fault.ResetBeforeResponse(),
            new ConnectionLost(Phase.AWAIT_RESPONSE, Closing.RESET),
            Cause.APPLICATION_CLOSED_BEFORE_RESPONSE),
        Arguments.of(
            new Fault.PathFailure("/order", new Fault.CloseBeforeResponse()),
            CLOSED,
            Cause.APPLICATION_PATH_FAILURE),
        Arguments.of(
            new Fault.AcceptThenSilence(), UNANSWERED, Cause.APPLICATION_WORKERS_EXHAUSTED),
        Arguments.of(
            new Fault.PathFailure("/order", new Fault.AcceptThenSilence()),
            UNANSWERED,
            Cause.APPLICATION_PATH_FAILURE),
        Arguments.of(
            new Fault.SlowAnswers(Duration.ofMillis(350), Duration.ofSeconds(9)),
            UNANSWERED,
            Cause.APPLICATION_TIMEOUT),
        Arguments.of(
            new Fault.CloseMidBody(100),
            new ConnectionLost(Phase.READ_RESPONSE, Closing.FIN),
            Cause.APPLICATION_CLOSED_MID_RESPONSE),
        Arguments.of(
            new Fault.Overloaded503(), new UpstreamStatus(503, -1, ""), Cause.SERVER_OVERLOADED),
        Arguments.of(
            new Fault.Maintenance503(Duration.ofSeconds(90)),
            new UpstreamStatus(503, 90, ""),
            Cause.SERVER_MAINTENANCE),
        Arguments.of(
            new Fault.GatewayError502("cache; error=connection_refused"),
            new UpstreamStatus(502, -1, "cache; error=connection_refused"),
            Cause.APPLICATION_GATEWAY_ERROR));
  }

  @ParameterizedTest
  @MethodSource("faults")
  void namesWhatAServerDoesWrong(Fault fault, AttemptFailure failure, Cause expected)
      throws Exception {
    server.fault(fault);

    Diagnosis diagnosis = diagnose(failures(), failures().failing(failure));

    assertThat(diagnosis.cause()).isEqualTo(expected);
    assertThat(diagnosis.steps()).extracting(step -> step.step()).containsExactly(Step.values());
    assertThat(diagnosis.steps())
        .filteredOn(step -> step.state() == StepState.FAILED)
        .singleElement()
        .matches(step -> step.step() == expected.step().orElseThrow());
    assertThat(diagnosis.retryAfterSeconds()).isPresent();
  }

  @Test
  void noCheckSaysThatOtherPagesAnswerWhereTheyFailToo() throws Exception {
    server.fault(new Fault.Overloaded503());

    Diagnosis diagnosis = diagnose(failures(), failures().failing(new UpstreamStatus(503, -1, "")));

    assertThat(noteOf(diagnosis, Step.CODE)).isEqualTo(StepNote.CODE_OTHER_PATHS_FAIL);
  }

  @ParameterizedTest
  @CsvSource({"GET, RELOAD_POINTLESS", "POST, RELOAD_NOT_SAFE"})
  void onlyWhatActsIsSaidToHaveBeenActedOn(String method, StepNote expected) throws Exception {
    server.fault(new Fault.AcceptThenSilence());

    Diagnosis diagnosis = diagnose(failures(), failures().method(method).failing(UNANSWERED));

    assertThat(noteOf(diagnosis, Step.RELOAD)).isEqualTo(expected);
    assertThat(diagnosis.verdict().because()).doesNotContain(" 1 light requests");
  }

  private static StepNote noteOf(Diagnosis diagnosis, Step step) {
    return diagnosis.steps().stream()
        .filter(report -> report.step() == step)
        .findFirst()
        .orElseThrow()
        .note();
  }

  @Test
  void namesAnOverloadWhereThePortAcceptedDuringTheIncident() throws Exception {
    server.fault(new Fault.BacklogFull());
    Failures failures = failures();
    FailedExchange exchange = failures.failing(new TimedOut(Phase.CONNECT, Duration.ofSeconds(1)));
    memory.connected(endpoint(), Failures.address("127.0.0.1"), 300);

    assertThat(diagnose(failures, exchange).cause()).isEqualTo(Cause.SERVER_OVERLOADED);
  }

  @Test
  void readsTheSitesOwnWordsOnItsDatabase() throws Exception {
    server.fault(
        new Fault.Answers(Response.html(500, "<h1>Error establishing a database connection</h1>")));

    assertThat(diagnose(failures(), failures().failing(new UpstreamStatus(500, -1, ""))).cause())
        .isEqualTo(Cause.APPLICATION_DATABASE_UNAVAILABLE);
  }

  @Test
  void aLineOfTheLogLiesDeeperThanAClosedPort() throws Exception {
    Path log = Files.writeString(folder.resolve("kern.log"), "");
    Failures failures = failures().logs(log);
    diagnostician.warmUp(List.of(failures.facts()));
    Files.writeString(
        log,
        Instant.now() + " kernel: Out of memory: Killed process 412 (node)\n",
        StandardOpenOption.APPEND);
    server.fault(new Fault.NothingListens());

    Diagnosis diagnosis = diagnose(failures, failures.failing(new ConnectRefused()));

    assertThat(diagnosis.cause()).isEqualTo(Cause.APPLICATION_OUT_OF_MEMORY);
    assertThat(diagnosis.verdict().byLog()).isTrue();
    assertThat(diagnosis.runnersUp()).anyMatch(r -> r.cause() == Cause.SERVER_PORT_CLOSED);
    assertThat(diagnosis.steps())
        .filteredOn(step -> step.state() == StepState.FAILED)
        .singleElement()
        .matches(step -> step.step() == Step.LOGS);
  }

  @Test
  void tellsTheStatesOfASocketFile() throws Exception {
    Path file = folder.resolve("app.sock");
    Failures unix = Failures.at(new Endpoint(Endpoint.Scheme.UNIX, file.toString(), 0), "");
    assertThat(
            diagnose(unix, unix.failing(new NotDialled(LocalProblem.SOCKET_MISSING, "ENOENT")))
                .cause())
        .isEqualTo(Cause.SERVER_SOCKET_MISSING);
    assertThat(
            diagnose(unix, unix.failing(new NotDialled(LocalProblem.PERMISSION_DENIED, "EACCES")))
                .cause())
        .isEqualTo(Cause.SERVER_SOCKET_DENIED);

    try (var listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      listener.bind(UnixDomainSocketAddress.of(file));
    }
    Diagnosis refused = diagnose(unix, unix.failing(new ConnectRefused()));
    assertThat(refused.cause()).isEqualTo(Cause.SERVER_PORT_CLOSED);
    assertThat(refused.evidence()).anyMatch(e -> e.of().equals(file.toString()));
  }

  @Test
  void saysThatItIsTheGatewayWhereItIs() throws Exception {
    assertThat(ending(new LimitReached(LimitReached.Limit.POOL_WAIT)).cause())
        .isEqualTo(Cause.GATEWAY_POOL_EXHAUSTED);
    assertThat(ending(new LimitReached(LimitReached.Limit.EXCHANGES)).cause())
        .isEqualTo(Cause.GATEWAY_OVERLOADED);
    assertThat(ending(new ExchangeFailure.LoopDetected()).cause()).isEqualTo(Cause.GATEWAY_LOOP);
    assertThat(ending(new NoEndpoint(NoEndpoint.Reason.ALL_DRAINED)).cause())
        .isEqualTo(Cause.SERVER_NO_ENDPOINT);
  }

  @Test
  void anOpenCircuitKeepsTheCauseThatOpenedIt() throws Exception {
    assertThat(ending(new NoEndpoint(NoEndpoint.Reason.CIRCUIT_OPEN)).cause())
        .isEqualTo(Cause.GATEWAY_CIRCUIT_OPEN);

    diagnostician.forget(Failures.UPSTREAM);
    server.fault(new Fault.NothingListens());
    diagnose(failures(), failures().failing(new ConnectRefused()));
    Diagnosis diagnosis = ending(new NoEndpoint(NoEndpoint.Reason.CIRCUIT_OPEN));
    assertThat(diagnosis.cause()).isEqualTo(Cause.SERVER_PORT_CLOSED);
  }

  @Test
  void takesTheEndOfADeclaredMaintenanceAsTheTimeToComeBack() throws Exception {
    Failures failures = failures().maintenance(Instant.now().plusSeconds(600));
    Diagnosis diagnosis =
        diagnose(failures, failures.ending(new NoEndpoint(NoEndpoint.Reason.MAINTENANCE)));

    assertThat(diagnosis.cause()).isEqualTo(Cause.SERVER_MAINTENANCE);
    assertThat(diagnosis.retryAfterSeconds().orElseThrow()).isBetween(595L, 600L);
  }

  @Test
  void tellsWhatWasHealedFromTheFactsAlone() {
    Failures stale = failures().reusedAfter(Duration.ofSeconds(6));
    Diagnosis diagnosis =
        diagnostician.healed(stale.failing(CLOSED), stale.facts(), Optional.empty());
    assertThat(diagnosis.cause()).isEqualTo(Cause.BLIP_STALE_CONNECTION);
    assertThat(diagnosis.steps())
        .filteredOn(step -> step.state() == StepState.HEALED)
        .singleElement()
        .matches(step -> step.step() == Step.RELOAD);

    Failures ipv6 = failures().usedAddress("::1");
    assertThat(
            diagnostician
                .healed(
                    ipv6.failing(new ConnectRefused()),
                    ipv6.facts(),
                    Optional.of(Failures.address("127.0.0.1")))
                .cause())
        .isEqualTo(Cause.DNS_IPV6_BROKEN);
  }

  private Failures failures() {
    return Failures.at(endpoint(), "127.0.0.1");
  }

  private Endpoint endpoint() {
    return new Endpoint(Endpoint.Scheme.HTTP, "127.0.0.1", server.port());
  }

  private Diagnosis ending(ExchangeFailure failure) throws Exception {
    return diagnose(failures(), failures().ending(failure));
  }

  private Diagnosis diagnose(Failures failures, FailedExchange exchange) throws Exception {
    return diagnostician
        .diagnose(exchange, failures.facts())
        .toCompletableFuture()
        .get(20, TimeUnit.SECONDS);
  }
}
