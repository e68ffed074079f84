package io.whygate.diagnostics.incident.journal;

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
import io.whygate.diagnostics.facts.IcmpMessage;
import io.whygate.diagnostics.facts.LocalProblem;
import io.whygate.diagnostics.facts.NamingProblem;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.facts.ResponseProblem;
import io.whygate.diagnostics.facts.Symptom;
import io.whygate.diagnostics.facts.TlsProblem;
import io.whygate.diagnostics.facts.Unreachability;
import io.whygate.diagnostics.facts.WireFacts;
import io.whygate.diagnostics.incident.Incident;
import io.whygate.diagnostics.incident.Incident.State;
import io.whygate.diagnostics.incident.IncidentBook;
import io.whygate.diagnostics.incident.IncidentSettings;
import io.whygate.diagnostics.incident.RecordedRequest;
import io.whygate.diagnostics.incident.RecordedRequest.Field;
import io.whygate.diagnostics.incident.Recording;
import io.whygate.diagnostics.incident.RecordingSettings;
import io.whygate.diagnostics.incident.Recordings;
import io.whygate.diagnostics.memory.Change;
import io.whygate.diagnostics.verdict.Cause;
import io.whygate.diagnostics.verdict.Diagnosis;
import io.whygate.diagnostics.verdict.Evidence;
import io.whygate.diagnostics.verdict.RunnerUp;
import io.whygate.diagnostics.verdict.Step;
import io.whygate.diagnostics.verdict.StepNote;
import io.whygate.diagnostics.verdict.StepReport;
import io.whygate.diagnostics.verdict.StepState;
import io.whygate.diagnostics.verdict.Verdict;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class IncidentJournalTest {
  private static final Failures SHOP = Failures.at("http://127.0.0.1:3000").path("/order");
  private static final Failures OTHER = Failures.at("http://127.0.0.2:3000").path("/order");
  private static final Change RELOAD =
      new Change(Instant.parse("2026-11-23T11:59:20Z"), Change.Kind.CONFIGURATION, "", "reload 17");

  @TempDir private Path folder;
  private final Recordings recordings = new Recordings(RecordingSettings.STANDARD);
  private Instant now = Instant.parse("2026-11-23T12:00:00Z");

  private IncidentBook book() {
    return new IncidentBook(IncidentSettings.STANDARD, () -> now, (_, _) -> List.of(RELOAD));
  }

  private IncidentJournal journal(long mostBytes) {
    return IncidentJournal.open(folder.resolve("incidents.journal"), mostBytes).orElseThrow();
  }

  /// What a restart brings back.
  private List<Incident> kept() {
    try (IncidentJournal journal = journal(1 << 20)) {
      return journal.read().incidents();
    }
  }

  @Test
  void bringsBackWhatWasOpenRecoveredAndHealed() {
    IncidentBook book = book();
    String open;
    String ended;
    String healed;
    try (IncidentJournal journal = journal(1 << 20)) {
      journal.follow(book, recordings);
      open = book.failed(diagnosis(Cause.SERVER_PORT_CLOSED), SHOP.facts(), true).id();
      ended = book.failed(diagnosis(Cause.DNS_TIMEOUT, OTHER), OTHER.facts(), true).id();
      now = now.plusSeconds(7);
      book.recovered(ended);
      healed = book.healed(diagnosis(Cause.BLIP_RECOVERED), SHOP.facts()).id();
      book.note(healed, "recording", "recordings/1");
    }

    IncidentBook next = book();
    next.restore(kept(), _ -> Optional.of(SHOP.facts()));

    assertThat(next.find(ended)).map(Incident::state).contains(State.RECOVERED);
    assertThat(next.find(ended)).flatMap(Incident::ended).contains(now);
    assertThat(next.find(healed)).map(Incident::state).contains(State.HEALED);
    assertThat(next.find(healed).orElseThrow().extent().notes())
        .containsEntry("recording", "recordings/1");
    assertThat(next.openCount(Failures.UPSTREAM)).isEqualTo(1);
    Incident again = next.failed(diagnosis(Cause.SERVER_PORT_CLOSED), SHOP.facts(), true);
    assertThat(again.id()).isEqualTo(open);
    assertThat(again.requests()).isEqualTo(2);
    assertThat(again.extent().before()).containsExactly(RELOAD);
    assertThat(again.extent().paths()).containsEntry("/order", 2L);
  }

  @Test
  void endsWhatWasOpenAtAnUpstreamThatIsGone() {
    IncidentBook book = book();
    try (IncidentJournal journal = journal(1 << 20)) {
      journal.follow(book, recordings);
      book.failed(diagnosis(Cause.SERVER_PORT_CLOSED), SHOP.facts(), true);
    }

    IncidentBook next = book();
    next.restore(kept(), _ -> Optional.empty());

    assertThat(next.all()).singleElement().matches(each -> each.state() == State.RECOVERED);
  }

  @Test
  void losesATornLastRecordAlone() throws Exception {
    IncidentBook book = book();
    try (IncidentJournal journal = journal(1 << 20)) {
      journal.follow(book, recordings);
      book.failed(diagnosis(Cause.SERVER_PORT_CLOSED), SHOP.facts(), true);
      book.failed(diagnosis(Cause.DNS_TIMEOUT, OTHER), OTHER.facts(), true);
    }
    String both = Files.readString(folder.resolve("incidents.journal"));
    int lastRecord = both.lastIndexOf('\n', both.length() - 2) + 1;
    Files.writeString(
        folder.resolve("incidents.journal"), both.substring(0, (lastRecord + both.length()) / 2));

    assertThat(kept()).singleElement().matches(each -> each.cause() == Cause.SERVER_PORT_CLOSED);
  }

  @Test
  void staysWithinItsBoundAndKeepsTheNewest() throws Exception {
    IncidentBook book = book();
    String last = "";
    try (IncidentJournal journal = journal(64 * 1024)) {
      journal.follow(book, recordings);
      for (int i = 0; i < 200; i++) {
        now = now.plusSeconds(30);
        last = book.failed(diagnosis(Cause.SERVER_PORT_CLOSED), SHOP.facts(), true).id();
        book.recovered(last);
      }
    }

    assertThat(Files.size(folder.resolve("incidents.journal"))).isLessThan(80 * 1024);
    assertThat(kept()).extracting(Incident::id).contains(last);
    assertThat(kept()).hasSizeLessThan(100);
  }

  private static RecordedRequest request(String target, String body) {
    return new RecordedRequest(
        "POST",
        target,
        List.of(Field.of("Host", "shop.example"), Field.of("Cookie", "sid=topsecret")),
        body.length(),
        Optional.of(body),
        false);
  }

  private static FailedExchange broken() {
    String head = "HTTP/1.1 200 OK\r\nSet-Cookie: sid=topsecret\r\nX-A b\r\n\r\n";
    FailedExchange exchange =
        SHOP.failing(
            new MalformedResponse(
                Phase.READ_RESPONSE,
                ResponseProblem.values()[0],
                "a field without a colon",
                9,
                -1));
    FailedAttempt plain = exchange.attempts().getFirst();
    int at = head.indexOf("X-A b") + 3;
    FailedAttempt seen =
        new FailedAttempt(
            plain.endpoint(),
            plain.address(),
            plain.failure(),
            plain.timeline(),
            plain.use(),
            400,
            head.length(),
            head,
            Optional.empty(),
            new WireFacts(
                List.of(new byte[] {1, -2, 3}),
                "TLSv1.3",
                "TLS_AES_128_GCM_SHA256",
                WireFacts.HTTP2,
                new WireFacts.Spot(at, head, at),
                Optional.of(new IcmpMessage(InetAddress.ofLiteral("10.0.0.1"), false, 3, 13))));
    return new FailedExchange(
        exchange.upstream(),
        exchange.request(),
        exchange.failure(),
        List.of(seen),
        exchange.processed(),
        exchange.at(),
        exchange.elapsedMicros());
  }

  @Test
  void bringsBackTheFirstAndTheLastExchangeWithoutSecrets() throws Exception {
    IncidentBook book = book();
    String id;
    try (IncidentJournal journal = journal(1 << 20)) {
      journal.follow(book, recordings);
      id = book.failed(diagnosis(Cause.SERVER_PORT_CLOSED), SHOP.facts(), true).id();
      recordings.note(id, broken(), _ -> request("/first", "a\u00ff\u0000"));
      book.failed(diagnosis(Cause.SERVER_PORT_CLOSED), SHOP.facts(), true);
      recordings.note(id, broken(), _ -> request("/last", "b"));
    }

    String file = Files.readString(folder.resolve("incidents.journal"));
    assertThat(file).doesNotContain("topsecret");
    List<Recording> after;
    try (IncidentJournal journal = journal(1 << 20)) {
      after = journal.read().recordings().get(id);
    }
    assertThat(after)
        .extracting(each -> each.request().target())
        .containsExactly("/first", "/last");
    assertThat(after.getFirst().request()).isEqualTo(request("/first", "a\u00ff\u0000"));
    FailedAttempt attempt = after.getFirst().exchange().attempts().getFirst();
    assertThat(attempt.firstBytes()).contains("X-A b").contains("Set-Cookie: [redacted]");
    assertThat(attempt.wire().spot().around().charAt(attempt.wire().spot().mark())).isEqualTo(' ');
    assertThat(attempt.wire().chain()).containsExactly(new byte[] {1, -2, 3});
    assertThat(attempt.failure()).isEqualTo(broken().attempts().getFirst().failure());
    Recordings next = new Recordings(RecordingSettings.STANDARD);
    next.restore(id, after);
    assertThat(next.of(id)).isEqualTo(after);
  }

  @Test
  void bringsBackFromWhichTryAnExchangeWasExplained() throws Exception {
    FailedExchange seen =
        Failures.together(OTHER.failing(new ConnectRefused()), broken()).views().getFirst();
    IncidentBook book = book();
    String id;
    try (IncidentJournal journal = journal(1 << 20)) {
      journal.follow(book, recordings);
      id = book.failed(diagnosis(Cause.SERVER_PORT_CLOSED), SHOP.facts(), true).id();
      recordings.note(id, seen, _ -> request("/first", ""));
    }

    try (IncidentJournal journal = journal(1 << 20)) {
      assertThat(journal.read().recordings().get(id))
          .extracting(each -> each.exchange().symptom())
          .containsExactly(Symptom.CONNECT_REFUSED);
    }
  }

  @Test
  void letsRecordingsGoBeforeIncidentsWhereThereIsNoRoomForBoth() throws Exception {
    IncidentBook book = book();
    String first = "";
    try (IncidentJournal journal = journal(256 * 1024)) {
      journal.follow(book, recordings);
      for (int i = 0; i < 40; i++) {
        now = now.plusSeconds(30);
        String id = book.failed(diagnosis(Cause.SERVER_PORT_CLOSED), SHOP.facts(), true).id();
        recordings.note(id, broken(), _ -> request("/", "x".repeat(10_000)));
        book.recovered(id);
        first = first.isEmpty() ? id : first;
      }
    }

    assertThat(Files.size(folder.resolve("incidents.journal"))).isLessThan(300 * 1024);
    try (IncidentJournal journal = journal(256 * 1024)) {
      IncidentJournal.Kept kept = journal.read();
      assertThat(kept.incidents()).extracting(Incident::id).contains(first);
      assertThat(kept.recordings()).isNotEmpty().doesNotContainKey(first);
    }
  }

  @Test
  void letsNobodyElseReadTheFile() throws Exception {
    Path file = folder.resolve("incidents.journal");
    Files.writeString(file, "");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    journal(1 << 20).close();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
  }

  @Test
  void isOpenToMembersThatItDoesNotKnow() throws Exception {
    Incident incident = book().failed(diagnosis(Cause.SERVER_PORT_CLOSED), SHOP.facts(), true);
    String line = IncidentRecord.of(incident);

    Incident read = IncidentRecord.read("{\"recording\":{\"file\":\"x\"}," + line.substring(1));

    assertThat(read.id()).isEqualTo(incident.id());
  }

  @ParameterizedTest
  @MethodSource("failures")
  void writesEachKindOfFailure(AttemptFailure failure) throws Exception {
    Diagnosis before = diagnosis(Cause.UNKNOWN, SHOP, failure);
    Incident incident = book().failed(before, SHOP.facts(), true);

    Incident after = IncidentRecord.read(IncidentRecord.of(incident));

    assertThat(after.diagnosis())
        .usingRecursiveComparison()
        .ignoringFields("exchange.attempts.tcp", "exchange.at")
        .isEqualTo(before);
    assertThat(after.extent()).isEqualTo(incident.extent());
    assertThat(after.since()).isEqualTo(incident.since());
  }

  static List<AttemptFailure> failures() {
    return List.of(
        new NameNotResolved("shop.test", NamingProblem.NAME_NOT_FOUND, "NXDOMAIN", 15),
        new ConnectRefused(),
        new Unreachable(Unreachability.values()[0]),
        new NotDialled(LocalProblem.SOCKET_MISSING, "ENOENT"),
        new TlsRejected(TlsProblem.values()[0], 42, List.of(new byte[] {1, -2, 3}), "alert"),
        new TimedOut(Phase.CONNECT, Duration.ofSeconds(2)),
        new ConnectionLost(Phase.AWAIT_RESPONSE, Closing.RESET),
        new MalformedResponse(Phase.READ_RESPONSE, ResponseProblem.BAD_CHUNK, "", -1, 77),
        new StreamFailed(Phase.AWAIT_RESPONSE, 2, true, "a frame too large"),
        new UpstreamStatus(503, 30, "proxy; error=x"));
  }

  private static Diagnosis diagnosis(Cause cause) {
    return diagnosis(cause, SHOP);
  }

  private static Diagnosis diagnosis(Cause cause, Failures of) {
    return diagnosis(cause, of, new ConnectRefused());
  }

  private static Diagnosis diagnosis(Cause cause, Failures of, AttemptFailure failure) {
    Instant at = Instant.parse("2026-11-23T12:00:00Z");
    return new Diagnosis(
        of.failing(failure),
        new Verdict(cause, 0.9, "Because \"so\"\n\u0000.", Map.of("port", "3000")),
        List.of(
            StepReport.of(Step.RELOAD, StepState.FAILED, StepNote.RELOAD_TRIED, 2L, 40.5, "x"),
            StepReport.of(
                Step.SERVER, StepState.PASSED, StepNote.SERVER_ACCEPTS, Duration.ofMillis(7))),
        List.of(new Evidence("connect", "a connection", "127.0.0.1:3000", "refused", at, 90)),
        List.of(new RunnerUp(Cause.FIREWALL_REJECTED, 0.3, "no ICMP came")),
        Optional.empty(),
        OptionalLong.of(2),
        true,
        at,
        900);
  }
}
