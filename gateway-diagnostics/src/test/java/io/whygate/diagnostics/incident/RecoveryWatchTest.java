package io.whygate.diagnostics.incident;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.diagnostics.Diagnostician;
import io.whygate.diagnostics.Failures;
import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.AttemptFailure.ConnectRefused;
import io.whygate.diagnostics.facts.AttemptFailure.ConnectionLost;
import io.whygate.diagnostics.facts.AttemptFailure.MalformedResponse;
import io.whygate.diagnostics.facts.AttemptFailure.NameNotResolved;
import io.whygate.diagnostics.facts.AttemptFailure.TlsRejected;
import io.whygate.diagnostics.facts.ClientKind;
import io.whygate.diagnostics.facts.Closing;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.NamingProblem;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.facts.RequestShape;
import io.whygate.diagnostics.facts.ResponseProblem;
import io.whygate.diagnostics.facts.TlsProblem;
import io.whygate.diagnostics.facts.UpstreamFacts;
import io.whygate.diagnostics.incident.Incident.State;
import io.whygate.diagnostics.memory.Memory;
import io.whygate.diagnostics.verdict.Diagnosis;
import io.whygate.faults.Fault;
import io.whygate.faults.FaultyServer;
import io.whygate.faults.dns.DnsServer;
import io.whygate.faults.dns.Zone;
import io.whygate.faults.http.RequestHead;
import io.whygate.faults.tls.Pki;
import io.whygate.faults.tls.TlsFault;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RecoveryWatchTest {
  private static final Duration SOON = Duration.ofMillis(20);

  private final List<AutoCloseable> opened = new ArrayList<>();
  private final IncidentSettings settings =
      new IncidentSettings(100, Duration.ofHours(1), SOON, Duration.ofMillis(60));
  private final IncidentBook book = new IncidentBook(settings, InstantSource.system());
  private final Diagnostician diagnostician =
      new Diagnostician(Failures.UNHURRIED, new Memory(InstantSource.system()));

  @BeforeEach
  void watch() {
    opened.add(diagnostician);
    opened.add(new RecoveryWatch(book, settings));
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable closeable : opened) {
      closeable.close();
    }
  }

  @Test
  void noticesAPortThatIsOpenAgain() throws Exception {
    FaultyServer server = open(FaultyServer.start());
    server.fault(new Fault.NothingListens());
    var recovery = fail(Failures.at("http://127.0.0.1:" + server.port()), new ConnectRefused());

    assertThat(recovery.ended(Duration.ofMillis(150))).isFalse();
    server.mend();
    assertThat(recovery.ended(Duration.ofSeconds(20))).isTrue();
  }

  @Test
  void asksForTheFailingPathAloneAndWithoutCredentials() throws Exception {
    FaultyServer server = open(FaultyServer.start());
    server.fault(new Fault.PathFailure("/order", new Fault.CloseBeforeResponse()));
    var recovery =
        fail(
            Failures.at("http://127.0.0.1:" + server.port()).path("/order/7"),
            new ConnectionLost(Phase.AWAIT_RESPONSE, Closing.FIN));

    assertThat(recovery.ended(Duration.ofMillis(200))).isFalse();
    server.mend();
    assertThat(recovery.ended(Duration.ofSeconds(20))).isTrue();
    assertThat(server.traffic().heads())
        .allSatisfy(head -> {
          assertThat(head.header("user-agent")).contains("Whygate-Probe");
          assertThat(head.header("cookie")).isEmpty();
          assertThat(head.header("authorization")).isEmpty();
        });
  }

  @Test
  void neverRepeatsAPost() throws Exception {
    FaultyServer server = open(FaultyServer.start());
    server.fault(new Fault.PathFailure("/order", new Fault.CloseBeforeResponse()));
    var recovery =
        fail(
            Failures.at("http://127.0.0.1:" + server.port()).path("/order").method("POST"),
            new ConnectionLost(Phase.AWAIT_RESPONSE, Closing.FIN));

    assertThat(recovery.ended(Duration.ofMillis(300))).isFalse();
    assertThat(server.traffic().heads()).extracting(RequestHead::path).doesNotContain("/order");
  }

  @Test
  void readsAnAnswerToItsEnd() throws Exception {
    FaultyServer server = open(FaultyServer.start());
    server.fault(new Fault.BadChunk());
    var recovery =
        fail(
            Failures.at("http://127.0.0.1:" + server.port()),
            new MalformedResponse(
                Phase.READ_RESPONSE, ResponseProblem.BAD_CHUNK, "no chunk size", -1, -1));

    assertThat(recovery.ended(Duration.ofMillis(200))).isFalse();
    server.mend();
    assertThat(recovery.ended(Duration.ofSeconds(20))).isTrue();
  }

  /// Answers that the gateway refuses are no proof, however well another reader may take them.
  static List<Fault> unsound() {
    return List.of(
        new Fault.BadStatusLine(),
        new Fault.BadHeaderLine(),
        new Fault.AmbiguousFraming(),
        new Fault.ConflictingLengths(),
        new Fault.RepeatedTransferEncoding(),
        new Fault.ExcessBody(),
        new Fault.BadChunk(),
        new Fault.MissingLastChunk(),
        new Fault.CloseMidBody(100),
        new Fault.GarbageResponse(),
        new Fault.HugeHeaders(100_000),
        new Fault.TlsRequired400());
  }

  /// At the same time: all that each does is to wait.
  @ParameterizedTest
  @MethodSource("unsound")
  @Execution(ExecutionMode.CONCURRENT)
  void unsoundAnswersAreNoProof(Fault fault) throws Exception {
    FaultyServer server = open(FaultyServer.start());
    server.fault(fault);
    ResponseProblem problem =
        switch (fault) {
          case Fault.HugeHeaders _ -> ResponseProblem.HEADER_TOO_LARGE;
          case Fault.TlsRequired400 _ -> ResponseProblem.TLS_WANTED;
          default -> ResponseProblem.BAD_FIELD;
        };
    var recovery =
        fail(
            Failures.at("http://127.0.0.1:" + server.port()),
            new MalformedResponse(Phase.READ_RESPONSE, problem, "it breaks a rule", -1, 65_536));

    assertThat(recovery.ended(Duration.ofMillis(1_800))).isFalse();
    assertThat(server.traffic().requests()).isGreaterThan(1);
    server.mend();
    assertThat(recovery.ended(Duration.ofSeconds(20))).isTrue();
  }

  @Test
  void whatMayNotBeRepeatedIsOverOnceTheSameWasServed() throws Exception {
    FaultyServer server = open(FaultyServer.start());
    Failures failures =
        Failures.at("http://127.0.0.1:" + server.port()).path("/order").method("POST");
    var recovery = fail(failures, new ConnectionLost(Phase.AWAIT_RESPONSE, Closing.FIN));
    Endpoint endpoint = failures.facts().endpoints().getFirst();

    for (int i = 0; i < 10; i++) {
      book.succeeded(Failures.UPSTREAM, endpoint, served("GET", "/order"));
      book.succeeded(Failures.UPSTREAM, endpoint, served("GET", "/"));
      assertThat(recovery.ended(Duration.ofMillis(100))).isFalse();
    }
    book.succeeded(Failures.UPSTREAM, endpoint, served("POST", "/order"));
    assertThat(recovery.ended(Duration.ofSeconds(20))).isTrue();
  }

  private static RequestShape served(String method, String path) {
    return new RequestShape(method, path, ClientKind.BROWSER, 0, 300, "cookie", 100, 0);
  }

  @Test
  void whatWasTakenForOverInVainHasToBeQuietFirst() throws Exception {
    FaultyServer server = open(FaultyServer.start());
    Failures failures = Failures.at("http://127.0.0.1:" + server.port());
    var first = fail(failures, new ConnectRefused());
    assertThat(first.ended(Duration.ofSeconds(20))).isTrue();

    for (int i = 0; i < 15; i++) {
      assertThat(fail(failures, new ConnectRefused()).ended(Duration.ofMillis(100))).isFalse();
    }
    assertThat(book.all()).hasSize(1);
    assertThat(fail(failures, new ConnectRefused()).ended(Duration.ofSeconds(20))).isTrue();
  }

  /// A look that came too soon after the last failure tried nothing: the next does not wait for its
  /// turn, which may be long after.
  @Test
  void looksAsSoonAsItHasBeenQuietForLongEnough() throws Exception {
    var slow =
        new IncidentSettings(100, Duration.ofHours(1), Duration.ofMillis(10), Duration.ofHours(1));
    IncidentBook failing = new IncidentBook(slow, InstantSource.system());
    Duration quiet = Duration.ofSeconds(1);
    var tried = new AtomicReference<Optional<Instant>>(Optional.empty());
    RecoveryCheck check =
        new RecoveryCheck() {
          @Override
          public boolean works(Incident incident, UpstreamFacts facts, boolean served) {
            boolean isQuiet = !incident.lastSeen().plus(quiet).isAfter(Instant.now());
            if (isQuiet) {
              tried.set(Optional.of(Instant.now()));
            }
            return isQuiet;
          }

          @Override
          public Duration quietFor(Incident incident) {
            return quiet;
          }
        };
    open(new RecoveryWatch(failing, slow, check));
    Failures failures = Failures.at("http://127.0.0.1:9");
    Diagnosis diagnosis =
        diagnostician
            .diagnose(failures.failing(new ConnectRefused()), failures.facts())
            .toCompletableFuture()
            .get(20, TimeUnit.SECONDS);

    // Until the turns are two seconds apart, and the next is a moment away.
    Instant until = Instant.now().plusMillis(3_700);
    Incident incident = failing.failed(diagnosis, failures.facts(), true);
    while (Instant.now().isBefore(until)) {
      Thread.sleep(20);
      incident = failing.failed(diagnosis, failures.facts(), true);
    }
    Instant last = incident.lastSeen();
    while (tried.get().isEmpty() && Instant.now().isBefore(last.plusSeconds(20))) {
      Thread.sleep(10);
    }
    assertThat(tried.get())
        .hasValueSatisfying(at ->
            assertThat(Duration.between(last, at)).isBetween(quiet, Duration.ofMillis(1_700)));
  }

  @Test
  void noticesARenewedCertificate() throws Exception {
    Pki pki = Pki.of("127.0.0.1");
    FaultyServer server = open(FaultyServer.startTls(pki));
    server.tlsFault(new TlsFault.Expired());
    var recovery =
        fail(
            Failures.at("https://127.0.0.1:" + server.port()).trusting(pki.root()),
            new TlsRejected(TlsProblem.CERTIFICATE_REJECTED, -1, List.of(), "expired"));

    assertThat(recovery.ended(Duration.ofMillis(400))).isFalse();
    server.mend();
    assertThat(recovery.ended(Duration.ofSeconds(20))).isTrue();
  }

  @Test
  void noticesANameThatIsThereAgain() throws Exception {
    Zone zone = Zone.of("whygate.test").ns("ns1", "127.0.0.1").negativeTtl(0);
    DnsServer authority = open(DnsServer.authority(zone));
    Failures failures =
        Failures.at(new Endpoint(Endpoint.Scheme.HTTP, "shop.whygate.test", 80), "")
            .dns(authority.port(), authority.address());
    var recovery =
        fail(
            failures,
            new NameNotResolved("shop.whygate.test", NamingProblem.NAME_NOT_FOUND, "NXDOMAIN", -1));

    assertThat(recovery.ended(Duration.ofMillis(150))).isFalse();
    zone.address("shop", 60, "127.0.0.1");
    assertThat(recovery.ended(Duration.ofSeconds(20))).isTrue();
  }

  private final class Recovery {
    private final CountDownLatch ended = new CountDownLatch(1);

    Recovery(String id) {
      book.subscribe(
          id,
          incident -> {
            if (incident.state() == State.RECOVERED) {
              ended.countDown();
            }
          });
      if (book.find(id).orElseThrow().state() == State.RECOVERED) {
        ended.countDown();
      }
    }

    boolean ended(Duration within) throws InterruptedException {
      return ended.await(within.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private Recovery fail(Failures failures, AttemptFailure failure) throws Exception {
    Diagnosis diagnosis =
        diagnostician
            .diagnose(failures.failing(failure), failures.facts())
            .toCompletableFuture()
            .get(20, TimeUnit.SECONDS);
    return new Recovery(book.failed(diagnosis, failures.facts(), true).id());
  }

  private <C extends AutoCloseable> C open(C closeable) throws IOException {
    opened.add(closeable);
    return closeable;
  }
}
